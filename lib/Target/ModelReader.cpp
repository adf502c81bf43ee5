//===- ModelReader.cpp - From a file to a module with a C interface -------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses a model, brings its modules together, and checks that every public
// function has a C interface: tensors and buffers, and scalars, which become
// tensors of no dimension. Where sizes are dynamic, it finds out what follows
// from those of the arguments.
//
//===----------------------------------------------------------------------===//

#include "ModelCompilerImpl.h"
#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Dialect/StridedBuffers.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Transforms/SizeAnalysis.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sevenfold;

static std::string textOf(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

/// What mlir-opt's --split-input-file splits at.
static constexpr llvm::StringLiteral kSplitMarker = "// -----";

/// What a module in bytecode begins with.
static constexpr llvm::StringLiteral kBytecode = "ML\xefR";

static bool hasParts(StringRef text) {
  return !text.starts_with(kBytecode) && text.contains(kSplitMarker);
}

/// The parts of a file, each behind as many empty lines as stood before it, so
/// that places in it are places in the file.
static SmallVector<std::string> splitModules(StringRef text) {
  SmallVector<std::string> parts(1);
  int64_t line = 0;
  while (!text.empty()) {
    auto [first, rest] = text.split('\n');
    ++line;
    if (first.rtrim() == kSplitMarker)
      parts.emplace_back(line, '\n');
    else
      parts.back() += first.str() + '\n';
    text = rest;
  }
  return parts;
}

static bool isDeclarationOf(Operation *op, Operation *other) {
  auto function = dyn_cast<func::FuncOp>(op),
       defined = dyn_cast<func::FuncOp>(other);
  return function && defined && function.isExternal() &&
         function.getFunctionType() == defined.getFunctionType();
}

/// Moves the symbols of `from` into `to`. A private one whose name is taken
/// gets another.
static llvm::Error moveSymbols(ModuleOp from, ModuleOp to) {
  SymbolTable known(to);
  for (Operation &op : llvm::make_early_inc_range(*from.getBody())) {
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    Operation *taken = symbol ? known.lookup(symbol.getName()) : nullptr;
    if (!taken) {
      op.moveBefore(to.getBody(), to.getBody()->end());
      if (symbol)
        known.insert(&op);
      continue;
    }
    // A declaration is of the definition with its name and type.
    if (isDeclarationOf(&op, taken)) {
      op.erase();
      continue;
    }
    if (isDeclarationOf(taken, &op)) {
      known.erase(taken);
      op.moveBefore(to.getBody(), to.getBody()->end());
      known.insert(&op);
      continue;
    }
    if (!symbol.isPrivate())
      return makeError("{0}: '{1}' is defined twice", placeOf(op.getLoc()),
                       symbol.getName());
    SymbolTable own(from);
    if (failed(own.renameToUnique(&op, {&known})))
      return makeError("{0}: '{1}' cannot be renamed", placeOf(op.getLoc()),
                       symbol.getName());
    op.moveBefore(to.getBody(), to.getBody()->end());
    known.insert(&op);
  }
  return llvm::Error::success();
}

/// Brings the symbols of nested modules to the top.
static llvm::Error flatten(ModuleOp module) {
  for (auto nested : llvm::make_early_inc_range(module.getOps<ModuleOp>())) {
    if (llvm::Error error = flatten(nested))
      return error;
    if (llvm::Error error = moveSymbols(nested, module))
      return error;
    nested.erase();
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static llvm::Error checkBodies(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isExternal())
      continue;
    if (!function.isPrivate())
      return makeError("{0}: function '{1}' has no body",
                       placeOf(function.getLoc()), function.getName());
    auto uses = SymbolTable::getSymbolUses(function, module);
    if (uses && !uses->empty())
      return makeError("{0}: function '{1}' is called and has no body, which a "
                       "library cannot find elsewhere",
                       placeOf(uses->begin()->getUser()->getLoc()),
                       function.getName());
  }
  return llvm::Error::success();
}

/// Fails where a function reaches itself by calls: nothing bounds what it
/// takes.
static llvm::Error checkRecursion(ModuleOp module) {
  DenseMap<Operation *, int> state; // 1: on the way, 2: done
  std::function<llvm::Error(func::FuncOp)> visit =
      [&](func::FuncOp function) -> llvm::Error {
    if (state[function] == 2)
      return llvm::Error::success();
    if (state[function] == 1)
      return makeError("{0}: function '{1}' is recursive",
                       placeOf(function.getLoc()), function.getName());
    state[function] = 1;
    llvm::Error error = llvm::Error::success();
    function.walk([&](func::CallOp call) {
      auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
      if (!error && callee)
        error = visit(callee);
    });
    state[function] = 2;
    return error;
  };
  for (auto function : module.getOps<func::FuncOp>())
    if (llvm::Error error = visit(function))
      return error;
  return llvm::Error::success();
}

/// Globals without a value, code that nothing is known of, and sizes that no
/// memory has.
static llvm::Error checkOperations(ModuleOp module) {
  constexpr double kMostBytes = 0x1p47; // what a process can address
  std::string problem;
  module.walk([&](Operation *op) {
    if (auto global = dyn_cast<memref::GlobalOp>(op);
        global && global.isExternal())
      problem = llvm::formatv("global '{0}' has no value, which a library "
                              "cannot find elsewhere",
                              global.getName());
    else if (isa<LLVM::InlineAsmOp>(op))
      problem = "inline assembly is not supported";
    SmallVector<Type> types(op->getResultTypes());
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::append_range(types, block.getArgumentTypes());
    for (Type type : types) {
      auto shaped = dyn_cast<ShapedType>(type);
      if (!shaped || !shaped.hasRank() || !shaped.hasStaticShape())
        continue;
      double bytes = 8;
      for (int64_t size : shaped.getShape())
        bytes *= double(size);
      if (bytes >= kMostBytes)
        problem =
            llvm::formatv("sizes are beyond all memory: {0}", textOf(type));
    }
    if (problem.empty())
      return WalkResult::advance();
    problem = placeOf(op->getLoc()) + ": " + problem;
    return WalkResult::interrupt();
  });
  return problem.empty() ? llvm::Error::success() : makeError("{0}", problem);
}

static bool isScalar(Type type) { return type.isIntOrIndexOrFloat(); }

static bool isDefaultSpace(Attribute space) {
  auto number = dyn_cast_or_null<IntegerAttr>(space);
  return !space || (number && number.getInt() == 0);
}

/// The buffer that a tensor or a memref of rows is in C.
static llvm::Expected<BufferShape> bufferOf(Type type, StringRef place) {
  auto shaped = dyn_cast<ShapedType>(type);
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto memref = dyn_cast<MemRefType>(type);
  if (!(tensor || memref) || (tensor && tensor.getEncoding()))
    return makeError("{0}: expected a ranked tensor without an encoding, a "
                     "ranked memref or a number but got {1}",
                     place, textOf(type));
  bool isStrided = memref && isStridedByCaller(memref);
  if (memref && !memref.getLayout().isIdentity() && !isStrided)
    return makeError("{0}: expected a contiguous row-major buffer, or one of "
                     "strides [?, .., 1], but got {1}",
                     place, textOf(type));
  if (memref && !isDefaultSpace(memref.getMemorySpace()))
    return makeError("{0}: expected a buffer in the default memory space but "
                     "got {1}",
                     place, textOf(type));
  BufferShape shape;
  // An index is as wide as a pointer.
  Type element = shaped.getElementType();
  std::optional<ElementType> known =
      element.isIndex() ? ElementType::I64 : parseStoredType(textOf(element));
  if (!known)
    return makeError("{0}: expected elements of f32, f64, f16, bf16, i1, i8, "
                     "i16, i32, i64 or index but got {1}",
                     place, textOf(element));
  shape.type = *known;
  for (int64_t size : shaped.getShape())
    shape.dims.push_back(ShapedType::isDynamic(size) ? kAnySize : size);
  shape.isWritten = bool(memref);
  shape.isStrided = isStrided;
  return shape;
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

/// The tensor of no dimension that a scalar is at a C interface.
static Type behindPointer(Type type) {
  return isScalar(type) ? RankedTensorType::get({}, type) : type;
}

/// Keeps the calls of a function whose signature is about to change.
static void keepCalls(func::FuncOp function, ModuleOp module) {
  auto uses = SymbolTable::getSymbolUses(function, module);
  if (!uses || uses->empty())
    return;
  auto called = cast<func::FuncOp>(function->clone());
  called.setPrivate();
  SymbolTable symbols(module);
  StringAttr name = symbols.insert(called);
  // In all functions, the copy among them.
  (void)SymbolTable::replaceAllSymbolUses(function, name, module);
}

/// Has a public function take and return scalars by pointers.
static void passScalarsByPointer(func::FuncOp function, ModuleOp module) {
  FunctionType type = function.getFunctionType();
  if (llvm::none_of(type.getInputs(), isScalar) &&
      llvm::none_of(type.getResults(), isScalar))
    return;
  keepCalls(function, module);
  OpBuilder builder = OpBuilder::atBlockBegin(&function.getBody().front());
  Location loc = function.getLoc();
  for (BlockArgument argument : function.getArguments()) {
    if (!isScalar(argument.getType()))
      continue;
    argument.setType(behindPointer(argument.getType()));
    auto scalar = tensor::ExtractOp::create(builder, loc, argument);
    argument.replaceAllUsesExcept(scalar, scalar);
  }
  function.walk([](func::ReturnOp op) {
    OpBuilder builder(op);
    for (OpOperand &result : op->getOpOperands())
      if (Type type = result.get().getType(); isScalar(type))
        result.set(tensor::FromElementsOp::create(
            builder, op.getLoc(), RankedTensorType::get({}, type),
            result.get()));
  });
  auto changed = [](TypeRange types) {
    return llvm::map_to_vector(types, behindPointer);
  };
  function.setFunctionType(builder.getFunctionType(changed(type.getInputs()),
                                                   changed(type.getResults())));
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

/// What C computes where a size is the expression. Sizes are not negative.
static std::string textOf(AffineExpr expr, ArrayRef<std::string> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::to_string(constant.getValue());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  auto left = [&] { return textOf(binary.getLHS(), symbols); };
  auto right = [&] { return textOf(binary.getRHS(), symbols); };
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return "(" + left() + " + " + right() + ")";
  case AffineExprKind::Mul:
    return "(" + left() + " * " + right() + ")";
  case AffineExprKind::FloorDiv:
    return "(" + left() + " / " + right() + ")";
  case AffineExprKind::Mod:
    return "(" + left() + " % " + right() + ")";
  case AffineExprKind::CeilDiv:
    return "((" + left() + " + (" + right() + " - 1)) / " + right() + ")";
  default:
    llvm_unreachable("sizes are made of sums, products and quotients");
  }
}

/// The names and expressions of sizes that are not known.
static llvm::Error nameSizes(func::FuncOp function,
                             FunctionSignature &signature) {
  auto attribute = function->getAttrOfType<AffineMapAttr>(
      SevenfoldDialect::kResultSizesAttrName);
  if (!attribute)
    return llvm::Error::success();
  std::vector<std::string> symbols;
  auto add = [](BufferShape &shape, StringRef text) -> llvm::Error {
    if (text.size() > 1 && text.front() == '(')
      text = text.drop_front().drop_back();
    auto size = SizeExpression::parse(text);
    if (!size)
      return size.takeError();
    shape.sizes.push_back(std::move(*size));
    return llvm::Error::success();
  };
  for (auto [i, shape] : llvm::enumerate(signature.inputs))
    for (auto [j, size] : llvm::enumerate(shape.dims))
      if (size == kAnySize) {
        symbols.push_back(sizeName(i, j));
        if (llvm::Error error = add(shape, symbols.back()))
          return error;
      }
  ArrayRef<AffineExpr> sizes = attribute.getValue().getResults();
  for (BufferShape &shape : signature.outputs)
    for (int64_t size : shape.dims)
      if (size == kAnySize) {
        if (llvm::Error error = add(shape, textOf(sizes.front(), symbols)))
          return error;
        sizes = sizes.drop_front();
      }
  return llvm::Error::success();
}

llvm::Error ModelCompiler::Impl::analyseSizes(func::FuncOp function) {
  SizeAnalysis analysis(function);
  SmallVector<AffineExpr> results;
  Operation *end = function.getBody().front().getTerminator();
  for (auto [number, value] : llvm::enumerate(end->getOperands())) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    for (int64_t i = 0, e = type ? type.getRank() : 0; i < e; ++i) {
      if (!type.isDynamicDim(i))
        continue;
      results.push_back(analysis.sizeOf(value, i));
      if (!results.back())
        return makeError("{0}: result {1} of '{2}': size {3} does not follow "
                         "from the sizes of the arguments",
                         placeOf(function.getLoc()), number, function.getName(),
                         i);
    }
  }
  if (analysis.symbols().empty() && results.empty())
    return llvm::Error::success();
  function->setAttr(SevenfoldDialect::kResultSizesAttrName,
                    AffineMapAttr::get(AffineMap::get(
                        0, analysis.symbols().size(), results, &context)));
  if (IntegerSet rules = analysis.rules())
    function->setAttr(SevenfoldDialect::kSizeRulesAttrName,
                      IntegerSetAttr::get(rules));
  return llvm::Error::success();
}

llvm::Expected<FunctionSignature>
ModelCompiler::Impl::readSignature(func::FuncOp function) {
  FunctionSignature signature;
  signature.name = function.getName().str();
  auto collect = [&](TypeRange types, const char *what,
                     std::vector<BufferShape> &shapes) -> llvm::Error {
    for (auto [index, type] : llvm::enumerate(types)) {
      std::string place =
          llvm::formatv("{0}: {1} {2} of '{3}'", placeOf(function.getLoc()),
                        what, index, function.getName());
      llvm::Expected<BufferShape> shape = bufferOf(type, place);
      if (!shape)
        return shape.takeError();
      shapes.push_back(std::move(*shape));
    }
    return llvm::Error::success();
  };
  if (llvm::Error error =
          collect(function.getArgumentTypes(), "argument", signature.inputs))
    return error;
  if (llvm::Error error =
          collect(function.getResultTypes(), "result", signature.outputs))
    return error;
  for (auto [index, output] : llvm::enumerate(signature.outputs))
    if (output.isWritten)
      return makeError(
          "{0}: result {1} of '{2}': expected a tensor but got {3}",
          placeOf(function.getLoc()), index, function.getName(),
          textOf(function.getResultTypes()[index]));
  if (llvm::Error error = nameSizes(function, signature))
    return error;
  return signature;
}

llvm::Error ModelCompiler::Impl::readSignatures(StringRef path) {
  functions.clear();
  for (auto function : llvm::to_vector(module->getOps<func::FuncOp>())) {
    if (!function.isPublic())
      continue;
    passScalarsByPointer(function, *module);
    if (llvm::Error error = analyseSizes(function))
      return error;
    llvm::Expected<FunctionSignature> signature = readSignature(function);
    if (!signature)
      return signature.takeError();
    functions.push_back(std::move(*signature));
  }
  if (functions.empty())
    return makeError("{0}: there is no public function (func.func)", path);
  return llvm::Error::success();
}

static bool isDynamic(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && shaped.hasRank() && !shaped.hasStaticShape();
}

/// Branches between blocks become structured, and what folds is folded: sizes
/// come out from behind casts, and dynamic ones from behind calls.
llvm::Error ModelCompiler::Impl::simplify() {
  PassManager manager(&context);
  if (llvm::any_of(module->getOps<func::FuncOp>(), [](func::FuncOp function) {
        return function.isPublic() &&
               llvm::any_of(function.getArgumentTypes(), isDynamic);
      }))
    manager.addPass(createInlinerPass());
  bool hasBranches =
      llvm::any_of(module->getOps<func::FuncOp>(), [](func::FuncOp function) {
        return !function.isExternal() && !function.getBody().hasOneBlock();
      });
  if (hasBranches)
    manager.addPass(createLiftControlFlowToSCFPass());
  manager.addPass(createCanonicalizerPass());
  return run(manager, "the model cannot be simplified");
}

llvm::Error ModelCompiler::Impl::parsePart(StringRef text, StringRef path) {
  DiagnosticCollector diagnostics(&context);
  ParserConfig config(&context);
  auto parsed = parseSourceString<ModuleOp>(text, config, path);
  if (!parsed)
    return diagnostics.take("cannot be parsed");
  if (module)
    module->push_back(parsed.release());
  else
    module = std::move(parsed);
  return llvm::Error::success();
}

llvm::Error ModelCompiler::Impl::parse(StringRef text, StringRef path) {
  if (!hasParts(text)) {
    if (llvm::Error error = parsePart(text, path))
      return error;
  } else {
    for (const std::string &part : splitModules(text))
      if (llvm::Error error = parsePart(part, path))
        return error;
  }
  if (llvm::Error error = flatten(*module))
    return error;
  // There is one module now: what others of the file may see is private.
  for (auto function : module->getOps<func::FuncOp>())
    if (function.isNested())
      function.setPrivate();
  if (llvm::Error error = checkBodies(*module))
    return error;
  if (llvm::Error error = checkRecursion(*module))
    return error;
  if (llvm::Error error = checkOperations(*module))
    return error;
  if (llvm::Error error = simplify())
    return error;
  return readSignatures(path);
}
