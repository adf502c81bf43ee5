//===- FunctionTuner.h - Whole functions against the libraries --*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures a function with the plans of its products against the same function
// on every vendor library, and records what is to be used for the whole of it:
// what holds for products one by one need not hold for them together.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_FUNCTIONTUNER_H
#define SEVENFOLD_TUNING_FUNCTIONTUNER_H

#include "sevenfold/Tuning/FunctionSpace.h"
#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// A product of a function, with the plan that its record proposes.
struct ProposedProduct {
  Workload workload;
  std::optional<Plan> plan;
  double speedupLow = 1;      ///< of the product's record: how sure the plan is
  double baselineSeconds = 0; ///< of the product by a library; 0: unknown
};

/// A function that is to be measured as a whole.
struct FunctionSubject {
  std::string name;                      ///< "MODEL.mlir@function"
  std::string hash;                      ///< of its key
  std::vector<ProposedProduct> products; ///< in the order of the function
  SumsOptions sums;
  /// The plans that are open, of each workload with some: the function is
  /// played as a whole then, and the products' own plans do not count. Empty:
  /// it is measured with those.
  std::vector<PlanSlot> slots{};

  /// Seconds of all products by libraries.
  double baselineSeconds() const;
};

/// Compiles the function under a choice; one without plans is the function by
/// the library that it names.
using BuildFunction =
    std::function<llvm::Expected<Artefact>(const FunctionChoice &)>;

struct FunctionResult {
  /// Absent where the function was not measured.
  std::optional<WorkloadReport> report;
  std::string reason; ///< why it was not measured
};

/// Measures the function until `budget.spent()` nears `until`, and commits its
/// record.
///
/// The libraries race for the baseline. The function with all plans wins where
/// its speedup exceeds 1, by a test whose doubt is 1/2 of 1 %. Where it does
/// not, the plan whose product was the least sure is taken out and the rest
/// measured again, with 1/4, 1/8, .. of 1 %; without plans left the library is
/// chosen. After that, and whatever was decided, the result is measured once
/// more: this series is what is reported and recorded, as it is. Where it shows
/// a loss, the plans come out after all.
///
/// One with slots is played (FunctionGame.h), by `options.strategy`:
/// assignments of plans are measured as whole functions, until nothing promises
/// more than it costs or what is left is needed to confirm. The best one wins
/// by the same test, or the next where it does not; what fails to build or is
/// wrong is recorded, and the game goes on.
///
/// Nothing is recorded where the first comparison is too noisy to tell, or
/// where the time does not suffice. Fails where no library can compute the
/// function or a record cannot be committed.
llvm::Expected<FunctionResult> tuneFunction(const FunctionSubject &subject,
                                            const BuildFunction &build,
                                            const TuneParts &parts,
                                            const TuneOptions &options,
                                            Budget &budget, double until);

/// What deciding about a function takes, in the unit of a budget; `seconds` is
/// one call of it by a library.
double functionCost(BudgetKind kind, const Device &device, double seconds);

/// What of a budget is kept for measuring functions after their products: about
/// what it takes, but at most two fifths. `flops`: of all products of all
/// functions, of which there are `functions`.
double functionReserve(const BudgetLimit &limit, const Device &device,
                       double flops, size_t functions);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_FUNCTIONTUNER_H
