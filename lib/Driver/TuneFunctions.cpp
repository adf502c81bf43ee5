//===- TuneFunctions.cpp - Functions at the end of tuning -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads which products the functions of models have and what was recorded of
// them, and hands the functions to the tuner.
//
//===----------------------------------------------------------------------===//

#include "TuneFunctions.h"

#include "PlannedModel.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/FunctionTuner.h"

#include "llvm/Support/FormatVariadic.h"

using namespace sevenfold;

llvm::Expected<double>
sevenfold::functionReserveOf(llvm::ArrayRef<std::string> models,
                             const BudgetLimit &limit, const Device &device) {
  double flops = 0;
  size_t functions = 0;
  for (const std::string &path : models) {
    auto compiler = ModelCompiler::fromFile(path);
    if (!compiler)
      return compiler.takeError();
    functions += (*compiler)->functions().size();
    auto workloads = workloadsOfModel(path);
    if (!workloads)
      return workloads.takeError();
    for (const Workload &workload : *workloads)
      flops += workload.flops();
  }
  return functionReserve(limit, device, flops, functions);
}

/// Whether a function can be measured as a whole: it is of static sizes, and
/// its model gives no plans to its products.
static bool isWhole(const ModelCompiler &compiler,
                    const FunctionIdentity &identity) {
  return !identity.hasOwnPlans &&
         llvm::any_of(
             compiler.functions(), [&](const FunctionSignature &function) {
               return function.name == identity.name && function.isStatic();
             });
}

/// Answers nothing.
static PlanAnswer noAnswer(const Workload &) {
  return {{}, "not in the function", {}, {}, {}};
}

llvm::Expected<std::vector<Workload>> sevenfold::workloadsOfWholes(
    const CommandLine &line, llvm::ArrayRef<std::string> models,
    const ChoicesArguments &choices, const PlanLimits &limits) {
  std::vector<Workload> workloads;
  for (const std::string &path : models) {
    auto model = openModel(line.common, path, choices.sums, WeightHashes::Omit);
    if (!model)
      return model.takeError();
    ModelCompiler &compiler = *model->compiler;
    auto identities = compiler.identify(SumFolding::None);
    if (!identities)
      return identities.takeError();
    ModelCompilerOptions planning;
    planning.limits = limits;
    auto decisions = compiler.plan(PlanSource(noAnswer), planning);
    if (!decisions)
      return decisions.takeError();
    for (const FunctionIdentity &identity : *identities)
      for (const MatmulDecision &decision : *decisions)
        if (decision.workload && decision.function == identity.name &&
            isWhole(compiler, identity))
          workloads.push_back(*decision.workload);
  }
  return workloads;
}

namespace {
/// A function of a model that is to be measured.
struct Job {
  std::string model, function;
  FunctionSubject subject;
};

/// Finds and measures the functions of models.
class FunctionTuning {
public:
  FunctionTuning(const CommandLine &line, const FunctionStage &stage,
                 const MeasuringTools &tools, const TuneParts &parts,
                 const TuneOptions &options, Budget &budget)
      : line(line), stage(stage), tools(tools), parts(parts), options(options),
        budget(budget) {}

  llvm::Expected<std::vector<WorkloadReport>> run();

private:
  llvm::Error chooseSums();
  /// Adds the functions of a model that have planned products, or are played.
  llvm::Error collect(const std::string &model);
  /// Gives a function that is played the plans that are open.
  void openSlots(FunctionSubject &subject) const;
  llvm::Expected<FunctionResult> measure(const Job &job, double until);
  /// Where the function that takes most time ends: nothing would be known of it
  /// in less.
  double stretchedEnd(const Job &job) const;
  SumsOptions sumsOf(const std::string &function) const {
    return function == stage.choices.function ? sums : SumsOptions();
  }

  const CommandLine &line;
  const FunctionStage &stage;
  const MeasuringTools &tools;
  const TuneParts &parts;
  const TuneOptions &options;
  Budget &budget;
  SumsOptions sums; ///< of the function that has choices
  std::vector<Job> jobs;
};
} // namespace

llvm::Error FunctionTuning::chooseSums() {
  if (stage.choices.file.empty())
    return llvm::Error::success();
  auto chosen =
      measureChoices(line, stage.choices, stage.models[0], tools, stage.plans);
  if (!chosen)
    return chosen.takeError();
  sums = *chosen;
  return llvm::Error::success();
}

/// Gives products of which no time is known the rate of the others.
static void estimateMissing(std::vector<ProposedProduct> &products) {
  double flops = 0, seconds = 0;
  for (const ProposedProduct &product : products)
    if (product.baselineSeconds > 0) {
      flops += product.workload.flops();
      seconds += product.baselineSeconds;
    }
  for (ProposedProduct &product : products)
    if (product.baselineSeconds <= 0 && flops > 0)
      product.baselineSeconds = product.workload.flops() * seconds / flops;
}

/// What a record proposes is open, too.
static void addRecorded(const ProposedProduct &product, PlanSlot &slot) {
  if (!product.plan || product.baselineSeconds <= 0 ||
      llvm::any_of(slot.plans, [&](const Candidate &candidate) {
        return candidate.plan == *product.plan;
      }))
    return;
  Candidate candidate;
  candidate.plan = *product.plan;
  candidate.expectedSeconds = product.baselineSeconds / product.speedupLow;
  auto place = llvm::find_if(slot.plans, [&](const Candidate &other) {
    return other.expectedSeconds > candidate.expectedSeconds;
  });
  slot.plans.insert(place, std::move(candidate));
}

