//===- GpuToLoops.cpp - sevenfold-gpu-to-loops ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel whose threads know nothing of one another is a loop body:
//
//   launch k blocks in B threads in T
//     =>  parallel for b < B: for t < T: k(args.., b, t)
//
// Kernels whose threads do work together are GpuEmulation.cpp's.
//
//===----------------------------------------------------------------------===//

#include "GpuEmulation.h"
#include "GpuKernels.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"

namespace sevenfold {
#define GEN_PASS_DEF_GPUTOLOOPSPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-gpu-to-loops"

using namespace mlir;
using namespace sevenfold;

/// What a kernel asks of its place in the launch, as arguments behind its own.
static Value placeOf(Operation *op, Block &body) {
  auto argument = [&](unsigned fromEnd) -> Value {
    return body.getArgument(body.getNumArguments() - fromEnd);
  };
  if (auto number = dyn_cast<gpu::BlockIdOp>(op))
    if (number.getDimension() == gpu::Dimension::x)
      return argument(2);
  if (auto number = dyn_cast<gpu::ThreadIdOp>(op))
    if (number.getDimension() == gpu::Dimension::x)
      return argument(1);
  return {};
}

namespace {
/// Who runs the threads of a block: a loop, or the function of the block.
enum class Threads { Loop, Emulated };

struct GpuToLoopsPass : sevenfold::impl::GpuToLoopsPassBase<GpuToLoopsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    DenseMap<Operation *, func::FuncOp> known;
    SmallVector<gpu::LaunchFuncOp> launches;
    module.walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
    for (gpu::LaunchFuncOp op : launches) {
      auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
          op, op.getKernel());
      if (!kernel) {
        op.emitOpError("launches an unknown kernel");
        return signalPassFailure();
      }
      func::FuncOp &function = known[kernel];
      bool together = worksTogether(kernel);
      if (!function && failed(together ? emulate(kernel, symbols, function)
                                       : create(kernel, symbols, function)))
        return signalPassFailure();
      replace(op, function, together ? Threads::Emulated : Threads::Loop);
    }
    for (auto kernels :
         llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>()))
      kernels.erase();
    module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }

  LogicalResult create(gpu::GPUFuncOp kernel, SymbolTable &symbols,
                       func::FuncOp &function) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    SmallVector<Type> types(kernel.getArgumentTypes());
    types.append(2, builder.getIndexType());
    function = func::FuncOp::create(builder, kernel.getLoc(), kernel.getName(),
                                    builder.getFunctionType(types, {}));
    function.setPrivate();
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    IRMapping mapping;
    mapping.map(kernel.getArguments(), body->getArguments().drop_back(2));
    for (Operation &op : kernel.getBody().front().without_terminator())
      builder.clone(op, mapping);
    func::ReturnOp::create(builder, kernel.getLoc());
    WalkResult result = function.walk([&](Operation *op) {
      if (!isa_and_present<gpu::GPUDialect>(op->getDialect()))
        return WalkResult::advance();
      Value place = placeOf(op, *body);
      if (!place)
        return WalkResult(op->emitOpError("cannot run on the host"));
      op->getResult(0).replaceAllUsesWith(place);
      op->erase();
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  static LogicalResult emulate(gpu::GPUFuncOp kernel, SymbolTable &symbols,
                               func::FuncOp &function) {
    FailureOr<func::FuncOp> block = createEmulatedBlock(symbols, kernel);
    if (succeeded(block))
      function = *block;
    return block;
  }

  void replace(gpu::LaunchFuncOp op, func::FuncOp function, Threads run) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    auto blocks =
        scf::ParallelOp::create(builder, loc, ValueRange{zero},
                                ValueRange{op.getGridSizeX()}, ValueRange{one});
    builder.setInsertionPointToStart(blocks.getBody());
    SmallVector<Value> arguments(op.getKernelOperands());
    arguments.push_back(blocks.getInductionVars()[0]);
    if (run == Threads::Loop) {
      auto threads =
          scf::ForOp::create(builder, loc, zero, op.getBlockSizeX(), one);
      builder.setInsertionPointToStart(threads.getBody());
      arguments.push_back(threads.getInductionVar());
    }
    func::CallOp::create(builder, loc, function, arguments);
    op.erase();
  }
};
} // namespace
