//===- HostMachine.h - Code for the machine this runs on --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's side of the host target.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_HOSTMACHINE_H
#define SEVENFOLD_LIB_TARGET_HOSTMACHINE_H

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace sevenfold {

/// A machine for the host CPU with all its features, position-independent.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createHostMachine();

/// Bytes of the widest vector the machine's loads and stores take.
unsigned vectorBytes(const llvm::TargetMachine &machine);

/// Runs LLVM's O3 pipeline on `module`.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine);

/// Emits a relocatable object; bytes.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_HOSTMACHINE_H
