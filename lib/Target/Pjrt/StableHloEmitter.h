//===- StableHloEmitter.h - From decomposed linalg to StableHLO -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says in StableHLO what a function of linalg on tensors of static sizes says,
// its products decomposed with every product stored (sevenfold-decompose):
//
//   slices, combines, elementwise work, reductions, products, constants
//
// A sum of blocks is a chain of additions that XLA fuses. Blocks of C are put
// into it one after another by dynamic_update_slice, or, where a combine is
// marked `sevenfold.stacked`, stacked in a dimension of their own and
// transposed into place.
//
// A loop over the matrices of a batch is no loop in StableHLO: its body is said
// once, with the batch as first dimension of everything that depends on it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOEMITTER_H
#define SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOEMITTER_H

#include "StableHloWriter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace sevenfold {

struct StableHloOptions {
  std::string name = "main";                ///< of the function
  HloPrecision f32 = HloPrecision::Highest; ///< of products of f32
  bool isPrivate = false;
};

/// The function as text. An operation that StableHLO has no words for, or that
/// this has none for, is an error at its place (emitOpError).
mlir::FailureOr<std::string> emitStableHlo(mlir::func::FuncOp function,
                                           const StableHloOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOEMITTER_H
