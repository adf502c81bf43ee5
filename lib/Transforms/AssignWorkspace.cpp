//===- AssignWorkspace.cpp - sevenfold-assign-workspace -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One workspace for all temporaries, laid out by lifetime. A function's blocks
// are straight-line code, so a lifetime is an interval of operations; two
// buffers may share bytes where their intervals do not meet. Greedy by size is
// within a few per cent of optimal for such layouts (Pisarchyk and Lee,
// "Efficient memory management for deep neural net inference", 2020).
//
//===----------------------------------------------------------------------===//

#include "Bodies.h"
#include "ElementBytes.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/Support/MathExtras.h"

namespace sevenfold {
#define GEN_PASS_DEF_ASSIGNWORKSPACEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-assign-workspace"

using namespace mlir;
using namespace sevenfold;

/// Buffers start on pages, so that huge pages and streaming stores are whole.
static constexpr int64_t kAlignment = 4096;

namespace {
/// Something that needs bytes while operations first..last run.
struct Reservation {
  Operation *op; ///< the alloc, or the call whose callee needs a workspace
  int64_t bytes;
  int64_t first, last;
  int64_t offset = 0;
};
} // namespace

/// Extends [first, last] over every use of `value` and of views of it.
static void extendLifetime(Value value, func::FuncOp function,
                           const DenseMap<Operation *, int64_t> &position,
                           Reservation &block) {
  for (Operation *user : value.getUsers()) {
    Operation *ancestor =
        function.getBody().front().findAncestorOpInBlock(*user);
    int64_t at = position.lookup(ancestor);
    block.first = std::min(block.first, at);
    block.last = std::max(block.last, at);
    if (isa<ViewLikeOpInterface, memref::CastOp>(user)) {
      for (Value view : user->getResults())
        extendLifetime(view, function, position, block);
      continue;
    }
    // Whatever else passes buffers on is taken to keep them for good.
    if (user->hasTrait<OpTrait::IsTerminator>() ||
        llvm::any_of(user->getResultTypes(), llvm::IsaPred<MemRefType>))
      block.last = position.size();
  }
}

/// Sets the offsets; returns the bytes all blocks take.
static int64_t layOut(MutableArrayRef<Reservation> blocks) {
  SmallVector<Reservation *> order;
  for (Reservation &block : blocks)
    order.push_back(&block);
  llvm::stable_sort(order, [](Reservation *l, Reservation *r) {
    return l->bytes > r->bytes;
  });
  int64_t total = 0;
  SmallVector<Reservation *> placed;
  for (Reservation *block : order) {
    // The lowest gap among what is alive at the same time; `placed` is kept by
    // offset.
    int64_t offset = 0;
    for (Reservation *other : placed) {
      if (other->last < block->first || block->last < other->first)
        continue;
      if (other->offset >= offset + block->bytes)
        break;
      offset = std::max(offset, other->offset + other->bytes);
    }
    block->offset = offset;
    placed.insert(llvm::upper_bound(placed, block,
                                    [](Reservation *l, Reservation *r) {
                                      return l->offset < r->offset;
                                    }),
                  block);
    total = std::max(total, offset + block->bytes);
  }
  return total;
}

/// Whether one buffer can serve every execution of 'alloc': it runs once, or in
/// sequential loops and conditionals that do not carry it on.
static bool isReusable(memref::AllocOp alloc, func::FuncOp function) {
  if (alloc->getParentOp() == function)
    return true;
  for (Operation *parent = alloc->getParentOp(); parent != function;
       parent = parent->getParentOp())
    if (!isa<scf::ForOp, scf::IfOp, scf::IndexSwitchOp, scf::WhileOp>(parent))
      return false;
  SmallVector<Value> views = {alloc};
  while (!views.empty())
    for (Operation *user : views.pop_back_val().getUsers()) {
      if (isa<ViewLikeOpInterface, memref::CastOp>(user))
        llvm::append_range(views, user->getResults());
      else if (user->hasTrait<OpTrait::IsTerminator>() ||
               llvm::any_of(user->getResultTypes(), llvm::IsaPred<MemRefType>))
        return false;
    }
  return true;
}

static int64_t workspaceOf(func::FuncOp function) {
  auto bytes = function->getAttrOfType<IntegerAttr>(
      SevenfoldDialect::kWorkspaceAttrName);
  return bytes ? bytes.getInt() : 0;
}

namespace {
struct AssignWorkspacePass
    : sevenfold::impl::AssignWorkspacePassBase<AssignWorkspacePass> {
  using AssignWorkspacePassBase::AssignWorkspacePassBase;

  void runOnOperation() override {
    if (failed(requireBodies(getOperation())))
      return signalPassFailure();
    takeOver(getOperation());
    // Callees first.
    SmallVector<func::FuncOp> order;
    DenseMap<Operation *, int> state; // 1: being visited, 2: done
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(visit(function, state, order)))
        return signalPassFailure();
    for (func::FuncOp function : order)
      if (failed(assign(function)))
        return signalPassFailure();
  }

