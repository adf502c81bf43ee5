//===- PlanPass.cpp - sevenfold-plan --------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Annotates matmuls with plans and says for each what was decided and why.
//
//===----------------------------------------------------------------------===//

#include "SpecializeSizes.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Dialect/SizeRanges.h"
#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Decompose.h"
#include "sevenfold/Transforms/Passes.h"
#include "sevenfold/Transforms/SizeAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <map>
#include <numeric>

namespace sevenfold {
#define GEN_PASS_REGISTRATION
#define GEN_PASS_DEF_PLANPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-plan"

using namespace mlir;
using namespace sevenfold;

/// The one remark of a matmul. Its text is complete in itself; sizes and times
/// are arguments of their own for those who read remarks by program.
static void emitRemark(linalg::LinalgOp op,
                       const std::optional<Workload> &workload,
                       const PlanAnswer &answer) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  auto options = remark::RemarkOpts::name(
                     answer.isPlanned() ? "MatmulPlanned" : "MatmulLeftAlone")
                     .category(DEBUG_TYPE)
                     .function(function ? function.getName() : "");
  auto add = [&](remark::detail::InFlightRemark remark) {
    if (!remark)
      return;
    if (workload)
      remark << remark::metric("m", workload->m)
             << remark::metric("k", workload->k)
             << remark::metric("n", workload->n);
    if (workload && answer.range)
      remark << remark::metric("least_m", answer.range->least);
    if (workload && workload->batch > 1)
      remark << remark::metric("batch", workload->batch);
    if (workload)
      remark << remark::metric("type", workload->typeText());
    // Where linalg would round every partial sum, this does not.
    if (workload && workload->accumulatorType() != workload->resultType())
      remark << remark::metric(
          "accumulator",
          stringifyElementType(workload->accumulatorType()).str());
    if (answer.plan)
      remark << remark::metric("plan", answer.plan->str());
    if (!answer.reason.empty())
      remark << remark::reason("{0}", answer.reason);
    if (answer.plannedSeconds)
      remark << remark::metric("recorded_s", *answer.plannedSeconds);
    if (answer.baselineSeconds)
      remark << remark::metric("baseline_s", *answer.baselineSeconds);
    if (!answer.record.empty())
      remark << remark::metric("record", answer.record);
    if (!answer.note.empty())
      remark << remark::metric("note", answer.note);
  };
  add(answer.isPlanned() ? remark::passed(op.getLoc(), options)
                         : remark::missed(op.getLoc(), options));
}

/// The answer of a source, vetoed where the plan does not fit or errs too much.
static PlanAnswer checkAnswer(PlanAnswer answer, const Workload &workload,
                              const PlanLimits &limits) {
  auto veto = [&](std::string reason) {
    answer.plan.reset();
    // That a library cannot have the product is no news where no plan was
    // chosen.
    if (answer.reason.empty())
      answer.reason = std::move(reason);
    return answer;
  };
  for (int64_t size : {workload.m, workload.k, workload.n, workload.batch})
    if (size > kMaxDimension)
      return veto(llvm::formatv("size {0} is above the limit {1}", size,
                                kMaxDimension));
  if (!answer.plan)
    return answer;
  std::string reason = checkPlan(*answer.plan, workload);
  if (!reason.empty())
    return veto(reason);
  llvm::Expected<PlanNumerics> numerics = planNumerics(workload, *answer.plan);
  if (!numerics)
    return veto(llvm::toString(numerics.takeError()));
  reason = checkNumerics(*numerics, limits);
  if (!reason.empty())
    return veto(reason);
  return answer;
}

static PlanAnswer answerFor(const Workload &workload, const PlanSource &source,
                            const PlanLimits &limits) {
  for (int64_t size : {workload.m, workload.k, workload.n, workload.batch})
    if (size > kMaxDimension)
      return checkAnswer({}, workload, limits);
  return checkAnswer(source(workload), workload, limits);
}

static void addNote(PlanAnswer &answer, StringRef note) {
  answer.note += (answer.note.empty() ? "" : "; ") + note.str();
}

/// Tells of a product with a vector, which no plan is for. False where `op` is
/// none.
static bool passOver(linalg::LinalgOp op, const PlanObserver &observer) {
  if (!isVectorProduct(op) || op->hasAttr(SevenfoldDialect::kProductAttrName))
    return false;
  PlanAnswer answer{{}, "an operand is a vector", {}, {}, {}};
  emitRemark(op, std::nullopt, answer);
  if (observer)
    observer(op, std::nullopt, answer);
  return true;
}

