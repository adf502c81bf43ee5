//===- XlaCompilation.h - What XLA makes of a program -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `compile --topology`: StableHLO compiled by a plugin that has no device here,
// as Google's for TPUs, and what its compiler says of the result.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_XLACOMPILATION_H
#define SEVENFOLD_LIB_DRIVER_XLACOMPILATION_H

#include "llvm/Support/Error.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sevenfold {

struct XlaCompilation {
  std::string topology, kind, compiler;
  int64_t memoryBytes = 0; ///< of the device; 0: untold
  int64_t argumentBytes = 0, outputBytes = 0, temporaryBytes = 0;
  double flops = 0, bytesAccessed = 0; ///< as the compiler counts them
  /// Of the entry computation after all optimisations: what runs one behind the
  /// other, products among it, and copies of whole values; -1: untold.
  int64_t kernels = -1, products = -1, copies = -1;

  /// Whether arguments, results and temporaries fit the device, where its size
  /// is told.
  bool fits() const;
};

nlohmann::json toJson(const XlaCompilation &compilation);
/// One line.
std::string describe(const XlaCompilation &compilation);

/// Has the plugin of a device ("pjrt:tpu") compile a file of StableHLO for a
/// topology ("v5e", "v4:2x2x1") in a child process. Fails in its words.
llvm::Expected<XlaCompilation> compileForTopology(const std::string &device,
                                                  const std::string &topology,
                                                  const std::string &program);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_XLACOMPILATION_H