  /// A model's own memory: nothing of a workspace is given back alone, and what
  /// is large does not fit a stack.
  static void takeOver(ModuleOp module) {
    constexpr int64_t kStackElements = 512;
    module.walk([](memref::DeallocOp op) { op.erase(); });
    module.walk([&](memref::AllocaOp op) {
      MemRefType type = op.getType();
      if (!type.hasStaticShape() || type.getNumElements() <= kStackElements)
        return;
      OpBuilder builder(op);
      op.replaceAllUsesWith(
          memref::AllocOp::create(builder, op.getLoc(), type).getResult());
      op.erase();
    });
  }

  func::FuncOp lookup(func::CallOp call) {
    return getOperation().lookupSymbol<func::FuncOp>(call.getCallee());
  }

  LogicalResult visit(func::FuncOp function, DenseMap<Operation *, int> &state,
                      SmallVectorImpl<func::FuncOp> &order) {
    if (state[function] == 2)
      return success();
    if (state[function] == 1)
      return function.emitOpError("is recursive and has no bounded workspace");
    state[function] = 1;
    WalkResult result = function.walk([&](func::CallOp call) {
      func::FuncOp callee = lookup(call);
      if (!callee)
        return WalkResult(call.emitOpError("calls an unknown function"));
      return WalkResult(visit(callee, state, order));
    });
    if (result.wasInterrupted())
      return failure();
    state[function] = 2;
    order.push_back(function);
    return success();
  }

  /// Allocations and calls with needs of their own.
  LogicalResult collect(func::FuncOp function,
                        SmallVectorImpl<Reservation> &blocks) {
    DenseMap<Operation *, int64_t> position;
    for (auto [index, op] : llvm::enumerate(function.getBody().front()))
      position[&op] = index;
    WalkResult result = function.walk([&](Operation *op) {
      if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
        MemRefType type = alloc.getType();
        if (!type.hasStaticShape() || !type.getLayout().isIdentity())
          return WalkResult(
              alloc.emitOpError("expected a buffer of static shape"));
        if (!isReusable(alloc, function))
          return WalkResult(alloc.emitOpError(
              "expected no allocation in a parallel loop, and none that one "
              "iteration hands to the next"));
        if (!type.getElementType().isIntOrIndexOrFloat())
          return WalkResult(
              alloc.emitOpError("expected integers or floats but got ")
              << type.getElementType());
        int64_t bytes = llvm::alignTo(type.getNumElements() *
                                          elementBytes(type.getElementType()),
                                      kAlignment);
        int64_t at = position.lookup(
            function.getBody().front().findAncestorOpInBlock(*op));
        // Alive from its first use, not from where it was allocated.
        Reservation block{op, bytes, INT64_MAX, at};
        extendLifetime(alloc, function, position, block);
        block.first = std::min(block.first, block.last);
        blocks.push_back(block);
      } else if (auto call = dyn_cast<func::CallOp>(op)) {
        int64_t at = position.lookup(
            function.getBody().front().findAncestorOpInBlock(*op));
        if (int64_t bytes = workspaceOf(lookup(call))) {
          // What the callee returns may lie in its workspace.
          Reservation block{op, bytes, at, at};
          for (Value result : call.getResults())
            extendLifetime(result, function, position, block);
          blocks.push_back(block);
        }
      }
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  LogicalResult assign(func::FuncOp function) {
    SmallVector<Reservation> blocks;
    if (failed(collect(function, blocks)))
      return failure();
    int64_t total = layOut(blocks);
    OpBuilder builder(&getContext());
    function->setAttr(SevenfoldDialect::kWorkspaceAttrName,
                      builder.getI64IntegerAttr(total));
    if (limit >= 0 && total > limit)
      return function.emitOpError("needs a workspace of ")
             << total << " bytes, the limit is " << limit.getValue();
    if (total == 0)
      return success();
    auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    if (failed(function.insertArgument(function.getNumArguments(), type, {},
                                       function.getLoc())))
      return failure();
    Value workspace = function.getArguments().back();
    for (const Reservation &block : blocks)
      replace(builder, block, workspace);
    return success();
  }

  void replace(OpBuilder &builder, const Reservation &block, Value workspace) {
    builder.setInsertionPoint(block.op);
    Location loc = block.op->getLoc();
    Value offset = arith::ConstantIndexOp::create(builder, loc, block.offset);
    if (auto alloc = dyn_cast<memref::AllocOp>(block.op)) {
      Value view = memref::ViewOp::create(builder, loc, alloc.getType(),
                                          workspace, offset, ValueRange{});
      alloc.replaceAllUsesWith(view);
      alloc.erase();
      return;
    }
    Value size = arith::ConstantIndexOp::create(builder, loc, block.bytes);
    Value part = memref::ViewOp::create(builder, loc,
                                        cast<MemRefType>(workspace.getType()),
                                        workspace, offset, ValueRange{size});
    block.op->insertOperands(block.op->getNumOperands(), part);
  }
};
} // namespace
