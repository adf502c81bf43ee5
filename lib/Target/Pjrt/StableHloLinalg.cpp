//===- StableHloLinalg.cpp - Products and elementwise work in StableHLO ---===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product is a dot_general, whose result has the batch first, then what is
// left of A, then of B. Elementwise work is done in the space of its loops:
// operands are transposed and broadcast into it. A reduction is elementwise
// work, and then a reduce over some of the loops.
//
//===----------------------------------------------------------------------===//

#include "FunctionEmitter.h"

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

bool sevenfold::isProduct(linalg::LinalgOp op) {
  return linalg::isaContractionOpInterface(op);
}

/// Where a loop is in an indexing map.
static int64_t placeOf(AffineMap map, unsigned loop) {
  for (auto [place, expression] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expression);
        dim && dim.getPosition() == loop)
      return int64_t(place);
  return -1;
}

/// Whether a value is zero everywhere.
static bool isZero(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  if (!fill)
    return matchPattern(value, m_AnyZeroFloat()) ||
           matchPattern(value, m_Zero());
  return matchPattern(fill.value(), m_AnyZeroFloat()) ||
         matchPattern(fill.value(), m_Zero());
}

static HloPrecision precisionOf(Type element, HloPrecision f32) {
  if (element.isF32())
    return f32;
  return element.isF64() ? HloPrecision::Highest : HloPrecision::Default;
}

