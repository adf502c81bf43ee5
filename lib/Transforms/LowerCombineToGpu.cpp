//===- LowerCombineToGpu.cpp - sevenfold-lower-combine-to-gpu -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes a kernel of every distinct combine, or two where alignment is known at
// run time only (CombineKernels.cpp has the code), and launches them.
//
//===----------------------------------------------------------------------===//

#include "CombineArguments.h"
#include "CombineKernels.h"
#include "GpuKernels.h"

#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace sevenfold {
#define GEN_PASS_DEF_LOWERCOMBINETOGPUPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-lower-combine-to-gpu"

using namespace mlir;
using namespace sevenfold;

namespace {
/// One kernel and how it is launched.
struct CombineKernel {
  gpu::GPUFuncOp function;
  int64_t blocks = 0;
};

/// The kernel for operands on 16-byte boundaries, and the one for any others
/// where that is another.
struct CombineKernels {
  CombineKernel aligned, any;
};

struct LowerCombineToGpuPass
    : sevenfold::impl::LowerCombineToGpuPassBase<LowerCombineToGpuPass> {
  using LowerCombineToGpuPassBase::LowerCombineToGpuPassBase;

  void runOnOperation() override {
    if (!llvm::isPowerOf2_64(threads) || threads < 32 || threads > 1024 ||
        group == 0) {
      emitError(getOperation().getLoc(),
                "expected a power of two from 32 to 1024 as 'threads' and a "
                "positive 'group'");
      return signalPassFailure();
    }
    DenseMap<Attribute, CombineKernels> known;
    SmallVector<CombineOp> combines;
    getOperation()->walk([&](CombineOp op) { combines.push_back(op); });
    for (CombineOp op : combines)
      if (failed(checkBuffers(op)) || failed(replace(op, known)))
        return signalPassFailure();
  }

  LogicalResult replace(CombineOp op,
                        DenseMap<Attribute, CombineKernels> &known) {
    CombineArguments arguments = findArguments(op, OperandStrides::Keep);
    CombineKernels &kernels = known[combineKey(op, arguments)];
    if (!kernels.aligned.function)
      kernels = createAll(op, arguments);
    if (kernels.aligned.blocks > kMaxBlocks || kernels.any.blocks > kMaxBlocks)
      return op.emitOpError("is too large for one launch");
    OpBuilder builder(op);
    SmallVector<Value> passed = arguments.passedValues(builder, op);
    auto launch = [&](const CombineKernel &kernel) {
      launchKernel(builder, op.getLoc(), kernel.function, kernel.blocks,
                   threads, passed);
    };
    if (!kernels.any.function) {
      launch(kernels.aligned);
    } else {
      SmallVector<Value> unknown;
      for (auto [operand, offset] :
           llvm::zip_equal(op.getOperands(), arguments.offsets))
        if (offset < 0)
          unknown.push_back(operand);
      auto choice = scf::IfOp::create(
          builder, op.getLoc(), emitIsAligned(builder, op.getLoc(), unknown),
          /*withElseRegion=*/true);
      builder.setInsertionPointToStart(choice.thenBlock());
      launch(kernels.aligned);
      builder.setInsertionPointToStart(choice.elseBlock());
      launch(kernels.any);
    }
    op.erase();
    return success();
  }

  CombineKernels createAll(CombineOp op, const CombineArguments &arguments) {
    SmallVector<int64_t> assumed =
        rowAlignments(op, arguments, PassedAlignment::Assumed);
    SmallVector<int64_t> certain =
        rowAlignments(op, arguments, PassedAlignment::Unknown);
    CombineKernels kernels;
    kernels.aligned = create(op, arguments, assumed, "sevenfold_combine");
    if (accessWidths(op, assumed) != accessWidths(op, certain))
      kernels.any =
          create(op, arguments, certain, "sevenfold_combine_unaligned");
    return kernels;
  }

  CombineKernel create(CombineOp op, const CombineArguments &arguments,
                       ArrayRef<int64_t> alignments, StringRef name) {
    CombineKernelOptions options{group, threads};
    CombineKernel kernel;
    OpBuilder builder(&getContext());
    kernel.function = createKernel(builder, getOperation(), op.getLoc(), name,
                                   arguments.passedTypes(), threads);
    SmallVector<Value> buffers = arguments.operands(
        builder, op.getLoc(), kernel.function.getArguments());
    emitCombineKernel(builder, op, buffers, alignments, options);
    kernel.blocks = countTiles(op, alignments, options);
    return kernel;
  }
};
} // namespace
