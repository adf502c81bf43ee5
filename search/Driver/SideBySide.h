//===- SideBySide.h - Functions beside each other ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What builds of one function give for the same inputs, and how long they take
// in turns.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_SIDEBYSIDE_H
#define SEVENFOLD_SEARCH_DRIVER_SIDEBYSIDE_H

#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Support/Npy.h"
#include "sevenfold/Target/Weights.h"

namespace sevenfold {

/// Runs functions of one signature on the same inputs.
class OutputComparison {
public:
  /// `dense` is `function` with `weights` bound. What `inputs` does not give is
  /// drawn from N(0,1). Fails on buffers that are neither f32 nor f64 or may be
  /// written to, on files of other shapes or for what is no input, and where
  /// the function does.
  static llvm::Expected<OutputComparison>
  make(const Artefact &dense, const FunctionSignature &function,
       const std::vector<WeightBinding> &weights,
       const std::vector<WeightBinding> &inputs, uint64_t seed);

  /// |outputs - the dense ones|_F / |the dense ones|_F.
  llvm::Expected<double> errorOf(const Artefact &artefact);

private:
  llvm::Expected<std::vector<double>> outputsOf(const Artefact &artefact);

  std::vector<BufferShape> shapes; ///< of inputs and outputs
  std::vector<NpyArray> buffers;
  size_t inputs = 0;
  std::vector<double> dense;
};
/// Runs every artefact once in each of several rounds, in an order drawn anew;
/// their seconds by artefact and round. Fails where one does, and on an
/// interrupt.
llvm::Expected<std::vector<std::vector<double>>>
measureInRounds(Runner &runner, llvm::ArrayRef<const Artefact *> artefacts,
                int rounds, uint64_t seed);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_SIDEBYSIDE_H
