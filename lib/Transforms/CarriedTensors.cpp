//===- CarriedTensors.cpp - Tensors that control flow hands on ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a tensor would lie is asked of the analysis that bufferisation uses:
//
//   for .. iter_args(%y = %x) { %p = matmul(%y, %w); yield %p }
//   for .. iter_args(%y = %x) { ..; %c = copy(%p) outs(%y); yield %c }
//
//   if %c { %e = empty; %p = f(outs %e); yield %p } else { yield %x }
//   %d = empty
//   if %c { %p = f(outs %d); yield %p } else { %q = copy(%x) outs(%d); yield %q
//   }
//
//===----------------------------------------------------------------------===//

#include "CarriedTensors.h"

#include "sevenfold/Transforms/SizeAnalysis.h"

#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sevenfold;

/// Whether a value is a tensor whose sizes are known in front of all code.
static bool isPlaceable(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.hasStaticShape())
    return static_cast<bool>(type);
  SizeAnalysis sizes(value.getParentRegion()->getParentOfType<func::FuncOp>());
  for (int64_t i = 0, e = type.getRank(); i < e; ++i)
    if (!sizes.sizeOf(value, i))
      return false;
  return true;
}

/// A place for one more tensor like `value`, in front of `op`.
static Value makePlace(Operation *op, Value value) {
  OpBuilder builder(op);
  auto type = cast<RankedTensorType>(value.getType());
  if (type.hasStaticShape())
    return tensor::EmptyOp::create(builder, op->getLoc(), type.getShape(),
                                   type.getElementType());
  SizeAnalysis sizes(op->getParentOfType<func::FuncOp>());
  auto place = tensor::EmptyOp::create(
      builder, op->getLoc(), *sizes.emitSizes(builder, op->getLoc(), value),
      type.getElementType());
  if (place.getType() == type)
    return place;
  // What is known of it may be more than its type says.
  return tensor::CastOp::create(builder, op->getLoc(), type, place);
}

/// Has `use`, of a terminator, take its value from a copy in `place`.
static void copyTo(OpOperand &use, Value place) {
  OpBuilder builder(use.getOwner());
  use.set(linalg::CopyOp::create(builder, use.getOwner()->getLoc(), use.get(),
                                 place)
              .getResult(0));
}

/// The `tensor.empty` of the same block that `value` is computed into, if no
/// one else uses it.
static tensor::EmptyOp destinationOf(Value value) {
  Block *block = value.getParentBlock();
  while (auto result = dyn_cast<OpResult>(value)) {
    if (result.getOwner()->getBlock() != block || !result.hasOneUse())
      return {};
    if (auto empty = dyn_cast<tensor::EmptyOp>(result.getOwner()))
      return empty;
    auto op = dyn_cast<DestinationStyleOpInterface>(result.getOwner());
    if (!op)
      return {};
    value = op.getTiedOpOperand(result)->get();
  }
  return {};
}

/// Lets a branch put what it yields into `place`.
static void computeInto(OpOperand &use, Value place) {
  tensor::EmptyOp empty =
      use.get().getParentBlock() == use.getOwner()->getBlock()
          ? destinationOf(use.get())
          : tensor::EmptyOp();
  if (!empty || empty.getType() != place.getType())
    return copyTo(use, place);
  empty.replaceAllUsesWith(place);
  empty.erase();
}

namespace {
/// What the analysis says of the module as it was.
class CarriedTensors {
public:
  explicit CarriedTensors(const bufferization::OneShotAnalysisState &state)
      : state(state) {}

  /// Notes what to change; the analysis knows no values that come later.
  void note(Operation *op) {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      noteIteration(loop.getBody()->getTerminator()->getOpOperands(),
                    loop.getRegionIterArgs());
    if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      noteIteration(loop.getConditionOp()->getOpOperands().drop_front(),
                    loop.getBeforeArguments());
      noteIteration(loop.getYieldOp()->getOpOperands(),
                    loop.getAfterArguments());
    }
    if (isa<scf::IfOp, scf::IndexSwitchOp>(op))
      noteBranches(op);
  }

  /// False where there is nothing to change.
  bool change() {
    // What lies where another value goes is taken away first.
    for (OpOperand *use : inTheWay)
      copyTo(*use, makePlace(use->getOwner(), use->get()));
    for (auto [use, place] : iterations)
      copyTo(*use, place);
    for (auto &[op, index] : branches) {
      Value place = makePlace(op, op->getResult(index));
      for (Region &region : op->getRegions())
        computeInto(region.front().getTerminator()->getOpOperand(index), place);
    }
    return !iterations.empty() || !branches.empty();
  }

private:
  void noteIteration(MutableArrayRef<OpOperand> yields, ValueRange places) {
    for (auto [use, place] : llvm::zip(yields, places)) {
      Value yielded = use.get();
      if (!isPlaceable(yielded) || yielded.getType() != place.getType() ||
          state.areEquivalentBufferizedValues(yielded, place))
        continue;
      iterations.push_back({&use, place});
      if (llvm::any_of(places, [&](Value other) {
            return isa<RankedTensorType>(other.getType()) &&
                   state.areEquivalentBufferizedValues(yielded, other);
          }))
        inTheWay.push_back(&use);
    }
  }

  void noteBranches(Operation *op) {
    for (unsigned index = 0; index < op->getNumResults(); ++index) {
      if (!isPlaceable(op->getResult(index)))
        continue;
      auto yielded = [index](Region &region) {
        return region.front().getTerminator()->getOperand(index);
      };
      Value first = yielded(op->getRegion(0));
      if (!llvm::all_of(op->getRegions().drop_front(), [&](Region &region) {
            return state.areEquivalentBufferizedValues(first, yielded(region));
          }))
        branches.push_back({op, index});
    }
  }

  const bufferization::OneShotAnalysisState &state;
  SmallVector<std::pair<OpOperand *, Value>> iterations;
  SmallVector<OpOperand *> inTheWay;
  SmallVector<std::pair<Operation *, unsigned>> branches;
};
} // namespace

/// Whether there is anything to look at: the analysis costs as much as all of
/// bufferisation, and most models and plans are straight.
static bool handsTensorsOn(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        bool isOne =
            isa<scf::ForOp, scf::WhileOp, scf::IfOp, scf::IndexSwitchOp>(op) &&
            llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>);
        return isOne ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Places that are new may take others from where they were; what is left after
/// so many rounds is refused where its workspace is laid out.
static constexpr int kMostRounds = 4;

LogicalResult sevenfold::placeCarriedTensors(
    ModuleOp module,
    const bufferization::OneShotBufferizationOptions &options) {
  if (!handsTensorsOn(module))
    return success();
  bufferization::OneShotBufferizationOptions asking = options;
  asking.allowReturnAllocsFromLoops = true;
  for (int round = 0; round < kMostRounds; ++round) {
    bufferization::OneShotAnalysisState state(module, asking);
    if (failed(bufferization::analyzeModuleOp(module, state)))
      return failure();
    CarriedTensors carried(state);
    module.walk([&](Operation *op) { carried.note(op); });
    if (!carried.change())
      return success();
  }
  return success();
}
