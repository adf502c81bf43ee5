//===- AssignWorkspace.cpp - sevenfold-assign-workspace -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One workspace for all temporaries, laid out by lifetime. Code is structured,
// so a lifetime is an interval of operations in the order of the text, where an
// operation with regions reaches to their ends; two buffers may share bytes
// where their intervals do not meet. Greedy by size is
// within a few per cent of optimal for such layouts (Pisarchyk and Lee,
// "Efficient memory management for deep neural net inference", 2020).
//
// Where sizes are known only when the code runs, the layout is that of sizes
// made up, and what it says is which of two buffers lies above the other: each
// starts where all below it end that are alive with it. That is right for any
// sizes, and as tight as the layout for those that are alike. The function then
// computes its offsets when it is called, and so does another that tells how
// much a call takes.
//
//===----------------------------------------------------------------------===//

#include "Bodies.h"
#include "ElementBytes.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"
#include "sevenfold/Transforms/SizeAnalysis.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
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
  int64_t bytes; ///< at sizes made up, where they are not known
  int64_t first, last;
  int64_t offset = 0;
  /// The bytes of an alloc of dynamic size, of the function's symbols.
  AffineExpr size = {};
  /// The sizes that a callee with a workspace of dynamic size is called with.
  SmallVector<AffineExpr> calleeSizes = {};

  bool isDynamic() const { return size || !calleeSizes.empty(); }
  bool isAliveWith(const Reservation &other) const {
    return other.first <= last && first <= other.last;
  }
};

/// What a function with a workspace of dynamic size takes.
struct DynamicWorkspace {
  func::FuncOp teller;
  int64_t bytes; ///< at sizes made up
};
} // namespace

/// What sizes are taken to be where they are not known.
static constexpr int64_t kMadeUpSize = 1024;

namespace {
/// The order of a function's operations.
class TextOrder {
public:
  explicit TextOrder(func::FuncOp function) {
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      starts[op] = count++;
      for (Operation *it = op; it && it != function; it = it->getParentOp())
        ends[it] = count;
    });
  }

  /// Extends `block` over an operation and what is in it.
  void extend(Reservation &block, Operation *op) const {
    block.first = std::min(block.first, starts.lookup(op));
    block.last = std::max(block.last, ends.lookup(op) - 1);
  }
  int64_t end() const { return count; }

private:
  DenseMap<Operation *, int64_t> starts, ends;
  int64_t count = 0;
};
} // namespace

