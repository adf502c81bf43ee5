//===- NvptxMachine.h - Code for GPUs ---------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's side of the nvptx target.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_NVPTX_NVPTXMACHINE_H
#define SEVENFOLD_LIB_TARGET_NVPTX_NVPTXMACHINE_H

#include "NvptxChip.h"

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace sevenfold {

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createNvptxMachine(const NvptxChip &chip);

/// Replaces calls of the CUDA toolkit's device library that are an instruction.
void useIntrinsics(llvm::Module &module);

/// Fails where the kernels in `module` call a function that GPUs do not have.
llvm::Error checkCalls(const llvm::Module &module);

/// Defines the symbols of the kernels' image in the host's module. PTX gets its
/// terminator.
void defineImage(llvm::Module &module, llvm::StringRef image);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_NVPTX_NVPTXMACHINE_H
