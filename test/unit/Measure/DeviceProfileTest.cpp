//===- DeviceProfileTest.cpp - Profiles of devices ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The shipped files are read, reader and schema agree, and hostile files are
// refused.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Device.h"

#include "llvm/ADT/STLExtras.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>

using namespace sevenfold;
using nlohmann::json;

static const std::string kFolder = SEVENFOLD_CONFIG_DIR "/devices/";

static json readText(const std::string &file) {
  return json::parse(std::ifstream(kFolder + file));
}

/// Why a document is refused; empty where it is not.
static std::string errorOf(const std::string &text) {
  auto profile = parseDeviceProfile(text, "d.json");
  return profile ? "" : llvm::toString(profile.takeError());
}

TEST(DeviceProfileTest, ShippedFilesAreWhatTheLibraryKnows) {
  std::vector<std::string> names;
  for (const DeviceProfile &profile : deviceProfiles()) {
    names.push_back(profile.name);
    json file = readText(profile.name + ".json");
    file.erase("$schema");
    EXPECT_EQ(toJson(profile), file) << profile.name;
    // Every group says where it is from.
    for (const auto &[key, value] : file.items())
      EXPECT_TRUE(!value.is_object() || value.contains("source") ||
                  value.contains("assumed"))
          << profile.name << ": " << key;
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"v100", "a100", "h100", "h200", "tpu-v2",
                                      "tpu-v4", "tpu-v5e", "zen4-2core"}));
}

TEST(DeviceProfileTest, PeaksFollowFromCoresAndClock) {
  // Of a V100, 128 flops of f32 in an SM and clock; of an A100, 2048 of f16.
  const DeviceProfile &v100 = profileOfArchitecture(70);
  EXPECT_NEAR(v100.peaks.at(ElementType::F32),
              128 * double(v100.cores) * v100.clockHertz, 0.01 * 15.7e12);
  const DeviceProfile &a100 = profileOfArchitecture(80);
  EXPECT_NEAR(a100.peaks.at(ElementType::F16),
              2048 * double(a100.cores) * a100.clockHertz, 0.01 * 312e12);
  // A core of a TPU multiplies and adds 128 x 128 in a clock.
  DeviceProfile tpu = llvm::cantFail(simulatedDevice("simulated:tpu-v2"));
  EXPECT_NEAR(tpu.peaks.at(ElementType::BF16), 2 * 128 * 128 * tpu.clockHertz,
              0.01 * 23e12);
  // A core of a v4 does so four times.
  DeviceProfile v4 = llvm::cantFail(simulatedDevice("simulated:tpu-v4"));
  EXPECT_NEAR(v4.peaks.at(ElementType::BF16),
              4 * 2 * 128 * 128 * double(v4.cores) * v4.clockHertz,
              0.01 * 275e12);
}

TEST(DeviceProfileTest, ArchitecturesHaveTheNearestProfileBefore) {
  EXPECT_EQ(profileOfArchitecture(70).name, "v100");
  EXPECT_EQ(profileOfArchitecture(75).name, "v100");
  EXPECT_EQ(profileOfArchitecture(80).name, "a100");
  EXPECT_EQ(profileOfArchitecture(89).name, "a100");
  EXPECT_EQ(profileOfArchitecture(90).name, "h200");
  EXPECT_EQ(profileOfArchitecture(120).name, "h200");
  EXPECT_EQ(profileOfArchitecture(10).name, "v100");
}

TEST(DeviceProfileTest, DevicesAtHandAreProfilesToo) {
  Device host = describeDevice(2);
  EXPECT_EQ(host.profile.cores, 2);
  EXPECT_EQ(host.profile.name, host.fingerprint());
  EXPECT_EQ(host.peak(ElementType::F64), 0);
  EXPECT_TRUE(host.profile.tiles.empty());
  host.profile.peaks = {{ElementType::F32, 1e11}, {ElementType::F64, 5e10}};
  EXPECT_EQ(host.peak(ElementType::F64), 5e10);
  EXPECT_EQ(host.peak(ElementType::BF16), 1e11);

  // A GPU at hand has the driver's figures and the tiles of its architecture.
  Gpu gpu = *absentGpuDevice(90).gpu();
  gpu.multiprocessors = 8;
  DeviceProfile profile = gpuDevice(gpu).profile;
  EXPECT_EQ(profile.cores, 8);
  EXPECT_FALSE(profile.tiles.empty());
  EXPECT_GT(profile.cacheBandwidth, 0);
  gpu.cacheBytes /= 2;
  EXPECT_EQ(gpuDevice(gpu).profile.cacheBandwidth, 0);
}

