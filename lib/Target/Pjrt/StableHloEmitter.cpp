//===- StableHloEmitter.cpp - From decomposed linalg to StableHLO ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions, loops over a batch, and what moves elements without computing.
//
//===----------------------------------------------------------------------===//

#include "FunctionEmitter.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

SmallVector<int64_t> FunctionEmitter::withBatch(ArrayRef<int64_t> numbers,
                                                int64_t first,
                                                bool isBatched) const {
  SmallVector<int64_t> all;
  if (isBatched)
    all.push_back(first);
  llvm::append_range(all, numbers);
  return all;
}

bool FunctionEmitter::isBatched(Value value) {
  if (auto found = blocks.find(value); found != blocks.end())
    return llvm::any_of(found->second.parts,
                        [](const Known &part) { return part.isBatched; });
  auto found = values.find(value);
  return found != values.end() && found->second.isBatched;
}

FunctionEmitter::Known FunctionEmitter::get(Value value) {
  if (auto found = values.find(value); found != values.end())
    return found->second;
  auto type = cast<RankedTensorType>(value.getType());
  if (auto found = blocks.find(value); found != blocks.end()) {
    // Somebody wants the sums as one tensor.
    Blocks parts = found->second;
    blocks.erase(value);
    bool isAnyBatched = llvm::any_of(
        parts.parts, [](const Known &part) { return part.isBatched; });
    HloTensor whole =
        writer.splat(0, withBatch(type.getShape(), batch, isAnyBatched),
                     type.getElementType());
    for (auto [i, part] : llvm::enumerate(parts.parts)) {
      int64_t row = int64_t(i) / parts.gridColumns * parts.rows,
              column = int64_t(i) % parts.gridColumns * parts.columns;
      whole = writer.update(whole, isAnyBatched ? batched(part) : part.tensor,
                            withBatch({row, column}, 0, isAnyBatched));
    }
    return values[value] = {whole, isAnyBatched};
  }
  // Of tensor.empty nobody has a right to what is in it.
  auto fill = value.getDefiningOp<linalg::FillOp>();
  double number = fill ? numberOf(fill.value()).value_or(0) : 0;
  return values[value] = {
             writer.splat(number, type.getShape(), type.getElementType()),
             false};
}

HloTensor FunctionEmitter::batched(const Known &known) {
  if (known.isBatched)
    return known.tensor;
  SmallVector<int64_t> places;
  for (int64_t i = 0; i < known.tensor.rank(); ++i)
    places.push_back(i + 1);
  return writer.broadcast(known.tensor, places,
                          withBatch(known.tensor.dims, batch, true));
}

std::optional<double> FunctionEmitter::numberOf(Value value) {
  Attribute attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return std::nullopt;
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return number.getValueAsDouble();
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return double(number.getValue().isSignedIntN(53)
                      ? number.getInt()
                      : number.getValue().getSExtValue());
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// What moves elements
//===----------------------------------------------------------------------===//

LogicalResult FunctionEmitter::emitConstant(arith::ConstantOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type) // numbers are asked for where they are used
    return success();
  Attribute value = op.getValue();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return op.emitOpError("has no data");
    value = DenseElementsAttr::getFromRawBuffer(type, blob->getData());
  }
  if (!isa<DenseElementsAttr>(value))
    return op.emitOpError("is a constant of a kind that StableHLO has no "
                          "words for");
  set(op.getResult(),
      writer.constant(value, type.getShape(), type.getElementType()), false);
  return success();
}

/// The static numbers of a list; nothing where one is dynamic.
static std::optional<SmallVector<int64_t>>
knownNumbers(ArrayRef<OpFoldResult> mixed) {
  return getConstantIntValues(mixed);
}

std::optional<int64_t>
FunctionEmitter::batchDimension(ArrayRef<OpFoldResult> offsets,
                                ArrayRef<int64_t> sizes) {
  for (auto [dimension, offset] : llvm::enumerate(offsets))
    if (counter && dyn_cast<Value>(offset) == counter && sizes[dimension] == 1)
      return int64_t(dimension);
  return std::nullopt;
}

/// 0, .., rank - 1 with `first` in front.
static SmallVector<int64_t> withFirst(int64_t rank, int64_t first) {
  SmallVector<int64_t> order = {first};
  for (int64_t i = 0; i < rank; ++i)
    if (i != first)
      order.push_back(i);
  return order;
}

