//===- BlasLibrary.cpp - Plans behind the names of a BLAS -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function for each plan, type and layout, of any sizes, and a table of the
// sizes that each is for. The names are the archive's (Runtime/Blas).
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Target/BlasLibrary.h"

#include "HostMachine.h"
#include "Linking.h"

#include "sevenfold/Runtime/Blas.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// A function of rows as far apart as the caller says, as MLIR.
static std::string functionText(llvm::StringRef name, const Workload &family) {
  llvm::StringRef type = stringifyElementType(family.type);
  auto map = [](llvm::StringRef row, llvm::StringRef column, Layout layout) {
    if (layout == Layout::Transposed)
      std::swap(row, column);
    return llvm::formatv("affine_map<(m, n, k) -> ({0}, {1})>", row, column)
        .str();
  };
  bool isA = family.layoutA == Layout::Transposed,
       isB = family.layoutB == Layout::Transposed;
  return llvm::formatv(
             R"mlir(
func.func @{0}(%a: memref<?x?x{1}, strided<[?, 1]>>,
               %b: memref<?x?x{1}, strided<[?, 1]>>,
               %c: memref<?x?x{1}, strided<[?, 1]>>) {{
  %rows = arith.constant {2} : index
  %columns = arith.constant {3} : index
  %ta = bufferization.to_tensor %a restrict
    : memref<?x?x{1}, strided<[?, 1]>> to tensor<?x?x{1}>
  %tb = bufferization.to_tensor %b restrict
    : memref<?x?x{1}, strided<[?, 1]>> to tensor<?x?x{1}>
  %m = tensor.dim %ta, %rows : tensor<?x?x{1}>
  %n = tensor.dim %tb, %columns : tensor<?x?x{1}>
  %zero = arith.constant 0.0 : {1}
  %empty = tensor.empty(%m, %n) : tensor<?x?x{1}>
  %tc = linalg.fill ins(%zero : {1}) outs(%empty : tensor<?x?x{1}>)
    -> tensor<?x?x{1}>
  %r = linalg.matmul indexing_maps = [{4}, {5}, {6}]
    ins(%ta, %tb : tensor<?x?x{1}>, tensor<?x?x{1}>)
    outs(%tc : tensor<?x?x{1}>) -> tensor<?x?x{1}>
  bufferization.materialize_in_destination %r in restrict writable %c
    : (tensor<?x?x{1}>, memref<?x?x{1}, strided<[?, 1]>>) -> ()
  return
}
)mlir",
             name, type, isA ? 1 : 0, isB ? 0 : 1,
             map("m", "k", family.layoutA), map("k", "n", family.layoutB),
             map("m", "n", Layout::RowMajor))
      .str();
}

namespace {
/// A function, and what tells it from others.
struct BlasFunction {
  std::string name;
  const BlasPlan *plan;

  bool serves(const BlasPlan &other) const {
    return plan->plan == other.plan && plan->family.type == other.family.type &&
           plan->family.layoutA == other.family.layoutA &&
           plan->family.layoutB == other.family.layoutB;
  }
};
} // namespace

/// The functions that plans need, each once.
static std::vector<BlasFunction> functionsOf(llvm::ArrayRef<BlasPlan> plans) {
  std::vector<BlasFunction> functions;
  for (const BlasPlan &plan : plans)
    if (llvm::none_of(functions, [&](const BlasFunction &function) {
          return function.serves(plan);
        }))
      functions.push_back(
          {llvm::formatv("plan{0}", functions.size()).str(), &plan});
  return functions;
}

