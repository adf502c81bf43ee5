//===- CombineProgram.cpp - The additions of a combine --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From steps of the minimiser to arithmetic operations.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/CombineProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sevenfold;

namespace {
/// Arithmetic on one type.
class ProgramEmitter {
public:
  ProgramEmitter(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), scalar(getElementTypeOrSelf(type)) {}

  Value scaled(Value value, double coefficient) {
    return emitScaled(builder, loc, value, coefficient);
  }
  Value subtract(Value left, Value right);
  Value step(const CombineStep &step, ArrayRef<Value> values);

private:
  OpBuilder &builder;
  Location loc;
  Type scalar;
};
} // namespace

Value sevenfold::emitScaled(OpBuilder &builder, Location loc, Value value,
                            double coefficient) {
  if (coefficient == 1)
    return value;
  Type type = value.getType(), scalar = getElementTypeOrSelf(type);
  bool isInteger = isa<IntegerType>(scalar);
  if (coefficient == -1 && !isInteger)
    return arith::NegFOp::create(builder, loc, value);
  TypedAttr factor = builder.getFloatAttr(builder.getF64Type(), coefficient);
  if (isInteger)
    factor = IntegerAttr::get(scalar, APInt(scalar.getIntOrFloatBitWidth(),
                                            static_cast<int64_t>(coefficient),
                                            /*isSigned=*/true,
                                            /*implicitTrunc=*/true));
  else
    factor = builder.getFloatAttr(scalar, coefficient);
  if (auto vector = dyn_cast<VectorType>(type))
    factor = DenseElementsAttr::get(vector, Attribute(factor));
  Value constant = arith::ConstantOp::create(builder, loc, factor);
  if (isInteger)
    return arith::MulIOp::create(builder, loc, value, constant);
  return arith::MulFOp::create(builder, loc, value, constant);
}

Value sevenfold::emitSum(OpBuilder &builder, Location loc, Value left,
                         Value right) {
  if (isa<IntegerType>(getElementTypeOrSelf(left.getType())))
    return arith::AddIOp::create(builder, loc, left, right);
  return arith::AddFOp::create(builder, loc, left, right);
}

Value ProgramEmitter::subtract(Value left, Value right) {
  if (isa<IntegerType>(scalar))
    return arith::SubIOp::create(builder, loc, left, right);
  return arith::SubFOp::create(builder, loc, left, right);
}

Value ProgramEmitter::step(const CombineStep &step, ArrayRef<Value> values) {
  double left = step.leftCoefficient, right = step.rightCoefficient;
  Value l = values[step.left], r = values[step.right];
  if (right == -1)
    return subtract(scaled(l, left), r);
  if (left == -1)
    return subtract(scaled(r, right), l);
  Value first = scaled(l, left);
  return emitSum(builder, loc, first, scaled(r, right));
}

void sevenfold::emitProgram(OpBuilder &builder, Location loc, Type type,
                            const CombineProgram &program,
                            SmallVector<Value> values,
                            llvm::function_ref<void(unsigned, Value)> store) {
  ProgramEmitter emitter(builder, loc, type);
  for (const CombineStep &step : program.steps)
    values.push_back(emitter.step(step, values));
  for (auto [index, output] : llvm::enumerate(program.outputs)) {
    Value sum;
    if (output.coefficient == 0)
      sum = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    else
      sum = emitter.scaled(values[output.index], output.coefficient);
    store(index, sum);
  }
}
