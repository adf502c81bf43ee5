//===- StableHloModule.cpp - Modules of StableHLO by others ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product with a plan goes the way of any other: it becomes a contraction of
// linalg in a module of its own, which is planned, decomposed and said in
// StableHLO again, as a private function.
//
//===----------------------------------------------------------------------===//

#include "ModelCompilerImpl.h"
#include "PjrtTarget.h"
#include "StableHloReader.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Target/StableHlo.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace mlir;
using namespace sevenfold;

bool sevenfold::isStableHlo(llvm::StringRef text) {
  // Large constants of other models are not read character by character.
  if (!text.contains("stablehlo."))
    return false;
  for (size_t place = skipComments(text, 0); place < text.size();
       place = nextCode(text, place)) {
    llvm::StringRef rest = text.substr(place);
    if (rest.starts_with("stablehlo.") || rest.starts_with("\"stablehlo."))
      return true;
  }
  return false;
}

std::optional<std::string> sevenfold::readStableHlo(llvm::StringRef path) {
  auto text = readFile(path, int64_t(1) << 30);
  if (text && isStableHlo(*text))
    return std::move(*text);
  if (!text)
    llvm::consumeError(text.takeError());
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// One product
//===----------------------------------------------------------------------===//

/// The product of two operands without a batch. Loops are the dimensions of the
/// result, then those that are summed over.
static std::string plainDot(const HloDot &dot) {
  const DotDimensions &d = dot.dimensions;
  SmallVector<int64_t> loopsA(dot.typeA.dims.size(), -1),
      loopsB(dot.typeB.dims.size(), -1);
  int64_t next = 0;
  for (auto [a, b] : llvm::zip_equal(d.batchA, d.batchB))
    loopsA[a] = loopsB[b] = next++;
  auto number = [&](SmallVector<int64_t> &loops, ArrayRef<int64_t> contracted) {
    for (size_t i = 0; i < loops.size(); ++i)
      if (loops[i] < 0 && !llvm::is_contained(contracted, int64_t(i)))
        loops[i] = next++;
  };
  number(loopsA, d.contractedA);
  number(loopsB, d.contractedB);
  int64_t kept = next;
  for (auto [a, b] : llvm::zip_equal(d.contractedA, d.contractedB))
    loopsA[a] = loopsB[b] = next++;
  auto list = [](ArrayRef<int64_t> numbers) {
    return llvm::join(
        llvm::map_range(
            numbers, [](int64_t loop) { return "d" + std::to_string(loop); }),
        ", ");
  };
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, next));
  std::string loops = list(all), kinds;
  for (int64_t loop : all)
    kinds += std::string(loop ? ", " : "") +
             (loop < kept ? "\"parallel\"" : "\"reduction\"");
  bool isFloat = dot.result.element.find('f') != std::string::npos;
  std::string a = "%x", b = "%y", widening;
  for (auto [name, type] : {std::pair{&a, &dot.typeA}, {&b, &dot.typeB}}) {
    if (type->element == dot.result.element)
      continue;
    widening += llvm::formatv("    {0}w = arith.{1} {0} : {2} to {3}\n", *name,
                              isFloat ? "extf" : "extsi", type->element,
                              dot.result.element);
    *name += "w";
  }
  return llvm::formatv(
      "func.func @dot(%a: {0}, %b: {1}) -> {2} {{\n"
      "  %zero = arith.constant {3} : {4}\n"
      "  %empty = tensor.empty() : {2}\n"
      "  %start = linalg.fill ins(%zero : {4}) outs(%empty : {2}) -> {2}\n"
      "  %c = linalg.generic {{indexing_maps = [affine_map<({5}) -> ({6})>, "
      "affine_map<({5}) -> ({7})>, affine_map<({5}) -> ({8})>], "
      "iterator_types = [{9}]} ins(%a, %b : {0}, {1}) outs(%start : {2}) {{\n"
      "  ^bb0(%x: {10}, %y: {11}, %z: {4}):\n{12}"
      "    %p = arith.{13} {14}, {15} : {4}\n"
      "    %s = arith.{16} %z, %p : {4}\n"
      "    linalg.yield %s : {4}\n"
      "  } -> {2}\n"
      "  return %c : {2}\n}\n",
      dot.typeA.str(), dot.typeB.str(), dot.result.str(), isFloat ? "0.0" : "0",
      dot.result.element, loops, list(loopsA), list(loopsB),
      list(ArrayRef(all).take_front(kept)), kinds, dot.typeA.element,
      dot.typeB.element, widening, isFloat ? "mulf" : "muli", a, b,
      isFloat ? "addf" : "addi");
}

