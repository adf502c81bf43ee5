//===- FunctionSpace.h - The plans of a whole function ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is decided about a function: the plan of every product, the library of
// the rest, and whether sums are shared. There are too many assignments to
// list, but each has neighbours that differ in one decision, and of each it is
// known what is expected, and how expectations err together.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_FUNCTIONSPACE_H
#define SEVENFOLD_TUNING_FUNCTIONSPACE_H

#include "sevenfold/Database/FunctionChoice.h"
#include "sevenfold/Runner/Standings.h"
#include "sevenfold/Tuning/PlanSpace.h"

#include <map>

namespace sevenfold {

/// The products of a function that are of one workload. They have one plan.
struct PlanSlot {
  Workload workload;
  double uses = 1; ///< how many products there are
  /// Seconds of one of them, by each library that was timed.
  std::map<std::string, double> librarySeconds;
  /// The fastest expected first.
  std::vector<Candidate> plans;

  /// Of the fastest library; 0 where none is known.
  double baselineSeconds() const;
};

/// Of more plans of a workload, those are open that are expected to be the
/// fastest, and after those the best of other kinds and providers.
inline constexpr size_t kBestPlansOfSlot = 24, kMostPlansOfSlot = 48;
/// Leaves those in a slot.
void keepOpenPlans(PlanSlot &slot);

/// What is decided about a function.
struct Assignment {
  static constexpr size_t kLibrary = size_t(-1);

  /// Of each slot the number of a plan, or kLibrary: by that of the rest.
  std::vector<size_t> plans;
  size_t library = 0; ///< of the rest, by its number
  SumSharing share = SumSharing::On;

  bool hasPlans() const;
  bool operator==(const Assignment &other) const {
    return plans == other.plans && library == other.library &&
           share == other.share;
  }
};

/// What a space is made of.
struct FunctionFacts {
  std::vector<PlanSlot> slots;
  std::vector<std::string> libraries; ///< that may be that of the rest
  size_t baseline = 0;                ///< the library that is compared with
  double seconds = 0;                 ///< of a call by it
  SumSharing share = SumSharing::On;  ///< what is decided at first
};

class FunctionSpace {
public:
  FunctionSpace(FunctionFacts facts, const BeliefDeviations &belief);

  const FunctionFacts &facts() const { return known; }

  /// Without plans, by the library that is compared with.
  Assignment classical() const;
  /// For each library that is expected to be of use for it, the best expected
  /// plans that multiply with it, or with kernels of our own.
  std::vector<Assignment> aligned() const;
  /// The assignments with plans that differ from `from` in one decision. One
  /// that changes nothing is no decision: the library where every product has a
  /// plan, sharing where no two products may share a sum.
  std::vector<Assignment> neighbours(const Assignment &from) const;

  /// The logarithm of the speedup over the classical assignment that is
  /// expected: every product adds what its plan saves of the function's time,
  /// and libraries with threads of their own that take turns cost some.
  double expected(const Assignment &assignment) const;
  /// How the errors of two expectations vary together. An error is that of the
  /// plans, each weighed by its products' share of the time; of the cost of
  /// turns; and one of each assignment.
  double covariance(const Assignment &a, const Assignment &b) const;

private:
  /// What a decision about a slot is to beliefs.
  struct Option {
    double ratio = 1;                ///< of the time by the baseline's library
    unsigned kind = 0, provider = 0; ///< by their numbers
    bool isBaseline = false;         ///< known, since it was timed
  };

  const Option &optionOf(size_t slot, const Assignment &assignment) const;
  double optionCovariance(size_t slotA, const Assignment &a, size_t slotB,
                          const Assignment &b) const;
  /// Which libraries with threads of their own multiply, a bit for each.
  uint64_t pools(const Assignment &assignment) const;
  /// Whether libraries take turns.
  bool takesTurns(const Assignment &assignment) const;
  bool mayShare(const Assignment &assignment) const;
  /// With what changes nothing as it is at first.
  Assignment settled(Assignment assignment) const;
  size_t bestPlanOn(size_t slot, llvm::StringRef library) const;

  FunctionFacts known;
  BeliefDeviations belief;
  std::vector<double> weights; ///< shares of the time, of the slots
  /// Of each slot, of its plans, and then of the libraries.
  std::vector<std::vector<Option>> options;
  std::vector<std::string> kinds, providers;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_FUNCTIONSPACE_H
