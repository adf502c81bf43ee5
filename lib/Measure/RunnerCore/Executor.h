//===- Executor.h - Where functions run and what times them -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host times a function by its clock and gives it memory of its own; a GPU
// times it by events and has its own memory. The protocol is the same for both.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_EXECUTOR_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_EXECUTOR_H

#include "Buffers.h"

#include <memory>
#include <string>
#include <vector>

namespace sevenfold {
namespace runner {

/// What operands are for. Timing: as many sets as it takes to find nothing of a
/// set in the caches. Checking: one set, laid so that writing where a function
/// must not is found.
enum class Purpose { Timing, Checking };

/// What a device ran at while it was timed; NaN where nobody tells.
struct Conditions {
  double smMegahertz, powerWatts;
};

/// A function that an executor has loaded.
class Code {
public:
  virtual ~Code() = default;
};

class Executor {
public:
  virtual ~Executor() = default;

  /// Has operands of these shapes ready, inputs with N(0,1) numbers and outputs
  /// with NaN. Those of the last call for a purpose are kept where they are the
  /// same. False with a message where there is not enough memory.
  virtual bool prepare(const std::vector<Shape> &inputs,
                       const std::vector<Shape> &outputs, Purpose purpose,
                       uint64_t seed, std::string &message) = 0;
  /// Of the operands prepared last.
  virtual const Arguments &set(int64_t index) const = 0;

  /// Loads a function that runs here; null with a message.
  virtual std::unique_ptr<Code> open(const std::string &path,
                                     const std::string &function,
                                     std::string &message) = 0;
  /// One run of what this executor has opened, to its end; false with a
  /// message.
  virtual bool run(const Code &code, const Arguments &arguments,
                   std::string &message) = 0;
  /// So many runs one behind the other, on the sets from `next`, which moves
  /// on. Mean seconds of one; negative with a message.
  virtual double time(const Code &code, int repetitions, int64_t &next,
                      std::string &message) = 0;

  /// After a run on the operands for checking: where the host can read
  /// `arguments`, whose first `inputs` must be as they were. False with a
  /// message where something was written that must not be.
  virtual bool inspect(const Arguments &arguments, size_t inputs,
                       std::vector<const void *> &readable,
                       std::string &message) = 0;

  /// Whether anything can run here after what has run.
  virtual bool isUsable() const { return true; }
  /// Code that runs longer than this warms itself up in a fraction of its run.
  virtual double warmUpLimitSeconds() const { return 50e-3; }
  /// Flop/s of a slow machine of the kind: what a first run may take.
  virtual double slowFlopsPerSecond() const { return 5e9; }
  /// During the latest `time`. Null: not a thing this executor tells.
  virtual const Conditions *conditions() const { return nullptr; }
  /// For people and answers: "host", or the GPU's name.
  virtual std::string name() const = 0;
};

std::unique_ptr<Executor> createHostExecutor();

/// An executor on the measured GPU. Null with a message where there is none.
std::unique_ptr<Executor> createGpuExecutor(std::string &message);

/// An executor on the first device of a PJRT plugin, by the plugin's path. Null
/// with a message where it cannot be loaded or has no device. From then on the
/// process keeps to as many processors as it has threads.
std::unique_ptr<Executor> createPjrtExecutor(const std::string &plugin,
                                             std::string &message);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_EXECUTOR_H