void FunctionTuning::openSlots(FunctionSubject &subject) const {
  for (ProposedProduct &product : subject.products) {
    auto surveyed =
        llvm::find_if(stage.surveyed, [&](const SurveyedWorkload &it) {
          return it.workload == product.workload;
        });
    if (surveyed == stage.surveyed.end())
      continue;
    auto slot = llvm::find_if(subject.slots, [&](const PlanSlot &it) {
      return it.workload == product.workload;
    });
    if (slot != subject.slots.end()) {
      ++slot->uses;
      product.baselineSeconds = slot->baselineSeconds();
      continue;
    }
    PlanSlot opened{product.workload, 1, surveyed->librarySeconds,
                    surveyed->plans};
    keepOpenPlans(opened);
    product.baselineSeconds = opened.baselineSeconds();
    addRecorded(product, opened);
    subject.slots.push_back(std::move(opened));
  }
}

llvm::Error FunctionTuning::collect(const std::string &path) {
  auto model =
      openModel(line.common, path, stage.choices.sums, WeightHashes::Omit);
  if (!model)
    return model.takeError();
  ModelCompiler &compiler = *model->compiler;
  size_t first = jobs.size();
  for (SumFolding folding : {SumFolding::None, SumFolding::Some}) {
    auto identities = compiler.identify(folding);
    if (!identities)
      return identities.takeError();
    for (const FunctionIdentity &identity : *identities) {
      SumsOptions chosen = sumsOf(identity.name);
      if (!isWhole(compiler, identity) ||
          (chosen.foldBytes > 0) != (folding == SumFolding::Some))
        continue;
      jobs.push_back({path,
                      identity.name,
                      {path + "@" + identity.name, identity.hash, {}, chosen}});
    }
  }
  ModelCompilerOptions planning;
  planning.limits = options.limits;
  auto decisions = compiler.plan(stage.plans, planning);
  if (!decisions)
    return decisions.takeError();
  for (const MatmulDecision &decision : *decisions)
    for (Job &job : llvm::drop_begin(jobs, first))
      if (decision.workload && job.function == decision.function)
        job.subject.products.push_back(
            {*decision.workload,
             decision.answer.isPlanned() ? decision.answer.plan : std::nullopt,
             decision.answer.speedupLow,
             decision.answer.baselineSeconds.value_or(0)});
  for (Job &job : llvm::drop_begin(jobs, first)) {
    openSlots(job.subject);
    estimateMissing(job.subject.products);
  }
  llvm::erase_if(jobs, [](const Job &job) {
    return llvm::all_of(job.subject.slots,
                        [](const PlanSlot &it) { return it.plans.empty(); }) &&
           llvm::none_of(job.subject.products, [](const ProposedProduct &it) {
             return it.plan.has_value();
           });
  });
  return llvm::Error::success();
}

llvm::Expected<FunctionResult> FunctionTuning::measure(const Job &job,
                                                       double until) {
  auto built = modelBuildOptions(line, stage.choices.sums, tools.target);
  if (!built)
    return built.takeError();
  BuildFunction build =
      [&](const FunctionChoice &choice) -> llvm::Expected<Artefact> {
    ModelBuildOptions chosen = *built;
    chosen.provider = choice.provider;
    chosen.sums = choice.sums;
    return buildModel(job.model, job.function,
                      choiceSource(choice, /*record=*/"", PlanSource(noAnswer)),
                      chosen);
  };
  return tuneFunction(job.subject, build, parts, options, budget, until);
}

/// A function's products took what is known of them at other moments.
static constexpr double kCostSlack = 1.25;

double FunctionTuning::stretchedEnd(const Job &job) const {
  // A number of steps is for repeating a run, not for getting somewhere.
  if (budget.kind() == BudgetKind::Steps)
    return budget.limit();
  double cost =
      functionCost(budget.kind(), tools.device, job.subject.baselineSeconds());
  double end = budget.spent() + kCostSlack * cost;
  if (budget.spent() + cost > budget.limit())
    printProgress(llvm::formatv("{0}: the budget is stretched by about {1:f0} "
                                "s: less does not decide about the function",
                                job.subject.name,
                                budget.spent() + cost - budget.limit()));
  return end;
}

llvm::Expected<std::vector<WorkloadReport>> FunctionTuning::run() {
  std::vector<WorkloadReport> reports;
  if (llvm::Error error = chooseSums())
    return error;
  double left = 0;
  for (const std::string &model : stage.models)
    if (llvm::Error error = collect(model))
      return error;
  for (const Job &job : jobs)
    left += job.subject.baselineSeconds();
  llvm::stable_sort(jobs, [](const Job &a, const Job &b) {
    return a.subject.baselineSeconds() > b.subject.baselineSeconds();
  });
  for (const Job &job : jobs) {
    if (options.interrupted())
      break;
    double seconds = job.subject.baselineSeconds(), spent = budget.spent();
    // What one function leaves goes to the later ones.
    double share = left > 0 ? std::min(seconds / left, 1.0) : 1;
    left -= seconds;
    double until = spent + (budget.limit() - spent) * share;
    if (&job == &jobs.front())
      until = std::max(until, stretchedEnd(job));
    auto result = measure(job, until);
    if (llvm::Error error = result.takeError()) {
      if (takeInterrupted(error))
        break;
      return error;
    }
    if (result->report)
      reports.push_back(std::move(*result->report));
    else
      printProgress(job.subject.name + ": " + kFunctionNotMeasured + ": " +
                    result->reason);
  }
  return reports;
}

llvm::Expected<std::vector<WorkloadReport>>
sevenfold::tuneFunctions(const CommandLine &line, const FunctionStage &stage,
                         const MeasuringTools &tools, const TuneParts &parts,
                         const TuneOptions &options, Budget &budget) {
  return FunctionTuning(line, stage, tools, parts, options, budget).run();
}
