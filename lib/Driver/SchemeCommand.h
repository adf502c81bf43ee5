//===- SchemeCommand.h - What the scheme subcommands share ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Options and output of sevenfold scheme. Private to the driver.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_SCHEMECOMMAND_H
#define SEVENFOLD_LIB_DRIVER_SCHEMECOMMAND_H

#include "sevenfold/Driver/Driver.h"
#include "sevenfold/Scheme/SchemeOptimizer.h"
#include "sevenfold/Scheme/StraightLine.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>

namespace sevenfold {

/// What the subcommands parse into; shared by the functions they leave.
struct SchemeOptions {
  std::vector<std::string> sources;
  std::string output, published;
  std::string format, select; ///< of foreign files; empty: guessed, and all
  MinimizerEffort effort = MinimizerEffort::Quick;
  SchemeOptimizerOptions optimizer;
};

/// Writes to standard output and flushes; fails where that does (a full disk).
[[nodiscard]] llvm::Error printText(const std::string &text);
[[nodiscard]] llvm::Error printJson(const nlohmann::ordered_json &array);
/// One line on standard error, for the commands that go on after a bad file.
void printProblem(llvm::Error error);

/// Adds `import`, `export` and `optimize` to the command `scheme`.
void addSchemeImport(CLI::App &scheme, CommandLine &line,
                     std::shared_ptr<SchemeOptions> options);
void addSchemeExport(CLI::App &scheme, CommandLine &line,
                     std::shared_ptr<SchemeOptions> options);
void addSchemeOptimize(CLI::App &scheme, CommandLine &line,
                       std::shared_ptr<SchemeOptions> options);
/// Adds `ranks`.
void addSchemeRanks(CLI::App &scheme, CommandLine &line,
                    std::shared_ptr<SchemeOptions> options);
/// Adds the option --format, of files of other programs.
void addForeignFormat(CLI::App &command, SchemeOptions &options,
                      const std::string &description);
/// Adds the option --effort.
void addEffort(CLI::App &command, SchemeOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_SCHEMECOMMAND_H
