//===- FuzzTest.cpp - Random matmuls by random plans ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles random workloads by random plans, in this process and ahead of time,
// and compares what they compute with the product in float64, or exactly where
// they are integers. Every case
// depends on the seed and its number only:
//
//   FuzzTest [--seed S] [--cases N] [--first I] [--processes P] [--archive F]
//            [--loops host|kernels] [--instruction-sets A,B,..|baseline]
//
// A case that fails prints the command that runs it alone.
//
//===----------------------------------------------------------------------===//

#include "FuzzCase.h"

#include "sevenfold/Measure/Device.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <chrono>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sevenfold;

/// No instruction sets beyond those of every processor.
static constexpr llvm::StringLiteral kBaseline = "baseline";

namespace {
struct Options {
  uint64_t seed = 1;
  int cases = 500, first = 0, processes = 1;
  RunOptions run; ///< its archive is of some of the cases

  /// The options that make a case what it is.
  std::string runText() const {
    const char *loops = run.loops == HostLoops::Kernels ? "kernels" : "host";
    std::string text = llvm::formatv("--seed {0} --loops {1}", seed, loops);
    if (!run.plugin.empty())
      text += " --plugin " + run.plugin;
    if (run.checkAddresses)
      text += " --addresses checked";
    if (run.instructionSets)
      text += " --instruction-sets " + (run.instructionSets->empty()
                                            ? kBaseline.str()
                                            : *run.instructionSets);
    return text;
  }
};

/// What the processes tell each other.
struct Tally {
  std::atomic<int> passed, refused, failed, aheadOfTime;
};
} // namespace

/// Refusals a run may have: a plan that is refused tests nothing.
static constexpr double kRefusedShare = 0.2;
/// Cases that take longer are named, for those who look for slow compilation.
static constexpr double kSlowSeconds = 20;
/// Every so many cases are linked to a library as well.
static constexpr int kAheadOfTimePeriod = 10;

/// The exit code where there is nothing to run the cases on.
static constexpr int kSkipped = 77;

/// Returns whether `text` is neither "host" nor "kernels".
static bool parseLoops(llvm::StringRef text, HostLoops &loops) {
  if (text == "kernels")
    loops = HostLoops::Kernels;
  return text != "kernels" && text != "host";
}

static bool parseOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    llvm::StringRef name = argv[i], value = argv[i + 1];
    bool bad =
        name == "--seed"        ? value.getAsInteger(10, options.seed)
        : name == "--cases"     ? value.getAsInteger(10, options.cases)
        : name == "--first"     ? value.getAsInteger(10, options.first)
        : name == "--processes" ? value.getAsInteger(10, options.processes)
        : name == "--archive"   ? (options.run.archive = value.str(), false)
        : name == "--plugin"    ? (options.run.plugin = value.str(), false)
        : name == "--loops"     ? parseLoops(value, options.run.loops)
        : name == "--addresses"
            ? (options.run.checkAddresses = value == "checked",
               !options.run.checkAddresses)
        : name == "--instruction-sets"
            ? (options.run.instructionSets =
                   value == kBaseline ? "" : value.str(),
               false)
            : true;
    if (bad)
      return false;
  }
  return argc % 2 == 1 && options.cases > 0 && options.processes > 0;
}

/// Runs every `processes`-th case from `shard` on; `current` is the case's
/// number, for the parent to read after a crash.
static void runShard(const Options &options, int shard, Tally &tally,
                     std::atomic<int> &current) {
  for (int i = shard; i < options.cases; i += options.processes) {
    int number = options.first + i;
    current = number;
    bool aheadOfTime =
        !options.run.archive.empty() && number % kAheadOfTimePeriod == 0;
    FuzzCase fuzzCase = drawCase(options.seed, number);
    // Models for GPUs take their weights as arguments, and branch on nothing
    // that is computed there.
    if (options.run.loops == HostLoops::Kernels) {
      fuzzCase.weights = Weights::Argument;
      fuzzCase.anySizes.clear();
      if (fuzzCase.surroundings == Surroundings::Branch)
        fuzzCase.surroundings = Surroundings::Loop;
    } else {
      fuzzCase.f32Products = F32Products::F32;
    }
    if (!options.run.plugin.empty())
      adaptToXla(fuzzCase);
    auto start = std::chrono::steady_clock::now();
    RunOptions run = options.run;
    if (!aheadOfTime)
      run.archive.clear();
    FuzzOutcome outcome = runCase(fuzzCase, run);
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - start;
    if (elapsed.count() > kSlowSeconds)
      llvm::errs() << llvm::formatv("slow: case {0}: {1} took {2:f1} s\n",
                                    number, describeCase(fuzzCase),
                                    elapsed.count());
    if (outcome.status == FuzzOutcome::Passed) {
      ++tally.passed;
      tally.aheadOfTime += aheadOfTime;
      continue;
    }
    bool failed = outcome.status == FuzzOutcome::Failed;
    ++(failed ? tally.failed : tally.refused);
    llvm::errs() << llvm::formatv("{0}: case {1}: {2}: {3}\n",
                                  failed ? "FAILED" : "refused", number,
                                  describeCase(fuzzCase), outcome.message);
    if (failed)
      llvm::errs() << llvm::formatv(
          "  reproduce: FuzzTest {0} --first {1} --cases 1 --archive {2}\n",
          options.runText(), number,
          options.run.archive.empty() ? "''" : options.run.archive);
  }
}

int main(int argc, char **argv) {
  Options options;
  if (!parseOptions(argc, argv, options)) {
    llvm::errs() << "usage: FuzzTest [--seed S] [--cases N] [--first I] "
                    "[--processes P] [--loops host|kernels] [--archive F] "
                    "[--instruction-sets A,B,..|baseline] "
                    "[--addresses checked] [--plugin F]\n";
    return 2;
  }
  if (!options.run.plugin.empty()) {
    auto plugin = findPjrtPlugin(options.run.plugin);
    if (!plugin) {
      llvm::outs() << "skipped: " << llvm::toString(plugin.takeError()) << "\n";
      return kSkipped;
    }
    options.run.plugin = *plugin;
  }
  size_t bytes = sizeof(Tally) + options.processes * sizeof(std::atomic<int>);
  void *shared = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    return 2;
  auto &tally = *new (shared) Tally{};
  auto *current = reinterpret_cast<std::atomic<int> *>(
      static_cast<char *>(shared) + sizeof(Tally));

  // Processes are made before there are threads.
  std::vector<pid_t> children;
  for (int shard = 0; shard < options.processes; ++shard) {
    pid_t child = fork();
    if (child == 0) {
      runShard(options, shard, tally, current[shard]);
      llvm::errs().flush();
      _exit(0);
    }
    children.push_back(child);
  }
  for (auto [shard, child] : llvm::enumerate(children)) {
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
      ++tally.failed;
      llvm::errs() << llvm::formatv(
          "FAILED: the process of case {0} died of signal {1} (exit {2})\n"
          "  reproduce: FuzzTest {3} --first {0} --cases 1\n",
          current[shard].load(), WTERMSIG(status), WEXITSTATUS(status),
          options.runText());
    }
  }
  llvm::outs() << llvm::formatv(
      "{0} passed, {1} of them ahead of time too; {2} refused, {3} failed\n",
      tally.passed.load(), tally.aheadOfTime.load(), tally.refused.load(),
      tally.failed.load());
  bool tooManyRefused =
      tally.refused > kRefusedShare * options.cases && options.cases > 10;
  if (tooManyRefused)
    llvm::errs() << "FAILED: too many plans were refused\n";
  return tally.failed > 0 || tooManyRefused;
}
