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
    "usage: sevenfold-runner BUNDLE [--threads N]\n"
    "       sevenfold-runner [--parent PID]\n"
    "Measures a bundle of 'sevenfold tune --emit-bundle' on this machine and\n"
    "writes BUNDLE/results.json, which 'sevenfold db import' reads; ends with "
    "0\n"
    "when all is measured, 1 when it was interrupted or the machine is too\n"
    "noisy, 2 when the bundle is of no use here. Without a bundle it answers\n"
    "measurement requests, one JSON object a line on stdin (see\n"
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
  bool good = argv[1][0] != '-' && (argc == 2 || argc == 4);
  if (good && argc == 4) {
    options.threads = static_cast<int>(parseCount(argv[3]));
    good = std::strcmp(argv[2], "--threads") == 0 && options.threads > 0 &&
           options.threads <= 4096;
  }
  if (!good) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  return sevenfold::runBundle(options);
}