LogicalResult FunctionEmitter::emitProduct(linalg::LinalgOp op) {
  auto loops = linalg::inferContractionDims(op);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (failed(loops) || !llvm::all_of(maps, [](AffineMap map) {
        return map.isProjectedPermutation();
      }))
    return op->emitOpError("is no product that StableHLO has words for");
  Value init = op.getDpsInits()[0];
  Type element = getElementTypeOrSelf(init.getType());
  Known a = get(op.getDpsInputs()[0]), b = get(op.getDpsInputs()[1]);
  // Narrow numbers are multiplied into wide sums as they are.
  if (a.tensor.element != b.tensor.element) {
    a.tensor = writer.convert(a.tensor, element);
    b.tensor = writer.convert(b.tensor, element);
  }
  int64_t shiftA = a.isBatched, shiftB = b.isBatched;
  DotDimensions dims;
  SmallVector<int64_t> order; // the loops of the result's dimensions
  if (shiftA && shiftB) {
    dims.batchA.push_back(0);
    dims.batchB.push_back(0);
  }
  for (unsigned loop : loops->batch) {
    dims.batchA.push_back(placeOf(maps[0], loop) + shiftA);
    dims.batchB.push_back(placeOf(maps[1], loop) + shiftB);
  }
  for (unsigned loop : loops->k) {
    dims.contractedA.push_back(placeOf(maps[0], loop) + shiftA);
    dims.contractedB.push_back(placeOf(maps[1], loop) + shiftB);
  }
  // -1 stands for the batch of the loop around.
  auto appendRest = [&](const Known &operand, AffineMap map,
                        ArrayRef<int64_t> batches,
                        ArrayRef<int64_t> contracted) {
    for (int64_t i = 0; i < operand.tensor.rank(); ++i) {
      if (llvm::is_contained(batches, i) || llvm::is_contained(contracted, i))
        continue;
      int64_t place = i - operand.isBatched;
      order.push_back(
          place < 0
              ? -1
              : int64_t(
                    cast<AffineDimExpr>(map.getResult(place)).getPosition()));
    }
  };
  for (size_t i = 0; i < dims.batchA.size(); ++i)
    order.push_back(shiftA && shiftB && i == 0
                        ? -1
                        : int64_t(loops->batch[i - (shiftA && shiftB)]));
  appendRest(a, maps[0], dims.batchA, dims.contractedA);
  appendRest(b, maps[1], dims.batchB, dims.contractedB);
  HloTensor product = writer.dot(a.tensor, b.tensor, dims, element,
                                 precisionOf(a.tensor.element, options.f32));

  bool hasBatch = shiftA || shiftB;
  SmallVector<int64_t> permutation;
  auto take = [&](int64_t loop) {
    permutation.push_back(llvm::find(order, loop) - order.begin());
  };
  if (hasBatch)
    take(-1);
  for (AffineExpr expression : maps[2].getResults())
    take(cast<AffineDimExpr>(expression).getPosition());
  product = writer.transpose(product, permutation);
  if (isZero(init)) {
    set(op->getResult(0), product, hasBatch);
    return success();
  }
  Known start = get(init);
  if (start.isBatched && !hasBatch)
    product = batched({product, false});
  hasBatch = hasBatch || start.isBatched;
  set(op->getResult(0),
      writer.elementwise("add",
                         {hasBatch ? batched(start) : start.tensor, product}),
      hasBatch);
  return success();
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Operations that mean the same under another name.
static StringRef plainName(Operation *op) {
  static const llvm::StringMap<StringRef> names = {
      {"arith.addf", "add"},         {"arith.addi", "add"},
      {"arith.subf", "subtract"},    {"arith.subi", "subtract"},
      {"arith.mulf", "multiply"},    {"arith.muli", "multiply"},
      {"arith.divf", "divide"},      {"arith.divsi", "divide"},
      {"arith.remf", "remainder"},   {"arith.remsi", "remainder"},
      {"arith.negf", "negate"},      {"arith.maximumf", "maximum"},
      {"arith.minimumf", "minimum"}, {"arith.maxsi", "maximum"},
      {"arith.minsi", "minimum"},    {"arith.andi", "and"},
      {"arith.ori", "or"},           {"arith.xori", "xor"},
      {"math.exp", "exponential"},   {"math.expm1", "exponential_minus_one"},
      {"math.log", "log"},           {"math.log1p", "log_plus_one"},
      {"math.sqrt", "sqrt"},         {"math.rsqrt", "rsqrt"},
      {"math.tanh", "tanh"},         {"math.sin", "sine"},
      {"math.cos", "cosine"},        {"math.absf", "abs"},
      {"math.absi", "abs"},          {"math.powf", "power"},
      {"math.floor", "floor"},       {"math.ceil", "ceil"},
      {"math.cbrt", "cbrt"},         {"math.atan2", "atan2"}};
  auto found = names.find(op->getName().getStringRef());
  return found == names.end() ? StringRef() : found->second;
}

/// The direction of a comparison; of what a NaN makes true, its opposite's
/// behind "!".
static StringRef directionOf(arith::CmpFPredicate predicate) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::OEQ:
    return "EQ";
  case P::OGT:
    return "GT";
  case P::OGE:
    return "GE";
  case P::OLT:
    return "LT";
  case P::OLE:
    return "LE";
  case P::UNE:
    return "NE";
  case P::UGT:
    return "!LE";
  case P::UGE:
    return "!LT";
  case P::ULT:
    return "!GE";
  case P::ULE:
    return "!GT";
  default:
    return "";
  }
}

static StringRef directionOf(arith::CmpIPredicate predicate, bool &isSigned) {
  using P = arith::CmpIPredicate;
  isSigned = predicate != P::ugt && predicate != P::uge &&
             predicate != P::ult && predicate != P::ule;
  switch (predicate) {
  case P::eq:
    return "EQ";
  case P::ne:
    return "NE";
  case P::sgt:
  case P::ugt:
    return "GT";
  case P::sge:
  case P::uge:
    return "GE";
  case P::slt:
  case P::ult:
    return "LT";
  case P::sle:
  case P::ule:
    return "LE";
  }
  return "";
}

/// The larger (smaller) of two of which one may be NaN, which is passed over.
static HloTensor passingNaN(StableHloWriter &writer, StringRef operation,
                            const HloTensor &a, const HloTensor &b) {
  HloTensor isNaN = writer.compare("NE", "FLOAT", a, a),
            isOtherNaN = writer.compare("NE", "FLOAT", b, b);
  HloTensor both = writer.elementwise(operation, {a, b});
  return writer.select(isNaN, b, writer.select(isOtherNaN, a, both));
}

