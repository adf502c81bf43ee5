//===- XlaProgram.h - A program of StableHLO run once -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On real data, by a PJRT plugin, in a child process.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_XLAPROGRAM_H
#define SEVENFOLD_MEASURE_XLAPROGRAM_H

#include "sevenfold/Measure/Artefact.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace sevenfold {

/// A buffer of a program with its elements, row-major.
struct ProgramInput {
  BufferShape shape;
  llvm::ArrayRef<char> bytes; ///< as many as the shape has
};

struct ProgramResult {
  std::vector<std::string> outputs; ///< their bytes, row-major
  double seconds = 0;               ///< of the run
};

/// Runs `text`, whose entry is @main, on the first device of the plugin at a
/// path. Fails in the plugin's words, or where the program has other results.
llvm::Expected<ProgramResult>
runXlaProgram(const std::string &plugin, llvm::StringRef text,
              llvm::ArrayRef<ProgramInput> inputs,
              llvm::ArrayRef<BufferShape> outputs);

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_XLAPROGRAM_H
