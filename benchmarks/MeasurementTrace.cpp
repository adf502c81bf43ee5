//===- MeasurementTrace.cpp - One product, over and over ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the product of the fastest library a thousand times and writes when each
// run began and how long it took: how a machine's speed wanders, for
// protocol-simulation. measurement-trace.sh calls it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Measure/Processor.h"
#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Runner/Race.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Target/MatmulBuilder.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sevenfold;

namespace {
struct Settings {
  std::string output, processor, beside;
  std::string workload = "4096x4096x4096:f32", runtime = SEVENFOLD_RUNTIME,
              runner = SEVENFOLD_RUNNER;
  int runs = 1000, threads = 0;
  uint64_t seed = 1;
  bool busy = false;
};

/// A thread of another process that never waits, while it lives.
class BusyNeighbour {
public:
  explicit BusyNeighbour(bool wanted) {
    if (!wanted || (child = fork()) != 0)
      return;
    // It must not outlive a parent that was killed.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (volatile uint64_t count = 0;;)
      count = count + 1;
  }
  BusyNeighbour(const BusyNeighbour &) = delete;
  ~BusyNeighbour() {
    if (child <= 0)
      return;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  bool failed() const { return child < 0; }

private:
  pid_t child = 0;
};

struct Product {
  ProviderInfo provider;
  Artefact artefact;
};
} // namespace

/// Runs between two looks at whether to stop, and between two times the file is
/// written.
static constexpr int kRequest = 20, kWritten = 100;

static llvm::Expected<Product> fastestProduct(const Workload &workload,
                                              const Device &device,
                                              Builder &builder,
                                              Runner &runner) {
  std::vector<Product> products;
  std::vector<const Artefact *> arms;
  for (const ProviderInfo &provider : device.providers) {
    Plan plan;
    plan.provider = provider.name;
    if (workload.type == ElementType::F64 ? !provider.f64 : !provider.f32)
      continue;
    auto artefact = builder.build(workload, plan);
    if (!artefact)
      return artefact.takeError();
    products.push_back({provider, std::move(*artefact)});
  }
  for (const Product &product : products)
    arms.push_back(&product.artefact);
  Random random(1);
  RaceResult result = race(
      arms.size(),
      [&](const std::vector<size_t> &order) {
        return runner.measureRuns(arms, order);
      },
      {}, random, interrupted);
  if (!result.best)
    return makeError("no library has multiplied '{0}'", workload.str());
  return products[*result.best];
}

/// Numbers with so many digits behind the point, as JSON.
static std::string listed(const std::vector<double> &values, int digits) {
  std::string text;
  for (double value : values) {
    char number[32];
    std::snprintf(number, sizeof number, "%s%.*f", text.empty() ? "" : ",",
                  digits, value);
    text += number;
  }
  return "[" + text + "]";
}

static llvm::Error write(const Settings &settings, const nlohmann::json &head,
                         const TimedRuns &runs) {
  std::vector<double> starts;
  for (double start : runs.starts)
    starts.push_back(start - runs.starts.front());
  std::string text = head.dump(2);
  text.resize(text.rfind("\n}"));
  text += ",\n  \"starts\": " + listed(starts, 4) +
          ",\n  \"seconds\": " + listed(runs.seconds, 6) + "\n}\n";
  return writeFileAtomically(settings.output, text);
}

static llvm::Error record(const Settings &settings) {
  // Before anything that it would inherit and keep open.
  BusyNeighbour neighbour(settings.busy);
  if (neighbour.failed())
    return makeError("cannot start a busy process");
  auto workload = Workload::parse(settings.workload);
  if (!workload)
    return workload.takeError();
  Device device = describeDevice(settings.threads);
  auto builder = createBuilder({hostTarget(), settings.runtime}, PlanLimits());
  if (!builder)
    return builder.takeError();
  RunnerOptions running;
  running.program = settings.runner;
  running.threads = settings.threads;
  running.seed = settings.seed;
  auto runner = createProcessRunner(running);
  if (!runner)
    return runner.takeError();
  auto product = fastestProduct(*workload, device, **builder, **runner);
  if (!product)
    return product.takeError();
  llvm::errs() << product->provider.name << " " << product->provider.version
               << "\n";

  std::string beside = settings.busy ? "a process that never waits" : "";
  if (!settings.beside.empty())
    beside += (beside.empty() ? "" : "; ") + settings.beside;
  std::time_t now = std::time(nullptr);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%MZ", std::gmtime(&now));
  nlohmann::json trace = {
      {"format", "sevenfold-trace/1"},
      {"processor", settings.processor.empty() ? describeProcessor().name
                                               : settings.processor},
      {"workload", workload->str()},
      {"provider", product->provider.name + " " + product->provider.version},
      {"threads", device.threads},
      {"neighbour", settings.busy             ? "busy"
                    : settings.beside.empty() ? "quiet"
                                              : "shared"},
      {"beside", beside},
      {"seed", settings.seed},
      {"date", date}};
  TimedRuns all;
  while (int(all.seconds.size()) < settings.runs && !interrupted()) {
    int left = settings.runs - int(all.seconds.size());
    TimedRuns runs = (*runner)->measureRuns(
        {&product->artefact},
        std::vector<size_t>(size_t(std::min(left, kRequest)), 0));
    if (interrupted())
      break; // what ran to its end is kept
    if (runs.status != RunStatus::Ok)
      return makeError("a run {0}: {1}", runStatusName(runs.status),
                       runs.message);
    all.seconds.insert(all.seconds.end(), runs.seconds.begin(),
                       runs.seconds.end());
    all.starts.insert(all.starts.end(), runs.starts.begin(), runs.starts.end());
    if (all.seconds.size() % kWritten < size_t(kRequest))
      if (llvm::Error error = write(settings, trace, all))
        return error;
  }
  return all.seconds.empty() ? makeError("interrupted before any run")
                             : write(settings, trace, all);
}

int main(int argc, char **argv) {
  Settings settings;
  CLI::App app("Runs one product over and over and writes what each run took.");
  app.add_option("output", settings.output, "file to write")->required();
  app.add_option("--matmul", settings.workload, "the product");
  app.add_option("--runs", settings.runs, "how many")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--threads", settings.threads, "0: all cores");
  app.add_option("--seed", settings.seed, "of the operands");
  app.add_option("--processor", settings.processor,
                 "the machine in words, where the system's are none");
  app.add_option("--beside", settings.beside,
                 "what else runs on the machine: the trace is 'shared'");
  app.add_flag("--busy", settings.busy,
               "runs a process that never waits beside it");
  app.add_option("--runtime", settings.runtime, "libSevenfoldRuntime.a");
  app.add_option("--runner", settings.runner, "sevenfold-runner");
  CLI11_PARSE(app, argc, argv);
  installInterruptHandlers();
  if (llvm::Error error = record(settings)) {
    llvm::errs() << "measurement-trace: " << llvm::toString(std::move(error))
                 << "\n";
    return 2;
  }
  return 0;
}
