//===- ConvertToRuntime.cpp - convert-sevenfold-to-runtime ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last step on the host: everything becomes the LLVM dialect, products and
// parallel loops become calls of the C runtime (Runtime/Runtime.h), and every
// public function gets its C entry point.
//
//===----------------------------------------------------------------------===//

#include "GpuEmulation.h"
#include "RuntimeConversion.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace sevenfold {
#define GEN_PASS_DEF_CONVERTTORUNTIMEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "convert-sevenfold-to-runtime"

using namespace mlir;
using namespace sevenfold;

/// The provider's number in generated code (SEVENFOLD_PROVIDER_*).
static std::optional<int32_t> providerNumber(StringRef name) {
  if (name.empty())
    return SEVENFOLD_PROVIDER_ANY;
  const Provider *provider = findProvider(name);
  if (!provider || provider->number == 0)
    return std::nullopt;
  return provider->number;
}

//===----------------------------------------------------------------------===//
// sevenfold.gemm
//===----------------------------------------------------------------------===//

namespace {
struct GemmLowering : ConvertOpToLLVMPattern<GemmOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(GemmOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    std::optional<int32_t> provider = providerNumber(op.getProvider());
    if (!provider)
      return op.emitOpError("unknown provider '") << op.getProvider() << "'";
    Location loc = op.getLoc();
    MemRefType a = op.getA().getType(), c = op.getC().getType();
    Type scalar = c.getElementType(), i32 = rewriter.getI32Type(),
         i64 = rewriter.getI64Type(),
         pointer = LLVM::LLVMPointerType::get(getContext());
    auto integer = [&](Type type, int64_t value) -> Value {
      return LLVM::ConstantOp::create(rewriter, loc, type,
                                      rewriter.getIntegerAttr(type, value));
    };
    auto real = [&](const APFloat &value) -> Value {
      return LLVM::ConstantOp::create(
          rewriter, loc, scalar,
          rewriter.getFloatAttr(scalar, value.convertToDouble()));
    };
    auto size = [&](MemRefType type, Value descriptor, int64_t dimension) {
      return type.isDynamicDim(dimension)
                 ? MemRefDescriptor(descriptor).size(rewriter, loc, dimension)
                 : integer(i64, type.getDimSize(dimension));
    };
    SmallVector<Value> operands = {
        integer(i32, *provider),
        integer(i32, op.getTransposeA()),
        integer(i32, op.getTransposeB()),
        size(c, adaptor.getC(), 0),
        size(c, adaptor.getC(), 1),
        size(a, adaptor.getA(), op.getTransposeA() ? 0 : 1),
        real(op.getAlpha())};
    auto addMatrix = [&](MemRefType type, Value descriptor) {
      MemRefDescriptor matrix(descriptor);
      operands.push_back(
          matrix.bufferPtr(rewriter, loc, *getTypeConverter(), type));
      operands.push_back(matrix.stride(rewriter, loc, 0));
    };
    addMatrix(a, adaptor.getA());
    addMatrix(op.getB().getType(), adaptor.getB());
    operands.push_back(real(op.getBeta()));
    addMatrix(c, adaptor.getC());
    LLVM::LLVMFuncOp function = runtimeFunction(
        rewriter, op->getParentOfType<ModuleOp>(),
        scalar.isF32() ? "sevenfold_gemm_f32" : "sevenfold_gemm_f64",
        LLVM::LLVMVoidType::get(getContext()),
        {i32, i32, i32, i64, i64, i64, scalar, pointer, i64, pointer, i64,
         scalar, pointer, i64});
    rewriter.replaceOp(op,
                       LLVM::CallOp::create(rewriter, loc, function, operands));
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// sevenfold.parallel
//===----------------------------------------------------------------------===//

namespace {
/// Packs the arguments into a structure on the stack and hands the runtime a
/// function that unpacks them.
struct ParallelLowering : ConvertOpToLLVMPattern<ParallelOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(ParallelOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    MLIRContext *context = getContext();
    auto module = op->getParentOfType<ModuleOp>();
    Type i64 = rewriter.getI64Type(),
         pointer = LLVM::LLVMPointerType::get(context),
         none = LLVM::LLVMVoidType::get(context);
    auto packed = LLVM::LLVMStructType::getLiteral(
        context, llvm::to_vector(adaptor.getArguments().getTypes()));
    LLVM::LLVMFuncOp unpack = createUnpack(rewriter, op, packed);

    Value structure = LLVM::UndefOp::create(rewriter, loc, packed);
    for (auto [i, argument] : llvm::enumerate(adaptor.getArguments()))
      structure =
          LLVM::InsertValueOp::create(rewriter, loc, structure, argument, i);
    Value stack = stackBuffer(rewriter, op, packed);
    LLVM::StoreOp::create(rewriter, loc, structure, stack);
    Value address = LLVM::AddressOfOp::create(rewriter, loc, unpack);
    // Threads of a GPU are run by an emulator.
    StringRef runner = "sevenfold_parallel_for";
    if (auto other = op->getAttrOfType<StringAttr>(kRunnerAttrName))
      runner = other;
    LLVM::LLVMFuncOp run = runtimeFunction(rewriter, module, runner, none,
                                           {i64, pointer, pointer});
    rewriter.replaceOp(op, LLVM::CallOp::create(
                               rewriter, loc, run,
                               ValueRange{adaptor.getCount(), address, stack}));
    return success();
  }

  /// void unpack(begin, end, context): callee(begin, end, fields of context).
  LLVM::LLVMFuncOp createUnpack(ConversionPatternRewriter &rewriter,
                                ParallelOp op,
                                LLVM::LLVMStructType packed) const {
    Location loc = op.getLoc();
    MLIRContext *context = getContext();
    Type i64 = rewriter.getI64Type(),
         pointer = LLVM::LLVMPointerType::get(context),
         none = LLVM::LLVMVoidType::get(context);
    OpBuilder::InsertionGuard guard(rewriter);
    auto module = op->getParentOfType<ModuleOp>();
    rewriter.setInsertionPointToEnd(module.getBody());
    std::string name = (op.getCallee() + "_unpack").str();
    auto function = LLVM::LLVMFuncOp::create(
        rewriter, loc, name,
        LLVM::LLVMFunctionType::get(none, {i64, i64, pointer}),
        LLVM::Linkage::Internal);
    Block *body = function.addEntryBlock(rewriter);
    rewriter.setInsertionPointToStart(body);
    SmallVector<Value> arguments = {body->getArgument(0), body->getArgument(1)};
    Value structure =
        LLVM::LoadOp::create(rewriter, loc, packed, body->getArgument(2));
    flatten(rewriter, loc, structure, arguments);
    LLVM::CallOp::create(rewriter, loc, TypeRange{}, op.getCallee(), arguments);
    LLVM::ReturnOp::create(rewriter, loc, ValueRange{});
    return function;
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ConvertToRuntimePass
    : sevenfold::impl::ConvertToRuntimePassBase<ConvertToRuntimePass> {
  void runOnOperation() override {
    SmallVector<EntryPoint> entries;
    auto populate = [](LLVMTypeConverter &converter,
                       RewritePatternSet &patterns) {
      patterns.add<GemmLowering, ParallelLowering>(converter);
    };
    if (failed(collectEntries(getOperation(), entries)) ||
        failed(approximate()) ||
        failed(convertToLLVM(getOperation(), populate)))
      return signalPassFailure();
    for (const EntryPoint &entry : entries)
      emitEntryPoint(getOperation(), entry);
  }

  /// The functions activations are made of become polynomials, in f32 and to
  /// its accuracy: loops with calls of libm in them are not vectorised.
  LogicalResult approximate() {
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained({"math.exp", "math.tanh", "math.erf"}, name);
    });
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};
} // namespace
