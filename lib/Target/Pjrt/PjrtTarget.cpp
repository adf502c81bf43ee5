//===- PjrtTarget.cpp - StableHLO for XLA's devices -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TPUs, and whatever else a PJRT plugin drives, as targets. Code is text of
// StableHLO; the plugin's compiler fuses, schedules and lays out, so a level's
// execution says only how C is put together: `depth` block after block, by
// dynamic_update_slice, `breadth` at once, by a stack that is transposed.
//
//===----------------------------------------------------------------------===//

#include "PjrtTarget.h"

#include "ModelCompilerImpl.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Measure/Device.h"
#include "sevenfold/Pipelines/Pipelines.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Target/Target.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include "llvm/Support/FormatVariadic.h"

#include <nlohmann/json.hpp>

using namespace mlir;
using namespace sevenfold;

static constexpr llvm::StringLiteral kPjrtName = "pjrt";

namespace {
class PjrtTarget : public Target {
public:
  explicit PjrtTarget(std::string fullName) : fullName(std::move(fullName)) {}

  std::string name() const override { return fullName; }
  llvm::StringRef lowering() const override { return kPjrtName; }
  bool multiplies(ElementType type) const override { return true; }
  bool has(const Provider &provider) const override {
    return provider.isAt(OnXla);
  }
  llvm::ArrayRef<llvm::StringLiteral> stages() const override {
    static constexpr llvm::StringLiteral stages[] = {kStableHloStage};
    return stages;
  }
  llvm::Expected<std::string>
  emit(ModelCompiler &compiler, llvm::StringRef stage,
       const ModelCompilerOptions &options) const override;
  const LibraryForm *library() const override { return nullptr; }
  void describeTo(nlohmann::json &bundleTarget) const override;

private:
  std::string fullName;
};
} // namespace

/// Levels beyond this make texts that XLA's compilers take minutes for.
static constexpr size_t kMostLevels = 2;

static bool isXla(llvm::StringRef provider) {
  const Provider *known = findProvider(provider);
  return provider.empty() || (known && known->isAt(OnXla));
}

/// Fails where a plan is none for XLA's compilers.
static llvm::Error checkPlans(ModuleOp module, llvm::StringRef device) {
  std::string problem;
  module.walk([&](Operation *op) {
    auto attribute =
        op->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName);
    if (!attribute || !problem.empty())
      return;
    const Plan &plan = attribute.getValue();
    if (!isXla(plan.provider))
      problem =
          llvm::formatv("{0}: expected provider '{1}' on '{2}' but the "
                        "plan names '{3}'",
                        placeOf(op->getLoc()), kXla, device, plan.provider);
    else if (plan.levels.size() > kMostLevels)
      problem = llvm::formatv("{0}: expected at most {1} levels on '{2}' but "
                              "the plan has {3}",
                              placeOf(op->getLoc()), kMostLevels, device,
                              plan.levels.size());
  });
  return problem.empty() ? llvm::Error::success() : makePlainError(problem);
}

/// Named operations of linalg that are no products, as generic ones, and erf by
/// operations that StableHLO has.
static void simplify(ModuleOp module) {
  IRRewriter rewriter(module.getContext());
  SmallVector<linalg::LinalgOp> named;
  module.walk([&](linalg::LinalgOp op) {
    if (!isa<linalg::GenericOp, linalg::FillOp>(op) &&
        !linalg::isaContractionOpInterface(op))
      named.push_back(op);
  });
  for (linalg::LinalgOp op : named) {
    rewriter.setInsertionPoint(op);
    (void)linalg::generalizeNamedOp(rewriter, op);
  }
  RewritePatternSet patterns(module.getContext());
  populateMathPolynomialApproximationPatterns(
      patterns, [](StringRef name) { return name == "math.erf"; });
  (void)applyPatternsGreedily(module, std::move(patterns));
}

static HloPrecision precisionOf(const ModelCompilerOptions &options) {
  // XLA's DEFAULT multiplies f32 in one pass of bf16 on a TPU and in tf32 on a
  // GPU; HIGH is bf16 in three passes, or tf32.
  return options.f32Products == F32Products::TF32 ? HloPrecision::High
                                                  : HloPrecision::Highest;
}

llvm::Expected<std::string>
sevenfold::emitPlanned(ModelCompiler &compiler, const StableHloOptions &options,
                       llvm::StringRef device) {
  ModelCompiler::Impl &model = compiler.internals();
  if (llvm::Error error = checkPlans(*model.module, device))
    return error;
  PassManager manager(&model.context);
  buildXlaLowering(manager);
  if (llvm::Error error = model.run(manager, "lowering failed"))
    return error;
  simplify(*model.module);
  DiagnosticCollector diagnostics(&model.context);
  auto function =
      model.module->lookupSymbol<func::FuncOp>(model.functions.front().name);
  FailureOr<std::string> body = emitStableHlo(function, options);
  if (failed(body))
    return diagnostics.take("there are no words for it in StableHLO");
  return std::move(*body);
}

