//===- Sha256.h - Content hashes without LLVM ----------------- -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SHA-256 (FIPS 180-4), the same as sevenfold/Support/Hash.h gives.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_SHA256_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_SHA256_H

#include <string>

namespace sevenfold {
namespace runner {

/// SHA-256 of `bytes`: 64 lower-case hexadecimal digits.
std::string sha256(const std::string &bytes);

/// The same of a file; empty where it cannot be read.
std::string sha256OfFile(const std::string &path);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_SHA256_H
