//===- OutlineParallel.cpp - sevenfold-outline-parallel -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parallel loops become functions over a range, because that is what a thread
// pool runs. One pool serves generated loops and libraries alike.
//
//===----------------------------------------------------------------------===//

#include "LoopCaptures.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"

namespace sevenfold {
#define GEN_PASS_DEF_OUTLINEPARALLELPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-outline-parallel"

using namespace mlir;
using namespace sevenfold;

/// Moves the body of `loop` into nested scf.for loops over all its dimensions,
/// the first one running over [begin, end).
static void emitLoops(OpBuilder &builder, scf::ParallelOp loop, Value begin,
                      Value end, IRMapping &mapping) {
  Location loc = loop.getLoc();
  for (unsigned d = 0, rank = loop.getNumLoops(); d < rank; ++d) {
    Value lower = mapping.lookupOrDefault(loop.getLowerBound()[d]);
    Value upper = mapping.lookupOrDefault(loop.getUpperBound()[d]);
    Value step = mapping.lookupOrDefault(loop.getStep()[d]);
    if (d > 0) {
      auto nested = scf::ForOp::create(builder, loc, lower, upper, step);
      mapping.map(loop.getInductionVars()[d], nested.getInductionVar());
      builder.setInsertionPointToStart(nested.getBody());
      continue;
    }
    // Iteration i of the range is the index lower + i * step.
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    auto outer = scf::ForOp::create(builder, loc, begin, end, one);
    builder.setInsertionPointToStart(outer.getBody());
    Value index =
        arith::MulIOp::create(builder, loc, outer.getInductionVar(), step);
    index = arith::AddIOp::create(builder, loc, lower, index);
    mapping.map(loop.getInductionVars()[d], index);
  }
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
}

namespace {
struct OutlineParallelPass
    : sevenfold::impl::OutlineParallelPassBase<OutlineParallelPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<scf::ParallelOp> loops;
    getOperation()->walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
      if (loop.getNumReductions() == 0)
        loops.push_back(loop);
      return WalkResult::skip();
    });
    for (scf::ParallelOp loop : loops)
      outline(loop, symbols);
  }

  void outline(scf::ParallelOp loop, SymbolTable &symbols) {
    Location loc = loop.getLoc();
    LoopCaptures captures = findCaptures(loop);
    ArrayRef<Value> arguments = captures.arguments.getArrayRef();

    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    SmallVector<Type> inputs(2, builder.getIndexType());
    for (Value argument : arguments)
      inputs.push_back(argument.getType());
    auto parent = loop->getParentOfType<func::FuncOp>();
    auto function = func::FuncOp::create(builder, loc,
                                         (parent.getName() + "_parallel").str(),
                                         builder.getFunctionType(inputs, {}));
    function.setPrivate();
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    IRMapping mapping;
    mapping.map(arguments, body->getArguments().drop_front(2));
    repeatDefinitions(builder, captures, mapping);
    emitLoops(builder, loop, body->getArgument(0), body->getArgument(1),
              mapping);
    builder.setInsertionPointToEnd(body);
    func::ReturnOp::create(builder, loc);

    builder.setInsertionPoint(loop);
    Value range = arith::SubIOp::create(builder, loc, loop.getUpperBound()[0],
                                        loop.getLowerBound()[0]);
    Value count =
        arith::CeilDivSIOp::create(builder, loc, range, loop.getStep()[0]);
    ParallelOp::create(builder, loc, function.getName(), count, arguments);
    loop.erase();
  }
};
} // namespace
