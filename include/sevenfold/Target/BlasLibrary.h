//===- BlasLibrary.h - Plans behind the names of a BLAS ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles plans to functions of any sizes and links them, with a table of the
// products that each is for, to a library that stands in for a BLAS.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_BLASLIBRARY_H
#define SEVENFOLD_TARGET_BLASLIBRARY_H

#include "sevenfold/Pipelines/HostOptions.h"
#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Plan/PlanSource.h"
#include "sevenfold/Plan/Workload.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace sevenfold {

/// A plan, and the products that it is for.
struct BlasPlan {
  /// Type and layouts; its sizes are not looked at. Of f32 or f64, overwriting.
  Workload family;
  SizeRange m, k, n;
  Plan plan;
  /// The lower bound of what it gains (PlanAnswer::speedupLow).
  double speedup = 1;
  std::string record; ///< its id; empty for a plan that was named
};

struct BlasLibraryOptions {
  /// The machine that the plans are for, and the instruction sets of their
  /// code.
  std::string hardware, instructionSets;
  int threads = 0; ///< that they were measured with
  NonFinite nonFinite = NonFinite::Recompute;
  PlanLimits limits;
  /// The archives to link with: of the runtime, and of the BLAS around it.
  std::string runtime, blasRuntime;
};

/// Writes a shared library with the names of a BLAS' products (Runtime/Blas.h)
/// to `path`, whole or not at all. Without plans it passes everything on. Fails
/// in one line where a plan cannot be compiled.
llvm::Error buildBlasLibrary(llvm::ArrayRef<BlasPlan> plans,
                             const BlasLibraryOptions &options,
                             llvm::StringRef path);

/// The names that the library has.
std::vector<std::string> blasNames();

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_BLASLIBRARY_H
