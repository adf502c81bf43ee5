//===- Contraction.h - Recognising matmuls ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What Sevenfold can rewrite, and the reason for everything it leaves alone.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_CONTRACTION_H
#define SEVENFOLD_TRANSFORMS_CONTRACTION_H

#include "sevenfold/Plan/Workload.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/PatternMatch.h"

namespace sevenfold {

/// How an operand of a contraction is a matrix, or a batch of them: its
/// dimensions in groups of neighbours that are taken as one.
struct OperandGroups {
  llvm::SmallVector<mlir::ReassociationIndices> groups;
  /// For every group the number of the loop it is indexed by; -1 for the two
  /// groups that are rows and columns.
  llvm::SmallVector<int> loops;
};

/// Which sizes are asked for: such as are known, or any.
enum class Sizes { Static, Any };

/// A matmul on tensors, C (+)= A B, or one for every index of a batch, with its
/// sizes and layouts.
struct Contraction {
  Workload workload; ///< sizes that are not known are ShapedType::kDynamic
  /// The operands, behind transpositions, A being that of C's rows.
  mlir::Value a, b;
  /// The destination: where C is overwritten, the operand of the zero fill or
  /// what is undefined, else the value that is added to.
  mlir::Value init;
  /// Whether C is overwritten because nothing says what it would be added to.
  bool isInitUndefined = false;
  mlir::Type elementType; ///< of C
  /// Sizes of the loops around the matmul; their product is the batch. Likewise
  /// dynamic where not known.
  llvm::SmallVector<int64_t> loops;
  OperandGroups groupsA, groupsB, groupsC;
  /// The loops of the operation that make m, k and n.
  std::array<llvm::SmallVector<unsigned>, 3> sides;
};

/// Whether `op` is something a user would call a matmul, so that silence about
/// it would be a question: linalg's matmul-like named operations and generics
/// that contract two operands.
bool isMatmulLike(mlir::linalg::LinalgOp op);

/// Whether `op` sums up products with a vector: `linalg.matvec`, `vecmat`,
/// `dot` and generics of the kind.
bool isVectorProduct(mlir::linalg::LinalgOp op);

/// The contraction `op` computes, whatever operation spells it. On failure
/// `reason` says why it is left alone, in words for a remark.
mlir::FailureOr<Contraction> matchContraction(mlir::linalg::LinalgOp op,
                                              std::string &reason,
                                              Sizes sizes = Sizes::Static);

/// Why `op` could be no contraction of whatever size, empty where it could: its
/// operands, types, indexing maps or body are others. Says nothing about sizes
/// and layouts.
std::string refusalOfAnySize(mlir::linalg::LinalgOp op);

/// Replaces `op`, which computes `contraction`, by a `linalg.matmul` on
/// matrices with the same attributes: transpositions become layouts,
/// neighbouring dimensions are collapsed, and a batch becomes loops around it.
/// A result of f16 or bf16 is summed up in f32 and rounded once. Does nothing
/// to what has that form.
mlir::linalg::MatmulOp normalizeContraction(mlir::RewriterBase &rewriter,
                                            mlir::linalg::LinalgOp op,
                                            const Contraction &contraction);

/// A tensor of the elements of `value` as `type`, wider or narrower: floats of
/// floats, integers of integers with their sign. It takes the place of
/// `destination` where there is one.
mlir::Value convertElements(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value value, mlir::Type type,
                            mlir::Value destination = {});

/// The indexing maps of a `linalg.matmul` whose operands are stored like that.
mlir::ArrayAttr matmulMaps(mlir::Builder &builder, Layout a, Layout b);

/// The operand of a `linalg.fill` with zero that defines `value`, or null.
mlir::Value getZeroFilled(mlir::Value value);
/// Whether what it fills with is zero, an integer or not.
bool fillsWithZero(mlir::linalg::FillOp fill);

/// Where an accumulator of `op` visibly holds one value everywhere, makes it a
/// `linalg.fill` of a `tensor.empty`, whatever spelled it. Static shapes only.
void normalizeAccumulator(mlir::RewriterBase &rewriter,
                          mlir::linalg::LinalgOp op);

/// Whether `op` is a part, another shape or a cast of the tensor that is its
/// first operand.
bool isTensorView(mlir::Operation *op);

/// Whether nothing says what the elements of a tensor are: a `tensor.empty`, or
/// a part or another shape of one. To read it may give anything, and another
/// thing in each run; zero is as good as any and always the same.
bool isUndefined(mlir::Value value);

/// Whether the operand with that indexing map and the two loop dimensions
/// (rows, columns) of its logical matrix is stored row-major or transposed;
/// nothing where it is neither.
std::optional<Layout> inferLayout(mlir::AffineMap map, unsigned rows,
                                  unsigned columns);

} // namespace sevenfold

#endif // SEVENFOLD_TRANSFORMS_CONTRACTION_H