FailureOr<HloTensor> FunctionEmitter::emitScalar(Operation *op,
                                                 ArrayRef<HloTensor> operands) {
  if (StringRef name = plainName(op); !name.empty())
    return writer.elementwise(name, operands);
  Type type = op->getResult(0).getType();
  if (isa<arith::ExtFOp, arith::TruncFOp, arith::SIToFPOp, arith::FPToSIOp,
          arith::ExtSIOp, arith::TruncIOp>(op))
    // A truth is 0 or 1 in StableHLO, and 0 or -1 where it is sign-extended.
    if (!operands[0].element.isInteger(1) && !type.isInteger(1))
      return writer.convert(operands[0], type);
  if (isa<arith::ExtUIOp, arith::UIToFPOp>(op) &&
      operands[0].element.isInteger(1))
    return writer.convert(operands[0], type);
  if (isa<arith::SelectOp>(op))
    return writer.select(operands[0], operands[1], operands[2]);
  if (isa<math::FmaOp>(op))
    return writer.elementwise(
        "add", {writer.elementwise("multiply", {operands[0], operands[1]}),
                operands[2]});
  if (isa<arith::MaxNumFOp>(op))
    return passingNaN(writer, "maximum", operands[0], operands[1]);
  if (isa<arith::MinNumFOp>(op))
    return passingNaN(writer, "minimum", operands[0], operands[1]);
  if (auto compare = dyn_cast<arith::CmpFOp>(op)) {
    StringRef direction = directionOf(compare.getPredicate());
    bool isOpposite = direction.consume_front("!");
    if (!direction.empty()) {
      HloTensor result =
          writer.compare(direction, "FLOAT", operands[0], operands[1]);
      return isOpposite ? writer.elementwise("not", result) : result;
    }
  }
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    bool isSigned = true;
    StringRef direction = directionOf(compare.getPredicate(), isSigned);
    if (isSigned)
      return writer.compare(
          direction, operands[0].element.isInteger(1) ? "UNSIGNED" : "SIGNED",
          operands[0], operands[1]);
  }
  op->emitOpError("has no words in StableHLO here");
  return failure();
}

