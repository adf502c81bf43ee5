//===- Interrupt.h - Stopping at Ctrl-C -------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first SIGINT or SIGTERM asks the tool to stop and keep what it has; a
// second one ends it at once.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_INTERRUPT_H
#define SEVENFOLD_MEASURE_INTERRUPT_H

namespace sevenfold {

/// Installs the handlers; for mains. Without it `interrupted` stays false.
void installInterruptHandlers();

/// Whether the user asked to stop.
bool interrupted();

/// Forgets an earlier request; for tests.
void clearInterrupt();

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_INTERRUPT_H
