//===- Driver.h - The commands of the sevenfold program ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each command registers itself with the parser and leaves a function that
// runs it. Exit codes: 0 done, 1 the answer is no, 2 wrong usage or unreadable
// input.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DRIVER_DRIVER_H
#define SEVENFOLD_DRIVER_DRIVER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sevenfold {

/// Options every command accepts.
struct CommonOptions {
  bool json = false;
  int threads = 0; ///< 0: all cores
  uint64_t seed = 0;
  std::string database; ///< empty: defaultDatabasePath()
  /// Read-only databases under it; those installed with the program where none
  /// is named.
  std::vector<std::string> systemDatabases;
  std::string libraryPath;  ///< folders of vendor libraries, ":" between them
  std::string budget;       ///< "5m", "cpu:60s", "200000steps"; empty: none
  std::string maxWorkspace; ///< "2GiB"; empty: none
  double maxErrorGrowth = 64;
  /// Whether a row of C is to have the same bits whatever rows are beside it.
  bool isBatchInvariant = false;
  std::string maxError; ///< "rows:1e-5" (ErrorLimit); empty: none
  /// "recompute" or "propagate": what is done where a plan's result is not
  /// finite; empty: the command's own.
  std::string nonFinite;
  /// Of approximate schemes and tile operators; nothing: only exact ones.
  std::optional<double> maxRelativeError;
};

/// What a command gets: the common options, and a place for what it will do.
struct CommandLine {
  CommonOptions common;
  /// Set by the parsed command; returns the exit code. An error is printed as
  /// one line on stderr and exits 2.
  std::function<llvm::Expected<int>()> run;
  std::string programPath; ///< argv[0] resolved, to find the runner
};

void addSchemeCommand(CLI::App &app, CommandLine &line);
void addDeviceCommand(CLI::App &app, CommandLine &line);
void addDatabaseCommand(CLI::App &app, CommandLine &line);
void addTuneCommand(CLI::App &app, CommandLine &line);
void addBenchCommand(CLI::App &app, CommandLine &line);
void addCompileCommand(CLI::App &app, CommandLine &line);
void addBlasCommand(CLI::App &app, CommandLine &line);
void addRunCommand(CLI::App &app, CommandLine &line);

using AddCommand = void (*)(CLI::App &app, CommandLine &line);

/// Parses and runs; the whole of `sevenfold`'s main. `more` adds commands that
/// this library knows nothing of.
int runDriver(int argc, char **argv, llvm::ArrayRef<AddCommand> more = {});

} // namespace sevenfold

#endif // SEVENFOLD_DRIVER_DRIVER_H
