//===- TuningConfigTest.cpp - The tuner's configuration -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The shipped file says what the code does, and wrong files are refused.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/TuningConfig.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace sevenfold;

static const std::string kFolder = SEVENFOLD_CONFIG_DIR "/tuning/";

TEST(TuningConfigTest, ShippedFileHasTheDefaults) {
  auto config = readTuningConfig(kFolder + "default.json");
  ASSERT_TRUE(bool(config)) << llvm::toString(config.takeError());
  EXPECT_EQ(toJson(*config), toJson(TuningConfig()));
  nlohmann::json file =
      nlohmann::json::parse(std::ifstream(kFolder + "default.json"));
  for (const TuningField &field : tuningFields())
    EXPECT_TRUE(file.contains(field.name)) << field.name;
}

TEST(TuningConfigTest, SchemaSaysWhatTheTableSays) {
  nlohmann::json schema =
      nlohmann::json::parse(std::ifstream(kFolder + "tuning.schema.json"));
  nlohmann::json properties = schema["properties"];
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(properties.size(), tuningFields().size() + 1);
  for (const TuningField &field : tuningFields()) {
    const nlohmann::json &entry = properties[field.name];
    EXPECT_EQ(entry["type"], field.integer ? "integer" : "number");
    EXPECT_EQ(entry["description"], field.help) << field.name;
    EXPECT_EQ(entry["minimum"].get<double>(), field.minimum) << field.name;
    EXPECT_EQ(entry["maximum"].get<double>(), field.maximum) << field.name;
  }
}

TEST(TuningConfigTest, WrongFilesAreRefused) {
  auto errorOf = [](const char *text) {
    auto config = tuningConfigFromJson(nlohmann::json::parse(text), "c.json");
    return config ? "" : llvm::toString(config.takeError());
  };
  EXPECT_EQ(errorOf("{}"), "");
  EXPECT_EQ(errorOf(R"({"first_pairs": 4})"), "");
  EXPECT_NE(errorOf(R"({"first_pair": 4})").find("first_pair"),
            std::string::npos);
  EXPECT_NE(errorOf(R"({"first_pairs": 0})").find("c.json"), std::string::npos);
  EXPECT_NE(errorOf(R"({"first_pairs": 1.5})"), "");
  EXPECT_NE(errorOf(R"({"noisy_width": -1})").find("noisy_width"),
            std::string::npos);
  // The protocol's least cannot be configured away.
  EXPECT_NE(errorOf(R"({"confirmation_pairs": 14})"), "");
  EXPECT_NE(errorOf("[]"), "");
}
