//===- RuntimeConversion.cpp - What all ways to the runtime share ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Entry points are collected, then everything is converted at once.
//
//===----------------------------------------------------------------------===//

#include "RuntimeConversion.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Dialect/StridedBuffers.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace sevenfold;

LogicalResult sevenfold::collectEntries(ModuleOp module,
                                        SmallVectorImpl<EntryPoint> &entries) {
  SymbolTable symbols(module);
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isPrivate())
      continue;
    EntryPoint entry{function.getName().str(), "", {}, 0, "", {}, {},
                     function.getLoc(),        {}};
    entry.guard = function->getAttrOfType<DictionaryAttr>(
        SevenfoldDialect::kGuardAttrName);
    entry.isClassical = function->hasAttr(SevenfoldDialect::kClassicalAttrName);
    Attribute bytes = function->getAttr(SevenfoldDialect::kWorkspaceAttrName);
    if (auto known = dyn_cast_or_null<IntegerAttr>(bytes))
      entry.workspaceBytes = known.getInt();
    else if (auto teller = dyn_cast_or_null<FlatSymbolRefAttr>(bytes))
      entry.workspaceFunction = teller.getValue().str();
    if (auto sizes = function->getAttrOfType<AffineMapAttr>(
            SevenfoldDialect::kResultSizesAttrName))
      entry.resultSizes = sizes.getValue();
    if (auto rules = function->getAttrOfType<IntegerSetAttr>(
            SevenfoldDialect::kSizeRulesAttrName))
      entry.sizeRules = rules.getValue();
    ArrayRef<Type> inputs = function.getFunctionType().getInputs();
    bool hasWorkspace =
        entry.workspaceBytes > 0 || !entry.workspaceFunction.empty();
    unsigned dynamicSizes = 0;
    for (Type type : inputs.drop_back(hasWorkspace ? 1 : 0)) {
      auto buffer = dyn_cast<MemRefType>(type);
      if (!buffer ||
          !(buffer.getLayout().isIdentity() || isStridedByCaller(buffer)))
        return function.emitOpError("expected contiguous buffers, or ones of "
                                    "strides [?, .., 1], as arguments but got ")
               << type;
      dynamicSizes += buffer.getNumDynamicDims();
      entry.buffers.push_back(buffer);
    }
    unsigned toldSizes = entry.resultSizes
                             ? entry.resultSizes.getNumSymbols() +
                                   entry.resultSizes.getNumResults()
                             : 0;
    if (dynamicSizes != toldSizes)
      return function.emitOpError("expected '")
             << SevenfoldDialect::kResultSizesAttrName << "' to tell of "
             << dynamicSizes << " dynamic sizes but got " << toldSizes;
    if (function.getNumResults() != 0)
      return function.emitOpError("expected results as arguments");
    entry.implementation = entry.name + "_body";
    if (failed(symbols.rename(function, entry.implementation)))
      return failure();
    function.setPrivate();
    entries.push_back(std::move(entry));
  }
  return success();
}

static void populateUpstreamPatterns(LLVMTypeConverter &converter,
                                     RewritePatternSet &patterns) {
  arith::populateArithToLLVMConversionPatterns(converter, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
  index::populateIndexToLLVMConversionPatterns(converter, patterns);
  populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
  populateFuncToLLVMConversionPatterns(converter, patterns);
  // Of what is left, libm gets what LLVM has no intrinsic for: libm's own
  // pattern for rsqrt, say, calls a function that libm lacks.
  populateMathToLLVMConversionPatterns(converter, patterns,
                                       /*approximateLog1p=*/false,
                                       /*benefit=*/2);
  populateMathToLibmConversionPatterns(patterns);
  populateVectorToLLVMConversionPatterns(converter, patterns);
  ub::populateUBToLLVMConversionPatterns(converter, patterns);
}

LogicalResult sevenfold::convertToLLVM(
    ModuleOp module,
    llvm::function_ref<void(LLVMTypeConverter &, RewritePatternSet &)>
        populate) {
  MLIRContext *context = module.getContext();
  LowerToLLVMOptions options(context);
  LLVMTypeConverter converter(context, options);
  RewritePatternSet patterns(context);
  populateUpstreamPatterns(converter, patterns);
  populate(converter, patterns);
  LLVMConversionTarget target(*context);
  target.addLegalOp<ModuleOp, gpu::GPUModuleOp>();
  target.markOpRecursivelyLegal<gpu::GPUModuleOp>();
  for (auto function : module.getOps<func::FuncOp>())
    for (StringRef name : {SevenfoldDialect::kWorkspaceAttrName,
                           SevenfoldDialect::kGuardAttrName,
                           SevenfoldDialect::kClassicalAttrName,
                           SevenfoldDialect::kResultSizesAttrName,
                           SevenfoldDialect::kSizeRulesAttrName})
      function->removeAttr(name);
  if (failed(applyFullConversion(module, target, std::move(patterns))))
    return failure();
  // What nobody outside can call need not be kept once it is inlined.
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (!function.isExternal())
      function.setLinkage(LLVM::Linkage::Internal);
  return success();
}

void sevenfold::flatten(OpBuilder &builder, Location loc, Value value,
                        SmallVectorImpl<Value> &scalars) {
  int64_t fields = -1;
  if (auto type = dyn_cast<LLVM::LLVMStructType>(value.getType()))
    fields = type.getBody().size();
  else if (auto type = dyn_cast<LLVM::LLVMArrayType>(value.getType()))
    fields = type.getNumElements();
  if (fields < 0) {
    scalars.push_back(value);
    return;
  }
  for (int64_t i = 0; i < fields; ++i)
    flatten(builder, loc, LLVM::ExtractValueOp::create(builder, loc, value, i),
            scalars);
}

Value sevenfold::stackBuffer(OpBuilder &builder, Operation *op, Type type) {
  OpBuilder::InsertionGuard guard(builder);
  Location loc = op->getLoc();
  builder.setInsertionPointToStart(&op->getParentRegion()->front());
  Value count = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                         builder.getI64IntegerAttr(1));
  return LLVM::AllocaOp::create(
      builder, loc, LLVM::LLVMPointerType::get(builder.getContext()), type,
      count);
}