FailureOr<HloTensor>
FunctionEmitter::emitBody(linalg::GenericOp op, Value value,
                          llvm::DenseMap<Value, HloTensor> &body,
                          ArrayRef<int64_t> dims, bool isBatched) {
  if (auto found = body.find(value); found != body.end())
    return found->second;
  SmallVector<int64_t> space = withBatch(dims, batch, isBatched);
  if (std::optional<double> number = numberOf(value))
    return body[value] = writer.splat(*number, space, value.getType());
  if (values.count(value) && !isa<RankedTensorType>(value.getType()))
    return body[value] = writer.broadcast(values[value].tensor, {}, space);
  Operation *defined = value.getDefiningOp();
  if (auto index = dyn_cast_or_null<linalg::IndexOp>(defined))
    return body[value] = writer.iota(int64_t(index.getDim()) + isBatched, space,
                                     IntegerType::get(op.getContext(), 64));
  if (!defined || defined->getBlock() != op.getBody()) {
    op.emitOpError("uses a number that is no constant, which has no words in "
                   "StableHLO here");
    return failure();
  }
  // Places are numbers of 64 bits in the text.
  if (isa<arith::IndexCastOp>(defined)) {
    auto from = emitBody(op, defined->getOperand(0), body, dims, isBatched);
    if (failed(from))
      return failure();
    Type type = value.getType().isIndex() ? from->element : value.getType();
    return body[value] = writer.convert(*from, type);
  }
  SmallVector<HloTensor> operands;
  for (Value operand : defined->getOperands()) {
    auto known = emitBody(op, operand, body, dims, isBatched);
    if (failed(known))
      return failure();
    operands.push_back(*known);
  }
  auto result = emitScalar(defined, operands);
  if (failed(result))
    return failure();
  return body[value] = *result;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

FailureOr<HloTensor> FunctionEmitter::inLoops(linalg::GenericOp op,
                                              OpOperand &operand,
                                              ArrayRef<int64_t> dims,
                                              bool isBatched) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (auto found = values.find(operand.get());
      found != values.end() && !isa<RankedTensorType>(operand.get().getType()))
    return writer.broadcast(found->second.tensor, {},
                            withBatch(dims, batch, isBatched));
  if (!isa<RankedTensorType>(operand.get().getType())) {
    op.emitOpError("takes a number beside tensors, which has no words in "
                   "StableHLO here");
    return failure();
  }
  Known known = get(operand.get());
  // Dimensions that the map fixes at 0 are of one element.
  SmallVector<std::pair<int64_t, int64_t>> places; // loop, dimension
  SmallVector<int64_t> kept;
  for (auto [place, expression] : llvm::enumerate(map.getResults())) {
    int64_t dimension = int64_t(place) + known.isBatched;
    if (auto dim = dyn_cast<AffineDimExpr>(expression)) {
      places.push_back({int64_t(dim.getPosition()), dimension});
      kept.push_back(known.tensor.dims[dimension]);
    } else if (auto fixed = dyn_cast<AffineConstantExpr>(expression);
               !fixed || fixed.getValue() != 0 ||
               known.tensor.dims[dimension] != 1) {
      op.emitOpError("reads an operand in an order that has no words in "
                     "StableHLO here");
      return failure();
    }
  }
  SmallVector<int64_t> keptDims = withBatch(kept, batch, known.isBatched);
  HloTensor tensor = writer.reshape(known.tensor, keptDims);
  // In the order of the loops, then broadcast.
  SmallVector<int64_t> permutation, targets;
  if (known.isBatched) {
    permutation.push_back(0);
    targets.push_back(0);
  }
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(0, int64_t(places.size())));
  llvm::sort(order, [&](int64_t x, int64_t y) {
    return places[x].first < places[y].first;
  });
  for (int64_t next : order) {
    permutation.push_back(next + known.isBatched);
    targets.push_back(places[next].first + isBatched);
  }
  for (size_t i = 1; i < targets.size(); ++i)
    if (targets[i] == targets[i - 1]) {
      op.emitOpError("reads a diagonal, which has no words in StableHLO here");
      return failure();
    }
  return writer.broadcast(writer.transpose(tensor, permutation), targets,
                          withBatch(dims, batch, isBatched));
}

/// What changes nothing in a reduction; nothing where no number is that.
static std::optional<double> neutralOf(StringRef operation) {
  return llvm::StringSwitch<std::optional<double>>(operation)
      .Case("add", 0.0)
      .Case("multiply", 1.0)
      .Default(std::nullopt);
}

