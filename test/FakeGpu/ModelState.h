//===- ModelState.h - Everything the fake remembers -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One object for the process, behind one lock.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FAKEGPU_MODELSTATE_H
#define SEVENFOLD_TEST_FAKEGPU_MODELSTATE_H

#include "Model.h"

#include <mutex>

namespace sevenfold {
namespace fake {

struct Failure {
  std::string function;
  int ordinal, error;
};
struct Block {
  size_t bytes;
  uint64_t serial; ///< work given to a stream before it cannot touch it
};
struct HostKernel {
  std::vector<int> sizes;
  std::function<void(void **arguments, const unsigned *launch)> body;
};

struct State {
  State();
  /// Where the environment names a file, at the end of the process.
  void writeLog();

  bool isOver = false;

  std::recursive_mutex mutex;
  std::vector<std::string> log, violations;
  std::map<std::string, int> counts, live;
  std::vector<Failure> failures;
  int lost = 0; ///< the error that lost the context
  uint64_t serial = 0;

  int deviceCount = 1, major = 9, minor = 0;
  ContextHandle primary{1};
  int retained = 0;
  std::vector<std::unique_ptr<ContextHandle>> contexts;

  std::map<const char *, Block> memory;
  size_t memoryLeft = SIZE_MAX;
  std::string name = "Fake GPU";
  std::vector<std::unique_ptr<StreamHandle>> streams;
  std::map<ContextHandle *, StreamHandle *> defaultStreams;
  std::vector<std::unique_ptr<EventHandle>> events;
  std::vector<std::unique_ptr<ModuleHandle>> modules;
  std::vector<std::unique_ptr<FunctionHandle>> functions;
  std::vector<std::unique_ptr<Graph>> graphs;

  std::map<std::string, HostKernel> kernels;
  std::vector<double> costs = {3, 1, 2};
  int productsUntilGone = 0; ///< 0: it stays
  std::string goneFile;
  double flops = 0; ///< of cost 1, a second; 0: a cost is milliseconds
  std::vector<int> alignments;
};

State &state();

} // namespace fake
} // namespace sevenfold

#endif // SEVENFOLD_TEST_FAKEGPU_MODELSTATE_H