/// "1, 2".
static std::string joined(ArrayRef<int64_t> numbers) {
  return llvm::join(
      llvm::map_range(numbers,
                      [](int64_t number) { return std::to_string(number); }),
      ", ");
}

static HloType typeOf(ArrayRef<int64_t> dims, std::string element) {
  return {llvm::to_vector(dims), std::move(element)};
}

/// The product of a batch: both operands turned to (batch, rows, columns), and
/// what belongs together as one dimension.
static std::string batchedDot(const HloDot &dot) {
  const DotDimensions &d = dot.dimensions;
  std::string text;
  auto bring = [&](const std::string &name, const HloType &type,
                   ArrayRef<int64_t> batch, ArrayRef<int64_t> first,
                   ArrayRef<int64_t> last) {
    SmallVector<int64_t> order(batch), dims;
    llvm::append_range(order, first);
    llvm::append_range(order, last);
    for (int64_t dim : order)
      dims.push_back(type.dims[dim]);
    HloType turned = typeOf(dims, type.element);
    std::array<int64_t, 3> sizes = {1, 1, 1};
    std::array<ArrayRef<int64_t>, 3> groups = {batch, first, last};
    std::string reassociation;
    int64_t next = 0;
    for (size_t i = 0; i < 3; ++i) {
      reassociation += i ? ", [" : "[";
      for (size_t k = 0; k < groups[i].size(); ++k, ++next) {
        sizes[i] *= dims[next];
        reassociation += (k ? ", " : "") + std::to_string(next);
      }
      reassociation += "]";
    }
    HloType collapsed = typeOf(sizes, type.element);
    text += llvm::formatv(
        "  %{0}e = tensor.empty() : {1}\n"
        "  %{0}t = linalg.transpose ins(%{0} : {2}) outs(%{0}e : {1}) "
        "permutation = [{3}]\n",
        name, turned.str(), type.str(), joined(order));
    text +=
        turned.dims.size() == 3
            ? llvm::formatv("  %{0}c = tensor.cast %{0}t : {1} to {1}\n", name,
                            turned.str())
                  .str()
            : llvm::formatv("  %{0}c = tensor.collapse_shape %{0}t [{1}] : "
                            "{2} into {3}\n",
                            name, reassociation, turned.str(), collapsed.str())
                  .str();
    return collapsed;
  };
  auto restOf = [](const HloType &type, ArrayRef<int64_t> batch,
                   ArrayRef<int64_t> contracted) {
    SmallVector<int64_t> rest;
    for (int64_t i = 0; i < int64_t(type.dims.size()); ++i)
      if (!llvm::is_contained(batch, i) && !llvm::is_contained(contracted, i))
        rest.push_back(i);
    return rest;
  };
  SmallVector<int64_t> rows = restOf(dot.typeA, d.batchA, d.contractedA),
                       columns = restOf(dot.typeB, d.batchB, d.contractedB);
  HloType a = bring("a", dot.typeA, d.batchA, rows, d.contractedA),
          b = bring("b", dot.typeB, d.batchB, d.contractedB, columns);
  HloType c = typeOf({a.dims[0], a.dims[1], b.dims[2]}, dot.result.element);
  std::string split;
  int64_t next = 0;
  for (size_t count : {d.batchA.size(), rows.size(), columns.size()}) {
    split += split.empty() ? "[" : ", [";
    for (size_t k = 0; k < count; ++k, ++next)
      split += (k ? ", " : "") + std::to_string(next);
    split += "]";
  }
  bool isFloat = dot.result.element.find('f') != std::string::npos;
  text += llvm::formatv(
      "  %zero = arith.constant {0} : {1}\n"
      "  %empty = tensor.empty() : {2}\n"
      "  %start = linalg.fill ins(%zero : {1}) outs(%empty : {2}) -> {2}\n"
      "  %p = linalg.batch_matmul ins(%ac, %bc : {3}, {4}) outs(%start : {2}) "
      "-> {2}\n",
      isFloat ? "0.0" : "0", dot.result.element, c.str(), a.str(), b.str());
  text += dot.result.dims.size() == 3
              ? llvm::formatv("  return %p : {0}\n", c.str()).str()
              : llvm::formatv("  %r = tensor.expand_shape %p [{0}] "
                              "output_shape [{1}] : {2} into {3}\n"
                              "  return %r : {3}\n",
                              split, joined(dot.result.dims), c.str(),
                              dot.result.str())
                    .str();
  return llvm::formatv("func.func @dot(%a: {0}, %b: {1}) -> {2} {{\n{3}}\n",
                       dot.typeA.str(), dot.typeB.str(), dot.result.str(),
                       text);
}

/// The product as linalg: a public function `dot` of A and B.
static std::string linalgOf(const HloDot &dot) {
  return dot.dimensions.batchA.empty() ? plainDot(dot) : batchedDot(dot);
}

