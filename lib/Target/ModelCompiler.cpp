//===- ModelCompiler.cpp - From a model to code ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plans and lowers a module, and turns MLIR's diagnostics into one-line errors.
//
//===----------------------------------------------------------------------===//

#include "ModelCompilerImpl.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Dialect/SizeRanges.h"
#include "sevenfold/Pipelines/Pipelines.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Size.h"
#include "sevenfold/Transforms/ApplyTile.h"
#include "sevenfold/Transforms/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sevenfold;

std::string sevenfold::placeOf(Location location) {
  if (auto file = location->findInstanceOf<FileLineColLoc>())
    return llvm::formatv("{0}:{1}:{2}", file.getFilename().getValue(),
                         file.getLine(), file.getColumn());
  return "unknown place";
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return success();
        if (first.empty())
          first = placeOf(diagnostic.getLocation()) + ": " + diagnostic.str();
        return success();
      }) {}

/// What MLIR says of operations in its tools' words, for those who have a
/// model.
static std::string inOurWords(StringRef line) {
  if (line.contains("unregistered dialect") ||
      line.contains("allowUnregisteredDialects"))
    return (line.split(": ").first + ": expected operations of MLIR's own "
                                     "dialects: lower others to linalg first")
        .str();
  if (line.contains("failed to legalize operation"))
    return (line +
            ": there is no code for it, lower it to linalg, arith, math, "
            "scf or memref first")
        .str();
  return line.str();
}

llvm::Error DiagnosticCollector::take(StringRef fallback) {
  StringRef line = StringRef(first).split('\n').first;
  return makeError("{0}", line.empty() ? fallback.str() : inOurWords(line));
}

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerEverything(registry);
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  return registry;
}

ModelCompiler::Impl::Impl()
    : context(makeRegistry(), MLIRContext::Threading::DISABLED) {
  // What a model is read with is made of these, whatever it is written in.
  context.loadDialect<func::FuncDialect, tensor::TensorDialect>();
}

ModelCompiler::ModelCompiler(std::unique_ptr<Impl> impl)
    : impl(std::move(impl)) {}
ModelCompiler::~ModelCompiler() = default;

llvm::Expected<std::unique_ptr<ModelCompiler>>
ModelCompiler::fromText(StringRef text, StringRef path) {
  std::unique_ptr<ModelCompiler> compiler(
      new ModelCompiler(std::make_unique<Impl>()));
  if (llvm::Error error = compiler->impl->parse(text, path))
    return error;
  return compiler;
}

llvm::Expected<std::unique_ptr<ModelCompiler>>
ModelCompiler::fromFile(StringRef path) {
  llvm::Expected<std::string> text = readFile(path, int64_t(1) << 30);
  if (!text)
    return text.takeError();
  return fromText(*text, path);
}

bool FunctionSignature::isStatic() const {
  auto known = [](const BufferShape &shape) { return shape.isStatic(); };
  return llvm::all_of(inputs, known) && llvm::all_of(outputs, known);
}

bool FunctionSignature::isStrided() const {
  return llvm::any_of(inputs,
                      [](const BufferShape &shape) { return shape.isStrided; });
}

llvm::Expected<FunctionSignature>
FunctionSignature::at(ArrayRef<std::vector<int64_t>> inputDims) const {
  assert(inputDims.size() == inputs.size() && "dimensions of every input");
  FunctionSignature result = *this;
  for (auto [number, shape, dims] : llvm::enumerate(result.inputs, inputDims)) {
    bool fits = shape.dims.size() == dims.size();
    for (size_t i = 0; fits && i < dims.size(); ++i)
      fits = dims[i] >= 0 &&
             (shape.dims[i] == kAnySize || shape.dims[i] == dims[i]);
    if (!fits)
      return makeError("argument {0} of '{1}' has other sizes", number, name);
    shape.dims = dims;
    shape.sizes.clear();
  }
  for (auto [number, shape] : llvm::enumerate(result.outputs)) {
    auto next = shape.sizes.begin();
    for (int64_t &size : shape.dims) {
      if (size != kAnySize)
        continue;
      auto value = (next++)->evaluate(inputDims);
      if (!value)
        return value.takeError();
      if (*value < 0)
        return makeError("result {0} of '{1}' would have a negative size",
                         number, name);
      size = *value;
    }
    shape.sizes.clear();
  }
  return result;
}

const std::vector<FunctionSignature> &ModelCompiler::functions() const {
  return impl->functions;
}

llvm::Error ModelCompiler::keepOnly(StringRef function) {
  bool found = llvm::any_of(impl->functions, [&](const auto &signature) {
    return signature.name == function;
  });
  if (!found)
    return makeError("there is no public function '{0}'", function);
  for (auto op : impl->module->getOps<func::FuncOp>())
    if (op.getName() != function)
      op.setPrivate();
  llvm::erase_if(impl->functions, [&](const auto &signature) {
    return signature.name != function;
  });
  PassManager manager(&impl->context);
  manager.addPass(createSymbolDCEPass());
  return impl->run(manager, "cannot drop unused functions");
}

