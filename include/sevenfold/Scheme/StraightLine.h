//===- StraightLine.h - Sums with shared sub-sums ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Straight-line programs of scaled additions: how the linear forms of a scheme
// are computed with as few additions as the minimiser finds.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_STRAIGHTLINE_H
#define SEVENFOLD_SCHEME_STRAIGHTLINE_H

#include "sevenfold/Scheme/Scheme.h"

namespace sevenfold {

/// value[inputs + s] = left.coefficient * value[left.index]
///                   + right.coefficient * value[right.index]
struct StraightLineStep {
  unsigned left, right;
  Rational leftCoefficient, rightCoefficient;
};

/// A reference to a value, scaled: output = coefficient * value[index]. A zero
/// output has coefficient 0.
struct StraightLineOutput {
  unsigned index = 0;
  Rational coefficient;
};

/// A program over `inputs` values; step s defines value inputs + s and reads
/// only earlier values.
struct StraightLineProgram {
  unsigned inputs = 0;
  std::vector<StraightLineStep> steps;
  std::vector<StraightLineOutput> outputs;
};

/// Additions of computing every row of `forms` by itself.
unsigned naiveAdditions(const Factor &forms);

/// The same for columns.
unsigned naiveAdditionsTransposed(const Factor &forms);

/// How long the minimiser tries. It counts elementary steps, so that the answer
/// does not depend on the machine: at most about 5 ms, 20 ms and 0.7 s
/// a side.
enum class MinimizerEffort { Quick, Normal, Thorough };

/// A program that computes y = forms * x (one output per row), by greedy
/// elimination of the pair of terms (up to a common scale) that most rows
/// share, improved by randomised restarts from `seed`; deterministic. Rows that
/// are equal up to a scale are computed once. Coefficients whose ratios do not
/// fit in 64 bits are left unshared.
StraightLineProgram
minimizeAdditions(const Factor &forms, uint64_t seed = 0,
                  MinimizerEffort effort = MinimizerEffort::Normal);

/// The transposed problem y = forms^T * x (one output per column): the
/// C side of a scheme, where `forms` is W (r x mn).
StraightLineProgram
minimizeAdditionsTransposed(const Factor &forms, uint64_t seed = 0,
                            MinimizerEffort effort = MinimizerEffort::Normal);

/// The coefficient matrix a program computes (outputs x inputs); nothing where
/// a coefficient does not fit in 64 bits.
std::optional<Factor> formsOf(const StraightLineProgram &program);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_STRAIGHTLINE_H
