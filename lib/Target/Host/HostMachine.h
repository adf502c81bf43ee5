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

#ifndef SEVENFOLD_LIB_TARGET_HOST_HOSTMACHINE_H
#define SEVENFOLD_LIB_TARGET_HOST_HOSTMACHINE_H

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <optional>
#include <string>

namespace sevenfold {

/// A code generator for the baseline of the host's architecture,
/// position-independent. What a processor has beyond it functions carry as
/// attributes.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createHostMachine();

/// A processor of the host's architecture that code is made for.
struct HostProcessor {
  std::string features; ///< beyond the baseline: "+avx2,+fma,.."
  std::string name;     ///< LLVM's, "generic" where it is not known

  /// Bytes of the widest vector it loads and stores.
  unsigned vectorBytes() const;
};

/// The processor of this machine, or on x86 one that has exactly the comma-
/// separated `instructionSets` (LLVM's names) beyond the baseline. Fails where
/// `machine` does not know one of them.
llvm::Expected<HostProcessor>
describeHost(const llvm::TargetMachine &machine,
             const std::optional<std::string> &instructionSets);

/// Functions of a module that must run on any machine of the architecture.
struct PortableFunctions {
  llvm::StringSet<> roots; ///< with everything they reach
  llvm::StringSet<> alone; ///< without what they call
};

/// Lets every function but the portable ones use the processor's instruction
/// sets. Where these have no fused multiply-add, it becomes one that may round
/// twice: without the instruction it would be a call for each element.
void specializeForHost(llvm::Module &module, const PortableFunctions &portable,
                       const HostProcessor &processor);

/// Runs LLVM's O3 pipeline on `module`.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine);

/// The same for code of the host, whose operations on narrow floats are
/// expanded (NarrowFloats.h) as each function's instruction sets ask for.
void optimizeHostModule(llvm::Module &module, llvm::TargetMachine &machine);

/// Has every access of the module's code checked by the run time of
/// AddressSanitizer, which the process needs to have.
void checkAddresses(llvm::Module &module);

/// Emits a relocatable object; bytes.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine);

/// Emits assembly, which is PTX on a GPU; text.
llvm::Expected<std::string> emitAssembly(llvm::Module &module,
                                         llvm::TargetMachine &machine);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_HOST_HOSTMACHINE_H
