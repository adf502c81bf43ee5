//===- NvptxChip.h - GPUs that code is made for -----------------*- C++ -*-===//
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

#ifndef SEVENFOLD_LIB_TARGET_NVPTX_NVPTXCHIP_H
#define SEVENFOLD_LIB_TARGET_NVPTX_NVPTXCHIP_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace sevenfold {

/// Of the kind of targets, and of their lowering in records.
inline constexpr llvm::StringLiteral kNvptxName = "nvptx";

/// An architecture of NVIDIA's GPUs.
struct NvptxChip {
  std::string name;      ///< "sm_90a"
  unsigned ptxVersion;   ///< 80 for 8.0, the least that knows the chip
  unsigned architecture; ///< 90

  /// "nvptx:sm_90a".
  std::string str() const { return "nvptx:" + name; }

  /// Fails, listing the chips, on any other.
  static llvm::Expected<NvptxChip> parse(llvm::StringRef device);
};

/// Assembles PTX to a cubin for the device with the CUDA toolkit's ptxas, which
/// is looked up in the path. Fails, in one line, where there is none or where
/// it refuses the chip.
llvm::Expected<std::string> assemblePtx(llvm::StringRef ptx,
                                        const NvptxChip &chip);

/// Whether `assemblePtx` can be expected to work: there is a ptxas, and the
/// chip is none that toolkits have dropped (before sm_75).
bool canAssemble(const NvptxChip &chip);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_NVPTX_NVPTXCHIP_H