LogicalResult FunctionEmitter::emitSlice(tensor::ExtractSliceOp op) {
  Value source = op.getSource();
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  auto result = cast<RankedTensorType>(op.getType());
  // The matrix of the batch that the loop is at.
  std::optional<int64_t> ofBatch;
  if (!isBatched(source))
    ofBatch = batchDimension(offsets, op.getStaticSizes());
  if (ofBatch)
    offsets[*ofBatch] = OpBuilder(op).getIndexAttr(0);
  auto starts = knownNumbers(offsets), sizes = knownNumbers(op.getMixedSizes()),
       strides = knownNumbers(op.getMixedStrides());
  if (!starts || !sizes || !strides)
    return op.emitOpError("takes a part whose place is not known when "
                          "compiling");
  if (auto found = blocks.find(source); found != blocks.end()) {
    const Blocks &known = found->second;
    if (sizes->size() == 2 && (*sizes)[0] == known.rows &&
        (*sizes)[1] == known.columns && (*starts)[0] % known.rows == 0 &&
        (*starts)[1] % known.columns == 0 && op.hasUnitStride()) {
      values[op.getResult()] =
          known.parts[(*starts)[0] / known.rows * known.gridColumns +
                      (*starts)[1] / known.columns];
      return success();
    }
  }
  Known from = get(source);
  if (ofBatch)
    (*sizes)[*ofBatch] = batch;
  bool hasBatch = ofBatch || from.isBatched;
  HloTensor part =
      writer.slice(from.tensor, withBatch(*starts, 0, from.isBatched),
                   withBatch(*sizes, batch, from.isBatched),
                   withBatch(*strides, 1, from.isBatched));
  if (ofBatch)
    part = writer.transpose(part, withFirst(part.rank(), *ofBatch));
  set(op.getResult(),
      writer.reshape(part, withBatch(result.getShape(), batch, hasBatch)),
      hasBatch);
  return success();
}

LogicalResult FunctionEmitter::emitInsert(tensor::InsertSliceOp op) {
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  std::optional<int64_t> ofBatch = batchDimension(offsets, op.getStaticSizes());
  if (ofBatch)
    offsets[*ofBatch] = OpBuilder(op).getIndexAttr(0);
  auto starts = knownNumbers(offsets), sizes = knownNumbers(op.getMixedSizes());
  if (!starts || !sizes || !op.hasUnitStride())
    return op.emitOpError("puts a part at a place that is not known when "
                          "compiling, or with gaps");
  Known part = get(op.getSource()), whole = get(op.getDest());
  if (ofBatch) {
    // The batch is in front of the part, and somewhere in the whole.
    SmallVector<int64_t> order = withFirst(int64_t(sizes->size()), *ofBatch),
                         dims, back(order.size());
    (*sizes)[*ofBatch] = batch;
    for (auto [place, dimension] : llvm::enumerate(order)) {
      dims.push_back((*sizes)[dimension]);
      back[dimension] = int64_t(place);
    }
    HloTensor all = writer.transpose(writer.reshape(batched(part), dims), back);
    set(op.getResult(), writer.update(whole.tensor, all, *starts), false);
    return success();
  }
  bool hasBatch = part.isBatched || whole.isBatched;
  HloTensor shaped = writer.reshape(hasBatch ? batched(part) : part.tensor,
                                    withBatch(*sizes, batch, hasBatch));
  set(op.getResult(),
      writer.update(hasBatch ? batched(whole) : whole.tensor, shaped,
                    withBatch(*starts, 0, hasBatch)),
      hasBatch);
  return success();
}

LogicalResult FunctionEmitter::emitPad(tensor::PadOp op) {
  auto low = knownNumbers(op.getMixedLowPad()),
       high = knownNumbers(op.getMixedHighPad());
  Value value = op.getConstantPaddingValue();
  std::optional<double> number = value ? numberOf(value) : std::nullopt;
  if (!low || !high || !number)
    return op.emitOpError("pads with something else than a constant, or by "
                          "a size that is not known when compiling");
  Known source = get(op.getSource());
  HloTensor fill = writer.splat(*number, {}, source.tensor.element);
  set(op.getResult(),
      writer.pad(source.tensor, fill, withBatch(*low, 0, source.isBatched),
                 withBatch(*high, 0, source.isBatched)),
      source.isBatched);
  return success();
}

/// A number of a tensor, as a tensor of rank 0.
LogicalResult FunctionEmitter::emitExtract(tensor::ExtractOp op) {
  Known source = get(op.getTensor());
  SmallVector<OpFoldResult> indices = getAsOpFoldResult(op.getIndices());
  auto starts = knownNumbers(indices);
  if (!starts || source.isBatched)
    return op.emitOpError("takes a number whose place is not known when "
                          "compiling");
  SmallVector<int64_t> ones(starts->size(), 1);
  set(op.getResult(),
      writer.reshape(writer.slice(source.tensor, *starts, ones, ones), {}),
      false);
  return success();
}

LogicalResult FunctionEmitter::emitReshape(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape())
    return op->emitOpError("has a result of dynamic sizes");
  Known source = get(op->getOperand(0));
  set(op->getResult(0),
      writer.reshape(source.tensor,
                     withBatch(type.getShape(), batch, source.isBatched)),
      source.isBatched);
  return success();
}

//===----------------------------------------------------------------------===//
// Loops and functions
//===----------------------------------------------------------------------===//

