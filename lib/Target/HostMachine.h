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

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace sevenfold {

/// A code generator for the baseline of the host's architecture,
/// position-independent. What this machine has beyond it functions carry as
/// attributes.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createHostMachine();

/// Bytes of the widest vector this machine loads and stores.
unsigned vectorBytes();

/// Functions of a module that must run on any machine of the architecture.
struct PortableFunctions {
  llvm::StringSet<> roots; ///< with everything they reach
  llvm::StringSet<> alone; ///< without what they call
};

/// Lets every function but the portable ones use this machine's instruction
/// sets. In portable code a fused multiply-add becomes one that may round
/// twice: without the instruction it would be a call for each element.
void specializeForHost(llvm::Module &module, const PortableFunctions &portable);

/// Runs LLVM's O3 pipeline on `module`.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine);

/// Emits a relocatable object; bytes.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine);

/// Emits assembly, which is PTX on a GPU; text.
llvm::Expected<std::string> emitAssembly(llvm::Module &module,
                                         llvm::TargetMachine &machine);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_HOSTMACHINE_H