static const char *kUndefinedAccumulator =
    "nothing defines the accumulator, which is taken for zero";

/// Says what became of a matmul, to all who listen.
static void tell(linalg::LinalgOp op, const std::optional<Workload> &workload,
                 const PlanAnswer &answer, const PlanObserver &observer) {
  emitRemark(op, workload, answer);
  if (observer)
    observer(op, workload, answer);
}

static void setPlan(linalg::LinalgOp op, const Plan &plan) {
  op->setAttr(SevenfoldDialect::kPlanAttrName,
              PlanAttr::get(op->getContext(), plan));
}

/// The sizes of a contraction at the end of a range.
static Workload atGreatest(Workload workload, const ProductSizes &sizes) {
  workload.m = sizes[0].greatest;
  workload.k = sizes[1].greatest;
  workload.n = sizes[2].greatest;
  if (ShapedType::isDynamic(workload.batch))
    workload.batch = 1;
  return workload;
}

/// The sizes that some loops of `op` together may have, by what its function
/// declares of its arguments.
static SizeRange boundsOf(linalg::LinalgOp op, ArrayRef<unsigned> loops,
                          func::FuncOp function) {
  SizeAnalysis analysis(function);
  AffineExpr size = getAffineConstantExpr(1, op->getContext());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (unsigned loop : loops) {
    AffineExpr one;
    for (auto [operand, map] : llvm::zip_equal(op->getOperands(), maps))
      for (auto [dimension, index] : llvm::enumerate(map.getResults()))
        if (auto dim = dyn_cast<AffineDimExpr>(index);
            !one && dim && dim.getPosition() == loop)
          one = analysis.sizeOf(operand, dimension);
    if (!one)
      return {1, kMaxDimension};
    size = size * one;
  }
  SizeRange bounds = analysis.boundsOf(size);
  return {std::max<int64_t>(1, bounds.least),
          std::min(kMaxDimension, bounds.greatest)};
}

/// The sizes that m, k and n may have: by what is known of them and by
/// `sevenfold.ranges`, which is about the loops of `op`.
static FailureOr<ProductSizes> declaredSizes(linalg::LinalgOp op,
                                             const Contraction &contraction,
                                             std::string &reason) {
  const Workload &w = contraction.workload;
  auto ranges = op->getAttrOfType<DenseI64ArrayAttr>(kRangesAttrName);
  if (!ranges) {
    ProductSizes known;
    auto function = op->getParentOfType<func::FuncOp>();
    for (auto [side, size, loops] :
         llvm::zip_equal(known, std::array{w.m, w.k, w.n}, contraction.sides))
      side = !ShapedType::isDynamic(size) ? SizeRange{size, size}
             : function                   ? boundsOf(op, loops, function)
                                          : SizeRange{1, kMaxDimension};
    return known;
  }
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto [loop, size] : llvm::enumerate(sizes))
    if (!ShapedType::isDynamic(size) &&
        (ranges[2 * loop] != size || ranges[2 * loop + 1] != size)) {
      reason = "a declared range is not the size it is known to be";
      return failure();
    }
  ProductSizes declared;
  for (auto [side, loops] : llvm::zip_equal(declared, contraction.sides)) {
    side = {1, 1};
    for (unsigned loop : loops) {
      side.least *= ranges[2 * loop];
      if (llvm::MulOverflow(side.greatest, ranges[2 * loop + 1],
                            side.greatest)) {
        reason = "sizes overflow";
        return failure();
      }
    }
  }
  return declared;
}

/// The least sizes that a plan can be applied to.
static void raiseToFormat(ProductSizes &sizes, const Plan &plan) {
  std::array<int64_t, 3> format = formatOf(plan);
  for (auto [size, least] : llvm::zip_equal(sizes, format))
    size.least = std::max(size.least, least);
}

namespace {
/// A plan for some sizes of a matmul.
struct RangedPlan {
  ProductSizes sizes;
  Workload workload; ///< at the greatest
  PlanAnswer answer;
};
} // namespace

