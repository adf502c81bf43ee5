//===- Bufferize.cpp - sevenfold-bufferize --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-shot bufferisation with the function boundaries of the C ABI: public
// arguments are never written, public results are trailing arguments, private
// levels work on strided views.
//
//===----------------------------------------------------------------------===//

#include "Bodies.h"
#include "CarriedTensors.h"
#include "ElementBytes.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

namespace sevenfold {
#define GEN_PASS_DEF_BUFFERIZEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-bufferize"

using namespace mlir;
using namespace sevenfold;

/// Gives every computation that overwrites a `tensor.empty`, or adds to a fill
/// of one, a destination of its own. Frontends share them; in place only one
/// user can have it, and the others would be handed copies of nothing.
static void unshareDestinations(ModuleOp module) {
  auto unshare = [](Operation *op) {
    OpBuilder builder(op);
    SmallVector<Operation *> owners;
    for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
      auto owner = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
      if (!owner || isa<tensor::InsertSliceOp>(use.getOwner()) ||
          !owner.isDpsInit(&use))
        continue;
      // Of branches of a choice only one is taken.
      bool isAlone = llvm::all_of(owners, [&](Operation *other) {
        return insideMutuallyExclusiveRegions(owner, other);
      });
      if (isAlone)
        owners.push_back(owner);
      else
        use.set(builder.clone(*op)->getResult(0));
    }
  };
  module.walk([&](linalg::FillOp fill) {
    if (fill.hasPureTensorSemantics())
      unshare(fill);
  });
  module.walk([&](tensor::EmptyOp empty) { unshare(empty); });
}

/// What a constant of one value may take in a library; a larger one is filled.
static constexpr int64_t kMaxSplatBytes = 4096;

/// Has large constants of one value filled when the code runs: a library holds
/// data, and not zeros.
static void fillSplats(ModuleOp module) {
  module.walk([](arith::ConstantOp op) {
    auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!splat || !type || !type.getElementType().isIntOrIndexOrFloat() ||
        type.getNumElements() * elementBytes(type.getElementType()) <=
            kMaxSplatBytes)
      return;
    OpBuilder builder(op);
    Value element = arith::ConstantOp::create(builder, op.getLoc(),
                                              splat.getSplatValue<TypedAttr>());
    Value empty = tensor::EmptyOp::create(builder, op.getLoc(), type.getShape(),
                                          type.getElementType());
    op.replaceAllUsesWith(
        linalg::FillOp::create(builder, op.getLoc(), element, empty)
            .getResult(0));
    op.erase();
  });
}

/// Gives every result of a function a value of its own, so that each can have a
/// buffer of its own.
static void unshareResults(func::ReturnOp op) {
  llvm::SmallDenseSet<Value> seen;
  OpBuilder builder(op);
  for (OpOperand &result : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(result.get().getType());
    if (!type || seen.insert(result.get()).second)
      continue;
    Value empty = tensor::EmptyOp::create(builder, op.getLoc(), type.getShape(),
                                          type.getElementType());
    result.set(linalg::CopyOp::create(builder, op.getLoc(), result.get(), empty)
                   .getResult(0));
  }
}

/// The buffer type of a function's argument or result.
static bufferization::BufferLikeType
boundaryType(bufferization::TensorLikeType type, Attribute memorySpace,
             func::FuncOp function,
             const bufferization::BufferizationOptions &) {
  auto tensor = cast<RankedTensorType>(type);
  if (!function.isPrivate())
    return cast<bufferization::BufferLikeType>(
        bufferization::getMemRefTypeWithStaticIdentityLayout(tensor,
                                                             memorySpace));
  SmallVector<int64_t> strides(tensor.getRank(), ShapedType::kDynamic);
  if (!strides.empty())
    strides.back() = 1;
  auto layout = StridedLayoutAttr::get(tensor.getContext(),
                                       ShapedType::kDynamic, strides);
  return cast<bufferization::BufferLikeType>(MemRefType::get(
      tensor.getShape(), tensor.getElementType(), layout, memorySpace));
}

