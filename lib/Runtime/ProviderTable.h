//===- ProviderTable.h - Names of vendor libraries --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cmake/SevenfoldProviderTable.cmake generates from
// python-free-configs/providers.json: the names libraries have, how their
// symbols are spelt, and which of their kernel sets are good enough.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_PROVIDERTABLE_H
#define SEVENFOLD_LIB_RUNTIME_PROVIDERTABLE_H

namespace sevenfold {
namespace runtime {

/// A name that a provider's library may have. Symbol X of it is called
/// `prefix` X `suffix`.
struct LibraryName {
  const char *soname; ///< null ends a list
  const char *prefix, *suffix;
};

/// What a provider calls its kernels for an instruction set.
struct KernelSets {
  const char *const *names;  ///< null-terminated
  const char *overrideValue; ///< of the variable, to ask for them; or null
};

struct ProviderEntry {
  const char *name;
  const LibraryName *libraries; ///< in the order they are tried
  KernelSets avx512, avx2;
  /// The library's own environment variable that limits or chooses kernels.
  const char *variable;
};

/// By provider number, from that of OpenBLAS, 1, on.
extern const ProviderEntry kProviderTable[4];

/// Searched after the loader's own places; null-terminated.
extern const char *const kLibraryFolders[];

} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_PROVIDERTABLE_H