/// The function of a signature, and that; fails where there is none or it has
/// no such argument.
static llvm::Expected<std::pair<func::FuncOp, FunctionSignature *>>
findArgument(ModuleOp module, std::vector<FunctionSignature> &functions,
             StringRef name, unsigned argument) {
  auto signature = llvm::find_if(
      functions, [&](const auto &function) { return function.name == name; });
  if (signature == functions.end())
    return makeError("there is no public function '{0}'", name);
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (argument >= function.getNumArguments())
    return makeError("'{0}' has no argument {1}", name, argument);
  return std::pair{function, &*signature};
}

/// Takes an argument without uses, of static sizes, out of a function.
static llvm::Error dropArgument(ModelCompiler::Impl &impl,
                                func::FuncOp function,
                                FunctionSignature &signature,
                                unsigned argument) {
  if (failed(function.eraseArgument(argument)))
    return makeError("argument {0} of '{1}' cannot be a constant", argument,
                     signature.name);
  auto rest = impl.readSignature(function);
  if (!rest)
    return rest.takeError();
  signature = std::move(*rest);
  return llvm::Error::success();
}

llvm::Error ModelCompiler::bindConstant(StringRef name, unsigned argument,
                                        ArrayRef<char> data) {
  auto found = findArgument(*impl->module, impl->functions, name, argument);
  if (!found)
    return found.takeError();
  auto [function, signature] = *found;
  if (!signature->inputs[argument].isStatic())
    return makeError("argument {0} of '{1}' has dynamic sizes and cannot be a "
                     "constant",
                     argument, name);
  if (static_cast<int64_t>(data.size()) != signature->inputs[argument].bytes())
    return makeError("expected {0} bytes for argument {1} of '{2}' but got {3}",
                     signature->inputs[argument].bytes(), argument, name,
                     data.size());
  auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[argument]);
  if (!type)
    return makeError("argument {0} of '{1}' is a buffer that the function may "
                     "write to and cannot be a constant",
                     argument, name);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      data, /*align=*/64, /*dataIsMutable=*/false);
  Attribute value = DenseResourceElementsAttr::get(
      type, llvm::formatv("{0}_{1}", name, argument).str(), std::move(blob));
  OpBuilder builder = OpBuilder::atBlockBegin(&function.getBody().front());
  Value constant = arith::ConstantOp::create(builder, function.getLoc(), type,
                                             cast<TypedAttr>(value));
  function.getArgument(argument).replaceAllUsesWith(constant);
  return dropArgument(*impl, function, *signature, argument);
}

llvm::Error ModelCompiler::declareRange(StringRef name, unsigned argument,
                                        unsigned dimension, SizeRange range) {
  auto found = findArgument(*impl->module, impl->functions, name, argument);
  if (!found)
    return found.takeError();
  auto [function, signature] = *found;
  const BufferShape &shape = signature->inputs[argument];
  if (dimension >= shape.dims.size() || shape.dims[dimension] != kAnySize)
    return makeError("argument {0} of '{1}' has no dynamic dimension {2}",
                     argument, name, dimension);
  SmallVector<int64_t> ranges;
  if (auto known = function.getArgAttrOfType<DenseI64ArrayAttr>(argument,
                                                                kRangeAttrName))
    ranges.assign(known.asArrayRef().begin(), known.asArrayRef().end());
  ranges.append({int64_t(dimension), range.least, range.greatest});
  // The attribute is the dialect's, which a model need not have.
  impl->context.loadDialect<SevenfoldDialect>();
  function.setArgAttr(argument, kRangeAttrName,
                      DenseI64ArrayAttr::get(&impl->context, ranges));
  return llvm::Error::success();
}

llvm::Error ModelCompiler::bindTile(StringRef name, unsigned argument,
                                    const TileOperator &tile, StringRef file) {
  auto found = findArgument(*impl->module, impl->functions, name, argument);
  if (!found)
    return found.takeError();
  auto [function, signature] = *found;
  impl->context
      .loadDialect<SevenfoldDialect, arith::ArithDialect, linalg::LinalgDialect,
                   scf::SCFDialect, tensor::TensorDialect>();
  std::string reason;
  if (failed(applyTileToArgument(function, argument, tile, file, reason)))
    return makeError("{0}: {1}", file, reason);
  return dropArgument(*impl, function, *signature, argument);
}

const std::vector<SumsReport> &ModelCompiler::sums() const {
  return impl->sums;
}

