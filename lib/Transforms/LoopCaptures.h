//===- LoopCaptures.h - What an outlined loop is given ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop that becomes a function or a kernel takes what it uses from above, but
// for what is cheaper to repeat.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_LOOPCAPTURES_H
#define SEVENFOLD_LIB_TRANSFORMS_LOOPCAPTURES_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/SetVector.h"

namespace sevenfold {

struct LoopCaptures {
  llvm::SetVector<mlir::Value> used;      ///< all the loop uses from above
  llvm::SetVector<mlir::Value> arguments; ///< what it has to be given
};

LoopCaptures findCaptures(mlir::scf::ParallelOp loop);

/// Repeats, at the insertion point, what is not given; `mapping` has the
/// arguments.
void repeatDefinitions(mlir::OpBuilder &builder, const LoopCaptures &captures,
                       mlir::IRMapping &mapping);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_LOOPCAPTURES_H