LogicalResult FunctionEmitter::emitLoop(scf::ForOp loop) {
  auto low = getConstantIntValue(loop.getLowerBound()),
       high = getConstantIntValue(loop.getUpperBound()),
       step = getConstantIntValue(loop.getStep());
  if (counter || low != 0 || step != 1 || !high)
    return loop.emitOpError("is a loop other than one over the matrices of a "
                            "batch, which XLA's compilers are not given");
  for (auto [argument, start] :
       llvm::zip_equal(loop.getRegionIterArgs(), loop.getInitArgs()))
    values[argument] = get(start);
  counter = loop.getInductionVar();
  batch = *high;
  LogicalResult result = emitBlock(*loop.getBody());
  counter = {};
  if (failed(result))
    return failure();
  Operation *yield = loop.getBody()->getTerminator();
  for (auto [value, yielded] :
       llvm::zip_equal(loop.getResults(), yield->getOperands())) {
    Known last = get(yielded);
    if (last.isBatched)
      return loop.emitOpError("carries more than the matrices of a batch");
    values[value] = last;
  }
  return success();
}

LogicalResult FunctionEmitter::emit(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<arith::ConstantOp>([&](auto it) { return emitConstant(it); })
      .Case<tensor::EmptyOp>([](auto) { return success(); })
      .Case<tensor::ExtractSliceOp>([&](auto it) { return emitSlice(it); })
      .Case<tensor::InsertSliceOp>([&](auto it) { return emitInsert(it); })
      .Case<tensor::PadOp>([&](auto it) { return emitPad(it); })
      .Case<tensor::ExtractOp>([&](auto it) { return emitExtract(it); })
      .Case<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(
          [&](auto it) { return emitReshape(it); })
      .Case<CombineOp>([&](auto it) { return emitCombine(it); })
      .Case<linalg::GenericOp>([&](auto it) {
        return isProduct(it) ? emitProduct(it) : emitGeneric(it);
      })
      .Case<linalg::FillOp>([&](linalg::FillOp fill) -> LogicalResult {
        if (auto found = values.find(fill.value()); found != values.end()) {
          auto type = cast<RankedTensorType>(fill.getResult(0).getType());
          set(fill.getResult(0),
              writer.broadcast(found->second.tensor, {}, type.getShape()),
              false);
          return success();
        }
        // Said where somebody asks for it: most are the start of a product.
        if (!numberOf(fill.value()))
          return fill.emitOpError("fills with something else than a constant");
        return success();
      })
      .Case<linalg::LinalgOp>([&](linalg::LinalgOp it) -> LogicalResult {
        if (isProduct(it))
          return emitProduct(it);
        return op->emitOpError("has no words in StableHLO here");
      })
      .Case<scf::ForOp>([&](auto it) { return emitLoop(it); })
      .Default([](Operation *other) {
        return other->emitOpError("has no words in StableHLO here: lower it "
                                  "to linalg on tensors first");
      });
}

LogicalResult FunctionEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(emit(&op)))
      return failure();
  return success();
}

/// The attributes of an argument: whether it is given away for a result.
static std::string argumentAttributes(func::FuncOp function, unsigned number) {
  if (!function.getArgAttrOfType<BoolAttr>(
          number, bufferization::BufferizationDialect::kWritableAttrName))
    return "";
  // The first result of its type that no argument before it has taken.
  unsigned same = 0;
  Type type = function.getArgumentTypes()[number];
  for (unsigned before = 0; before < number; ++before)
    same += function.getArgumentTypes()[before] == type &&
            function.getArgAttr(
                before, bufferization::BufferizationDialect::kWritableAttrName);
  for (auto [index, result] : llvm::enumerate(function.getResultTypes()))
    if (result == type && same-- == 0)
      return llvm::formatv(" {{tf.aliasing_output = {0} : i32}", index);
  return "";
}

FailureOr<std::string> FunctionEmitter::emit() {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has branches");
  std::string arguments, results, returned;
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || !type.hasStaticShape())
      return function.emitOpError()
             << "has argument " << argument.getArgNumber()
             << ", which is no tensor of static sizes: code for XLA's "
                "compilers is for those";
    unsigned number = argument.getArgNumber();
    std::string name = "%arg" + std::to_string(number);
    arguments += (number ? ", " : "") + name + ": " +
                 StableHloWriter::type(type.getShape(), type.getElementType()) +
                 argumentAttributes(function, number);
    set(argument,
        {name, llvm::to_vector(type.getShape()), type.getElementType()}, false);
  }
  if (failed(emitBlock(function.getBody().front())))
    return failure();
  for (Value value :
       function.getBody().front().getTerminator()->getOperands()) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || !type.hasStaticShape())
      return function.emitOpError("returns something else than tensors of "
                                  "static sizes");
    HloTensor tensor = get(value).tensor;
    std::string separator = results.empty() ? "" : ", ";
    results += separator + StableHloWriter::type(tensor);
    returned += separator + tensor.name;
  }
  return llvm::formatv("  func.func {0} @{1}({2}) -> ({3}) {{\n{4}"
                       "    return {5} : {3}\n  }\n",
                       options.isPrivate ? "private" : "public", options.name,
                       arguments, results, writer.text(), returned)
      .str();
}

FailureOr<std::string>
sevenfold::emitStableHlo(func::FuncOp function,
                         const StableHloOptions &options) {
  return FunctionEmitter(function, options).emit();
}
