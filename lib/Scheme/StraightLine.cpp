//===- StraightLine.cpp - Sums with shared sub-sums -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search of the common-subexpression minimiser. A start is a greedy
// elimination of the most shared pair with ties broken at random; the search
// then perturbs the best program (it forgets some of its shared pairs and
// completes the rest greedily) and keeps what is no worse. Both the matrix
// and its transpose are searched: by Tellegen's principle a program for one,
// read backwards, computes the other, with the difference of the numbers of
// outputs in additions.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/StraightLine.h"
#include "PairElimination.h"
#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <map>

namespace sevenfold {
namespace {

/// When a search ends: after so much work, or so many restarts in a row that
/// found nothing better.
struct SearchLimit {
  uint64_t work;
  unsigned idleRestarts;
};

SearchLimit searchLimit(MinimizerEffort effort) {
  switch (effort) {
  case MinimizerEffort::Quick:
    return {150'000, 200};
  case MinimizerEffort::Normal:
    return {1'000'000, 2'000};
  case MinimizerEffort::Thorough:
    return {40'000'000, 60'000};
  }
  return {0, 0};
}

Factor transposed(const Factor &factor) {
  Factor result(factor.columns(), factor.rows());
  for (unsigned row = 0; row < factor.rows(); ++row)
    for (unsigned column = 0; column < factor.columns(); ++column)
      result.at(column, row) = factor.at(row, column);
  return result;
}

/// Rows to compute, and for every row the one it is a multiple of.
struct RowClasses {
  std::vector<unsigned> representatives;
  std::vector<StraightLineOutput> classes; ///< index into representatives
};

RowClasses classifyRows(const Factor &forms) {
  using Row = std::vector<std::pair<int64_t, int64_t>>;
  RowClasses result;
  std::map<Row, unsigned> known;
  for (unsigned row = 0; row < forms.rows(); ++row) {
    Row normalized;
    std::optional<Rational> lead, scale = Rational{1, 1};
    for (unsigned column = 0; column < forms.columns(); ++column) {
      const Rational &value = forms.at(row, column);
      if (!lead && !value.isZero())
        lead = value;
      std::optional<Rational> ratio =
          lead && !value.isZero() ? divide(value, *lead) : Rational{};
      if (!ratio) {
        normalized.clear(); // too large: the row stands for itself
        break;
      }
      normalized.emplace_back(ratio->numerator, ratio->denominator);
    }
    if (!lead) {
      result.classes.push_back({0, Rational{}});
      continue;
    }
    unsigned next = result.representatives.size();
    auto [entry, isNew] = normalized.empty() ? std::pair(known.end(), true)
                                             : known.insert({normalized, next});
    if (!isNew)
      for (unsigned column = 0; column < forms.columns(); ++column) {
        const Rational &base =
            forms.at(result.representatives[entry->second], column);
        if (base.isZero())
          continue;
        scale = divide(forms.at(row, column), base);
        break;
      }
    if (isNew || !scale) {
      result.classes.push_back({next, Rational{1, 1}});
      result.representatives.push_back(row);
      continue;
    }
    result.classes.push_back({entry->second, *scale});
  }
  return result;
}

/// Adds up scaled values one after the other.
class SumBuilder {
public:
  explicit SumBuilder(StraightLineProgram &program) : program(program) {}

  void add(const StraightLineOutput &term) {
    if (term.coefficient.isZero())
      return;
    if (sum.coefficient.isZero()) {
      sum = term;
      return;
    }
    program.steps.push_back(
        {sum.index, term.index, sum.coefficient, term.coefficient});
    sum = {unsigned(program.inputs + program.steps.size() - 1), Rational{1, 1}};
  }
  const StraightLineOutput &result() const { return sum; }

private:
  StraightLineProgram &program;
  StraightLineOutput sum;
};

/// The program with no sharing at all.
StraightLineProgram naiveProgram(const Factor &forms) {
  StraightLineProgram program;
  program.inputs = forms.columns();
  for (unsigned row = 0; row < forms.rows(); ++row) {
    SumBuilder sum(program);
    for (unsigned column = 0; column < forms.columns(); ++column)
      sum.add({column, forms.at(row, column)});
    program.outputs.push_back(sum.result());
  }
  return program;
}

/// The search over one matrix.
class Minimizer {
public:
  Minimizer(const PairElimination &initial, uint64_t seed)
      : initial(initial), best(initial), random(seed) {
    complete(best, bestPairs, /*isGreedy=*/true);
  }

  const PairElimination &result() const { return best; }

  void run(const SearchLimit &limit) {
    unsigned bound = best.totalAdditions();
    current = bestPairs;
    currentAdditions = bound;
    // Nothing to share: nothing to search.
    if (bestPairs.empty())
      return;
    unsigned idleRestarts = 0;
    while (workDone < limit.work && idleRestarts++ < limit.idleRestarts) {
      PairElimination state = initial;
      workDone += kRestartWork + initial.pairs().size() / 8;
      std::vector<TermPair> pairs;
      // Now and then a fresh start; otherwise a perturbed one.
      if (random.below(kFreshStartPeriod) != 0)
        replay(state, pairs);
      complete(state, pairs, /*isGreedy=*/false);
      if (state.totalAdditions() < best.totalAdditions())
        idleRestarts = 0;
      accept(state, pairs);
    }
  }

private:
  static constexpr unsigned kFreshStartPeriod = 50;
  /// What setting up a restart costs, in elementary steps.
  static constexpr uint64_t kRestartWork = 200;

  void accept(PairElimination &state, std::vector<TermPair> &pairs) {
    unsigned additions = state.totalAdditions();
    if (additions < best.totalAdditions()) {
      best = state;
      bestPairs = pairs;
    }
    // A little worse is taken now and then, to leave a plateau's end.
    bool isTaken = additions <= currentAdditions ||
                   (additions == currentAdditions + 1 && random.below(20) == 0);
    if (additions > best.totalAdditions() + 2)
      isTaken = false;
    if (!isTaken)
      return;
    current = std::move(pairs);
    currentAdditions = additions;
  }

  /// Repeats `current` without a random part of it (and what builds on that).
  void replay(PairElimination &state, std::vector<TermPair> &pairs) {
    constexpr uint32_t kMissing = ~uint32_t(0);
    uint32_t numInputs = state.numVariables();
    std::vector<uint32_t> renamed(numInputs + current.size(), kMissing);
    for (uint32_t i = 0; i < numInputs; ++i)
      renamed[i] = i;
    double dropRate = random.uniform() * random.uniform() * 0.7;
    size_t forced = current.empty() ? 0 : random.below(current.size());
    for (size_t i = 0; i < current.size(); ++i) {
      bool isDropped = i == forced || random.uniform() < dropRate;
      TermPair pair = {renamed[current[i].first], renamed[current[i].second],
                       current[i].ratio};
      if (isDropped || pair.first == kMissing || pair.second == kMissing ||
          state.pairs().count(pair) < 2)
        continue;
      renamed[numInputs + i] = state.numVariables();
      state.eliminate(pair);
      pairs.push_back(pair);
    }
  }

  void complete(PairElimination &state, std::vector<TermPair> &pairs,
                bool isGreedy) {
    // The chance to take a pair that one row fewer shares.
    double looseness = isGreedy ? 0 : random.uniform() * 0.1;
    while (true) {
      uint32_t count = state.pairs().largestCount();
      if (count < 2)
        break;
      size_t ties = state.pairs().numWithCount(count);
      if (count > 2 && looseness > 0 && random.uniform() < looseness) {
        size_t others = state.pairs().numWithCount(count - 1);
        if (others != 0) {
          --count;
          ties = others;
        }
      }
      TermPair pair =
          state.pairs().pairWithCount(count, isGreedy ? 0 : random.below(ties));
      state.eliminate(pair);
      pairs.push_back(pair);
    }
    workDone += state.work();
  }

  const PairElimination &initial;
  PairElimination best;
  Random random;
  std::vector<TermPair> bestPairs, current;
  unsigned currentAdditions = 0;
  uint64_t workDone = 0;
};

/// Searches the rows of `forms` as they are.
StraightLineProgram minimizeRows(const Factor &forms, uint64_t seed,
                                 const SearchLimit &limit) {
  std::optional<CoefficientTable> coefficients =
      CoefficientTable::create(forms);
  if (!coefficients)
    return naiveProgram(forms);
  RowClasses rows = classifyRows(forms);
  std::optional<PairElimination> state =
      PairElimination::create(forms, rows.representatives, *coefficients);
  if (!state)
    return naiveProgram(forms);
  Minimizer minimizer(*state, seed);
  minimizer.run(limit);

  StraightLineProgram program = minimizer.result().program();
  std::vector<StraightLineOutput> outputs;
  for (const StraightLineOutput &entry : rows.classes) {
    StraightLineOutput output;
    if (!entry.coefficient.isZero()) {
      output = program.outputs[entry.index];
      std::optional<Rational> scaled =
          multiply(output.coefficient, entry.coefficient);
      if (!scaled)
        return naiveProgram(forms);
      output.coefficient = *scaled;
    }
    outputs.push_back(output);
  }
  program.outputs = std::move(outputs);
  return program;
}

/// The program of the transposed matrix: every value's weight in the outputs,
/// from the last value to the first. Nothing where a coefficient overflows.
std::optional<StraightLineProgram>
transposeProgram(const StraightLineProgram &program) {
  StraightLineProgram result;
  result.inputs = program.outputs.size();
  std::vector<std::vector<StraightLineOutput>> uses(program.inputs +
                                                    program.steps.size());
  for (unsigned i = 0; i < program.outputs.size(); ++i)
    if (!program.outputs[i].coefficient.isZero())
      uses[program.outputs[i].index].push_back(
          {i, program.outputs[i].coefficient});
  std::vector<StraightLineOutput> weights(uses.size());
  for (unsigned value = uses.size(); value-- > 0;) {
    SumBuilder sum(result);
    for (const StraightLineOutput &use : uses[value])
      sum.add(use);
    weights[value] = sum.result();
    if (value < program.inputs || weights[value].coefficient.isZero())
      continue;
    const StraightLineStep &step = program.steps[value - program.inputs];
    auto left = multiply(weights[value].coefficient, step.leftCoefficient);
    auto right = multiply(weights[value].coefficient, step.rightCoefficient);
    if (!left || !right)
      return std::nullopt;
    uses[step.left].push_back({weights[value].index, *left});
    uses[step.right].push_back({weights[value].index, *right});
  }
  result.outputs.assign(weights.begin(), weights.begin() + program.inputs);
  return result;
}

} // namespace

unsigned naiveAdditions(const Factor &forms) {
  unsigned sum = 0;
  for (unsigned row = 0; row < forms.rows(); ++row) {
    unsigned terms = 0;
    for (unsigned column = 0; column < forms.columns(); ++column)
      terms += !forms.at(row, column).isZero();
    sum += terms > 1 ? terms - 1 : 0;
  }
  return sum;
}

unsigned naiveAdditionsTransposed(const Factor &forms) {
  return naiveAdditions(transposed(forms));
}

StraightLineProgram minimizeAdditions(const Factor &forms, uint64_t seed,
                                      MinimizerEffort effort) {
  SearchLimit limit = searchLimit(effort);
  StraightLineProgram direct = minimizeRows(forms, seed, limit);
  std::optional<StraightLineProgram> backwards =
      transposeProgram(minimizeRows(transposed(forms), seed, limit));
  if (backwards && backwards->steps.size() < direct.steps.size())
    return *backwards;
  return direct;
}

StraightLineProgram minimizeAdditionsTransposed(const Factor &forms,
                                                uint64_t seed,
                                                MinimizerEffort effort) {
  return minimizeAdditions(transposed(forms), seed, effort);
}

std::optional<Factor> formsOf(const StraightLineProgram &program) {
  std::vector<std::vector<Rational>> values(program.inputs);
  for (unsigned i = 0; i < program.inputs; ++i) {
    values[i].resize(program.inputs);
    values[i][i] = Rational{1, 1};
  }
  for (const StraightLineStep &step : program.steps) {
    std::vector<Rational> sum(program.inputs);
    for (unsigned i = 0; i < program.inputs; ++i) {
      auto left = multiply(values[step.left][i], step.leftCoefficient);
      auto right = multiply(values[step.right][i], step.rightCoefficient);
      auto total = left && right ? add(*left, *right) : std::nullopt;
      if (!total)
        return std::nullopt;
      sum[i] = *total;
    }
    values.push_back(std::move(sum));
  }
  Factor forms(program.outputs.size(), program.inputs);
  for (unsigned row = 0; row < forms.rows(); ++row)
    for (unsigned i = 0; i < program.inputs; ++i) {
      const StraightLineOutput &output = program.outputs[row];
      if (output.coefficient.isZero())
        continue;
      auto value = multiply(values[output.index][i], output.coefficient);
      if (!value)
        return std::nullopt;
      forms.at(row, i) = *value;
    }
  return forms;
}

} // namespace sevenfold