llvm::Expected<std::string>
PjrtTarget::emit(ModelCompiler &compiler, llvm::StringRef stage,
                 const ModelCompilerOptions &options) const {
  const std::vector<FunctionSignature> &functions = compiler.functions();
  if (functions.size() != 1)
    return makeError("expected one public function but got {0}: a program of "
                     "StableHLO is one, 'main'",
                     functions.size());
  const FunctionSignature &signature = functions.front();
  if (!signature.isStatic() || signature.isStrided())
    return makeError("'{0}' has dynamic {1}: code for XLA's compilers is for "
                     "static ones",
                     signature.name,
                     signature.isStatic() ? "strides" : "sizes");
  if (!isXla(options.provider))
    return makeError("expected provider '{0}' on '{1}' but the plan names "
                     "'{2}'",
                     kXla, fullName, options.provider);
  StableHloOptions text;
  text.f32 = precisionOf(options);
  auto body = emitPlanned(compiler, text, fullName);
  if (!body)
    return body.takeError();
  return "module @" + signature.name + " {\n" + *body + "}\n";
}

void PjrtTarget::describeTo(nlohmann::json &bundleTarget) const {
  bundleTarget["features"] = nlohmann::json::array();
  bundleTarget["lowering"] = kPjrtName;
  llvm::StringRef plugin = llvm::StringRef(fullName).split(':').second;
  bundleTarget["plugin"] = plugin;
  auto path = findPjrtPlugin(plugin);
  auto hash = path ? sha256HexOfFile(*path)
                   : llvm::Expected<std::string>(path.takeError());
  bundleTarget["plugin_sha256"] = hash ? *hash : "";
  if (!hash)
    llvm::consumeError(hash.takeError());
}

//===----------------------------------------------------------------------===//
// The kind
//===----------------------------------------------------------------------===//

/// What stands behind the colon; "cpu" where nothing does.
static llvm::StringRef pluginOf(llvm::StringRef name) {
  llvm::StringRef plugin = name.split(':').second;
  return plugin.empty() ? llvm::StringRef("cpu") : plugin;
}

static llvm::Expected<TargetHandle> parse(llvm::StringRef name) {
  if (name.split(':').first != kPjrtName || name.ends_with(":"))
    return makeError("expected device {0} but got '{1}'", targetSpellings(),
                     name);
  return std::make_shared<PjrtTarget>((kPjrtName + ":" + pluginOf(name)).str());
}

static llvm::Expected<TargetDevice> atHand(llvm::StringRef name, int threads,
                                           Probing probing) {
  auto target = parse(name);
  if (!target)
    return target.takeError();
  auto plugin = findPjrtPlugin(pluginOf(name));
  if (!plugin)
    return plugin.takeError();
  auto device = describeXlaDevice(*plugin, threads, probing == Probing::Full);
  if (!device)
    return device.takeError();
  return TargetDevice{std::move(*device), *target};
}

/// A bundle's programs are for a plugin that is here too.
static llvm::Expected<TargetDevice> elsewhere(llvm::StringRef name,
                                              int threads) {
  return atHand(name, threads, Probing::Full);
}

static llvm::Expected<std::string> hardware(llvm::StringRef name) {
  auto found = atHand(name, /*threads=*/0, Probing::None);
  if (!found)
    return found.takeError();
  return found->device.fingerprint();
}

static llvm::Expected<std::vector<Device>> devices(int threads) {
  std::vector<Device> devices;
  std::string problem;
  for (llvm::StringRef name : {"cpu", "tpu", "cuda"}) {
    auto plugin = findPjrtPlugin(name);
    auto device = plugin ? describeXlaDevice(*plugin, threads, /*probes=*/true)
                         : llvm::Expected<Device>(plugin.takeError());
    if (device)
      devices.push_back(std::move(*device));
    else if (std::string reason = llvm::toString(device.takeError());
             problem.empty())
      problem = reason;
  }
  if (devices.empty())
    return makePlainError(problem);
  return devices;
}

namespace sevenfold {
extern const TargetKind kPjrtTarget;
const TargetKind kPjrtTarget = {"pjrt",  "pjrt:PLUGIN",     parse,
                                atHand,  elsewhere,         hardware,
                                devices, /*isListed=*/false};
} // namespace sevenfold