/// Why a product of these types has no plans, or "".
static std::string problemOf(const HloDot &dot) {
  for (const HloType *type : {&dot.typeA, &dot.typeB, &dot.result})
    if (!llvm::is_contained({"f16", "bf16", "f32", "f64", "i8", "i32"},
                            type->element))
      return "there are no plans for its element types";
  if (dot.typeA.element != dot.typeB.element)
    return "its operands have different types";
  // A vector is no matrix, and a batch of them neither.
  size_t batch = dot.dimensions.batchA.size(),
         inner = dot.dimensions.contractedA.size();
  bool isMatrix = inner > 0 && dot.typeA.dims.size() > batch + inner &&
                  dot.typeB.dims.size() > batch + inner;
  return isMatrix ? "" : "it is no product of matrices";
}

namespace {
/// Plans products, and writes a function for each that is another.
class DotPlanner {
public:
  DotPlanner(const PlanSource &source, const ModelCompilerOptions &options)
      : source(source), options(options) {}

  /// What becomes of a product; `name` is that of its function, or empty.
  llvm::Expected<MatmulDecision> plan(const HloDot &dot, std::string &name);

  std::string functions; ///< text

private:
  const PlanSource &source;
  const ModelCompilerOptions &options;
  std::map<std::string, std::pair<std::string, MatmulDecision>> known;
};
} // namespace

llvm::Expected<MatmulDecision> DotPlanner::plan(const HloDot &dot,
                                                std::string &name) {
  MatmulDecision decision;
  decision.location = dot.location;
  std::string problem = dot.reason.empty() ? problemOf(dot) : dot.reason;
  if (!problem.empty()) {
    decision.answer.reason = problem;
    return decision;
  }
  std::string text = linalgOf(dot);
  std::string key = std::to_string(int(dot.precision)) + text;
  if (auto found = known.find(key); found != known.end()) {
    name = found->second.first;
    decision = found->second.second;
    decision.location = dot.location;
    return decision;
  }
  auto compiler = ModelCompiler::fromText(text, dot.location);
  if (!compiler)
    return compiler.takeError();
  auto decisions = (*compiler)->plan(source, options);
  if (!decisions)
    return decisions.takeError();
  if (!decisions->empty()) {
    decision.workload = decisions->front().workload;
    decision.answer = decisions->front().answer;
  }
  if (decision.answer.isPlanned()) {
    name = "sevenfold_dot_" + std::to_string(known.size());
    auto body = emitPlanned(**compiler,
                            {name, dot.precision, /*isPrivate=*/true}, "pjrt");
    if (!body)
      return body.takeError();
    functions += *body;
  }
  known[key] = {name, decision};
  return decision;
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

/// Whether every operation of StableHLO is in generic form.
static bool isAllGeneric(StringRef text) {
  for (size_t place = skipComments(text, 0); place < text.size();
       place = nextCode(text, place))
    if (text.substr(place).starts_with("stablehlo.") &&
        (place == 0 || text[place - 1] != '#'))
      return false;
  return true;
}

/// Has MLIR read a text whose operations it does not know.
static llvm::Error checkByMlir(StringRef text, StringRef path) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.allowUnregisteredDialects();
  context.loadDialect<func::FuncDialect>();
  DiagnosticCollector diagnostics(&context);
  ParserConfig config(&context, /*verifyAfterParse=*/false);
  if (parseSourceString<ModuleOp>(text, config, path))
    return llvm::Error::success();
  return diagnostics.take("MLIR cannot read it");
}

/// The place of the bracket that closes the module, where functions can be
/// added; npos where the brackets do not match.
static size_t endOfModule(StringRef text) {
  size_t depth = 0, last = StringRef::npos, region = StringRef::npos;
  bool isRegion = false;
  for (size_t place = skipComments(text, 0); place < text.size();
       place = nextCode(text, place)) {
    // In generic form attributes may come behind the body, which is "({ .. })".
    if (text[place] == '{' && depth++ == 0)
      isRegion = place > 0 && text[place - 1] == '(';
    if (text[place] == '}') {
      if (depth-- == 0)
        return StringRef::npos;
      if (depth == 0)
        (isRegion ? region : last) = place;
    }
  }
  if (depth != 0)
    return StringRef::npos;
  return region != StringRef::npos ? region : last;
}

/// Whether the text's functions are in a module that it names.
static bool hasModule(StringRef text) {
  for (size_t place = skipComments(text, 0); place < text.size();
       place = nextCode(text, place)) {
    StringRef rest = text.substr(place);
    if (rest.starts_with("func.func") || rest.starts_with("\"func.func"))
      return false;
    if (rest.starts_with("module") || rest.starts_with("\"builtin.module"))
      return true;
  }
  return false;
}