namespace {
/// Which library multiplies where no plan does and the sizes are known only
/// when the code runs. Races of libraries that are nearly level are won by
/// noise, and a function that calls two of them pays for the threads of both,
/// which take each other's time. So a function has one, the one it loses least
/// with, and another only where that was clearly slower.
class LibraryOfFunction {
public:
  /// Counts the race of an answer, the more the further its libraries are
  /// apart.
  void count(const PlanAnswer &answer) {
    if (answer.raceSeconds.empty())
      return;
    double best = bestSeconds(answer);
    for (const auto &[name, seconds] : answer.raceSeconds)
      losses[name].push_back(std::log(seconds / best));
    ++races;
  }

  /// Gives the product without levels of `answer` to the function's library.
  void apply(PlanAnswer &answer) const {
    std::string name = leastLoss();
    if (name.empty() || answer.plan->provider == name)
      return;
    auto found = answer.raceSeconds.find(name);
    if (found == answer.raceSeconds.end() ||
        found->second > kLevel * bestSeconds(answer))
      return;
    answer.plan->provider = name;
    addNote(answer, name + " is level with it and the function's library");
  }

private:
  /// Twice of what medians of eleven rounds are off by on a machine that others
  /// use too.
  static constexpr double kLevel = 1.05;

  static double bestSeconds(const PlanAnswer &answer) {
    double best = answer.raceSeconds.begin()->second;
    for (const auto &[name, seconds] : answer.raceSeconds)
      best = std::min(best, seconds);
    return best;
  }

  /// Of the libraries that ran in every race.
  std::string leastLoss() const {
    std::string least;
    double leastLoss = 0;
    for (const auto &[name, all] : losses) {
      double loss = std::accumulate(all.begin(), all.end(), 0.0);
      if (all.size() == races && (least.empty() || loss < leastLoss)) {
        least = name;
        leastLoss = loss;
      }
    }
    return least;
  }

  std::map<std::string, std::vector<double>> losses; ///< logarithms
  size_t races = 0;
};
} // namespace

/// The libraries that were found best at some sizes, in ascending order, each
/// for all that are nearer to its own (as ratios) than to those of another.
static std::vector<PlanAnswer>
spreadLibraries(std::vector<PlanAnswer> libraries) {
  std::vector<PlanAnswer> spread;
  int64_t lastKnown = 1;
  for (PlanAnswer &answer : libraries) {
    SizeRange known = answer.range.value_or(SizeRange{1, kMaxDimension});
    answer.range = SizeRange{1, kMaxDimension};
    if (!spread.empty() && *spread.back().plan == *answer.plan) {
      spread.back() = std::move(answer);
      spread.back().range->least =
          spread.size() > 1 ? spread[spread.size() - 2].range->greatest + 1 : 1;
    } else {
      if (!spread.empty()) {
        auto border = static_cast<int64_t>(
            std::sqrt(double(lastKnown) * double(known.least)));
        spread.back().range->greatest = border;
        answer.range->least = border + 1;
      }
      spread.push_back(std::move(answer));
    }
    lastKnown = known.greatest;
  }
  return spread;
}

/// The plans for the sizes that an operation may have, and in `refusal` the
/// answer where there is none: why, and which library is known to be best.
static std::vector<RangedPlan>
plansForRanges(linalg::LinalgOp op, const Contraction &contraction,
               const ProductSizes &declared, const PlanSource &source,
               const PlanLimits &limits, const LibraryOfFunction &library,
               PlanAnswer &refusal) {
  std::vector<RangedPlan> plans;
  std::vector<PlanAnswer> libraries;
  auto add = [&](PlanAnswer answer, ProductSizes sizes) {
    Workload workload = atGreatest(contraction.workload, sizes);
    // What is left over is known only when the code runs, and not padded.
    if (answer.plan)
      answer.plan->ragged = Ragged::Peel;
    answer = checkAnswer(std::move(answer), workload, limits);
    if (answer.isPlanned() && !answer.plan->levels.empty())
      raiseToFormat(sizes, *answer.plan);
    bool isEmpty = llvm::any_of(sizes, [](const SizeRange &size) {
      return size.least > size.greatest;
    });
    if (answer.isPlanned() && isEmpty) {
      answer.plan.reset();
      answer.reason = "no size of the range is as large as the plan's format";
    }
    if (!answer.isPlanned() && answer.plan) {
      library.apply(answer);
      libraries.push_back(std::move(answer));
      return;
    }
    if (!answer.plan) {
      answer.range.reset();
      refusal = std::move(answer);
      return;
    }
    answer.range = sizes[0];
    plans.push_back({sizes, workload, std::move(answer)});
  };
  // A range that the operation itself declares has the plan of its end.
  if (op->hasAttr(kRangesAttrName)) {
    Workload workload = atGreatest(contraction.workload, declared);
    add(answerFor(workload, source, limits), declared);
  } else {
    refusal.reason =
        "sizes are dynamic, and nothing says what plan is for them";
    for (PlanAnswer &answer :
         source.plansFor(contraction.workload, declared[0])) {
      ProductSizes sizes = declared;
      sizes[0] = answer.range.value_or(declared[0]);
      add(std::move(answer), sizes);
    }
  }
  // Behind the plans, which go before them.
  for (PlanAnswer &answer : spreadLibraries(std::move(libraries))) {
    if (answer.range->greatest == kMaxDimension) {
      refusal = std::move(answer);
      break;
    }
    ProductSizes sizes = declared;
    sizes[0] = *answer.range;
    Workload workload = atGreatest(contraction.workload, sizes);
    plans.push_back({sizes, workload, std::move(answer)});
  }
  return plans;
}

