//===- CombineOp.cpp - sevenfold.combine ----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax, verification, memory effects and bufferisation of the linear
// combination of blocks.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/IR/Builders.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Accessors and builder
//===----------------------------------------------------------------------===//

std::pair<int64_t, int64_t> CombineOp::getGrid(unsigned index) {
  return {getGrids()[2 * index], getGrids()[2 * index + 1]};
}

int64_t CombineOp::getNumOutputBlocks() {
  auto [rows, columns] = getGrid(getInputs().size());
  return rows * columns;
}

int64_t CombineOp::getNumInputBlocks() {
  int64_t count = 0;
  for (unsigned i = 0, e = getInputs().size(); i < e; ++i)
    count += getGrid(i).first * getGrid(i).second;
  return count;
}

std::pair<int64_t, int64_t> CombineOp::getBlockShape() {
  int64_t rows = ShapedType::kDynamic, columns = ShapedType::kDynamic;
  auto update = [](int64_t &size, int64_t whole, int64_t grid) {
    // The dynamic size is below all others.
    if (!ShapedType::isDynamic(whole))
      size = std::max<int64_t>(size, llvm::divideCeil(whole, grid));
  };
  for (auto [index, operand] : llvm::enumerate(getOperands())) {
    auto type = cast<ShapedType>(operand.getType());
    auto [gridRows, gridColumns] = getGrid(index);
    update(rows, type.getDimSize(0), gridRows);
    update(columns, type.getDimSize(1), gridColumns);
  }
  return {rows, columns};
}

double CombineOp::getCoefficient(int64_t i, int64_t j) {
  return getCoefficients()[i * getNumInputBlocks() + j];
}

Type CombineOp::getElementType() {
  return cast<ShapedType>(getOutput().getType()).getElementType();
}

void CombineOp::build(OpBuilder &builder, OperationState &state,
                      ValueRange inputs, Value output, ArrayRef<int64_t> grids,
                      ArrayRef<double> coefficients,
                      ArrayRef<bool> accumulate) {
  SmallVector<Type> results;
  if (isa<TensorType>(output.getType()))
    results.push_back(output.getType());
  build(builder, state, results, inputs, ValueRange{output},
        builder.getDenseI64ArrayAttr(grids),
        builder.getDenseF64ArrayAttr(coefficients),
        builder.getDenseBoolArrayAttr(accumulate));
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// An integer where the coefficient is one that doubles count up to, else the
/// shortest decimal that reads back the same.
static void printCoefficient(OpAsmPrinter &printer, double value) {
  constexpr double kLargestCounted = 0x1p53;
  if (std::abs(value) <= kLargestCounted && value == std::trunc(value))
    printer << static_cast<int64_t>(value);
  else
    printer.printFloat(APFloat(value));
}

static ParseResult parseCoefficient(OpAsmParser &parser, double &value) {
  bool negative = succeeded(parser.parseOptionalMinus());
  int64_t integer;
  OptionalParseResult parsed = parser.parseOptionalInteger(integer);
  if (parsed.has_value()) {
    if (failed(*parsed))
      return failure();
    value = static_cast<double>(integer);
  } else if (parser.parseFloat(value)) {
    return failure();
  }
  if (negative)
    value = -value;
  return success();
}

/// coefficients ::= `[` coefficient,* `]`
static void printCoefficients(OpAsmPrinter &printer, ArrayRef<double> row) {
  printer << '[';
  llvm::interleaveComma(
      row, printer, [&](double value) { printCoefficient(printer, value); });
  printer << ']';
}

static ParseResult parseCoefficients(OpAsmParser &parser,
                                     SmallVectorImpl<double> &row) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parseCoefficient(parser, row.emplace_back());
  });
}

/// The same as an attribute, for sevenfold.fused_gemm.
static void printCoefficients(OpAsmPrinter &printer, Operation *,
                              DenseF64ArrayAttr row) {
  printCoefficients(printer, row.asArrayRef());
}

static ParseResult parseCoefficients(OpAsmParser &parser,
                                     DenseF64ArrayAttr &row) {
  SmallVector<double> values;
  if (parseCoefficients(parser, values))
    return failure();
  row = parser.getBuilder().getDenseF64ArrayAttr(values);
  return success();
}

static void printOperands(OpAsmPrinter &printer, CombineOp op, unsigned first,
                          ValueRange operands) {
  printer << '(';
  llvm::interleaveComma(llvm::enumerate(operands), printer, [&](auto it) {
    auto [rows, columns] = op.getGrid(first + it.index());
    printer << it.value() << " grid [" << rows << ", " << columns
            << "] : " << it.value().getType();
  });
  printer << ')';
}

