//===- sevenfold-runner.cpp - Measures compiled functions -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures a bundle; or, as the child of whoever measures, arranges the process
// so that nothing can outlive its parent or write into the protocol, and serves
// requests.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/RunnerCore.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static const char kUsage[] =
    "usage: sevenfold-runner BUNDLE [--check] [--budget SECONDS] [--threads "
    "N]\n"
    "                        [--plugin FILE, of a bundle for pjrt]\n"
    "       sevenfold-runner [--parent PID]\n"
    "Measures a bundle of 'sevenfold tune --emit-bundle' on this machine and\n"
    "writes BUNDLE/results.json, which 'sevenfold db import' reads. --check\n"
    "compares the result of every plan with float64 instead, in\n"
    "BUNDLE/check.json. Ends with 0 when all is measured, or right; 1 when it\n"
    "was interrupted, the budget has ended, the machine is too noisy, or a\n"
    "result is wrong; 2 when the bundle is of no use here. Without a bundle "
    "it\n"
    "answers measurement requests, one JSON object a line on stdin (see\n"
    "docs/Measurement.md), and ends with its input, or with process PID.\n";

/// A number that fills `text`, from 1; 0 for anything else.
static long parseCount(const char *text) {
  char *end = nullptr;
  long value = std::strtol(text, &end, 10);
  return *text && !*end && value > 0 ? value : 0;
}

/// Has the system kill this process with its parent; false where the parent is
/// gone already.
static bool dieWithParent(long parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

/// Moves the protocol to private descriptors; whatever a library prints goes to
/// stderr, and what it reads comes from nowhere.
static bool isolate(int &input, int &output) {
  input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return input >= 0 && output >= 0 && nothing >= 0 &&
         dup2(nothing, STDIN_FILENO) >= 0 &&
         dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

/// Answers requests; the exit code.
static int serve() {
  // The parent decides what an interrupt means; a crash is a result, not a case
  // for a core file.
  std::signal(SIGINT, SIG_IGN);
  rlimit noCore{0, 0};
  setrlimit(RLIMIT_CORE, &noCore);
  int input = -1, output = -1;
  if (!isolate(input, output)) {
    std::perror("sevenfold-runner: cannot set up its descriptors");
    return 2;
  }
  return sevenfold::serveRunner(input, output);
}

/// What follows the bundle's name; false where it is wrong.
static bool readOptions(int argc, char **argv,
                        sevenfold::BundleOptions &options) {
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--check") == 0) {
      options.task = sevenfold::BundleTask::Check;
      continue;
    }
    if (std::strcmp(argv[i], "--plugin") == 0 && i + 1 < argc) {
      char *path = realpath(argv[++i], nullptr);
      options.plugin = path ? path : argv[i];
      std::free(path);
      continue;
    }
    long value = i + 1 < argc ? parseCount(argv[i + 1]) : 0;
    if (std::strcmp(argv[i], "--threads") == 0 && value > 0 && value <= 4096)
      options.threads = static_cast<int>(value);
    else if (std::strcmp(argv[i], "--budget") == 0 && value > 0)
      options.seconds = static_cast<double>(value);
    else
      return false;
    ++i;
  }
  return true;
}

int main(int argc, char **argv) {
  if (argc == 1)
    return serve();
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (argc == 3 && std::strcmp(argv[1], "--parent") == 0) {
    long parent = parseCount(argv[2]);
    return parent && dieWithParent(parent) ? serve() : 2;
  }
  sevenfold::BundleOptions options;
  options.program = "/proc/self/exe";
  options.folder = argv[1];
  if (argv[1][0] == '-' || !readOptions(argc, argv, options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  return sevenfold::runBundle(options);
}
