//===- Model.h - Streams, events and memory of the fake ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the fake keeps of streams, events, captures and memory.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FAKEGPU_MODEL_H
#define SEVENFOLD_TEST_FAKEGPU_MODEL_H

#include "FakeGpu.h"
#include "Ptx.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>

namespace sevenfold {
namespace fake {

struct Range {
  const char *begin;
  size_t bytes;
};

/// Work in a stream, done when somebody waits for it.
struct Operation {
  std::string name;
  std::function<void()> run;
  std::vector<Range> touched;
  bool touchesAnything = false; ///< a kernel whose arguments are unknown
  std::vector<std::shared_ptr<Operation>> after;
  bool isDone = false;
  double finish = 0; ///< milliseconds on the fake's clock
  uint64_t serial = 0;
};
using OperationPointer = std::shared_ptr<Operation>;

struct Graph {
  std::vector<OperationPointer> operations;
  std::vector<struct StreamHandle *> joined; ///< the first is the origin
  bool isOpen = true;
};

struct ContextHandle {
  unsigned long long identity;
  bool isAlive = true;
};
struct StreamHandle {
  ContextHandle *context;
  unsigned long long identity;
  OperationPointer tail;
  Graph *capture = nullptr;
  OperationPointer tailBefore; ///< of the capture
  bool isAlive = true;
};
struct EventHandle {
  unsigned flags;
  bool isRecorded = false;
  bool isAlive = true;
  OperationPointer at;
  Graph *capture = nullptr;
};
struct ModuleHandle {
  bool isAlive = true;
  std::shared_ptr<PtxModule> program; ///< empty for cubins
};
struct FunctionHandle {
  ModuleHandle *module;
  std::string name;
  int maxSharedBytes = 48 << 10;
};

/// Runs one entry point: logs it, fails it if that is planned.
int enter(const char *function, const std::string &detail,
          const std::function<int()> &body);
void violate(const std::string &text);
/// Errors of cuBLASLt share the plan of failures.
std::string format(const char *text, ...) __attribute__((format(printf, 1, 2)));

/// Counts things made and given back.
void countThing(const char *kind, int change);

ContextHandle *currentContext();
/// The stream behind a handle: null is the context's default stream. Null with
/// a violation where it was destroyed.
StreamHandle *findStream(void *stream);
/// Adds work at the end of a stream.
void enqueue(StreamHandle *stream, OperationPointer operation, double cost);
void execute(const OperationPointer &operation);
/// Runs all that was given to any stream.
void executeAll();
bool isAnyCapturing();
bool isLive(Range range);
/// A violation where a range does not lie in live memory.
void checkRange(const std::string &user, Range range);

const std::vector<double> &proposalCosts();
/// Milliseconds of a product by a proposal of that cost.
double productCost(double proposal, double multiplications);
void rememberAlignments(std::vector<int> alignments);

} // namespace fake
} // namespace sevenfold

#endif // SEVENFOLD_TEST_FAKEGPU_MODEL_H