void CombineOp::print(OpAsmPrinter &printer) {
  int64_t columns = getNumInputBlocks();
  ArrayRef<double> all = getCoefficients();
  printer << " coefficients [";
  llvm::interleaveComma(
      llvm::seq<int64_t>(getNumOutputBlocks()), printer, [&](int64_t row) {
        printCoefficients(printer, all.slice(row * columns, columns));
      });
  printer << ']';
  if (llvm::is_contained(getAccumulate(), true)) {
    printer << " accumulate";
    if (llvm::is_contained(getAccumulate(), false)) {
      printer << " [";
      llvm::interleaveComma(getAccumulate(), printer, [&](bool flag) {
        printer << (flag ? "true" : "false");
      });
      printer << ']';
    }
  }
  printer << " ins";
  printOperands(printer, *this, 0, getInputs());
  printer << " outs";
  printOperands(printer, *this, getInputs().size(), getOutputs());
  printer.printOptionalAttrDict((*this)->getAttrs(),
                                {"grids", "coefficients", "accumulate",
                                 getOperandSegmentSizesAttrName().getValue()});
  if (!getResults().empty())
    printer << " -> " << getResults().front().getType();
}

/// operands ::= `(` (ssa `grid` [rows, columns] `:` type),* `)`
static ParseResult
parseOperands(OpAsmParser &parser, SmallVectorImpl<int64_t> &grids,
              SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
              SmallVectorImpl<Type> &types) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, [&] {
    int64_t rows, columns;
    if (parser.parseOperand(operands.emplace_back()) ||
        parser.parseKeyword("grid") || parser.parseLSquare() ||
        parser.parseInteger(rows) || parser.parseComma() ||
        parser.parseInteger(columns) || parser.parseRSquare() ||
        parser.parseColonType(types.emplace_back()))
      return failure();
    grids.append({rows, columns});
    return success();
  });
}

static ParseResult parseAccumulate(OpAsmParser &parser, size_t rows,
                                   SmallVectorImpl<bool> &accumulate) {
  bool any = succeeded(parser.parseOptionalKeyword("accumulate"));
  if (!any || failed(parser.parseOptionalLSquare())) {
    accumulate.assign(rows, any);
    return success();
  }
  do {
    if (succeeded(parser.parseOptionalKeyword("true")))
      accumulate.push_back(true);
    else if (succeeded(parser.parseKeyword("false")))
      accumulate.push_back(false);
    else
      return failure();
  } while (succeeded(parser.parseOptionalComma()));
  return parser.parseRSquare();
}

ParseResult CombineOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<double> coefficients;
  SmallVector<bool> accumulate;
  size_t rows = 0;
  auto parseRow = [&] {
    ++rows;
    return parseCoefficients(parser, coefficients);
  };
  SmallVector<int64_t> grids;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs, outputs;
  SmallVector<Type> inputTypes, outputTypes;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword("coefficients") ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseRow) ||
      parseAccumulate(parser, rows, accumulate) || parser.parseKeyword("ins") ||
      parseOperands(parser, grids, inputs, inputTypes) ||
      parser.parseKeyword("outs") ||
      parseOperands(parser, grids, outputs, outputTypes) ||
      parser.parseOptionalAttrDict(result.attributes))
    return failure();
  if (succeeded(parser.parseOptionalArrow())) {
    Type type;
    if (parser.parseType(type))
      return failure();
    result.addTypes(type);
  }
  if (parser.resolveOperands(inputs, inputTypes, loc, result.operands) ||
      parser.resolveOperands(outputs, outputTypes, loc, result.operands))
    return failure();
  Builder &builder = parser.getBuilder();
  result.addAttribute("grids", builder.getDenseI64ArrayAttr(grids));
  result.addAttribute("coefficients",
                      builder.getDenseF64ArrayAttr(coefficients));
  result.addAttribute("accumulate", builder.getDenseBoolArrayAttr(accumulate));
  result.addAttribute(
      getOperandSegmentSizesAttrName(result.name),
      builder.getDenseI32ArrayAttr({static_cast<int32_t>(inputs.size()),
                                    static_cast<int32_t>(outputs.size())}));
  return success();
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

