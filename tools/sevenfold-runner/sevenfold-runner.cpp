//===- sevenfold-runner.cpp - Measures compiled functions -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arranges the process so that nothing it measures can outlive its parent or
// write into the protocol, then serves requests.
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
    "usage: sevenfold-runner [--parent PID]\n"
    "Answers measurement requests, one JSON object a line on stdin; see\n"
    "docs/Measurement.md. Ends with its input, or with process PID.\n";

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

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (argc == 3 && std::strcmp(argv[1], "--parent") == 0) {
    char *end = nullptr;
    long parent = std::strtol(argv[2], &end, 10);
    if (*end || parent <= 0 || !dieWithParent(parent))
      return 2;
  } else if (argc != 1) {
    std::fputs(kUsage, stderr);
    return 2;
  }
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
