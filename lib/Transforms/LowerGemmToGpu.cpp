//===- LowerGemmToGpu.cpp - sevenfold-lower-gemm-to-gpu -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes a kernel of every distinct product of the provider `codegen`, fused or
// not, or two where alignment is known at run time only, and launches them.
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

/// Whether `value` starts on 16 bytes and so do its rows and its blocks;
/// nothing where only the caller knows.
static std::optional<bool> isAligned(Value value, ArrayRef<GemmBlock> blocks) {
  auto type = cast<MemRefType>(value.getType());
  int64_t bytes = type.getElementTypeBitWidth() / 8, offset;
  if (llvm::any_of(blocks, [&](const GemmBlock &block) {
        return block.column * bytes % kAccessBytes != 0;
      }))
    return false;
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
    std::vector<GemmProduct> products;
    getOperation()->walk([&](Operation *op) {
      if (isOwnProduct(op))
        products.push_back(productOf(op));
    });
    for (const GemmProduct &product : products)
      if (failed(replace(product, known)))
        return signalPassFailure();
  }

  LogicalResult replace(const GemmProduct &product,
                        DenseMap<Attribute, ProductKernels> &known) {
    if (!llvm::all_of(product.op->getOperandTypes(), llvm::IsaPred<MemRefType>))
      return product.op->emitOpError("expected buffers");
    int64_t blocks = countTiles(product, tileFor(product, GemmAlignment::Any));
    if (blocks > kMaxBlocks)
      return product.op->emitOpError("is too large for one launch");
    if (blocks > 0)
      launch(product, known[keyOf(product)]);
    product.op->erase();
    return success();
  }

  GemmTile tileFor(const GemmProduct &product, GemmAlignment alignment) {
    return chooseTile(product, {architecture, processors, tf32}, alignment);
  }

  static SmallVector<Type> typesOf(const GemmProduct &product) {
    SmallVector<Type> types;
    for (Type type : product.op->getOperandTypes())
      types.push_back(rowStridedType(cast<MemRefType>(type)));
    return types;
  }

  /// The same for products that the same code computes.
  static Attribute keyOf(const GemmProduct &product) {
    Builder attributes(product.op->getContext());
    return attributes.getArrayAttr(
        {attributes.getStringAttr(product.op->getName().getStringRef()),
         attributes.getTypeArrayAttr(typesOf(product)),
         product.op->getAttrDictionary()});
  }

  void launch(const GemmProduct &product, ProductKernels &kernels) {
    Operation *op = product.op;
    OpBuilder builder(op);
    SmallVector<Value> passed;
    for (auto [operand, type] :
         llvm::zip_equal(op->getOperands(), typesOf(product)))
      passed.push_back(
          operand.getType() == type
              ? operand
              : memref::CastOp::create(builder, op->getLoc(), type, operand)
                    .getResult());
    auto launchOne = [&](GemmAlignment alignment) {
      gpu::GPUFuncOp &kernel =
          alignment == GemmAlignment::Aligned ? kernels.aligned : kernels.any;
      GemmTile tile = tileFor(product, alignment);
      if (!kernel)
        kernel = create(product, tile, alignment);
      launchKernel(builder, op->getLoc(), kernel, countTiles(product, tile),
                   tile.threads(), passed);
    };
    SmallVector<Value> unknown;
    for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
      std::optional<bool> aligned = isAligned(operand, product.blocksOf(index));
      if (aligned == false)
        return launchOne(GemmAlignment::Any);
      if (!aligned)
        unknown.push_back(operand);
    }
    if (unknown.empty())
      return launchOne(GemmAlignment::Aligned);
    auto choice = scf::IfOp::create(
        builder, op->getLoc(), emitIsAligned(builder, op->getLoc(), unknown),
        /*withElseRegion=*/true);
    builder.setInsertionPointToStart(choice.thenBlock());
    launchOne(GemmAlignment::Aligned);
    builder.setInsertionPointToStart(choice.elseBlock());
    launchOne(GemmAlignment::Any);
  }

  gpu::GPUFuncOp create(const GemmProduct &product, const GemmTile &tile,
                        GemmAlignment alignment) {
    OpBuilder builder(&getContext());
    std::string name = isa<FusedGemmOp>(product.op) ? "sevenfold_fused_product"
                                                    : "sevenfold_product";
    if (alignment == GemmAlignment::Any)
      name += "_unaligned";
    gpu::GPUFuncOp kernel =
        createKernel(builder, getOperation(), product.op->getLoc(), name,
                     typesOf(product), tile.threads());
    if (tile.blocks > 1)
      kernel->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      builder.getI32IntegerAttr(tile.blocks));
    if (tile.unit == GemmUnit::Tensor)
      emitTensorGemmKernel(builder, product, kernel, tile, alignment);
    else
      emitFmaGemmKernel(builder, product, kernel, tile, alignment);
    return kernel;
  }
};
} // namespace