LogicalResult CombineOp::verify() {
  // combine_c1: one destination.
  if (getOutputs().size() != 1)
    return emitOpError("expected one destination but got ")
           << getOutputs().size();
  // combine_c2: a grid of at least one block for every operand.
  if (getGrids().size() != 2 * getNumOperands() ||
      llvm::any_of(getGrids(), [](int64_t size) { return size < 1; }))
    return emitOpError("expected a grid of positive sizes for each operand");
  // combine_c3: matrices of one element type.
  for (Value operand : getOperands()) {
    auto type = cast<ShapedType>(operand.getType());
    if (type.getElementType() != getElementType())
      return emitOpError("expected element type ")
             << getElementType() << " but got " << type.getElementType();
  }
  // combine_c4: a coefficient for every pair of destination and input block.
  int64_t expected = getNumOutputBlocks() * getNumInputBlocks();
  if (static_cast<int64_t>(getCoefficients().size()) != expected)
    return emitOpError("expected ")
           << getNumOutputBlocks() << " x " << getNumInputBlocks()
           << " coefficients but got " << getCoefficients().size();
  if (!llvm::all_of(getCoefficients(),
                    [](double value) { return std::isfinite(value); }))
    return emitOpError("expected finite coefficients");
  // combine_c7: integers are combined with integers of at most 32 bits.
  if (getElementType().isInteger() &&
      !llvm::all_of(getCoefficients(), [](double value) {
        return value == std::trunc(value) && std::abs(value) <= INT32_MAX;
      }))
    return emitOpError("expected integer coefficients for element type ")
           << getElementType();
  // combine_c5: a flag for every destination block.
  if (static_cast<int64_t>(getAccumulate().size()) != getNumOutputBlocks())
    return emitOpError("expected ")
           << getNumOutputBlocks() << " accumulate flags but got "
           << getAccumulate().size();
  // combine_c6: tensors give a result of the destination's type, memrefs none.
  bool isTensor = isa<TensorType>(getOutput().getType());
  if (llvm::any_of(getOperands(), [&](Value operand) {
        return isa<TensorType>(operand.getType()) != isTensor;
      }))
    return emitOpError("expected all tensors or all memrefs");
  if (getResults().size() != (isTensor ? 1u : 0u) ||
      (isTensor && getResults().front().getType() != getOutput().getType()))
    return emitOpError("expected the destination's type as the result of the "
                       "tensor form and no result of the memref form");
  return success();
}

//===----------------------------------------------------------------------===//
// Effects and bufferisation
//===----------------------------------------------------------------------===//

void CombineOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (isa<TensorType>(getOutput().getType()))
    return;
  for (OpOperand &input : getInputsMutable())
    effects.emplace_back(MemoryEffects::Read::get(), &input,
                         SideEffects::DefaultResource::get());
  for (OpOperand &output : getOutputsMutable()) {
    if (llvm::is_contained(getAccumulate(), true))
      effects.emplace_back(MemoryEffects::Read::get(), &output,
                           SideEffects::DefaultResource::get());
    effects.emplace_back(MemoryEffects::Write::get(), &output,
                         SideEffects::DefaultResource::get());
  }
}

bool CombineOp::bufferizesToMemoryRead(OpOperand &operand,
                                       const bufferization::AnalysisState &) {
  // Untouched blocks carry the accumulate flag, so that an update of some
  // blocks keeps the others.
  return !isDpsInit(&operand) || llvm::is_contained(getAccumulate(), true);
}

bool CombineOp::bufferizesToMemoryWrite(OpOperand &operand,
                                        const bufferization::AnalysisState &) {
  return isDpsInit(&operand);
}

bufferization::AliasingValueList
CombineOp::getAliasingValues(OpOperand &operand,
                             const bufferization::AnalysisState &) {
  if (!isDpsInit(&operand))
    return {};
  return {
      {getTiedOpResult(&operand), bufferization::BufferRelation::Equivalent}};
}

LogicalResult
CombineOp::bufferize(RewriterBase &rewriter,
                     const bufferization::BufferizationOptions &options,
                     bufferization::BufferizationState &state) {
  SmallVector<Value> inputs;
  for (Value input : getInputs()) {
    FailureOr<Value> buffer =
        bufferization::getBuffer(rewriter, input, options, state);
    if (failed(buffer))
      return failure();
    inputs.push_back(*buffer);
  }
  FailureOr<Value> output =
      bufferization::getBuffer(rewriter, getOutput(), options, state);
  if (failed(output))
    return failure();
  rewriter.setInsertionPoint(*this);
  CombineOp::create(rewriter, getLoc(), inputs, *output, getGrids(),
                    getCoefficients(), getAccumulate());
  bufferization::replaceOpWithBufferizedValues(rewriter, *this, *output);
  return success();
}

#define GET_OP_CLASSES
#include "sevenfold/Dialect/Sevenfold.cpp.inc"
