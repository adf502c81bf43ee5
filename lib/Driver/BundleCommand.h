//===- BundleCommand.h - Bundles out and in ------------------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sides of a bundle that tune and db have. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_BUNDLECOMMAND_H
#define SEVENFOLD_LIB_DRIVER_BUNDLECOMMAND_H

#include "Measuring.h"

#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// Writes a bundle of what would be tuned on `device` to `folder`. A GPU need
/// not be here.
llvm::Expected<int>
emitBundle(const CommandLine &line, llvm::ArrayRef<Workload> workloads,
           llvm::ArrayRef<Scheme> schemes, const TuneOptions &options,
           const std::string &device, const std::string &folder);

/// Adds the records of a bundle's results to the user's database.
llvm::Expected<int> importBundle(const CommonOptions &options,
                                 const std::string &path);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_BUNDLECOMMAND_H
