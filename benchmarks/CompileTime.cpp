//===- CompileTime.cpp - From a plan to loadable code ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How long a planned matmul takes to become a shared library (`library`) and
// code in this process (`jit`), by schemes, levels and how they run.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/Support/FileSystem.h"

#include <benchmark/benchmark.h>

using namespace sevenfold;

/// A plan of these schemes; composed ones are one breadth level.
static Plan makePlan(std::initializer_list<const char *> schemes,
                     Execution execution, bool composed = false) {
  Plan plan;
  for (const char *scheme : schemes)
    plan.levels.push_back({scheme, execution, composed});
  plan.levels.back().composed = false;
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
  options.limits.maxErrorGrowth = 1e9; // code size does not depend on accuracy
  auto decisions = (*compiler)->plan(explicitPlan(plan), options);
  if (!decisions)
    return decisions.takeError();
  if (decisions->size() != 1 || !decisions->front().answer.plan)
    return makeError("the plan was refused");
  auto object = hostTarget()->emit(**compiler, kObjectStage, options);
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
          linkSharedLibrary(*object, functions, *hostTarget()->library(),
                            SEVENFOLD_RUNTIME, path))
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

static void library(benchmark::State &state, const Plan &plan) {
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("compile-time", "so", path))
    return state.SkipWithError("no temporary file");
  for (auto _ : state)
    if (llvm::Error error = toLibrary(plan, path))
      state.SkipWithError(llvm::toString(std::move(error)).c_str());
  llvm::sys::fs::remove(path);
}

static void jit(benchmark::State &state, const Plan &plan) {
  for (auto _ : state)
    if (llvm::Error error = toProcess(plan))
      state.SkipWithError(llvm::toString(std::move(error)).c_str());
}

static void addBenchmark(const char *name,
                         void (*run)(benchmark::State &, const Plan &),
                         const Plan &plan) {
  benchmark::RegisterBenchmark(name, run, plan)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

int main(int argc, char **argv) {
  constexpr const char *w = "2x2x2-r7-winograd", *h = "3x2x3-r15",
                       *l = "3x3x3-r23";
  constexpr Execution breadth = Execution::Breadth, depth = Execution::Depth;
  addBenchmark("library/winograd-1/breadth", library, makePlan({w}, breadth));
  addBenchmark("library/winograd-2/breadth", library,
               makePlan({w, w}, breadth));
  addBenchmark("library/winograd-2/composed", library,
               makePlan({w, w}, breadth, /*composed=*/true));
  addBenchmark("library/winograd-2/depth", library, makePlan({w, w}, depth));
  addBenchmark("library/hopcroft-kerr-winograd/composed", library,
               makePlan({h, w}, breadth, /*composed=*/true));
  addBenchmark("library/hopcroft-kerr-winograd/depth", library,
               makePlan({h, w}, depth));
  addBenchmark("library/hopcroft-kerr-2/composed", library,
               makePlan({h, h}, breadth, /*composed=*/true));
  addBenchmark("library/winograd-3/breadth", library,
               makePlan({w, w, w}, breadth));
  addBenchmark("library/winograd-3/composed", library,
               makePlan({w, w, w}, breadth, /*composed=*/true));
  addBenchmark("library/winograd-3/depth", library, makePlan({w, w, w}, depth));
  addBenchmark("library/laderman-hopcroft-kerr-winograd/depth", library,
               makePlan({l, h, w}, depth));
  addBenchmark("jit/winograd-2/breadth", jit, makePlan({w, w}, breadth));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