TEST(DeviceProfileTest, UnknownNamesListTheKnownOnes) {
  for (const char *name : {"simulated:", "simulated", "simulated:k80", "v100",
                           "simulated:../v100"}) {
    auto profile = simulatedDevice(name);
    ASSERT_FALSE(bool(profile)) << name;
    std::string text = llvm::toString(profile.takeError());
    EXPECT_NE(text.find("simulated:v100, simulated:a100"), std::string::npos)
        << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
  EXPECT_TRUE(isSimulated("simulated:v100"));
  EXPECT_TRUE(isSimulated("simulated"));
  EXPECT_FALSE(isSimulated("nvptx:sm_90"));
  EXPECT_EQ(simulatedName(llvm::cantFail(simulatedDevice("simulated:v100"))),
            "simulated:v100");
}

TEST(DeviceProfileTest, AFileOfTheUsersOwn) {
  DeviceProfile profile =
      llvm::cantFail(simulatedDevice("simulated:" + kFolder + "a100.json"));
  EXPECT_EQ(profile.name, "a100");
  auto missing = simulatedDevice("simulated:/none/x.json");
  ASSERT_FALSE(bool(missing));
  EXPECT_NE(llvm::toString(missing.takeError()).find("/none/x.json"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// The schema
//===----------------------------------------------------------------------===//

/// A document with every key that the schema has, but 'assumed'.
static json fullDocument(const json &schema) {
  json document = readText("h100.json");
  document["launch"] = {{"seconds", 1e-6}, {"source", "a stopwatch"}};
  document["kind"] = "a GPU";
  for (const auto &[type, shape] :
       schema["properties"]["matrix_unit"]["properties"].items())
    if (!document["matrix_unit"].contains(type) && type != "assumed")
      document["matrix_unit"][type] = {1, 1, 1};
  return document;
}

TEST(DeviceProfileTest, TheSchemaHasWhatTheReaderTakes) {
  json schema = readText("device.schema.json");
  json document = fullDocument(schema);
  ASSERT_EQ(errorOf(document.dump()), "");
  EXPECT_EQ(schema["additionalProperties"], false);
  auto requiredKeys = schema["required"].get<std::vector<std::string>>();
  for (const auto &[key, value] : schema["properties"].items()) {
    // A key is required where the schema says so.
    json without = document;
    ASSERT_EQ(without.erase(key), 1u) << key;
    bool required = llvm::is_contained(requiredKeys, key);
    EXPECT_EQ(errorOf(without.dump()) == "", !required) << key;
    if (value["type"] != "object")
      continue;
    EXPECT_EQ(value["additionalProperties"], false) << key;
    json other = document;
    other[key]["surprise"] = 1;
    EXPECT_NE(errorOf(other.dump()).find("surprise"), std::string::npos) << key;
    for (const auto &[field, rule] : value["properties"].items()) {
      EXPECT_TRUE(field == "assumed" || document[key].contains(field))
          << key << "." << field;
      // A value beyond its bound is refused, and one of another type.
      json wrong = document;
      wrong[key].erase("source");
      wrong[key]["assumed"] = "because";
      EXPECT_EQ(errorOf(wrong.dump()), "") << key;
      wrong[key][field] = json::object();
      EXPECT_NE(errorOf(wrong.dump()), "") << key << "." << field;
      for (const char *bound : {"exclusiveMinimum", "minimum"}) {
        if (!rule.contains(bound))
          continue;
        wrong[key][field] = rule[bound].get<int64_t>() -
                            (std::string(bound) == "minimum" ? 1 : 0);
        EXPECT_NE(errorOf(wrong.dump()), "") << key << "." << field;
      }
      if (rule.contains("maximum")) {
        wrong[key][field] = rule["maximum"].get<int64_t>() + 1;
        EXPECT_NE(errorOf(wrong.dump()), "") << key << "." << field;
      }
    }
  }
}

TEST(DeviceProfileTest, HostileFilesAreRefused) {
  json good = readText("v100.json");
  auto changed = [&](const std::function<void(json &)> &change) {
    json copy = good;
    change(copy);
    std::string text = errorOf(copy.dump());
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  };
  auto has = [](const std::string &text, const char *part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(changed([](json &d) { d["format"] = "sevenfold-device/2"; }), "format");
  has(changed([](json &d) { d["name"] = "../etc"; }), "'name'");
  has(changed([](json &d) { d["name"] = std::string(65, 'a'); }), "'name'");
  has(changed([](json &d) { d["product"] = ""; }), "'product'");
  has(changed([](json &d) { d["peaks"].erase("source"); }), "peaks");
  has(changed([](json &d) { d["peaks"]["assumed"] = "x"; }),
      "either 'source' or 'assumed'");
  has(changed([](json &d) { d["cores"]["source"] = ""; }), "cores");
  has(changed([](json &d) { d["peaks"] = {{"source", "x"}}; }), "peak of one");
  has(changed([](json &d) { d["peaks"]["i8"] = 1; }), "i8");
  has(changed([](json &d) { d["peaks"]["f32"] = -1e300; }), "f32");
  has(changed([](json &d) { d["memory"]["bytes"] = 1e300; }), "bytes");
  has(changed([](json &d) { d["tiles"]["sizes"] = json::array(); }), "sizes");
  has(changed([](json &d) { d["tiles"]["sizes"] = {{1, 2, 3}}; }), "sizes[0]");
  has(changed([](json &d) { d["tiles"]["sizes"][2] = {0, 64}; }), "sizes[2]");
  has(changed([](json &d) {
        d["tiles"]["sizes"][2] = {1e18, 64};
      }),
      "sizes[2]");
  has(changed([](json &d) {
        d["tiles"]["sizes"] = json(std::vector<std::vector<int>>(65, {64, 64}));
      }),
      "1 to 64");
  has(changed([](json &d) { d["matrix_unit"]["f16"] = {16, 16}; }), "f16");
  has(changed([](json &d) { d["matrix_unit"]["f16"] = {16, -16, 16}; }), "f16");
  has(changed([](json &d) { d["launch"]["seconds"] = -1; }), "seconds");
  has(errorOf("[]"), "d.json");
  has(errorOf("{\"format\": "), "d.json");
  has(errorOf("{\"format\": \"a\", \"format\": \"b\"}"), "d.json");
  has(errorOf(std::string(100, '[')), "d.json");
}
