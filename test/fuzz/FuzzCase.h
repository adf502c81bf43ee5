//===- FuzzCase.h - One random matmul and its plan --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Draws a case of the fuzz test, and runs one.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FUZZ_FUZZCASE_H
#define SEVENFOLD_TEST_FUZZ_FUZZCASE_H

#include "sevenfold/Pipelines/HostOptions.h"
#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/Workload.h"

#include <optional>
#include <string>

namespace sevenfold {

/// How a frontend may write the matmul.
enum class Spelling {
  Named,       ///< linalg.matmul or linalg.batch_matmul
  Contract,    ///< linalg.contract
  Generic,     ///< linalg.generic, its loops in another order
  Transposes,  ///< linalg.transpose of operands, and a plain contraction
  Result,      ///< a transposed result
  BatchInside, ///< the batch behind the rows
  Split        ///< two dimensions for each of m, n and k
};
inline constexpr int kNumSpellings = 7;
llvm::StringRef stringifySpelling(Spelling spelling);

/// How a product that adds to nothing says so.
enum class Start {
  Fill,
  Constant,  ///< a splat
  Generate,  ///< tensor.generate
  Undefined, ///< a tensor.empty
};
inline constexpr int kNumStarts = 4;
llvm::StringRef stringifyStart(Start start);

/// What is around a product.
enum class Surroundings {
  Nothing,
  Loop,  ///< twice, the second iteration's result being carried like the first
  Branch ///< where the first element of A is a number; else what it adds to
};
inline constexpr int kNumSurroundings = 3;
llvm::StringRef stringifySurroundings(Surroundings surroundings);

/// How the right operand comes in.
enum class Weights {
  Argument,
  Constant, ///< known when compiling
  Folded    ///< known, and its sums are formed when compiling
};
llvm::StringRef stringifyWeights(Weights weights);

/// Which numbers the operands have. Integers have all of theirs.
enum class Values {
  Normal,      ///< N(0,1)
  Large,       ///< as large as the plan's range growth leaves finite
  GradedRows,  ///< every row of A, or column of B, of a size of its own
  GradedInner, ///< a column of A as many times larger as its row of B is
               ///< smaller
  Subnormal    ///< about the smallest normal number
};
inline constexpr int kNumValues = 5;
llvm::StringRef stringifyValues(Values values);

struct FuzzCase {
  Workload workload;
  Spelling spelling = Spelling::Named;
  Start start = Start::Fill;
  Surroundings surroundings = Surroundings::Nothing;
  Weights weights = Weights::Argument;
  /// Products of the same left operand, each with a right operand of its own.
  int siblings = 1;
  /// Which of m, n, k and b(atch) the code learns when it runs.
  std::string anySizes;
  Plan plan;
  int threads = 1;
  KernelTarget kernels; ///< where kernels are run, and how
  F32Products f32Products = F32Products::F32;
  uint64_t dataSeed = 0;
  Values values = Values::Normal;
  HostCores cores; ///< what products of our own are cut for
};

struct FuzzOutcome {
  enum Status { Passed, Refused, Failed } status = Passed;
  std::string message;
};

/// What a case is, in one line.
std::string describeCase(const FuzzCase &fuzzCase);

/// Case `number` under `seed`; the same on every machine with the same
/// providers.
FuzzCase drawCase(uint64_t seed, int number);

/// The module of a case, with a function `matmul` of A, B, C where the workload
/// accumulates, and the right operand of the sibling where there is one. It
/// returns one product for each right operand.
std::string spellCase(const FuzzCase &fuzzCase);

/// How cases are compiled and run.
struct RunOptions {
  HostLoops loops = HostLoops::Loops;
  /// The runtime library; empty: nothing is run from a shared library.
  std::string archive;
  /// Of the processor the code is for; absent: this one.
  std::optional<std::string> instructionSets;
  /// Whether the code checks what it reads and writes of the operands: where
  /// this process has the run time of AddressSanitizer. Takes ten times as long
  /// to compile.
  bool checkAddresses = false;
  /// A PJRT plugin whose device runs the case as a program of StableHLO; empty:
  /// none, the host does.
  std::string plugin;
};

/// Makes of a case one that XLA's compilers are given: by their own products,
/// in two levels at most, without what StableHLO has no words for here.
void adaptToXla(FuzzCase &fuzzCase);

/// Compiles and runs in this process, and where there is an archive from a
/// shared library too. Code for other instruction sets must link with what
/// every system has; what this processor cannot execute is not run.
FuzzOutcome runCase(const FuzzCase &fuzzCase, const RunOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_TEST_FUZZ_FUZZCASE_H
