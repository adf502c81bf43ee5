//===- Builder.h - From a workload and a plan to code -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tuner's view of the compiler; implemented by targets, faked in tests.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_BUILDER_H
#define SEVENFOLD_MEASURE_BUILDER_H

#include "sevenfold/Measure/Artefact.h"
#include "sevenfold/Plan/Plan.h"

namespace sevenfold {

class Builder {
public:
  virtual ~Builder() = default;

  /// Compiles one matmul under a plan. The function's inputs are A and B, and C
  /// where the workload accumulates; its output is C. The library lies in a
  /// folder the builder owns and removes. A plan that cannot be built is an
  /// error whose text becomes the record of the failure.
  virtual llvm::Expected<Artefact> build(const Workload &workload,
                                         const Plan &plan) = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_BUILDER_H
