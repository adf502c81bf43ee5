//===- ConvertToGpuRuntime.cpp - convert-sevenfold-to-gpu-runtime ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last step on the host's side of GPU code: launches, products and copies
// become calls of the GPU runtime (Runtime/GpuRuntime.h).
//
//===----------------------------------------------------------------------===//

#include "ElementBytes.h"
#include "GpuKernels.h"
#include "RowCopy.h"
#include "RuntimeConversion.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runtime/GpuRuntime.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace sevenfold {
#define GEN_PASS_DEF_CONVERTTOGPURUNTIMEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "convert-sevenfold-to-gpu-runtime"

using namespace mlir;
using namespace sevenfold;

/// The stream an operation goes to; 0 is the caller's.
static int32_t streamOf(Operation *op) {
  auto stream =
      op->getAttrOfType<IntegerAttr>(SevenfoldDialect::kStreamAttrName);
  return stream ? static_cast<int32_t>(stream.getInt()) : 0;
}

/// How a product's types are told to the runtime; nothing where no library
/// multiplies them.
static std::optional<int32_t> productOf(Type from, Type to, bool tf32) {
  if (from.isF32() && to.isF32())
    return tf32 ? SEVENFOLD_GPU_TF32 : SEVENFOLD_GPU_F32;
  if (from.isF64() && to.isF64())
    return SEVENFOLD_GPU_F64;
  if (from.isF16() && (to.isF16() || to.isF32()))
    return to.isF16() ? SEVENFOLD_GPU_F16 : SEVENFOLD_GPU_F16_F32;
  if (from.isBF16() && (to.isBF16() || to.isF32()))
    return to.isBF16() ? SEVENFOLD_GPU_BF16 : SEVENFOLD_GPU_BF16_F32;
  return std::nullopt;
}

namespace {
/// What the patterns make calls with.
template <typename Op> struct RuntimePattern : ConvertOpToLLVMPattern<Op> {
  RuntimePattern(const LLVMTypeConverter &converter, PatternBenefit benefit = 1)
      : ConvertOpToLLVMPattern<Op>(converter, benefit) {}

  Value integer(OpBuilder &builder, Location loc, unsigned width,
                int64_t value) const {
    Type type = builder.getIntegerType(width);
    return LLVM::ConstantOp::create(builder, loc, type,
                                    builder.getIntegerAttr(type, value));
  }

  LLVM::CallOp call(OpBuilder &builder, Operation *op, StringRef name,
                    ValueRange operands, Type result = {}) const {
    if (!result)
      result = LLVM::LLVMVoidType::get(op->getContext());
    LLVM::LLVMFuncOp function =
        runtimeFunction(builder, op->template getParentOfType<ModuleOp>(), name,
                        result, llvm::to_vector(operands.getTypes()));
    return LLVM::CallOp::create(builder, op->getLoc(), function, operands);
  }
};

struct GpuGemmLowering : RuntimePattern<GemmOp> {
  GpuGemmLowering(const LLVMTypeConverter &converter, bool tf32)
      : RuntimePattern(converter), tf32(tf32) {}

