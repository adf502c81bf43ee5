//===- FusedGemmOp.cpp - sevenfold.fused_gemm -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification, memory effects and bufferisation of a product that forms its
// operand sums and reaches its blocks of C by itself.
//
//===----------------------------------------------------------------------===//

#include "GemmChecks.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/IR/Builders.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

static ShapedType shapeOf(Value value) {
  return cast<ShapedType>(value.getType());
}

std::array<int64_t, 3> FusedGemmOp::getSizes() {
  ShapedType a = shapeOf(getA()), c = shapeOf(getC());
  return {c.getDimSize(0), a.getDimSize(getTransposeA() ? 0 : 1),
          c.getDimSize(1)};
}

std::array<int64_t, 3> FusedGemmOp::getBlockSizes() {
  auto [m, k, n] = getSizes();
  ArrayRef<int64_t> grid = getGrid();
  auto block = [](int64_t size, int64_t blocks) -> int64_t {
    return ShapedType::isDynamic(size) ? size : llvm::divideCeil(size, blocks);
  };
  return {block(m, grid[0]), block(k, grid[1]), block(n, grid[2])};
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

static LogicalResult verifyCoefficients(FusedGemmOp op, ArrayRef<double> row,
                                        int64_t blocks, const char *matrix) {
  // fused_gemm_c4: a finite coefficient for every block, of integers one of 32
  // bits.
  if (static_cast<int64_t>(row.size()) != blocks)
    return op.emitOpError("expected ") << blocks << " coefficients of "
                                       << matrix << " but got " << row.size();
  bool isInteger = shapeOf(op.getC()).getElementType().isInteger();
  for (double value : row)
    if (!std::isfinite(value) || (isInteger && (value != std::trunc(value) ||
                                                std::abs(value) > INT32_MAX)))
      return op.emitOpError("expected ") << (isInteger ? "integer" : "finite")
                                         << " coefficients of " << matrix;
  return success();
}

/// The shapes fit, as those of buffers and of tensors.
static LogicalResult verifyShapes(FusedGemmOp op) {
  // fused_gemm_c1: all tensors with C's type as the result, or all memrefs of
  // unit inner stride.
  bool isTensor = isa<TensorType>(op.getC().getType());
  for (Value operand : op->getOperands()) {
    if (isa<TensorType>(operand.getType()) != isTensor)
      return op.emitOpError("expected all tensors or all memrefs");
    auto buffer = dyn_cast<MemRefType>(operand.getType());
    if (buffer && !hasUnitInnerStride(buffer))
      return op.emitOpError("expected a unit inner stride but got ") << buffer;
  }
  if (bool(op.getResult()) != isTensor ||
      (isTensor && op.getResult().getType() != op.getC().getType()))
    return op.emitOpError("expected C's type as the result of the tensor form "
                          "and no result of the memref form");
  // fused_gemm_c2: m x k, k x n and m x n.
  auto [m, k, n] = op.getSizes();
  ShapedType a = shapeOf(op.getA()), b = shapeOf(op.getB());
  if (differ(a.getDimSize(op.getTransposeA() ? 1 : 0), m) ||
      differ(b.getDimSize(op.getTransposeB() ? 1 : 0), k) ||
      differ(b.getDimSize(op.getTransposeB() ? 0 : 1), n))
    return op.emitOpError("expected shapes m x k, k x n and m x n but got ")
           << a << ", " << b << " and " << op.getC().getType();
  return success();
}

LogicalResult FusedGemmOp::verify() {
  if (failed(verifyShapes(*this)))
    return failure();
  // fused_gemm_c3: one element type, or one that is summed up in C's.
  Type from = shapeOf(getA()).getElementType(),
       to = shapeOf(getC()).getElementType();
  bool isWidened = (to.isF32() && (from.isF16() || from.isBF16())) ||
                   (to.isInteger(32) && from.isInteger(8));
  bool isPlain = from == to && (to.isF32() || to.isF64() || to.isInteger(32));
  if (shapeOf(getB()).getElementType() != from || !(isPlain || isWidened))
    return emitOpError("expected f32, f64 or i32, or narrower operands of f32 "
                       "or i32, but got ")
           << getA().getType() << ", " << getB().getType() << " and "
           << getC().getType();
  ArrayRef<int64_t> grid = getGrid();
  if (grid.size() != 3 ||
      llvm::any_of(grid, [](int64_t size) { return size < 1; }))
    return emitOpError("expected a grid of three positive sizes");
  if (failed(verifyCoefficients(*this, getCoefficientsA(), grid[0] * grid[1],
                                "A")) ||
      failed(verifyCoefficients(*this, getCoefficientsB(), grid[1] * grid[2],
                                "B")) ||
      failed(verifyCoefficients(*this, getCoefficientsC(), grid[0] * grid[2],
                                "C")))
    return failure();
  // fused_gemm_c5: a flag for every block of C.
  if (static_cast<int64_t>(getAccumulate().size()) != grid[0] * grid[2])
    return emitOpError("expected ")
           << grid[0] * grid[2] << " accumulate flags but got "
           << getAccumulate().size();
  // fused_gemm_c6: slabs that a plan can have.
  return verifySlab(*this);
}

//===----------------------------------------------------------------------===//
// Effects and bufferisation
//===----------------------------------------------------------------------===//

void FusedGemmOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (isa<TensorType>(getC().getType()))
    return;
  for (OpOperand &operand : (*this)->getOpOperands())
    effects.emplace_back(MemoryEffects::Read::get(), &operand,
                         SideEffects::DefaultResource::get());
  effects.emplace_back(MemoryEffects::Write::get(), &getCMutable(),
                       SideEffects::DefaultResource::get());
}

bool FusedGemmOp::bufferizesToMemoryRead(OpOperand &,
                                         const bufferization::AnalysisState &) {
  // Blocks of C that are not written keep what they are.
  return true;
}

bool FusedGemmOp::bufferizesToMemoryWrite(
    OpOperand &operand, const bufferization::AnalysisState &) {
  return isDpsInit(&operand);
}

bufferization::AliasingValueList
FusedGemmOp::getAliasingValues(OpOperand &operand,
                               const bufferization::AnalysisState &) {
  if (!isDpsInit(&operand))
    return {};
  return {
      {getTiedOpResult(&operand), bufferization::BufferRelation::Equivalent}};
}

LogicalResult
FusedGemmOp::bufferize(RewriterBase &rewriter,
                       const bufferization::BufferizationOptions &options,
                       bufferization::BufferizationState &state) {
  SmallVector<Value> buffers;
  for (Value operand : (*this)->getOperands()) {
    FailureOr<Value> buffer =
        bufferization::getBuffer(rewriter, operand, options, state);
    if (failed(buffer))
      return failure();
    buffers.push_back(*buffer);
  }
  rewriter.setInsertionPoint(*this);
  FusedGemmOp::create(rewriter, getLoc(), TypeRange{}, buffers[0], buffers[1],
                      buffers[2], getGridAttr(), getCoefficientsAAttr(),
                      getCoefficientsBAttr(), getCoefficientsCAttr(),
                      getAccumulateAttr(), getTransposeAAttr(),
                      getTransposeBAttr(), getSlabAttr(), getTogetherAttr());
  bufferization::replaceOpWithBufferizedValues(rewriter, *this, buffers[2]);
  return success();
}