LogicalResult FunctionEmitter::emitReduction(linalg::GenericOp op,
                                             ArrayRef<HloTensor> arguments,
                                             ArrayRef<int64_t> dims,
                                             bool isBatched) {
  SmallVector<int64_t> reduced, kept;
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    (kind == utils::IteratorType::reduction ? reduced : kept)
        .push_back(int64_t(loop));
  Operation *yield = op.getBody()->getTerminator();
  for (auto [number, result] : llvm::enumerate(op.getResults())) {
    Value carried = op.getRegionOutputArgs()[number];
    Operation *last = yield->getOperand(number).getDefiningOp();
    StringRef operation = last ? plainName(last) : StringRef();
    bool passesNaN = isa_and_nonnull<arith::MaxNumFOp, arith::MinNumFOp>(last);
    if (passesNaN)
      operation = isa<arith::MaxNumFOp>(last) ? "maximum" : "minimum";
    bool isKnown = operation == "add" || operation == "multiply" ||
                   operation == "maximum" || operation == "minimum";
    if (!isKnown || !carried.hasOneUse() || *carried.getUsers().begin() != last)
      return op.emitOpError("is a reduction that has no words in StableHLO "
                            "here");
    Value term = last->getOperand(last->getOperand(0) == carried ? 1 : 0);
    llvm::DenseMap<Value, HloTensor> body;
    for (auto [argument, tensor] :
         llvm::zip(op.getRegionInputArgs(), arguments))
      body[argument] = tensor;
    auto terms = emitBody(op, term, body, dims, isBatched);
    if (failed(terms))
      return failure();
    AffineMap map = op.getIndexingMapsArray()[op.getNumDpsInputs() + number];
    // What is there already is one more term: as start where it is a constant.
    Value init = op.getDpsInits()[number];
    auto fill = init.getDefiningOp<linalg::FillOp>();
    std::optional<double> start = fill ? numberOf(fill.value()) : std::nullopt;
    std::optional<double> neutral = start ? start : neutralOf(operation);
    if (!neutral)
      return op.emitOpError("is a reduction from a tensor on, which has no "
                            "words in StableHLO here");
    // A NaN that is passed over is as good as the start.
    if (passesNaN)
      *terms = writer.select(
          writer.compare("NE", "FLOAT", *terms, *terms),
          writer.splat(*neutral, terms->dims, terms->element), *terms);
    SmallVector<int64_t> places;
    for (int64_t loop : reduced)
      places.push_back(loop + isBatched);
    HloTensor value = writer.reduce(
        operation, *terms, writer.splat(*neutral, {}, terms->element), places);
    SmallVector<int64_t> permutation;
    if (isBatched)
      permutation.push_back(0);
    for (AffineExpr expression : map.getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(expression);
      if (!dim)
        return op.emitOpError("writes its result in an order that has no words "
                              "in StableHLO here");
      permutation.push_back(llvm::find(kept, int64_t(dim.getPosition())) -
                            kept.begin() + isBatched);
    }
    value = writer.transpose(value, permutation);
    if (!start) {
      Known from = get(init);
      value = writer.elementwise(
          operation, {isBatched ? batched(from) : from.tensor, value});
    }
    set(result, value, isBatched);
  }
  return success();
}

LogicalResult FunctionEmitter::emitGeneric(linalg::GenericOp op) {
  SmallVector<int64_t> dims = op.getStaticLoopRanges();
  if (llvm::any_of(dims, ShapedType::isDynamic))
    return op.emitOpError("has dynamic sizes");
  bool isAnyBatched = llvm::any_of(
      op->getOperands(), [&](Value operand) { return isBatched(operand); });
  SmallVector<HloTensor> arguments;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    // Numbers beside tensors are constants, which the body looks up.
    if (!isa<RankedTensorType>(operand->get().getType()) &&
        numberOf(operand->get())) {
      arguments.push_back(writer.splat(*numberOf(operand->get()),
                                       withBatch(dims, batch, isAnyBatched),
                                       operand->get().getType()));
      continue;
    }
    auto tensor = inLoops(op, *operand, dims, isAnyBatched);
    if (failed(tensor))
      return failure();
    arguments.push_back(*tensor);
  }
  if (op.getNumReductionLoops() > 0)
    return emitReduction(op, arguments, dims, isAnyBatched);
  llvm::DenseMap<Value, HloTensor> body;
  for (auto [argument, tensor] : llvm::zip(op.getRegionInputArgs(), arguments))
    body[argument] = tensor;
  for (auto [number, argument] : llvm::enumerate(op.getRegionOutputArgs())) {
    if (argument.use_empty())
      continue;
    auto tensor =
        inLoops(op, *op.getDpsInitOperand(number), dims, isAnyBatched);
    if (failed(tensor))
      return failure();
    body[argument] = *tensor;
  }
  Operation *yield = op.getBody()->getTerminator();
  for (auto [number, result] : llvm::enumerate(op.getResults())) {
    auto value =
        emitBody(op, yield->getOperand(number), body, dims, isAnyBatched);
    if (failed(value))
      return failure();
    AffineMap map = op.getIndexingMapsArray()[op.getNumDpsInputs() + number];
    if (!map.isPermutation())
      return op.emitOpError("writes its result in an order that has no words "
                            "in StableHLO here");
    SmallVector<int64_t> permutation;
    if (isAnyBatched)
      permutation.push_back(0);
    for (AffineExpr expression : map.getResults())
      permutation.push_back(
          int64_t(cast<AffineDimExpr>(expression).getPosition()) +
          isAnyBatched);
    set(result, writer.transpose(*value, permutation), isAnyBatched);
  }
  return success();
}
