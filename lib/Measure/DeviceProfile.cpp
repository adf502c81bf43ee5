//===- DeviceProfile.cpp - What is known of a device by documents ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The profiles of the product, and which of them stands for what.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/DeviceProfile.h"

#include "EmbeddedProfiles.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"

using namespace sevenfold;

static constexpr llvm::StringLiteral kPrefix = "simulated:";

static std::vector<DeviceProfile> parseAll() {
  std::vector<DeviceProfile> profiles;
  for (const EmbeddedFile &entry : embeddedProfiles()) {
    auto profile = parseDeviceProfile(entry.text, entry.file);
    // The files are part of the program: a malformed one is a broken build.
    if (!profile)
      llvm::report_fatal_error(profile.takeError());
    if (profile->name != entry.name())
      llvm::report_fatal_error(llvm::Twine(entry.file) + " names itself '" +
                               profile->name + "'");
    profiles.push_back(std::move(*profile));
  }
  return profiles;
}

llvm::ArrayRef<DeviceProfile> sevenfold::deviceProfiles() {
  static const std::vector<DeviceProfile> profiles = parseAll();
  return profiles;
}

const DeviceProfile &sevenfold::profileOfArchitecture(unsigned architecture) {
  const DeviceProfile *found = nullptr;
  for (const DeviceProfile &profile : deviceProfiles())
    if (profile.architecture > 0 &&
        (!found || (profile.architecture <= int(architecture) &&
                    profile.architecture >= found->architecture)))
      found = &profile;
  return *found;
}

double sevenfold::peakOf(const DeviceProfile &profile, ElementType type) {
  auto found = profile.peaks.find(type);
  if (found == profile.peaks.end())
    found = profile.peaks.find(ElementType::F32);
  return found == profile.peaks.end() ? 0 : found->second;
}

bool sevenfold::isSimulated(llvm::StringRef device) {
  return device == kPrefix.drop_back() || device.starts_with(kPrefix);
}

llvm::Expected<DeviceProfile>
sevenfold::simulatedDevice(llvm::StringRef device) {
  llvm::StringRef name = device;
  if (name.consume_front(kPrefix) && name.ends_with(".json"))
    return readDeviceProfile(name);
  std::string known;
  for (const DeviceProfile &profile : deviceProfiles()) {
    if (name == profile.name && name != device)
      return profile;
    known += (known.empty() ? "" : ", ") + simulatedName(profile);
  }
  return makeError("no device is simulated as '{0}'; expected one of {1}, or "
                   "simulated:FILE.json",
                   device.take_front(64), known);
}

std::string sevenfold::simulatedName(const DeviceProfile &profile) {
  return kPrefix.str() + profile.name;
}
