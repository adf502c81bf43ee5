//===- PjrtTarget.h - StableHLO for XLA's devices ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the target and modules by others share.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_PJRT_PJRTTARGET_H
#define SEVENFOLD_LIB_TARGET_PJRT_PJRTTARGET_H

#include "StableHloEmitter.h"

#include "sevenfold/Target/ModelCompiler.h"

namespace sevenfold {

/// The one public function of a planned model as a function of StableHLO. Fails
/// on plans that XLA's compilers are not given, in the words of `device`, and
/// on what StableHLO has no words for.
llvm::Expected<std::string> emitPlanned(ModelCompiler &compiler,
                                        const StableHloOptions &options,
                                        llvm::StringRef device);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_PJRT_PJRTTARGET_H
