//===- LowerGemmToGpu.cpp - sevenfold-lower-gemm-to-gpu -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes a kernel of every distinct product of the provider `codegen`, or two
// where alignment is known at run time only, and launches them.
// FmaGemmKernel.cpp and TensorGemmKernel.cpp have the code.
//
//===----------------------------------------------------------------------===//

#include "CombineLoops.h"
#include "GemmKernels.h"
#include "GpuKernels.h"
#include "Slices.h"

#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

namespace sevenfold {
#define GEN_PASS_DEF_LOWERGEMMTOGPUPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-lower-gemm-to-gpu"

using namespace mlir;
using namespace sevenfold;

/// Whether `value` starts on 16 bytes and so do its rows; nothing where only
/// the caller knows.
static std::optional<bool> isAligned(Value value) {
  auto type = cast<MemRefType>(value.getType());
  int64_t bytes = type.getElementTypeBitWidth() / 8, offset;
  SmallVector<int64_t> strides;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return false;
  bool isOneRow = type.getDimSize(0) == 1;
  bool isStrideKnown = !ShapedType::isDynamic(strides[0]);
  if (isStrideKnown && !isOneRow && strides[0] * bytes % kAccessBytes != 0)
    return false;
  // The workspace itself is aligned.
  APInt shift;
  memref::ViewOp view = workspaceViewOf(value);
  if (view && isStrideKnown && !ShapedType::isDynamic(offset) &&
      matchPattern(view.getByteShift(), m_ConstantInt(&shift)))
    return (shift.getSExtValue() + offset * bytes) % kAccessBytes == 0;
  return std::nullopt;
}

namespace {
/// The kernel for operands on 16-byte boundaries, and the one for any others.
/// Each is made when it is first launched.
struct ProductKernels {
  gpu::GPUFuncOp aligned, any;
};

struct LowerGemmToGpuPass
    : sevenfold::impl::LowerGemmToGpuPassBase<LowerGemmToGpuPass> {
  using LowerGemmToGpuPassBase::LowerGemmToGpuPassBase;

  void runOnOperation() override {
    if (architecture < 70 || processors == 0) {
      emitError(getOperation().getLoc(),
                "expected at least 70 as 'architecture' and positive "
                "'processors'");
      return signalPassFailure();
    }
    DenseMap<Attribute, ProductKernels> known;
    SmallVector<GemmOp> products;
    getOperation()->walk([&](GemmOp op) {
      if (op.getProvider() == "codegen")
        products.push_back(op);
    });
    for (GemmOp op : products)
      if (failed(replace(op, known)))
        return signalPassFailure();
  }

  LogicalResult replace(GemmOp op, DenseMap<Attribute, ProductKernels> &known) {
    GemmTile tile = chooseTile(op, {architecture, processors, tf32});
    int64_t blocks = countTiles(op, tile);
    if (blocks > kMaxBlocks)
      return op.emitOpError("is too large for one launch");
    if (blocks > 0)
      launch(op, known[keyOf(op)], tile, blocks);
    op.erase();
    return success();
  }

  static SmallVector<Type> typesOf(GemmOp op) {
    SmallVector<Type> types;
    for (Value operand : op.getOperands())
      types.push_back(rowStridedType(cast<MemRefType>(operand.getType())));
    return types;
  }

  /// The same for products that the same code computes.
  static Attribute keyOf(GemmOp op) {
    Builder attributes(op.getContext());
    return attributes.getArrayAttr(
        {attributes.getTypeArrayAttr(typesOf(op)), op.getBetaAttr(),
         attributes.getBoolAttr(op.getTransposeA()),
         attributes.getBoolAttr(op.getTransposeB())});
  }

  void launch(GemmOp op, ProductKernels &kernels, const GemmTile &tile,
              int64_t blocks) {
    OpBuilder builder(op);
    SmallVector<Value> passed;
    for (auto [operand, type] : llvm::zip_equal(op.getOperands(), typesOf(op)))
      passed.push_back(
          operand.getType() == type
              ? operand
              : memref::CastOp::create(builder, op.getLoc(), type, operand)
                    .getResult());
    auto launchOne = [&](GemmAlignment alignment) {
      gpu::GPUFuncOp &kernel =
          alignment == GemmAlignment::Aligned ? kernels.aligned : kernels.any;
      if (!kernel)
        kernel = create(op, tile, alignment);
      launchKernel(builder, op.getLoc(), kernel, blocks, tile.threads(),
                   passed);
    };
    SmallVector<Value> unknown;
    for (Value operand : op.getOperands()) {
      std::optional<bool> aligned = isAligned(operand);
      if (aligned == false)
        return launchOne(GemmAlignment::Any);
      if (!aligned)
        unknown.push_back(operand);
    }
    if (unknown.empty())
      return launchOne(GemmAlignment::Aligned);
    auto choice = scf::IfOp::create(
        builder, op.getLoc(), emitIsAligned(builder, op.getLoc(), unknown),
        /*withElseRegion=*/true);
    builder.setInsertionPointToStart(choice.thenBlock());
    launchOne(GemmAlignment::Aligned);
    builder.setInsertionPointToStart(choice.elseBlock());
    launchOne(GemmAlignment::Any);
  }

  gpu::GPUFuncOp create(GemmOp op, const GemmTile &tile,
                        GemmAlignment alignment) {
    OpBuilder builder(&getContext());
    StringRef name = alignment == GemmAlignment::Aligned
                         ? "sevenfold_product"
                         : "sevenfold_product_unaligned";
    gpu::GPUFuncOp kernel = createKernel(builder, getOperation(), op.getLoc(),
                                         name, typesOf(op), tile.threads());
    if (tile.blocks > 1)
      kernel->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      builder.getI32IntegerAttr(tile.blocks));
    if (tile.unit == GemmUnit::Tensor)
      emitTensorGemmKernel(builder, op, kernel, tile, alignment);
    else
      emitFmaGemmKernel(builder, op, kernel, tile, alignment);
    return kernel;
  }
};
} // namespace