static llvm::Expected<std::string>
compileFunctions(llvm::ArrayRef<BlasFunction> functions,
                 const BlasLibraryOptions &options) {
  std::string text;
  for (const BlasFunction &function : functions)
    text += functionText(function.name, function.plan->family);
  auto compiler = ModelCompiler::fromText(text, "blas");
  if (!compiler)
    return compiler.takeError();
  ModelCompilerOptions compilation;
  compilation.limits = options.limits;
  compilation.instructionSets = options.instructionSets;
  auto plans = [&](llvm::StringRef name) {
    auto found = llvm::find_if(functions, [&](const BlasFunction &function) {
      return function.name == name;
    });
    return explicitPlan(found->plan->plan);
  };
  auto decisions = (*compiler)->planFunctions(plans, compilation);
  if (!decisions)
    return decisions.takeError();
  for (const MatmulDecision &decision : *decisions)
    if (!decision.answer.plan)
      return makePlainError(decision.answer.reason);
  return hostTarget()->emit(**compiler, kObjectStage, compilation);
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

namespace {
/// Makes sevenfold_blas_table as Runtime/Blas.h lays it out.
class TableEmitter {
public:
  TableEmitter(llvm::LLVMContext &context, llvm::TargetMachine &machine)
      : module("sevenfold_blas_table", context), context(context),
        pointer(llvm::PointerType::get(context, 0)),
        i32(llvm::Type::getInt32Ty(context)),
        i64(llvm::Type::getInt64Ty(context)),
        f64(llvm::Type::getDoubleTy(context)) {
    module.setDataLayout(machine.createDataLayout());
    module.setTargetTriple(machine.getTargetTriple());
  }

  void emit(llvm::ArrayRef<BlasPlan> plans,
            llvm::ArrayRef<BlasFunction> functions,
            const BlasLibraryOptions &options) {
    auto *sizes = llvm::ArrayType::get(i64, 3);
    auto *entry = llvm::StructType::get(
        context, {pointer, pointer, sizes, sizes, f64, i32, i32, i32});
    std::vector<llvm::Constant *> entries;
    for (const BlasPlan &plan : plans)
      entries.push_back(
          llvm::ConstantStruct::get(entry, fieldsOf(plan, functions)));
    llvm::Constant *list =
        constant(llvm::ConstantArray::get(
                     llvm::ArrayType::get(entry, entries.size()), entries),
                 "plans", llvm::GlobalValue::PrivateLinkage);
    bool recomputes = options.nonFinite == NonFinite::Recompute;
    constant(llvm::ConstantStruct::getAnon(
                 {number(i32, options.threads),
                  number(i32, recomputes ? SEVENFOLD_BLAS_RECOMPUTE
                                         : SEVENFOLD_BLAS_PROPAGATE),
                  llvm::ConstantFP::get(f64, leastWork(plans)),
                  text(options.hardware), text(options.instructionSets),
                  number(i64, plans.size()), list}),
             "sevenfold_blas_table", llvm::GlobalValue::ExternalLinkage);
  }

  llvm::Module module;

private:
  /// m k n of the smallest product that has a plan.
  static double leastWork(llvm::ArrayRef<BlasPlan> plans) {
    double least = std::numeric_limits<double>::infinity();
    for (const BlasPlan &plan : plans)
      least = std::min(least, double(plan.m.least) * double(plan.k.least) *
                                  double(plan.n.least));
    return least;
  }

  std::vector<llvm::Constant *>
  fieldsOf(const BlasPlan &plan, llvm::ArrayRef<BlasFunction> functions) {
    auto function = llvm::find_if(functions, [&](const BlasFunction &known) {
      return known.serves(plan);
    });
    const Workload &family = plan.family;
    llvm::Value *callee =
        module
            .getOrInsertFunction(function->name, llvm::FunctionType::get(
                                                     i32, /*isVarArg=*/false))
            .getCallee();
    return {llvm::cast<llvm::Constant>(callee),
            text(plan.plan.str()),
            triple(plan.m.least, plan.k.least, plan.n.least),
            triple(plan.m.greatest, plan.k.greatest, plan.n.greatest),
            llvm::ConstantFP::get(f64, plan.speedup),
            number(i32, family.type == ElementType::F64 ? SEVENFOLD_BLAS_F64
                                                        : SEVENFOLD_BLAS_F32),
            number(i32, family.layoutA == Layout::Transposed),
            number(i32, family.layoutB == Layout::Transposed)};
  }

  llvm::Constant *number(llvm::Type *type, int64_t value) {
    return llvm::ConstantInt::get(type, value);
  }

  llvm::Constant *triple(int64_t x, int64_t y, int64_t z) {
    return llvm::ConstantArray::get(
        llvm::ArrayType::get(i64, 3),
        {number(i64, x), number(i64, y), number(i64, z)});
  }

  llvm::Constant *text(llvm::StringRef value) {
    return constant(llvm::ConstantDataArray::getString(context, value), "text",
                    llvm::GlobalValue::PrivateLinkage);
  }

  llvm::Constant *constant(llvm::Constant *value, llvm::StringRef name,
                           llvm::GlobalValue::LinkageTypes linkage) {
    return new llvm::GlobalVariable(module, value->getType(),
                                    /*isConstant=*/true, linkage, value, name);
  }

  llvm::LLVMContext &context;
  llvm::Type *pointer, *i32, *i64, *f64;
};
} // namespace

static llvm::Expected<std::string>
emitTable(llvm::ArrayRef<BlasPlan> plans,
          llvm::ArrayRef<BlasFunction> functions,
          const BlasLibraryOptions &options) {
  auto machine = createHostMachine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  TableEmitter emitter(context, **machine);
  emitter.emit(plans, functions, options);
  return emitMachineCode(emitter.module, **machine);
}

//===----------------------------------------------------------------------===//
// The library
//===----------------------------------------------------------------------===//

std::vector<std::string> sevenfold::blasNames() {
  return {
#define SEVENFOLD_BLAS_NAME(name, convention, element, integer) #name,
      SEVENFOLD_BLAS_FUNCTIONS(SEVENFOLD_BLAS_NAME)
#undef SEVENFOLD_BLAS_NAME
  };
}

llvm::Error sevenfold::buildBlasLibrary(llvm::ArrayRef<BlasPlan> plans,
                                        const BlasLibraryOptions &options,
                                        llvm::StringRef path) {
  std::vector<BlasFunction> functions = functionsOf(plans);
  auto table = emitTable(plans, functions, options);
  if (!table)
    return table.takeError();
  std::vector<std::string> objects = {std::move(*table)};
  if (!functions.empty()) {
    auto code = compileFunctions(functions, options);
    if (!code)
      return code.takeError();
    objects.push_back(std::move(*code));
  }
  std::vector<std::string> exports = blasNames();
  for (const char *name :
       {"sevenfold_blas_multiply_f32", "sevenfold_blas_multiply_f64",
        "sevenfold_blas_last_plan"})
    exports.push_back(name);
  llvm::SmallVector<llvm::StringRef> bytes(objects.begin(), objects.end());
  llvm::SmallVector<llvm::StringRef> arguments(
      hostTarget()->library()->linked.begin(),
      hostTarget()->library()->linked.end());
  LinkInputs inputs;
  inputs.objects = bytes;
  inputs.exports = exports;
  inputs.wholeArchives = options.blasRuntime;
  inputs.archives = options.runtime;
  inputs.arguments = arguments;
  return linkObjects(inputs, path);
}