/// Annotates a matmul of static sizes, or says why it has no plan.
static void planStatic(linalg::LinalgOp op, const Contraction &contraction,
                       const PlanSource &source, const PlanLimits &limits,
                       const PlanObserver &observer) {
  Workload workload = contraction.workload;
  // How often a plan is repeated is nothing to it.
  if (ShapedType::isDynamic(workload.batch))
    workload.batch = 1;
  PlanAnswer answer = answerFor(workload, source, limits);
  if (contraction.isInitUndefined)
    addNote(answer, kUndefinedAccumulator);
  tell(op, workload, answer, observer);
  if (answer.plan)
    setPlan(op, *answer.plan);
}

/// Gives a matmul of dynamic sizes a version for every range that has a plan;
/// without any it stays what it was.
static void planDynamic(linalg::LinalgOp op, const Contraction &contraction,
                        const PlanSource &source, const PlanLimits &limits,
                        const LibraryOfFunction &library,
                        const PlanObserver &observer) {
  PlanAnswer refusal;
  FailureOr<ProductSizes> declared =
      declaredSizes(op, contraction, refusal.reason);
  std::vector<RangedPlan> plans;
  if (succeeded(declared))
    plans = plansForRanges(op, contraction, *declared, source, limits, library,
                           refusal);
  if (refusal.plan) {
    ProductSizes all = *declared;
    all[0] = *refusal.range;
    tell(op, atGreatest(contraction.workload, all), refusal, observer);
  } else if (plans.empty()) {
    tell(op, std::nullopt, refusal, observer);
  }
  if (plans.empty()) {
    if (refusal.plan)
      setPlan(op, *refusal.plan);
    return;
  }
  SmallVector<ProductSizes> ranges;
  for (RangedPlan &plan : plans) {
    if (contraction.isInitUndefined)
      addNote(plan.answer, kUndefinedAccumulator);
    tell(op, plan.workload, plan.answer, observer);
    ranges.push_back(plan.sizes);
  }
  op->removeAttr(kRangesAttrName);
  IRRewriter rewriter(op->getContext());
  linalg::MatmulOp matmul = normalizeContraction(rewriter, op, contraction);
  SizeVersions versions = specializeSizes(rewriter, matmul, ranges);
  for (auto [version, plan] : llvm::zip_equal(versions.versions, plans)) {
    setPlan(version, *plan.answer.plan);
    if (!version.hasDynamicShape())
      continue;
    auto [m, k, n] = plan.sizes;
    version->setAttr(kRangesAttrName, rewriter.getDenseI64ArrayAttr(
                                          {m.least, m.greatest, n.least,
                                           n.greatest, k.least, k.greatest}));
  }
  if (refusal.plan)
    setPlan(versions.other, *refusal.plan);
  // The version of any size has been spoken for.
  versions.other->setAttr(SevenfoldDialect::kProductAttrName,
                          rewriter.getUnitAttr());
}

/// A plan in the input is the user's word; it is checked like any other.
static PlanSource sourceFor(linalg::LinalgOp op, const PlanSource &source) {
  auto given = op->getAttrOfType<PlanAttr>(SevenfoldDialect::kPlanAttrName);
  return given ? explicitPlan(given.getValue()) : source;
}