  LogicalResult
  matchAndRewrite(GemmOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MemRefType a = op.getA().getType(), b = op.getB().getType(),
               c = op.getC().getType();
    std::optional<int32_t> product =
        productOf(a.getElementType(), c.getElementType(), tf32);
    if (!product)
      return op.emitOpError("no library multiplies ")
             << a.getElementType() << " on a GPU";
    if (op.getProvider() != kCublasLt)
      return op.emitOpError("expected provider 'cublaslt' on a GPU but got '")
             << op.getProvider() << "'";
    Location loc = op.getLoc();
    auto number = [&](unsigned width, int64_t value) {
      return integer(rewriter, loc, width, value);
    };
    auto real = [&](const APFloat &value) -> Value {
      return LLVM::ConstantOp::create(
          rewriter, loc, rewriter.getF64Type(),
          rewriter.getF64FloatAttr(value.convertToDouble()));
    };
    SmallVector<Value> operands = {
        number(32, *product),
        number(32, SEVENFOLD_GPU_PROVIDER_CUBLASLT),
        number(32, streamOf(op)),
        number(32, op.getTransposeA()),
        number(32, op.getTransposeB()),
        number(64, c.getDimSize(0)),
        number(64, c.getDimSize(1)),
        number(64, a.getDimSize(op.getTransposeA() ? 0 : 1)),
        real(op.getAlpha())};
    auto addMatrix = [&](MemRefType type, Value descriptor) {
      MemRefDescriptor matrix(descriptor);
      operands.push_back(
          matrix.bufferPtr(rewriter, loc, *getTypeConverter(), type));
      operands.push_back(matrix.stride(rewriter, loc, 0));
    };
    addMatrix(a, adaptor.getA());
    addMatrix(b, adaptor.getB());
    operands.push_back(real(op.getBeta()));
    addMatrix(c, adaptor.getC());
    call(rewriter, op, "sevenfold_gpu_gemm", operands);
    rewriter.eraseOp(op);
    return success();
  }

private:
  bool tf32;
};

/// Passes pointers to the kernel's arguments, descriptors field by field.
struct LaunchLowering : RuntimePattern<gpu::LaunchFuncOp> {
  using RuntimePattern::RuntimePattern;

  LogicalResult
  matchAndRewrite(gpu::LaunchFuncOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    SmallVector<Value> operands = {
        nameOf(rewriter, op), integer(rewriter, loc, 32, streamOf(op)),
        adaptor.getGridSizeX(), adaptor.getGridSizeY(), adaptor.getGridSizeZ()};
    Type i32 = rewriter.getI32Type();
    for (Value size : {adaptor.getBlockSizeX(), adaptor.getBlockSizeY(),
                       adaptor.getBlockSizeZ()})
      operands.push_back(LLVM::TruncOp::create(rewriter, loc, i32, size));
    operands.push_back(adaptor.getDynamicSharedMemorySize()
                           ? adaptor.getDynamicSharedMemorySize()
                           : integer(rewriter, loc, 32, 0));
    operands.push_back(packArguments(rewriter, op, adaptor));
    call(rewriter, op, "sevenfold_gpu_launch", operands);
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// The address of the kernel's name.
  Value nameOf(OpBuilder &builder, gpu::LaunchFuncOp op) const {
    StringRef kernel = op.getKernelName().getValue();
    std::string symbol = ("kernel." + kernel).str();
    auto module = op->getParentOfType<ModuleOp>();
    if (!module.lookupSymbol(symbol)) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(module.getBody());
      std::string text = kernel.str() + '\0';
      LLVM::GlobalOp::create(
          builder, op.getLoc(),
          LLVM::LLVMArrayType::get(builder.getI8Type(), text.size()),
          /*isConstant=*/true, LLVM::Linkage::Internal, symbol,
          builder.getStringAttr(text));
    }
    return LLVM::AddressOfOp::create(
        builder, op.getLoc(), LLVM::LLVMPointerType::get(op.getContext()),
        symbol);
  }

  /// Values in a structure on the stack, and an array of pointers to them.
  Value packArguments(ConversionPatternRewriter &rewriter, gpu::LaunchFuncOp op,
                      OpAdaptor adaptor) const {
    Location loc = op.getLoc();
    MLIRContext *context = op.getContext();
    SmallVector<Value> values;
    for (Value operand : adaptor.getKernelOperands())
      flatten(rewriter, loc, operand, values);
    auto structure = LLVM::LLVMStructType::getLiteral(
        context, llvm::to_vector(ValueRange(values).getTypes()));
    auto pointer = LLVM::LLVMPointerType::get(context);
    Type pointers = LLVM::LLVMArrayType::get(pointer, values.size());
    Value storage = stackBuffer(rewriter, op, structure);
    Value array = stackBuffer(rewriter, op, pointers);
    for (auto [i, value] : llvm::enumerate(values)) {
      SmallVector<LLVM::GEPArg> place = {0, static_cast<int32_t>(i)};
      Value field = LLVM::GEPOp::create(rewriter, loc, pointer, structure,
                                        storage, place);
      LLVM::StoreOp::create(rewriter, loc, value, field);
      Value slot =
          LLVM::GEPOp::create(rewriter, loc, pointer, pointers, array, place);
      LLVM::StoreOp::create(rewriter, loc, field, slot);
    }
    return array;
  }
};

struct RowCopyLowering : RuntimePattern<memref::CopyOp> {
  using RuntimePattern::RuntimePattern;

