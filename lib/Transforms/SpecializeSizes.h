//===- SpecializeSizes.h - Versions for declared sizes -------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A contraction of dynamic sizes with a static version of it behind a guard.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_SPECIALIZESIZES_H
#define SEVENFOLD_LIB_TRANSFORMS_SPECIALIZESIZES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// The two versions of one contraction.
struct SpecializedContraction {
  mlir::scf::IfOp choice;
  mlir::linalg::LinalgOp fixed; ///< of the greatest sizes, in `choice`
  mlir::linalg::LinalgOp other; ///< of any size, in the else branch
};

/// Replaces a contraction that carries `sevenfold.ranges` by a choice: where
/// every size is in its range, the operands are padded with zeros to the
/// greatest sizes, multiplied, and the result is cut to size; anywhere else the
/// operation is what it was. Fails with a reason where the operation has no
/// ranges, is not dynamic, or would not be a contraction at those sizes.
mlir::FailureOr<SpecializedContraction>
specializeSizes(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
                std::string &reason);

/// Undoes it: the operation of any size is left alone.
void dropSpecialization(mlir::RewriterBase &rewriter,
                        const SpecializedContraction &versions);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_SPECIALIZESIZES_H
