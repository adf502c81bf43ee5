//===- PjrtExecutor.cpp - Programs of StableHLO on a plugin's device ------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code is a file of StableHLO, which the plugin compiles; a run ends when the
// plugin says that the device has finished. Results are buffers that the plugin
// makes in each run, as it does for whoever deploys the program: that is inside
// the time. A plugin checks numbers and bytes of buffers only, so their
// dimensions and types are those the compiler of the text has told.
//
//===----------------------------------------------------------------------===//

#include "PjrtClient.h"

#include "../Bundle.h"
#include "../Executor.h"

#include "sevenfold/Measure/RunnerCore.h"
#include "sevenfold/Runtime/Runtime.h"

#include <chrono>
#include <cstring>
#include <sched.h>

using namespace sevenfold;
using namespace sevenfold::runner;

namespace {
/// What an argument points to.
struct Operand {
  PjrtBuffer buffer; ///< none of an output that has not been computed
  Shape shape;
  uint64_t stream = 0;          ///< of an input's numbers
  std::unique_ptr<Buffer> host; ///< what `inspect` has copied
};

/// Sets of operands on the device.
struct OperandSets {
  std::vector<Shape> inputs, outputs;
  uint64_t seed = 0;
  std::vector<std::unique_ptr<Operand>> operands;
  std::vector<Arguments> arguments;

  bool matches(const std::vector<Shape> &in, const std::vector<Shape> &out,
               uint64_t number) const;
  void clear() {
    arguments.clear();
    operands.clear();
  }
};

struct PjrtCode : Code {
  std::unique_ptr<PjrtProgram> program;
};

class PjrtExecutor : public Executor {
public:
  explicit PjrtExecutor(const std::string &plugin) : client(plugin) {}

  bool prepare(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, Purpose purpose,
               uint64_t seed, std::string &message) override;
  const Arguments &set(int64_t index) const override {
    return current->arguments[index % current->arguments.size()];
  }
  std::unique_ptr<Code> open(const std::string &path,
                             const std::string &function,
                             std::string &message) override;
  bool run(const Code &code, const Arguments &arguments,
           std::string &message) override;
  double time(const Code &code, int repetitions, int64_t &next,
              std::string &message) override;
  bool inspect(const Arguments &arguments, size_t inputs,
               std::vector<const void *> &readable,
               std::string &message) override;
  std::string name() const override { return client.platform; }

private:
  /// Fills a set of operands; throws PjrtError.
  void fill(OperandSets &sets, int number);
  /// Starts a run on a set and puts its results in place of the outputs.
  PJRT_Event *start(const PjrtCode &code, const Arguments &arguments);

  PjrtClient client;
  OperandSets timed, checked;
  OperandSets *current = &timed;
};
} // namespace

static bool sameShapes(const std::vector<Shape> &a,
                       const std::vector<Shape> &b) {
  if (a != b)
    return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i].dims != b[i].dims)
      return false;
  return true;
}

bool OperandSets::matches(const std::vector<Shape> &in,
                          const std::vector<Shape> &out,
                          uint64_t number) const {
  return !arguments.empty() && seed == number && sameShapes(inputs, in) &&
         sameShapes(outputs, out);
}

static void fillStream(void *data, const Operand &operand, uint64_t seed) {
  fillRandom(data, operand.shape, seed, operand.stream);
}

void PjrtExecutor::fill(OperandSets &sets, int number) {
  Arguments call;
  for (size_t i = 0; i < sets.inputs.size() + sets.outputs.size(); ++i) {
    auto operand = std::make_unique<Operand>();
    bool isInput = i < sets.inputs.size();
    operand->shape =
        isInput ? sets.inputs[i] : sets.outputs[i - sets.inputs.size()];
    operand->stream = uint64_t(number) * 1024 + i;
    if (isInput) {
      Buffer host(operand->shape.bytes(), Placement::AtPage);
      if (!host.data())
        throw PjrtError("out of memory for the operands");
      fillStream(host.data(), *operand, sets.seed);
      operand->buffer = client.upload(host.data(), operand->shape);
    }
    call.pointers.push_back(operand.get());
    sets.operands.push_back(std::move(operand));
  }
  sets.arguments.push_back(std::move(call));
}

bool PjrtExecutor::prepare(const std::vector<Shape> &inputs,
                           const std::vector<Shape> &outputs, Purpose purpose,
                           uint64_t seed, std::string &message) {
  bool isTiming = purpose == Purpose::Timing;
  current = isTiming ? &timed : &checked;
  // What is checked starts from numbers that are known.
  if (isTiming && current->matches(inputs, outputs, seed))
    return true;
  current->clear();
  current->inputs = inputs;
  current->outputs = outputs;
  current->seed = seed;
  int sets = isTiming ? rotatedSets(inputs, outputs, lastLevelCacheBytes()) : 1;
  if (bytesOf(inputs, outputs) * sets > physicalMemoryBytes() / 4)
    (isTiming ? checked : timed).clear();
  try {
    for (int number = 0; number < sets; ++number)
      fill(*current, number);
    return true;
  } catch (const PjrtError &error) {
    current->clear();
    message = error.what();
    return false;
  }
}

