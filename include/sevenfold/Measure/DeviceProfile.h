//===- DeviceProfile.h - What is known of a device by documents -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Published figures of devices that need not be at hand. Times are predicted
// from them (CostModel.h), and generated code asks them how wide a GPU is.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_DEVICEPROFILE_H
#define SEVENFOLD_MEASURE_DEVICEPROFILE_H

#include "sevenfold/Plan/Workload.h"

#include "llvm/ADT/ArrayRef.h"

#include <nlohmann/json_fwd.hpp>

#include <map>

namespace sevenfold {

struct DeviceProfile {
  /// M x N of C that one core computes at a time.
  struct Tile {
    int64_t m = 1, n = 1;
  };
  /// M, N and K of one instruction of a matrix unit.
  struct Unit {
    int64_t m = 1, n = 1, k = 1;
  };
  /// Where the figures of a group are from, or why they are assumed.
  struct Source {
    std::string group, text;
    bool assumed = false;
  };

  std::string name, product;
  std::string kind;      ///< what XLA calls the device, "TPU v2"; or ""
  int architecture = 0;  ///< compute capability, 90 for 9.0; 0: no NVIDIA GPU
  int64_t cores = 1;     ///< what the tiles of a product are shared among
  double clockHertz = 0; ///< 0: unknown
  /// Flop/s of products by the type of their operands.
  std::map<ElementType, double> peaks;
  int64_t memoryBytes = 0;
  double bandwidth = 0;      ///< bytes/s
  int64_t cacheBytes = 0;    ///< the last level; 0: none
  double cacheBandwidth = 0; ///< bytes/s; 0: unknown
  std::vector<Tile> tiles;   ///< empty: unknown
  std::map<ElementType, Unit> units;
  double launchSeconds = 0; ///< of a kernel, beside what it does
  std::vector<Source> sources;
};

/// A profile in the form of python-free-configs/devices/device.schema.json.
/// Fails, naming `where` and the key, on anything else.
llvm::Expected<DeviceProfile> parseDeviceProfile(llvm::StringRef text,
                                                 llvm::StringRef where);
llvm::Expected<DeviceProfile> readDeviceProfile(llvm::StringRef path);

/// The inverse.
nlohmann::json toJson(const DeviceProfile &profile);

/// The profiles of the product: v100, a100, h100, h200, ..
llvm::ArrayRef<DeviceProfile> deviceProfiles();

/// Flop/s of products of a type by a profile, or of f32 where it has no other
/// figure; 0 without any.
double peakOf(const DeviceProfile &profile, ElementType type);

/// The last profile in that list of a GPU's architecture, or of the nearest
/// one before it; of the first GPU where there is none.
const DeviceProfile &profileOfArchitecture(unsigned architecture);

/// Whether a device's name means a simulated one.
bool isSimulated(llvm::StringRef device);

/// "simulated:v100", or "simulated:FILE.json" for a profile of the user's own.
/// Fails, listing the names, on any other.
llvm::Expected<DeviceProfile> simulatedDevice(llvm::StringRef device);

/// "simulated:v100".
std::string simulatedName(const DeviceProfile &profile);

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_DEVICEPROFILE_H