static bool hasDynamicSizes(const Workload &workload) {
  return llvm::any_of(ArrayRef{workload.m, workload.k, workload.n},
                      ShapedType::isDynamic);
}

/// What is measured of an operation's libraries, where its sizes are dynamic.
static void countRaces(linalg::LinalgOp op, const PlanSource &source,
                       LibraryOfFunction &library) {
  std::string reason;
  FailureOr<Contraction> contraction = matchContraction(op, reason, Sizes::Any);
  if (failed(contraction) || !hasDynamicSizes(contraction->workload))
    return;
  FailureOr<ProductSizes> declared = declaredSizes(op, *contraction, reason);
  if (succeeded(declared) && !op->hasAttr(kRangesAttrName))
    for (const PlanAnswer &answer :
         source.plansFor(contraction->workload, (*declared)[0]))
      library.count(answer);
}

/// Plans one matmul-like operation that is no product of a plan.
static void planMatmul(linalg::LinalgOp op, const PlanSource &source,
                       const PlanLimits &limits,
                       const LibraryOfFunction &library,
                       const PlanObserver &observer) {
  PlanSource chosen = sourceFor(op, source);
  op->removeAttr(SevenfoldDialect::kPlanAttrName);
  std::string reason;
  FailureOr<Contraction> contraction = matchContraction(op, reason, Sizes::Any);
  if (failed(contraction))
    return tell(op, std::nullopt, {{}, reason, {}, {}, {}}, observer);
  if (hasDynamicSizes(contraction->workload))
    planDynamic(op, *contraction, chosen, limits, library, observer);
  else
    planStatic(op, *contraction, chosen, limits, observer);
}

/// Plans the matmuls among the operations of one function.
static void planFunction(ArrayRef<linalg::LinalgOp> ops,
                         const PlanSource &source, const PlanLimits &limits,
                         const PlanObserver &observer) {
  auto isProduct = [](linalg::LinalgOp op) {
    return isMatmulLike(op) && !op->hasAttr(SevenfoldDialect::kProductAttrName);
  };
  IRRewriter rewriter(ops.front()->getContext());
  LibraryOfFunction library;
  for (linalg::LinalgOp op : llvm::make_filter_range(ops, isProduct)) {
    normalizeAccumulator(rewriter, op);
    countRaces(op, sourceFor(op, source), library);
  }
  for (linalg::LinalgOp op : ops)
    if (!passOver(op, observer) && isProduct(op))
      planMatmul(op, source, limits, library, observer);
}

/// Brings static sizes out from behind casts that hide them, as exporters leave
/// them after shape inference.
static LogicalResult foldCasts(ModuleOp module) {
  bool hidesSizes = module
                        ->walk([](tensor::CastOp cast) {
                          return cast.getSource().getType().hasStaticShape() &&
                                         !cast.getType().hasStaticShape()
                                     ? WalkResult::interrupt()
                                     : WalkResult::advance();
                        })
                        .wasInterrupted();
  if (!hidesSizes)
    return success();
  MLIRContext *context = module.getContext();
  RewritePatternSet patterns(context);
  for (Dialect *dialect : std::initializer_list<Dialect *>{
           context->getLoadedDialect<tensor::TensorDialect>(),
           context->getLoadedDialect<linalg::LinalgDialect>()})
    dialect->getCanonicalizationPatterns(patterns);
  tensor::CastOp::getCanonicalizationPatterns(patterns, context);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::DimOp::getCanonicalizationPatterns(patterns, context);
  return applyPatternsGreedily(module, std::move(patterns));
}

