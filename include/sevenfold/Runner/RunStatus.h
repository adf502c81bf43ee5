//===- RunStatus.h - How a measurement ended ------------------ -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The outcomes of running foreign code, known with and without LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_RUNSTATUS_H
#define SEVENFOLD_RUNNER_RUNSTATUS_H

namespace sevenfold {

/// How a run ended. Anything but Ok carries a message. DeviceLost says nothing
/// about the code that should have run.
enum class RunStatus { Ok, Crashed, TimedOut, Failed, WrongResult, DeviceLost };

/// "ok", "crashed", "timed out", "failed", "wrong result", "device lost".
const char *runStatusName(RunStatus status);

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_RUNSTATUS_H
