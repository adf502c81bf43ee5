//===- Interrupt.cpp - Stopping at Ctrl-C ---------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The handler touches one flag only; everything else polls it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Interrupt.h"

#include <csignal>
#include <unistd.h>

static volatile std::sig_atomic_t requested = 0;

extern "C" {
static void handleInterrupt(int signal) {
  if (requested)
    _exit(128 + signal);
  requested = 1;
}
}

void sevenfold::installInterruptHandlers() {
  struct sigaction action = {};
  action.sa_handler = handleInterrupt;
  sigemptyset(&action.sa_mask);
  // Without SA_RESTART: a blocking wait returns and looks at the flag.
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool sevenfold::interrupted() { return requested != 0; }

void sevenfold::clearInterrupt() { requested = 0; }
