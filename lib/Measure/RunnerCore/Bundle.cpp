//===- Bundle.cpp - A folder of artefacts to be measured ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing of a bundle runs before all of it was compared with its hashes.
//
//===----------------------------------------------------------------------===//

#include "Bundle.h"

#include "DeviceKind.h"

#include "Sha256.h"

#include "sevenfold/Measure/Processor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <unistd.h>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

bool sevenfold::runner::readWholeFile(const std::string &path,
                                      std::string &bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::streamoff size = file.tellg();
  if (!file || size < 0)
    return false;
  bytes.resize(size_t(size));
  file.seekg(0);
  file.read(bytes.data(), size);
  return bool(file);
}

std::string sevenfold::runner::sha256OfFile(const std::string &path) {
  std::string bytes;
  return readWholeFile(path, bytes) ? sha256(bytes) : "";
}

std::string sevenfold::runner::replaceFile(const std::string &path,
                                           const std::string &bytes) {
  std::string temporary = path + ".new-" + std::to_string(getpid());
  auto fail = [&] {
    std::string reason = std::strerror(errno);
    unlink(temporary.c_str());
    return "cannot write '" + path + "': " + reason;
  };
  int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0)
    return fail();
  for (size_t written = 0; written < bytes.size();) {
    ssize_t count = write(file, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      close(file);
      return fail();
    }
    written += static_cast<size_t>(count);
  }
  bool kept = fsync(file) == 0;
  if (close(file) != 0 || !kept || rename(temporary.c_str(), path.c_str()) != 0)
    return fail();
  return "";
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// What is wrong with a manifest; caught in this file.
struct ManifestError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class ManifestReader {
public:
  ManifestReader(const json &manifest, std::string folder)
      : manifest(manifest), folder(std::move(folder)) {}

  void read(Bundle &bundle);

private:
  BundlePlan plan(const json &entry) const;
  BundleWorkload workload(const json &entry) const;
  void checkFiles();

  const json &manifest;
  std::string folder;
  std::set<std::string> files;
};
} // namespace

static int count(const json &object, const char *key) {
  int value = object.at(key);
  if (value < 1 || value > 1 << 20)
    throw ManifestError(std::string("expected '") + key +
                        "' from 1 to 2^20 but got " + std::to_string(value));
  return value;
}

/// Files of a bundle lie in it.
static void checkInside(const std::string &path) {
  if (path.empty() || path[0] == '/' || path.find("..") != std::string::npos)
    throw ManifestError("expected a path inside the bundle but got '" + path +
                        "'");
}

void ManifestReader::checkFiles() {
  for (const auto &entry : manifest.at("files").items()) {
    checkInside(entry.key());
    std::string bytes, path = folder + "/" + entry.key();
    if (!readWholeFile(path, bytes))
      throw ManifestError("cannot read '" + path + "'");
    std::string expected = entry.value(), actual = sha256(bytes);
    if (actual != expected)
      throw ManifestError("'" + path + "' was changed: expected SHA-256 " +
                          expected.substr(0, 12) + ".. but got " +
                          actual.substr(0, 12) + "..");
    files.insert(entry.key());
  }
}

BundlePlan ManifestReader::plan(const json &entry) const {
  BundlePlan plan;
  plan.provider = entry.at("plan").at("kernel").at("provider");
  plan.errorBound = entry.at("error_bound");
  std::string library = entry.at("library");
  if (files.count(library) == 0)
    throw ManifestError("expected 'files' to list '" + library + "'");
  plan.function = {{"library", folder + "/" + library},
                   {"function", entry.at("function").get<std::string>()}};
  return plan;
}

BundleWorkload ManifestReader::workload(const json &entry) const {
  BundleWorkload workload;
  workload.name = entry.at("workload");
  workload.operands = {{"inputs", entry.at("inputs")},
                       {"outputs", entry.at("outputs")}};
  workload.workload = entry.at("matmul");
  workload.leastError = entry.at("least_error");
  for (const json &baseline : entry.at("baselines"))
    workload.baselines.push_back(plan(baseline));
  for (const json &candidate : entry.at("candidates")) {
    workload.candidates.push_back(plan(candidate));
    workload.candidates.back().expected = candidate.at("expected");
    workload.candidates.back().kind = candidate.at("kind");
    workload.candidates.back().wellTried = candidate.value("well_tried", false);
  }
  return workload;
}

void ManifestReader::read(Bundle &bundle) {
  std::string format = manifest.at("format");
  if (format != "sevenfold-bundle/2")
    throw ManifestError("expected format 'sevenfold-bundle/2' but got '" +
                        format + "'");
  bundle.folder = folder;
  bundle.protocol = manifest.at("protocol");
  bundle.architecture = manifest.at("target").at("architecture");
  bundle.features =
      manifest.at("target").at("features").get<std::vector<std::string>>();
  bundle.lowering = manifest.at("target").value("lowering", "host");
  bundle.device = bundle.lowering;
  const DeviceKind *kind = findDeviceKind(bundle.lowering);
  if (!kind)
    throw ManifestError("expected lowering " + deviceKindNames() +
                        " but got '" + bundle.lowering + "'");
  kind->readTarget(manifest.at("target"), bundle);
  bundle.seed = manifest.at("seed");
  bundle.minTimeout = manifest.at("limits").at("min_timeout");
  bundle.timeoutFactor = manifest.at("limits").at("timeout_factor");
  const json &schedule = manifest.at("schedule");
  bundle.schedule.fairnessPairs = count(schedule, "fairness_pairs");
  bundle.schedule.providerRounds = count(schedule, "provider_rounds");
  bundle.schedule.firstRounds = count(schedule, "first_rounds");
  bundle.schedule.keepOneOf = std::max(count(schedule, "keep_one_of"), 2);
  bundle.schedule.confirmationSeconds = schedule.at("confirmation_seconds");
  bundle.schedule.maxErrorGrowth = schedule.at("max_error_growth");
  checkFiles();
  bundle.fairness = workload(manifest.at("fairness"));
  for (const json &entry : manifest.at("workloads"))
    bundle.workloads.push_back(workload(entry));
}

std::string sevenfold::runner::openBundle(const std::string &folder,
                                          Bundle &bundle) {
  std::string path = folder + "/bundle.json", text;
  if (!readWholeFile(path, text))
    return "cannot read '" + path + "'";
  bundle.hash = sha256(text);
  try {
    json manifest = json::parse(text);
    ManifestReader(manifest, folder).read(bundle);
  } catch (const ManifestError &error) {
    return path + ": " + error.what();
  } catch (const json::exception &error) {
    return path + ": it is no manifest of a bundle: " + error.what();
  }
  return "";
}

std::string sevenfold::runner::checkTarget(const Bundle &bundle) {
  Processor processor = describeProcessor();
  std::string prefix =
      "the bundle '" + bundle.folder + "' is for another device: ";
  if (processor.architecture != bundle.architecture)
    return prefix + "its code is for '" + bundle.architecture +
           "', this processor is '" + processor.architecture + "'";
  for (const std::string &feature : bundle.features)
    if (!std::binary_search(processor.features.begin(),
                            processor.features.end(), feature))
      return prefix + "its code may use '" + feature +
             "', which this processor lacks";
  return findDeviceKind(bundle.lowering)->checkTarget(bundle);
}

json sevenfold::runner::describeTarget(const Bundle &bundle, int threads) {
  return findDeviceKind(bundle.lowering)
      ->describe(restOfDevice(bundle.device), threads);
}