/// The plan the options spell out, or the source they name.
static llvm::Expected<PlanSource> sourceOf(const PlanPassOptions &options,
                                           const PlanSourceFactory &factory) {
  auto fail = [](const Twine &text) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
  };
  int sources =
      !options.scheme.empty() + !options.plan.empty() + !options.db.empty();
  if (sources > 1)
    return fail("expected at most one of 'scheme', 'plan' and 'db'");
  if (!options.plan.empty()) {
    llvm::Expected<Plan> plan = readPlanFile(options.plan);
    if (!plan)
      return plan.takeError();
    return explicitPlan(*plan);
  }
  if (!options.db.empty()) {
    if (!factory)
      return fail("this program cannot open tuning databases");
    PlanSourceRequest request;
    request.database = options.db;
    request.lowering = options.lowering;
    request.device = options.device;
    request.threads = options.threads;
    request.limits.maxErrorGrowth = options.maxErrorGrowth;
    return factory(request);
  }
  if (options.scheme.empty())
    return PlanSource([](const Workload &) {
      return PlanAnswer{{}, "no plan was asked for", {}, {}, {}};
    });
  std::optional<Execution> execution = parseExecution(options.execution);
  std::optional<Ragged> ragged = parseRagged(options.ragged);
  if (!execution)
    return fail("unknown execution '" + options.execution + "'");
  if (!ragged)
    return fail("unknown treatment of ragged edges '" + options.ragged + "'");
  if (options.levels > kMaxLevels)
    return fail("expected at most " + Twine(kMaxLevels) + " levels but got " +
                Twine(options.levels));
  Plan plan;
  for (unsigned i = 0; i < options.levels; ++i)
    plan.levels.push_back({options.scheme, *execution,
                           options.composed && i + 1 < options.levels});
  plan.provider = options.provider;
  plan.ragged = *ragged;
  return explicitPlan(plan);
}

namespace {
struct PlanPass : sevenfold::impl::PlanPassBase<PlanPass> {
  using PlanPassBase::PlanPassBase;
  PlanPass(FunctionPlans plans, const PlanLimits &limits, PlanObserver observer)
      : plans(std::move(plans)), observer(std::move(observer)),
        maxError(limits.maxError) {
    maxErrorGrowth = limits.maxErrorGrowth;
    maxRelativeError = limits.maxRelativeError;
  }
  PlanPass(PlanPassOptions options, PlanSourceFactory factory)
      : PlanPassBase(std::move(options)), factory(std::move(factory)) {}
  explicit PlanPass(PlanSourceFactory factory) : factory(std::move(factory)) {}
  PlanPass(const PlanPass &other)
      : PlanPassBase(other), plans(other.plans), observer(other.observer),
        factory(other.factory), maxError(other.maxError) {}

  void runOnOperation() override {
    FunctionPlans asked = plans;
    if (!asked) {
      llvm::Expected<PlanSource> opened = sourceOf(options(), factory);
      if (!opened) {
        emitError(UnknownLoc::get(&getContext()), DEBUG_TYPE ": ")
            << llvm::toString(opened.takeError());
        return signalPassFailure();
      }
      asked = [source = *opened](StringRef) { return source; };
    }
    if (failed(foldCasts(getOperation())))
      return signalPassFailure();
    llvm::MapVector<Operation *, SmallVector<linalg::LinalgOp>> functions;
    getOperation()->walk([&](linalg::LinalgOp op) {
      functions[op->getParentOfType<FunctionOpInterface>()].push_back(op);
    });
    PlanLimits limits;
    limits.maxErrorGrowth = maxErrorGrowth;
    limits.maxRelativeError = maxRelativeError;
    limits.maxError = maxError;
    for (auto &[function, ops] : functions) {
      auto named = dyn_cast_or_null<FunctionOpInterface>(function);
      planFunction(ops, asked(named ? named.getName() : ""), limits, observer);
    }
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    PlanPassBase::getDependentDialects(registry);
    registry.insert<arith::ArithDialect, linalg::LinalgDialect, scf::SCFDialect,
                    tensor::TensorDialect>();
  }

private:
  PlanPassOptions options() const {
    return {scheme,          levels,   execution, composed,
            ragged,          provider, plan,      db,
            lowering,        device,   threads,   maxErrorGrowth,
            maxRelativeError};
  }

  FunctionPlans plans;
  PlanObserver observer;
  PlanSourceFactory factory;
  std::optional<ErrorLimit> maxError; ///< which has no option
};
} // namespace

std::unique_ptr<Pass> sevenfold::createPlanPass(FunctionPlans plans,
                                                const PlanLimits &limits,
                                                PlanObserver observer) {
  return std::make_unique<PlanPass>(std::move(plans), limits,
                                    std::move(observer));
}

std::unique_ptr<Pass> sevenfold::createPlanPass(PlanPassOptions options,
                                                PlanSourceFactory factory) {
  return std::make_unique<PlanPass>(options, std::move(factory));
}

void sevenfold::registerPasses(PlanSourceFactory factory) {
  registerPass([factory]() -> std::unique_ptr<Pass> {
    return std::make_unique<PlanPass>(factory);
  });
  // Of a pass that is registered twice the first one counts.
  registerSevenfoldPasses();
}
