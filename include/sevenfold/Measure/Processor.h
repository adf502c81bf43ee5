//===- Processor.h - What the processor says of itself -------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of a device that is known without measuring, with and without LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_PROCESSOR_H
#define SEVENFOLD_MEASURE_PROCESSOR_H

#include <cstdint>
#include <string>
#include <vector>

namespace sevenfold {

struct Processor {
  std::string architecture; ///< "x86_64", "aarch64", .. as uname has it
  std::string name;         ///< model name as the system tells it
  std::string id;           ///< family, model and stepping: "26-2-1"
  std::string isa;          ///< vectorIsa()
  int count = 0;            ///< processors the system has online
  int64_t cacheBytes = 0;   ///< last-level cache
  int64_t memoryBytes = 0;
  /// Instruction sets in the system's words ("avx512f", "asimd"), sorted: what
  /// code generated for this processor may use.
  std::vector<std::string> features;

  /// The hardware part of the database key.
  std::string fingerprint() const;
};

Processor describeProcessor();

/// The widest vector instruction set in use here: "avx512", "avx2", "sse2",
/// "neon", or "scalar".
std::string vectorIsa();

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_PROCESSOR_H
