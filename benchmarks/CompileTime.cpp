//===- CompileTime.cpp - From a plan to loadable code ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How long a planned matmul takes to become a shared library (`library`) and
// code in this process (`jit`), by the number of levels and how they run.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/Support/FileSystem.h"

#include <benchmark/benchmark.h>

using namespace sevenfold;

/// A plan of `levels` levels of Winograd's scheme.
static Plan makePlan(int64_t levels, Execution execution) {
  Plan plan;
  for (int64_t i = 0; i < levels; ++i)
    plan.levels.push_back({"2x2x2-r7-winograd", execution});
  return plan;
}

static llvm::Expected<std::string> emit(const Plan &plan, std::string &function,
                                        std::vector<FunctionSignature> &all) {
  auto workload = Workload::parse("4096x4096x4096:f32");
  if (!workload)
    return workload.takeError();
  auto compiler = ModelCompiler::fromText(matmulModule(*workload), "matmul");
  if (!compiler)
    return compiler.takeError();
  ModelCompilerOptions options;
  options.maxErrorGrowth = 1e9; // code size does not depend on accuracy
  auto decisions = (*compiler)->plan(explicitPlan(plan), options);
  if (!decisions)
    return decisions.takeError();
  if (decisions->size() != 1 || !decisions->front().answer.plan)
    return makeError("the plan was refused");
  auto object = (*compiler)->emitObject(options);
  all = (*compiler)->functions();
  function = all.front().name;
  return object;
}

static llvm::Error toLibrary(const Plan &plan, llvm::StringRef path) {
  std::string function;
  std::vector<FunctionSignature> functions;
  auto object = emit(plan, function, functions);
  if (!object)
    return object.takeError();
  if (llvm::Error error =
          linkSharedLibrary(*object, functions, SEVENFOLD_RUNTIME, path))
    return error;
  auto loaded = loadLibrary(path, function);
  return loaded ? llvm::Error::success() : loaded.takeError();
}

static llvm::Error toProcess(const Plan &plan) {
  std::string function;
  std::vector<FunctionSignature> functions;
  auto object = emit(plan, function, functions);
  if (!object)
    return object.takeError();
  auto loaded = loadObject(*object, function);
  return loaded ? llvm::Error::success() : loaded.takeError();
}

template <Execution execution> static void library(benchmark::State &state) {
  Plan plan = makePlan(state.range(0), execution);
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("compile-time", "so", path))
    return state.SkipWithError("no temporary file");
  for (auto _ : state)
    if (llvm::Error error = toLibrary(plan, path))
      state.SkipWithError(llvm::toString(std::move(error)).c_str());
  llvm::sys::fs::remove(path);
}

template <Execution execution> static void jit(benchmark::State &state) {
  Plan plan = makePlan(state.range(0), execution);
  for (auto _ : state)
    if (llvm::Error error = toProcess(plan))
      state.SkipWithError(llvm::toString(std::move(error)).c_str());
}

BENCHMARK_TEMPLATE(library, Execution::Breadth)
    ->DenseRange(1, 3)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_TEMPLATE(library, Execution::Depth)
    ->DenseRange(1, 3)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_TEMPLATE(jit, Execution::Breadth)
    ->DenseRange(1, 3)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

BENCHMARK_MAIN();
