//===- NvptxDevice.h - GPUs that code is made for ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The devices `nvptx:sm_70` and so on.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_NVPTXDEVICE_H
#define SEVENFOLD_TARGET_NVPTXDEVICE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace sevenfold {

/// An architecture of NVIDIA's GPUs.
struct NvptxDevice {
  std::string chip;      ///< "sm_90a"
  unsigned ptxVersion;   ///< 80 for 8.0, the least that knows the chip
  unsigned architecture; ///< 90

  /// "nvptx:sm_90a".
  std::string str() const { return "nvptx:" + chip; }

  /// Whether a device's name means a GPU.
  static bool isName(llvm::StringRef name);
  /// Fails, listing the chips, on any other.
  static llvm::Expected<NvptxDevice> parse(llvm::StringRef name);
};

/// Assembles PTX to a cubin for the device with the CUDA toolkit's ptxas, which
/// is looked up in the path. Fails, in one line, where there is none or where
/// it refuses the chip.
llvm::Expected<std::string> assemblePtx(llvm::StringRef ptx,
                                        const NvptxDevice &device);

/// Whether `assemblePtx` can be expected to work: there is a ptxas, and the
/// chip is none that toolkits have dropped (before sm_75).
bool canAssemble(const NvptxDevice &device);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_NVPTXDEVICE_H