/// Names and orders constants by their first use. Bufferisation comes to
/// functions in the order of their addresses, which no two runs share.
static void orderConstants(ModuleOp module) {
  llvm::StringMap<memref::GlobalOp> globals;
  for (auto global : module.getOps<memref::GlobalOp>())
    globals[global.getSymName()] = global;
  llvm::MapVector<memref::GlobalOp, SmallVector<memref::GetGlobalOp>> uses;
  module.walk([&](memref::GetGlobalOp get) {
    if (auto found = globals.find(get.getName()); found != globals.end())
      uses[found->second].push_back(get);
  });
  Operation *last = nullptr;
  for (auto [index, entry] : llvm::enumerate(uses)) {
    auto &[global, gets] = entry;
    // With a dot, so that no function of the model has that name.
    std::string name = llvm::formatv("constant.{0}", index);
    global.setSymName(name);
    for (memref::GetGlobalOp get : gets)
      get.setName(name);
    if (last)
      global->moveAfter(last);
    else
      global->moveBefore(&module.getBody()->front());
    last = global;
  }
}

static unsigned countResults(ModuleOp module) {
  unsigned count = 0;
  for (auto function : module.getOps<func::FuncOp>())
    count += function.getNumResults();
  return count;
}

/// Drops results that are the caller's own buffers. A function that returns
/// what it got from another may stand before that one: again, until nothing
/// changes.
static LogicalResult dropReturnedDestinations(ModuleOp module) {
  for (unsigned before = countResults(module);;) {
    if (failed(bufferization::dropEquivalentBufferResults(module)))
      return failure();
    unsigned after = countResults(module);
    if (after == before)
      return success();
    before = after;
  }
}

namespace {
struct BufferizePass : sevenfold::impl::BufferizePassBase<BufferizePass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(requireBodies(module)))
      return signalPassFailure();
    fillSplats(module);
    unshareDestinations(module);
    module.walk(unshareResults);
    Builder builder(&getContext());
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isPrivate())
        continue;
      for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
        if (isa<TensorType>(function.getArgument(i).getType()))
          function.setArgAttr(
              i, bufferization::BufferizationDialect::kWritableAttrName,
              builder.getBoolAttr(false));
    }

    bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(
        bufferization::LayoutMapOption::IdentityLayoutMap);
    options.functionArgTypeConverterFn = boundaryType;
    options.bufferAlignment = 64;
    if (failed(placeCarriedTensors(module, options)))
      return signalPassFailure();
    bufferization::BufferizationState state;
    if (failed(
            bufferization::runOneShotModuleBufferize(module, options, state)) ||
        failed(dropReturnedDestinations(module)))
      return signalPassFailure();
    bufferization::removeBufferizationAttributesInModule(module);
    orderConstants(module);
    // A buffer made by a private function would not outlive its workspace.
    for (auto function : module.getOps<func::FuncOp>())
      if (function.isPrivate() && function.getNumResults() != 0) {
        function.emitOpError("returns a buffer of its own: inline it first");
        return signalPassFailure();
      }

    bufferization::BufferResultsToOutParamsOpts outParams;
    outParams.filterFn = [](func::FuncOp *function) {
      return !function->isPrivate();
    };
    outParams.hoistStaticAllocs = true;
    outParams.hoistDynamicAllocs = true;
    outParams.modifyPublicFunctions = true;
    // What loops and choices hand through is known for what it is first: a
    // result that is computed in its place is not copied there.
    RewritePatternSet patterns(&getContext());
    scf::ForOp::getCanonicalizationPatterns(patterns, &getContext());
    scf::IfOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(module, std::move(patterns))))
      return signalPassFailure();
    if (failed(
            bufferization::promoteBufferResultsToOutParams(module, outParams)))
      return signalPassFailure();
  }
};
} // namespace