llvm::Error ModelCompiler::Impl::run(PassManager &manager, StringRef fallback) {
  DiagnosticCollector diagnostics(&context);
  manager.enableVerifier(false);
  if (failed(manager.run(*module)))
    return diagnostics.take(fallback);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Planning and lowering
//===----------------------------------------------------------------------===//

llvm::Expected<std::vector<MatmulDecision>>
ModelCompiler::plan(const PlanSource &source,
                    const ModelCompilerOptions &options) {
  return planFunctions([&](StringRef) { return source; }, options);
}

/// The public function that an operation is in; "" in a private one.
static std::string publicFunctionOf(Operation *op) {
  auto function = op->getParentOfType<func::FuncOp>();
  return function && !function.isPrivate() ? function.getName().str() : "";
}

llvm::Expected<std::vector<MatmulDecision>>
ModelCompiler::planFunctions(const FunctionPlans &plans,
                             const ModelCompilerOptions &options) {
  std::vector<MatmulDecision> decisions;
  auto watch = [&](linalg::LinalgOp op, std::optional<Workload> workload,
                   const PlanAnswer &answer) {
    decisions.push_back(
        {publicFunctionOf(op), placeOf(op.getLoc()), workload, answer});
  };
  PassManager manager(&impl->context);
  // Functions that share a callee may differ in its plans.
  bool hasCalls =
      impl->module->walk([](func::CallOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (hasCalls) {
    manager.addPass(createInlinerPass());
    manager.addPass(createSymbolDCEPass());
  }
  manager.addPass(createPlanPass(plans, options.limits, watch));
  if (llvm::Error error = impl->run(manager, "planning failed"))
    return error;
  return decisions;
}

void ModelCompiler::separateSums(StringRef function) {
  impl->module->lookupSymbol<func::FuncOp>(function)->setAttr(
      SevenfoldDialect::kSeparateSumsAttrName, UnitAttr::get(&impl->context));
}

llvm::Expected<std::string> ModelCompiler::emitLinalg() {
  PassManager manager(&impl->context);
  manager.addPass(createDecomposePass());
  manager.addPass(createConvertSevenfoldToLinalgPass());
  manager.addPass(createCanonicalizerPass());
  if (llvm::Error error = impl->run(manager, "lowering to linalg failed"))
    return error;
  std::string text;
  llvm::raw_string_ostream(text) << *impl->module << "\n";
  return text;
}

std::string sevenfold::plannedQueryName(const FunctionSignature &function) {
  return function.name + kPlannedQuerySuffix.str();
}

static SumsReport::Kind kindOf(SumsDecision::Kind kind) {
  switch (kind) {
  case SumsDecision::Kind::Shared:
    return SumsReport::Kind::Shared;
  case SumsDecision::Kind::Folded:
    return SumsReport::Kind::Folded;
  case SumsDecision::Kind::TooLarge:
    return SumsReport::Kind::TooLarge;
  }
  llvm_unreachable("unknown kind");
}

/// Code reaches constants by 32-bit offsets.
static constexpr int64_t kMaxConstantBytes = int64_t(2000) << 20;

llvm::Error ModelCompiler::Impl::checkConstants() {
  int64_t bytes = 0;
  DataLayout layout(*module);
  for (auto global : module->getOps<LLVM::GlobalOp>())
    bytes += layout.getTypeSize(global.getGlobalType()).getFixedValue();
  if (bytes <= kMaxConstantBytes)
    return llvm::Error::success();
  return makeError("constants and folded sums take {0}, a library holds at "
                   "most {1}",
                   formatSize(bytes), formatSize(kMaxConstantBytes));
}

SumsObserver ModelCompiler::Impl::sumsObserver() {
  return [this](const SumsDecision &decision) {
    sums.push_back({kindOf(decision.kind),
                    decision.what == SumsDecision::What::Panels,
                    placeOf(decision.location), decision.bytes});
  };
}

void ModelCompiler::Impl::readWorkspaces() {
  for (FunctionSignature &function : functions)
    if (auto bytes = module->lookupSymbol(function.name)
                         ->getAttrOfType<IntegerAttr>(
                             SevenfoldDialect::kWorkspaceAttrName))
      function.workspaceBytes = bytes.getInt();
}

llvm::Expected<std::unique_ptr<llvm::Module>>
ModelCompiler::Impl::translate(Operation *code, llvm::LLVMContext &llvmContext,
                               llvm::TargetMachine &machine) {
  DiagnosticCollector diagnostics(&context);
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(code, llvmContext, "sevenfold");
  if (!result)
    return diagnostics.take("translation to LLVM IR failed");
  result->setDataLayout(machine.createDataLayout());
  result->setTargetTriple(machine.getTargetTriple());
  return result;
}

llvm::Expected<std::unique_ptr<llvm::Module>>
ModelCompiler::Impl::lowerToLLVM(PassManager &manager,
                                 llvm::LLVMContext &llvmContext,
                                 llvm::TargetMachine &machine) {
  if (llvm::Error error = run(manager, "lowering failed"))
    return error;
  readWorkspaces();
  if (llvm::Error error = checkConstants())
    return error;
  return translate(*module, llvmContext, machine);
}

std::string sevenfold::printModule(const llvm::Module &module) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}
