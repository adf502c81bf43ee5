//===- LoopCaptures.cpp - What an outlined loop is given ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the arguments of an outlined loop.
//
//===----------------------------------------------------------------------===//

#include "LoopCaptures.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace sevenfold;

/// Operations that are cheaper to repeat than their results are to pass.
static bool isRepeated(Operation *op) {
  return op && (op->hasTrait<OpTrait::ConstantLike>() ||
                isa<memref::ViewOp, memref::SubViewOp, memref::CastOp>(op));
}

/// What the function must be given: everything the loop uses from above, with
/// repeated operations replaced by what they use.
static SetVector<Value> findArguments(const SetVector<Value> &captured) {
  SetVector<Value> arguments;
  SmallVector<Value> worklist(captured.rbegin(), captured.rend());
  llvm::SmallDenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    if (Operation *op = value.getDefiningOp(); isRepeated(op))
      worklist.append(op->operand_begin(), op->operand_end());
    else
      arguments.insert(value);
  }
  return arguments;
}

/// Repeats what defines 'value', if it is repeated, at the insertion point.
static void repeatDefinition(OpBuilder &builder, Value value,
                             IRMapping &mapping) {
  Operation *op = value.getDefiningOp();
  if (mapping.contains(value) || !isRepeated(op))
    return;
  for (Value operand : op->getOperands())
    repeatDefinition(builder, operand, mapping);
  builder.clone(*op, mapping);
}

LoopCaptures sevenfold::findCaptures(scf::ParallelOp loop) {
  LoopCaptures captures;
  getUsedValuesDefinedAbove(loop.getRegion(), captures.used);
  captures.used.insert(loop->operand_begin(), loop->operand_end());
  captures.arguments = findArguments(captures.used);
  return captures;
}

void sevenfold::repeatDefinitions(OpBuilder &builder,
                                  const LoopCaptures &captures,
                                  IRMapping &mapping) {
  for (Value value : captures.used)
    repeatDefinition(builder, value, mapping);
}
