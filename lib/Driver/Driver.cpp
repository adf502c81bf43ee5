//===- Driver.cpp - The sevenfold program ---------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses the command line, runs the command and turns errors into one line and
// an exit code.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Driver/Driver.h"

#include "LibraryPath.h"
#include "UsageErrors.h"

#include "sevenfold/Database/Layers.h"
#include "sevenfold/Driver/UserSchemes.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Interrupted.h"

#include "llvm/Support/Allocator.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>

#include <new>

using namespace sevenfold;

/// Exit code of wrong usage and unreadable input.
static constexpr int kUsageExit = 2;
/// Of what Ctrl-C has ended.
static constexpr int kInterruptedExit = 1;

static void addCommonOptions(CLI::App &app, CommonOptions &common) {
  app.add_flag("--json", common.json, "print one JSON array on stdout");
  app.add_option("--threads", common.threads, "threads to use (0: all cores)")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--seed", common.seed, "seed of every random choice")
      ->check(isSeed())
      ->capture_default_str();
  app.add_option("--db", common.database,
                 "tuning database (default: in the user's data folder)");
  app.add_option("--system-db", common.systemDatabases,
                 "read-only database asked where the tuning database has no "
                 "answer (default: share/sevenfold/*.db beside the program's "
                 "folder)")
      ->expected(1)
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--library-path", common.libraryPath,
                 "folders of vendor libraries, separated by ':', to look into "
                 "first, as by LD_LIBRARY_PATH");
  app.add_option("--budget", common.budget,
                 "wall clock ('5m'), CPU time ('cpu:60s') or steps "
                 "('200000steps')")
      ->check(isBudget());
  app.add_option("--max-workspace", common.maxWorkspace,
                 "largest workspace of a call, e.g. '2GiB'")
      ->check(isSize());
  app.add_option("--max-error-growth", common.maxErrorGrowth,
                 "largest error bound, as a multiple of the classical one")
      ->check(isPositive())
      ->capture_default_str();
  app.add_flag(
      "--batch-invariant", common.isBatchInvariant,
      "of compile, run and blas: have a row of a product the same bits "
      "in every batch, by products without schemes");
  app.add_option(
         "--max-error", common.maxError,
         "largest error bound: 'norm:E' relative to the result, 'rows:E' "
         "the same of each row and column, or 'growth:G' times the "
         "classical one")
      ->type_name("MEASURE:NUMBER");
  app.add_option("--non-finite", common.nonFinite,
                 "where a plan's result is not finite, do the product again "
                 "without it, or leave it (default: of blas recompute, of "
                 "compile propagate)")
      ->check(CLI::IsMember({"recompute", "propagate"}));
  app.add_option("--max-relative-error", common.maxRelativeError,
                 "relative error up to which schemes and tile operators that "
                 "only approximate are accepted (default: none are)")
      ->check(isNonNegative());
}

/// Runs the parsed command; the exit code.
static int runCommand(CommandLine &line) {
  for (const UserScheme &user : userSchemes())
    if (!user.problem.empty())
      llvm::errs() << "sevenfold: " << errorLine(user.problem) << "\n";
  sevenfold_set_threads(line.common.threads);
  try {
    llvm::Expected<int> code = line.run();
    if (code)
      return *code;
    llvm::Error error = code.takeError();
    bool wasInterrupted = error.isA<Interrupted>();
    llvm::errs() << "sevenfold: " << errorLine(llvm::toString(std::move(error)))
                 << "\n";
    if (wasInterrupted)
      return kInterruptedExit;
  } catch (const std::bad_alloc &) {
    llvm::errs() << "sevenfold: out of memory\n";
  }
  return kUsageExit;
}

int sevenfold::runDriver(int argc, char **argv,
                         llvm::ArrayRef<AddCommand> more) {
  CommandLine line;
  line.programPath = llvm::sys::fs::getMainExecutable(
      argv[0], reinterpret_cast<void *>(&runDriver));
  CLI::App app("Sevenfold: faster matrix multiplication by bilinear schemes",
               "sevenfold");
  app.set_version_flag("--version", "sevenfold " SEVENFOLD_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  addCommonOptions(app, line.common);
  addDeviceCommand(app, line);
  addSchemeCommand(app, line);
  addTuneCommand(app, line);
  addBenchCommand(app, line);
  addCompileCommand(app, line);
  addRunCommand(app, line);
  addBlasCommand(app, line);
  addDatabaseCommand(app, line);
  for (AddCommand add : more)
    add(app, line);
  // Common options may stand behind any command, nested ones included.
  std::function<void(CLI::App *)> fallThrough = [&](CLI::App *command) {
    command->fallthrough();
    for (CLI::App *nested : command->get_subcommands({}))
      fallThrough(nested);
  };
  fallThrough(&app);
  // An argument '@FILE' stands for those in the file.
  llvm::BumpPtrAllocator allocator;
  llvm::SmallVector<const char *> arguments(argv, argv + argc);
  llvm::cl::ExpansionContext files(allocator, llvm::cl::TokenizeGNUCommandLine);
  if (llvm::Error error = files.expandResponseFiles(arguments)) {
    llvm::errs() << "sevenfold: " << errorLine(llvm::toString(std::move(error)))
                 << "\n";
    return kUsageExit;
  }
  try {
    app.parse(int(arguments.size()), arguments.data());
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error);
    llvm::errs() << "sevenfold: " << errorLine(describeUsage(app, error))
                 << "\n";
    return kUsageExit;
  }
  if (llvm::Error error = searchLibrariesIn(line.common.libraryPath, argv)) {
    llvm::errs() << "sevenfold: " << errorLine(llvm::toString(std::move(error)))
                 << "\n";
    return kUsageExit;
  }
  if (line.common.systemDatabases.empty())
    line.common.systemDatabases = installedDatabases(line.programPath);
  return runCommand(line);
}