std::unique_ptr<Code> PjrtExecutor::open(const std::string &path,
                                         const std::string &function,
                                         std::string &message) {
  std::string text;
  if (!readWholeFile(path, text)) {
    message = "cannot read '" + path + "'";
    return nullptr;
  }
  if (function != "main") {
    message = "expected the function 'main' of a program of StableHLO but got "
              "'" +
              function + "'";
    return nullptr;
  }
  try {
    auto code = std::make_unique<PjrtCode>();
    code->program = client.compile(text);
    return code;
  } catch (const PjrtError &error) {
    message = error.what();
    return nullptr;
  }
}

PJRT_Event *PjrtExecutor::start(const PjrtCode &code,
                                const Arguments &arguments) {
  size_t inputs = current->inputs.size();
  size_t outputs = arguments.pointers.size() - inputs;
  if (code.program->outputs() != outputs)
    throw PjrtError("the program has " +
                    std::to_string(code.program->outputs()) +
                    " results, expected " + std::to_string(outputs));
  std::vector<PJRT_Buffer *> given;
  std::vector<int64_t> kept;
  auto operand = [&](size_t i) -> Operand & {
    return *static_cast<Operand *>(arguments.pointers[i]);
  };
  for (size_t i = 0; i < inputs; ++i) {
    given.push_back(operand(i).buffer.get());
    if (!operand(i).shape.isWritten)
      kept.push_back(int64_t(i));
  }
  std::vector<PjrtBuffer> results;
  PJRT_Event *event = code.program->start(given, kept, results);
  for (size_t i = 0; i < outputs; ++i)
    operand(inputs + i).buffer = std::move(results[i]);
  // What was given away became a result of its shape: the next run's input.
  for (size_t i = 0, next = 0; i < inputs; ++i) {
    if (!operand(i).shape.isWritten)
      continue;
    while (next < outputs &&
           operand(inputs + next).shape.dims != operand(i).shape.dims)
      ++next;
    if (current == &timed && next < outputs)
      operand(i).buffer = std::move(operand(inputs + next++).buffer);
  }
  return event;
}

bool PjrtExecutor::run(const Code &code, const Arguments &arguments,
                       std::string &message) {
  try {
    client.plugin.await(start(static_cast<const PjrtCode &>(code), arguments));
    return true;
  } catch (const PjrtError &error) {
    message = error.what();
    return false;
  }
}

double PjrtExecutor::time(const Code &code, int repetitions, int64_t &next,
                          std::string &message) {
  try {
    auto begin = std::chrono::steady_clock::now();
    for (int repetition = 0; repetition < repetitions; ++repetition)
      client.plugin.await(
          start(static_cast<const PjrtCode &>(code), set(next++)));
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - begin;
    return elapsed.count() / repetitions;
  } catch (const PjrtError &error) {
    message = error.what();
    return -1;
  }
}

bool PjrtExecutor::inspect(const Arguments &arguments, size_t inputs,
                           std::vector<const void *> &readable,
                           std::string &message) {
  readable.clear();
  try {
    for (size_t i = 0; i < arguments.pointers.size(); ++i) {
      auto &operand = *static_cast<Operand *>(arguments.pointers[i]);
      int64_t bytes = operand.shape.bytes();
      bool isGivenAway = i < inputs && operand.shape.isWritten;
      operand.host = std::make_unique<Buffer>(bytes, Placement::AtPage);
      if (!operand.host->data())
        throw PjrtError("out of memory for what the device computed");
      void *data = operand.host->data();
      if (isGivenAway)
        fillStream(data, operand, current->seed);
      else
        client.download(operand.buffer.get(), operand.shape, data);
      readable.push_back(data);
      if (i >= inputs || isGivenAway)
        continue;
      Buffer expected(bytes, Placement::AtPage);
      if (!expected.data())
        throw PjrtError("out of memory to compare an input with");
      fillStream(expected.data(), operand, current->seed);
      if (std::memcmp(data, expected.data(), size_t(bytes)) != 0) {
        message = "input " + std::to_string(i) + " was written";
        return false;
      }
    }
    return true;
  } catch (const PjrtError &error) {
    message = error.what();
    return false;
  }
}

/// XLA's CPU compiler has a thread for each processor that the process may run
/// on, and asks nothing else how many there are to be.
static void limitProcessors(int count) {
  cpu_set_t allowed, chosen;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return;
  CPU_ZERO(&chosen);
  for (int number = 0; number < CPU_SETSIZE && CPU_COUNT(&chosen) < count;
       ++number)
    if (CPU_ISSET(number, &allowed))
      CPU_SET(number, &chosen);
  (void)sched_setaffinity(0, sizeof chosen, &chosen);
}

std::unique_ptr<Executor>
sevenfold::runner::createPjrtExecutor(const std::string &plugin,
                                      std::string &message) {
  limitProcessors(sevenfold_get_threads());
  try {
    return std::make_unique<PjrtExecutor>(plugin);
  } catch (const PjrtError &error) {
    message = error.what();
    return nullptr;
  }
}
