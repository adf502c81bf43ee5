//===- TuneModelCheck.cpp - sevenfold tune check-model --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares what the simulated device says with what was measured.
//
//===----------------------------------------------------------------------===//

#include "Measuring.h"
#include "TuneCommand.h"

#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/ModelCheck.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
struct CheckArguments {
  std::vector<std::string> files;
  std::string device;
};
} // namespace

static llvm::Expected<int> runCheckModel(const CommandLine &line,
                                         const CheckArguments &arguments) {
  std::optional<DeviceProfile> profile;
  if (!arguments.device.empty()) {
    auto found = simulatedDevice(arguments.device);
    if (!found)
      return found.takeError();
    profile = std::move(*found);
  }
  std::vector<PlanTable> tables;
  for (const std::string &path : arguments.files) {
    auto read = readMeasured(path, profile ? DeviceFigures::Given
                                           : DeviceFigures::Recorded);
    if (!read)
      return read.takeError();
    tables.insert(tables.end(), std::make_move_iterator(read->begin()),
                  std::make_move_iterator(read->end()));
  }
  if (tables.empty())
    return makePlainError("the files hold no measured plan");
  auto cases = checkModel(tables, profile ? &*profile : nullptr);
  if (!cases)
    return cases.takeError();
  if (line.common.json)
    printJson(toJson(*cases));
  else
    llvm::outs() << formatModelCheck(*cases);
  return 0;
}

void sevenfold::addTuneCheckModelCommand(CLI::App &tune, CommandLine &line) {
  CLI::App *command = tune.add_subcommand(
      "check-model", "compare the simulated device with measurements");
  auto arguments = std::make_shared<CheckArguments>();
  command
      ->add_option("files", arguments->files,
                   "tables of `tune record`, or .json of `tune --json`, `bench "
                   "--json` and benchmarks/results")
      ->required();
  command
      ->add_option("--device", arguments->device,
                   "the profile to predict with, simulated:NAME or "
                   "simulated:FILE.json (default: the figures in the files)")
      ->type_name("simulated:NAME");
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runCheckModel(line, *arguments); };
  });
}