  LogicalResult
  matchAndRewrite(memref::CopyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    std::optional<RowCopy> rows = rowsOf(op);
    if (!rows)
      return op.emitOpError("expected a copy of rows on a GPU");
    Location loc = op.getLoc();
    SmallVector<Value> operands = {integer(rewriter, loc, 32, streamOf(op))};
    auto addMatrix = [&](Value buffer, Value descriptor) {
      auto type = cast<MemRefType>(buffer.getType());
      MemRefDescriptor matrix(descriptor);
      operands.push_back(
          matrix.bufferPtr(rewriter, loc, *getTypeConverter(), type));
      Value pitch = integer(rewriter, loc, 64, rows->rowBytes);
      if (rows->rows > 1)
        pitch = LLVM::MulOp::create(
            rewriter, loc, matrix.stride(rewriter, loc, 0),
            integer(rewriter, loc, 64, elementBytes(type.getElementType())));
      operands.push_back(pitch);
    };
    addMatrix(op.getTarget(), adaptor.getTarget());
    addMatrix(op.getSource(), adaptor.getSource());
    operands.push_back(integer(rewriter, loc, 64, rows->rowBytes));
    operands.push_back(integer(rewriter, loc, 64, rows->rows));
    call(rewriter, op, "sevenfold_gpu_copy_rows", operands);
    rewriter.eraseOp(op);
    return success();
  }
};

/// A constant in the library -> its copy on the device.
struct ConstantLowering : RuntimePattern<memref::GetGlobalOp> {
  using RuntimePattern::RuntimePattern;

  LogicalResult
  matchAndRewrite(memref::GetGlobalOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type = cast<MemRefType>(op.getType());
    if (!type.hasStaticShape() || !type.getElementType().isIntOrIndexOrFloat())
      return op.emitOpError("expected a constant of static shape on a GPU");
    Location loc = op.getLoc();
    auto pointer = LLVM::LLVMPointerType::get(op.getContext());
    int64_t bytes = type.getNumElements() * elementBytes(type.getElementType());
    Value data =
        LLVM::AddressOfOp::create(rewriter, loc, pointer, op.getName());
    Value device = call(rewriter, op, "sevenfold_gpu_constant",
                        {data, integer(rewriter, loc, 64, bytes)}, pointer)
                       .getResult();
    rewriter.replaceOp(op,
                       {MemRefDescriptor::fromStaticShape(
                           rewriter, loc, *getTypeConverter(), type, device)});
    return success();
  }
};

struct ConvertToGpuRuntimePass
    : sevenfold::impl::ConvertToGpuRuntimePassBase<ConvertToGpuRuntimePass> {
  using ConvertToGpuRuntimePassBase::ConvertToGpuRuntimePassBase;

  void runOnOperation() override {
    int32_t sideStreams = 0;
    getOperation().walk(
        [&](GemmOp op) { sideStreams = std::max(sideStreams, streamOf(op)); });
    SmallVector<EntryPoint> entries;
    auto populate = [&](LLVMTypeConverter &converter,
                        RewritePatternSet &patterns) {
      patterns.add<GpuGemmLowering>(converter, tf32);
      patterns.add<LaunchLowering>(converter);
      // Before upstream's, which copies on the host.
      patterns.add<RowCopyLowering>(converter, /*benefit=*/10);
      // Before upstream's, which gives the host's address.
      patterns.add<ConstantLowering>(converter, /*benefit=*/10);
    };
    if (failed(collectEntries(getOperation(), entries)) ||
        failed(convertToLLVM(getOperation(), populate)))
      return signalPassFailure();
    for (EntryPoint &entry : entries) {
      entry.sideStreams = sideStreams;
      emitEntryPoint(getOperation(), entry);
    }
  }
};
} // namespace