/// Extends a lifetime over every use of `value`, which is made in `home`, and
/// of views of it, each with all of the operation of `home` that it is in: that
/// may be a loop.
static void extendLifetime(Value value, Block *home, const TextOrder &order,
                           Reservation &block) {
  for (Operation *user : value.getUsers()) {
    order.extend(block, home->findAncestorOpInBlock(*user));
    if (isa<ViewLikeOpInterface, memref::CastOp>(user)) {
      for (Value view : user->getResults())
        extendLifetime(view, home, order, block);
      continue;
    }
    // Whatever else passes buffers on is taken to keep them for good.
    if (user->hasTrait<OpTrait::IsTerminator>() ||
        llvm::any_of(user->getResultTypes(), llvm::IsaPred<MemRefType>))
      block.last = order.end();
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

/// An expression of symbols at the sizes made up.
static int64_t atMadeUpSizes(AffineExpr expr, unsigned symbols) {
  SmallVector<AffineExpr> sizes(
      symbols, getAffineConstantExpr(kMadeUpSize, expr.getContext()));
  AffineExpr value = expr.replaceSymbols(sizes);
  return cast<AffineConstantExpr>(value).getValue();
}

namespace {
/// The offsets of blocks, and what they take together, as code. Known ones are
/// constants.
struct EmittedLayout {
  SmallVector<Value> offsets, bytes;
  Value total;
};

struct AssignWorkspacePass
    : sevenfold::impl::AssignWorkspacePassBase<AssignWorkspacePass> {
  using AssignWorkspacePassBase::AssignWorkspacePassBase;

  void runOnOperation() override {
    if (failed(requireBodies(getOperation())))
      return signalPassFailure();
    takeOver(getOperation());
    workspaces.clear();
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

  /// Bytes of a buffer at most, rounded up to whole pages; null where nothing
  /// bounds its sizes.
  static AffineExpr bytesOf(memref::AllocOp alloc, SizeAnalysis &sizes) {
    MemRefType type = alloc.getType();
    AffineExpr bytes = getAffineConstantExpr(
        elementBytes(type.getElementType()), alloc.getContext());
    for (int64_t i = 0, e = type.getRank(); i < e; ++i) {
      AffineExpr size = sizes.boundOf(alloc, i);
      if (!size)
        return {};
      bytes = bytes * size;
    }
    return bytes.ceilDiv(kAlignment) * kAlignment;
  }

  LogicalResult collectAlloc(memref::AllocOp alloc, func::FuncOp function,
                             SizeAnalysis &sizes, Reservation &block) {
    MemRefType type = alloc.getType();
    if (!type.getLayout().isIdentity())
      return alloc.emitOpError("expected a contiguous buffer");
    if (!isReusable(alloc, function))
      return alloc.emitOpError(
          "expected no allocation in a parallel loop, and none that one "
          "iteration hands to the next");
    if (!type.getElementType().isIntOrIndexOrFloat())
      return alloc.emitOpError("expected integers or floats but got ")
             << type.getElementType();
    AffineExpr bytes = bytesOf(alloc, sizes);
    if (!bytes)
      return alloc.emitOpError("expected sizes that follow from those of the "
                               "function's arguments");
    if (!isa<AffineConstantExpr>(bytes))
      block.size = bytes;
    block.bytes = atMadeUpSizes(bytes, sizes.symbols().size());
    return success();
  }

  LogicalResult collectCall(func::CallOp call, SizeAnalysis &sizes,
                            Reservation &block) {
    func::FuncOp callee = lookup(call);
    Attribute told = callee->getAttr(SevenfoldDialect::kWorkspaceAttrName);
    block.bytes = 0;
    if (auto known = dyn_cast_or_null<IntegerAttr>(told))
      block.bytes = known.getInt();
    auto found = workspaces.find(callee);
    if (found == workspaces.end())
      return success();
    for (Value operand : call.getOperands()) {
      auto type = dyn_cast<MemRefType>(operand.getType());
      for (int64_t i = 0, e = type ? type.getRank() : 0; i < e; ++i) {
        if (!type.isDynamicDim(i))
          continue;
        block.calleeSizes.push_back(sizes.boundOf(operand, i));
        if (!block.calleeSizes.back())
          return call.emitOpError("expected sizes that follow from those of "
                                  "the function's arguments");
      }
    }
    block.bytes = found->second.bytes;
    return success();
  }

  /// Allocations and calls with needs of their own.
  LogicalResult collect(func::FuncOp function, SizeAnalysis &sizes,
                        SmallVectorImpl<Reservation> &blocks) {
    TextOrder order(function);
    WalkResult result = function.walk([&](Operation *op) {
      Block *home = op->getBlock();
      if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
        // Alive from its first use, not from where it was allocated.
        Reservation block{op, 0, INT64_MAX, -1};
        if (failed(collectAlloc(alloc, function, sizes, block)))
          return WalkResult::interrupt();
        extendLifetime(alloc, home, order, block);
        if (block.last < 0)
          order.extend(block, op);
        blocks.push_back(block);
      } else if (auto call = dyn_cast<func::CallOp>(op)) {
        Reservation block{op, 0, INT64_MAX, -1};
        if (failed(collectCall(call, sizes, block)))
          return WalkResult::interrupt();
        if (block.bytes == 0 && !block.isDynamic())
          return WalkResult::advance();
        order.extend(block, op);
        // What the callee returns may lie in its workspace.
        for (Value result : call.getResults())
          extendLifetime(result, home, order, block);
        blocks.push_back(block);
      }
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  LogicalResult assign(func::FuncOp function) {
    SmallVector<Reservation> blocks;
    SizeAnalysis sizes(function);
    if (failed(collect(function, sizes, blocks)))
      return failure();
    int64_t total = layOut(blocks);
    OpBuilder builder(&getContext());
    bool isDynamic = llvm::any_of(
        blocks, [](const Reservation &block) { return block.isDynamic(); });
    if (isDynamic)
      tell(function, sizes, blocks, total);
    else
      function->setAttr(SevenfoldDialect::kWorkspaceAttrName,
                        builder.getI64IntegerAttr(total));
    if (!isDynamic && limit >= 0 && total > limit)
      return function.emitOpError("needs a workspace of ")
             << total << " bytes, the limit is " << limit.getValue();
    if (blocks.empty())
      return success();
    auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    builder.setInsertionPointToStart(&function.getBody().front());
    EmittedLayout layout;
    if (isDynamic) {
      SmallVector<Value> symbols;
      for (DynamicSize size : sizes.symbols())
        symbols.push_back(memref::DimOp::create(
            builder, function.getLoc(), function.getArgument(size.argument),
            int64_t(size.dimension)));
      layout = emitLayout(builder, function.getLoc(), blocks, symbols);
    }
    if (failed(function.insertArgument(function.getNumArguments(), type, {},
                                       function.getLoc())))
      return failure();
    Value workspace = function.getArguments().back();
    for (auto [number, block] : llvm::enumerate(blocks)) {
      builder.setInsertionPoint(block.op);
      Location loc = block.op->getLoc();
      if (isDynamic) {
        replace(builder, block, workspace, layout.offsets[number],
                layout.bytes[number]);
        continue;
      }
      Value offset = arith::ConstantIndexOp::create(builder, loc, block.offset);
      Value bytes =
          isa<func::CallOp>(block.op)
              ? arith::ConstantIndexOp::create(builder, loc, block.bytes)
              : Value();
      replace(builder, block, workspace, offset, bytes);
    }
    return success();
  }

  /// Makes the function that tells what calls of `function` take.
  void tell(func::FuncOp function, SizeAnalysis &sizes,
            ArrayRef<Reservation> blocks, int64_t bytes) {
    OpBuilder builder(&getContext());
    Location loc = function.getLoc();
    SymbolTable symbols(getOperation());
    SmallVector<Type> types(sizes.symbols().size(), builder.getIndexType());
    auto teller = func::FuncOp::create(
        loc, (function.getName() + ".workspace").str(),
        builder.getFunctionType(types, builder.getIndexType()));
    teller.setPrivate();
    symbols.insert(teller, Block::iterator(function));
    Block *body = teller.addEntryBlock();
    builder.setInsertionPointToStart(body);
    SmallVector<Value> arguments(body->getArguments());
    Value total = emitLayout(builder, loc, blocks, arguments).total;
    if (limit >= 0) {
      // No memory has that many bytes: the call fails for want of them.
      Value most = arith::ConstantIndexOp::create(builder, loc, limit),
            never = arith::ConstantIndexOp::create(builder, loc, INT64_MAX);
      Value isAbove = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::sgt, total, most);
      total = arith::SelectOp::create(builder, loc, isAbove, never, total);
    }
    func::ReturnOp::create(builder, loc, total);
    function->setAttr(SevenfoldDialect::kWorkspaceAttrName,
                      FlatSymbolRefAttr::get(teller));
    workspaces[function] = {teller, bytes};
  }

  /// Emits what the layout of `blocks` is at the sizes that are the symbols.
  EmittedLayout emitLayout(OpBuilder &builder, Location loc,
                           ArrayRef<Reservation> blocks, ValueRange symbols) {
    EmittedLayout layout;
    auto evaluate = [&](AffineExpr expr) -> Value {
      AffineMap map = AffineMap::get(0, symbols.size(), expr);
      return builder.createOrFold<affine::AffineApplyOp>(loc, map, symbols);
    };
    auto greatest = [&](Value left, Value right) -> Value {
      return left ? builder.createOrFold<arith::MaxSIOp>(loc, left, right)
                  : right;
    };
    for (const Reservation &block : blocks) {
      Value bytes;
      if (block.size) {
        bytes = evaluate(block.size);
      } else if (!block.calleeSizes.empty()) {
        func::FuncOp callee = lookup(cast<func::CallOp>(block.op));
        bytes = func::CallOp::create(
                    builder, loc, workspaces.find(callee)->second.teller,
                    llvm::map_to_vector(block.calleeSizes, evaluate))
                    .getResult(0);
      } else {
        bytes = arith::ConstantIndexOp::create(builder, loc, block.bytes);
      }
      layout.bytes.push_back(bytes);
    }
    layout.offsets.resize(blocks.size());
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    auto order = llvm::to_vector(llvm::seq<size_t>(0, blocks.size()));
    llvm::stable_sort(order, [&](size_t l, size_t r) {
      return blocks[l].offset < blocks[r].offset;
    });
    for (auto [position, number] : llvm::enumerate(order)) {
      Value offset;
      // The nearest of those below that are alive with each other will do.
      SmallVector<size_t> nearest;
      for (size_t below : llvm::reverse(ArrayRef(order).take_front(position))) {
        auto isBelow = [&](size_t other) {
          return blocks[other].isAliveWith(blocks[below]);
        };
        if (!blocks[below].isAliveWith(blocks[number]) ||
            llvm::any_of(nearest, isBelow))
          continue;
        nearest.push_back(below);
        offset = greatest(offset,
                          builder.createOrFold<arith::AddIOp>(
                              loc, layout.offsets[below], layout.bytes[below]));
      }
      layout.offsets[number] = offset ? offset : zero;
      layout.total = greatest(
          layout.total, builder.createOrFold<arith::AddIOp>(
                            loc, layout.offsets[number], layout.bytes[number]));
    }
    if (!layout.total)
      layout.total = zero;
    return layout;
  }

  /// `bytes`: of what a callee is given.
  void replace(OpBuilder &builder, const Reservation &block, Value workspace,
               Value offset, Value bytes) {
    Location loc = block.op->getLoc();
    if (auto alloc = dyn_cast<memref::AllocOp>(block.op)) {
      Value view =
          memref::ViewOp::create(builder, loc, alloc.getType(), workspace,
                                 offset, alloc.getDynamicSizes());
      alloc.replaceAllUsesWith(view);
      alloc.erase();
      return;
    }
    Value part = memref::ViewOp::create(builder, loc,
                                        cast<MemRefType>(workspace.getType()),
                                        workspace, offset, ValueRange{bytes});
    block.op->insertOperands(block.op->getNumOperands(), part);
  }

  /// Of functions whose workspace depends on sizes.
  DenseMap<Operation *, DynamicWorkspace> workspaces;
};
} // namespace