llvm::Expected<PlannedStableHlo>
sevenfold::planStableHlo(StringRef text, StringRef path,
                         const PlanSource &source,
                         const ModelCompilerOptions &options) {
  size_t end = endOfModule(text);
  if (end == StringRef::npos)
    return makeError("{0}: it ends within a function: its brackets do not "
                     "match",
                     path);
  bool isGeneric = isAllGeneric(text);
  if (isGeneric)
    if (llvm::Error error = checkByMlir(text, path))
      return error;
  PlannedStableHlo planned;
  DotPlanner planner(source, options);
  size_t copied = 0;
  for (const HloDot &dot : findDots(text, path)) {
    std::string name;
    auto decision = planner.plan(dot, name);
    if (!decision)
      return decision.takeError();
    planned.decisions.push_back(std::move(*decision));
    if (name.empty())
      continue;
    planned.text += text.slice(copied, dot.begin);
    planned.text += llvm::formatv("func.call @{0}({1}, {2}) : ({3}, {4}) -> "
                                  "{5}",
                                  name, dot.a, dot.b, dot.typeA.str(),
                                  dot.typeB.str(), dot.result.str());
    copied = dot.end;
  }
  if (!hasModule(text))
    end = text.size();
  planned.text += text.slice(copied, end);
  planned.text += planner.functions;
  planned.text += text.substr(end);
  return planned;
}

//===----------------------------------------------------------------------===//
// @main
//===----------------------------------------------------------------------===//

/// The types of a list "(%arg0: tensor<..> {..}, ..)" or "(tensor<..>, ..)", or
/// of one without brackets.
static std::optional<std::vector<HloType>> typesOf(HloCursor &cursor) {
  std::vector<HloType> types;
  if (!cursor.take("(")) {
    auto type = cursor.type();
    if (!type)
      return std::nullopt;
    types.push_back(*type);
    return types;
  }
  while (!cursor.take(")")) {
    if (!types.empty() && !cursor.take(","))
      return std::nullopt;
    if (!cursor.value().empty() && !cursor.take(":"))
      return std::nullopt;
    auto type = cursor.type();
    if (!type)
      return std::nullopt;
    types.push_back(*type);
    if (cursor.take("{")) {
      // What is said of an argument; its own brackets match.
      int depth = 1;
      while (depth > 0) {
        if (cursor.take("}"))
          --depth;
        else if (cursor.take("{"))
          ++depth;
        else if (!cursor.skipOne())
          return std::nullopt;
      }
    }
    if (cursor.take("loc("))
      while (!cursor.take(")"))
        if (!cursor.skipOne())
          return std::nullopt;
  }
  return types;
}

static llvm::Expected<std::vector<BufferShape>>
shapesOf(const std::vector<HloType> &types, StringRef path) {
  std::vector<BufferShape> shapes;
  for (const HloType &type : types) {
    auto element = parseElementType(type.element);
    if (!element)
      llvm::consumeError(element.takeError());
    if (!element || !type.isStatic)
      return makeError("{0}: @main has a type that is none of static sizes and "
                       "known elements: '{1}'",
                       path, type.str());
    shapes.push_back({*element, {type.dims.begin(), type.dims.end()}});
  }
  return shapes;
}

llvm::Expected<FunctionSignature> sevenfold::mainOfStableHlo(StringRef text,
                                                             StringRef path) {
  size_t at = text.find("@main(");
  size_t generic = text.find("sym_name = \"main\"");
  std::optional<std::vector<HloType>> inputs, outputs;
  if (at != StringRef::npos) {
    HloCursor cursor(text, at + StringRef("@main").size());
    inputs = typesOf(cursor);
    outputs = std::vector<HloType>();
    if (inputs && cursor.take("->"))
      outputs = typesOf(cursor);
  } else if (generic != StringRef::npos) {
    // Attributes are in alphabetical order: the type stands before the name.
    size_t type = text.take_front(generic).rfind("function_type = ");
    if (type != StringRef::npos) {
      HloCursor cursor(text, type + StringRef("function_type = ").size());
      inputs = typesOf(cursor);
      if (inputs && cursor.take("->"))
        outputs = typesOf(cursor);
    }
  }
  if (!inputs || !outputs)
    return makeError("{0}: expected a function @main of tensors", path);
  FunctionSignature signature;
  signature.name = "main";
  auto in = shapesOf(*inputs, path);
  if (!in)
    return in.takeError();
  auto out = shapesOf(*outputs, path);
  if (!out)
    return out.takeError();
  signature.inputs = std::move(*in);
  signature.outputs = std::move(*out);
  return signature;
}
