//===- Size.h - Byte counts as people write them ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parsing and printing of sizes such as 512MiB.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_SIZE_H
#define SEVENFOLD_SUPPORT_SIZE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace sevenfold {

/// The number of bytes in a text such as "4096", "512KiB", "1.5GiB" or "2GB"
/// (KiB, MiB, GiB, TiB are powers of 1024; kB, MB, GB, TB of 1000; B and
/// nothing are bytes). Fails on anything else and beyond 2^63 - 1.
llvm::Expected<uint64_t> parseSize(llvm::StringRef text);

/// The inverse, rounded to one decimal of the largest power of 1024 that does
/// not exceed it: "1.5GiB".
std::string formatSize(uint64_t bytes);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_SIZE_H
