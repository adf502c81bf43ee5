//===- HostExecutor.cpp - Functions on the host ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs functions on this process's threads.
//
//===----------------------------------------------------------------------===//

#include "Executor.h"

#include "sevenfold/Measure/RunnerCore.h"

#include <chrono>

using namespace sevenfold;
using namespace sevenfold::runner;

namespace {
class HostExecutor : public Executor {
public:
  bool prepare(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, Purpose purpose,
               uint64_t seed, std::string &message) override {
    bool isTiming = purpose == Purpose::Timing;
    current = isTiming ? &timed : &checked;
    if (current->matches(inputs, outputs, seed)) {
      if (!isTiming)
        current->forgetOutputs();
      return true;
    }
    // Both at once only where that leaves room for workspaces.
    Operands &other = isTiming ? checked : timed;
    int sets =
        isTiming ? rotatedSets(inputs, outputs, lastLevelCacheBytes()) : 1;
    if (other.bytes() + bytesOf(inputs, outputs) * sets >
        physicalMemoryBytes() / 4)
      other.clear();
    return current->prepare(inputs, outputs, sets,
                            isTiming ? Placement::AtPage : Placement::AtEnd,
                            seed, message);
  }
  const Arguments &set(int64_t index) const override {
    return current->set(index);
  }

  bool open(Library &library, const std::string &path,
            const std::string &function, std::string &message) override {
    if (!library.open(path, function, message))
      return false;
    if (!library.symbol(kSetStream))
      return true;
    message = "it is code for GPUs, and takes no pointers to host memory";
    return false;
  }

  bool run(const Library &library, const Arguments &arguments,
           std::string &message) override {
    int code = library.call(arguments);
    if (code != 0)
      message = library.describe(code);
    return code == 0;
  }

  double time(const Library &library, int repetitions, int64_t &next,
              std::string &message) override {
    int code = 0;
    auto begin = std::chrono::steady_clock::now();
    for (int repetition = 0; repetition < repetitions; ++repetition)
      code |= library.call(set(next++));
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - begin;
    if (code == 0)
      return elapsed.count() / repetitions;
    // Codes of several runs were merged; ask once more for a clean one.
    int repeated = library.call(set(next++));
    message = library.describe(repeated != 0 ? repeated : code);
    return -1;
  }

  /// Writing where it must not crashes.
  bool inspect(const Arguments &arguments, size_t,
               std::vector<const void *> &readable, std::string &) override {
    readable.assign(arguments.pointers.begin(), arguments.pointers.end());
    return true;
  }

  std::string name() const override { return "host"; }

private:
  Operands timed, checked;
  Operands *current = &timed;
};
} // namespace

std::unique_ptr<Executor> sevenfold::runner::createHostExecutor() {
  return std::make_unique<HostExecutor>();
}
