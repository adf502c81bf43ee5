//===- BundleCommand.cpp - Bundles out and in -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sevenfold tune --emit-bundle, and sevenfold db import of what comes back.
//
//===----------------------------------------------------------------------===//

#include "BundleCommand.h"

#include "sevenfold/Database/Database.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Bundle.h"

#include "llvm/Support/raw_ostream.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

/// The OpenMP runtime of this process, which is the runner's and the
/// artefacts' too.
static llvm::Expected<std::string> findOpenMP() {
  void *function = dlsym(RTLD_DEFAULT, "omp_get_num_procs");
  Dl_info info;
  if (!function || dladdr(function, &info) == 0)
    return makeError("cannot find the OpenMP runtime for the bundle");
  return std::string(info.dli_fname);
}

llvm::Expected<int> sevenfold::emitBundle(const CommandLine &line,
                                          llvm::ArrayRef<Workload> workloads,
                                          llvm::ArrayRef<Scheme> schemes,
                                          const TuneOptions &options,
                                          const std::string &device,
                                          const std::string &folder) {
  auto tools = openBuildingTools(line, device);
  if (!tools)
    return tools.takeError();
  BundleSources sources;
  auto runner = findRunner(line.programPath);
  if (!runner)
    return runner.takeError();
  sources.runner = *runner;
  auto openMP = findOpenMP();
  if (!openMP)
    return openMP.takeError();
  sources.libraries = {*openMP};
  sources.tool = SEVENFOLD_VERSION;
  sources.describeTarget = [target = tools->target](json &description) {
    target->describeTo(description);
  };
  TuneParts parts{tools->device, *tools->builder, *tools->runner, schemes, {}};
  auto summary = writeBundle(folder, workloads, sources, parts, options);
  if (llvm::Error error = summary.takeError()) {
    if (!takeInterrupted(error))
      return error;
    printProgress("interrupted: no bundle was written");
    return 1;
  }
  if (line.common.json)
    printJson(json::array({{{"bundle", folder},
                            {"workloads", summary->workloads},
                            {"candidates", summary->candidates},
                            {"left_out", summary->failed}}}));
  else
    llvm::outs() << fmt::format(
        "{}: {} workloads, {} candidates; measure it there with "
        "bin/sevenfold-runner, bring results.json back beside bundle.json, and "
        "import it with 'sevenfold db import'\n",
        folder, summary->workloads, summary->candidates);
  return 0;
}

llvm::Expected<int> sevenfold::importBundle(const CommonOptions &options,
                                            const std::string &path) {
  TuneOptions rules;
  rules.seed = options.seed;
  auto results = readBundleResults(path, rules);
  if (!results)
    return results.takeError();
  auto database = RecordStore::open(databasePath(options), OpenMode::Create);
  if (!database)
    return database.takeError();
  auto counts = (*database)->addAll(results->records);
  if (!counts)
    return counts.takeError();
  for (const std::string &remark : results->remarks)
    printProgress(remark);
  if (options.json)
    printJson(json::array({{{"file", path},
                            {"added", counts->added},
                            {"known", counts->known},
                            {"measured", results->finished},
                            {"workloads", results->workloads}}}));
  else
    llvm::outs() << fmt::format(
        "{} added, {} known already; {} of {} workloads were measured\n",
        counts->added, counts->known, results->finished, results->workloads);
  return 0;
}
