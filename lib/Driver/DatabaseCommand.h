//===- DatabaseCommand.h - Parts of sevenfold db ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommands that lie in files of their own. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_DATABASECOMMAND_H
#define SEVENFOLD_LIB_DRIVER_DATABASECOMMAND_H

#include "CompilerInput.h"
#include "Measuring.h"

namespace CLI {
class Option;
}

namespace sevenfold {

/// What the options say of limits and of whom is asked for: this machine, the
/// GPU in it, or one that is not at hand, by its fingerprint.
llvm::Expected<QueryContext> queryContextOf(const CommonOptions &options,
                                            const PlanDevice &device);

/// Adds the options that say which device is asked about.
std::vector<CLI::Option *> addPlanDeviceOptions(CLI::App &command,
                                                PlanDevice &device);

/// Opens the user's database over the system's. Fails where there is none, and
/// where the user's was named and is not there.
llvm::Expected<DatabaseLayers> openLayers(const CommonOptions &options);

/// Opens the user's database alone.
llvm::Expected<std::unique_ptr<RecordStore>>
openDatabase(const CommonOptions &options, OpenMode mode);

/// What a query is about: a matmul, or a function of a model under sums as
/// `compile` is asked for them.
struct QuerySubject {
  std::string matmul, model, function;
  SumsArguments sums;
  PlanDevice device;
};

llvm::Expected<int> runBest(const CommonOptions &options,
                            const QuerySubject &subject);
llvm::Expected<int> runExplain(const CommonOptions &options,
                               const QuerySubject &subject);

llvm::Expected<int> runMerge(const CommonOptions &options,
                             const std::vector<std::string> &files);
llvm::Expected<int> runPrune(const CommonOptions &options,
                             const PlanDevice &device,
                             const std::string &output);

/// Measures the plans that would be used, of the matmuls named or of all.
llvm::Expected<int> runMeasuredCheck(const CommandLine &line,
                                     const PlanDevice &device,
                                     const std::vector<std::string> &matmuls,
                                     int pairs);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_DATABASECOMMAND_H
