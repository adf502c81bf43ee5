//===- Vendors.h - What the openers of libraries share ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Symbols of an open library, and the choice of its kernels.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_VENDORS_H
#define SEVENFOLD_LIB_RUNTIME_VENDORS_H

#include "Internal.h"

#include <stdlib.h>
#include <string.h>

namespace sevenfold {
namespace runtime {

/// Sets `function` to a symbol in the library's spelling; false with `reason`
/// set, and null, where it has none.
template <typename Function>
bool resolve(Provider &provider, const char *symbol, Function &function) {
  void *address = findSymbol(provider, symbol);
  memcpy(&function, &address, sizeof address);
  return address != nullptr;
}

/// The products, and how many threads they use.
inline bool resolveCblas(Provider &provider, const char *setThreads) {
  return resolve(provider, "cblas_sgemm", provider.sgemm) &&
         resolve(provider, "cblas_dgemm", provider.dgemm) &&
         resolve(provider, setThreads, provider.setThreadsSymbol);
}

/// Calls a function without arguments; does nothing where there is none.
inline void callIfPresent(Provider &provider, const char *symbol) {
  void (*function)(void);
  if (symbol && resolve(provider, symbol, function))
    function();
}

/// Sets a variable that the user has not set, for as long as this lives.
class EnvironmentDefault {
public:
  EnvironmentDefault(const char *variable, const char *value)
      : variable(variable), isSet(!getenv(variable)) {
    if (isSet)
      setenv(variable, value, 0);
  }
  ~EnvironmentDefault() {
    if (isSet)
      unsetenv(variable);
  }
  EnvironmentDefault(const EnvironmentDefault &) = delete;

private:
  const char *variable;
  bool isSet;
};

/// How a library chooses its kernels.
struct KernelChoice {
  const char *(*query)(Provider &provider); ///< the set in use, or null
  /// Whether the build has what the override asks for; asked only where the
  /// table has one for the processor.
  bool (*hasBetter)(Provider &provider);
  const char *initialise, *finalise; ///< called around; null: constructors do
};

/// Opens the library again with its override where its kernels are below the
/// processor; what stays below gets a remark. `kernels` becomes the set that is
/// used in the end, never null. False: it could not be opened again.
bool chooseKernels(Provider &provider, const KernelChoice &choice,
                   const char *&kernels);

} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_VENDORS_H
