//===- NextLibrary.cpp - The BLAS behind this one -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs that link a BLAS have it behind this library, and the loader knows
// which. Interpreters load theirs for a module alone: then it is among what the
// caller's own object depends on, which is where the loader looks for a name in
// that object.
//
//===----------------------------------------------------------------------===//

#include "Blas.h"

#include "../Internal.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

using namespace sevenfold;
using namespace sevenfold::blas;

static constexpr int kSymbols = 0
#define SEVENFOLD_BLAS_COUNT(name, convention, element, integer) +1
    SEVENFOLD_BLAS_FUNCTIONS(SEVENFOLD_BLAS_COUNT)
#undef SEVENFOLD_BLAS_COUNT
    ;

static pthread_mutex_t searchLock = PTHREAD_MUTEX_INITIALIZER;
static void *found[kSymbols];
static bool isMissing[kSymbols];

static thread_local int depth;
bool sevenfold::blas::isInside() { return depth > 0; }
Inside::Inside() { ++depth; }
Inside::~Inside() { --depth; }

/// Whether an address is in this library.
static bool isOurs(const void *address) {
  Dl_info there, here;
  return dladdr(address, &there) && dladdr(&sevenfold_blas_table, &here) &&
         there.dli_fbase == here.dli_fbase;
}

/// A symbol of an open library that is not this one's; null.
static void *lookUp(void *handle, Symbol symbol) {
  void *address = handle ? dlsym(handle, nameOf(symbol)) : nullptr;
  return address && !isOurs(address) ? address : nullptr;
}

/// The symbol in the library that SEVENFOLD_BLAS names.
static void *findNamed(Symbol symbol) {
  static void *handle;
  static bool isOpened;
  if (!settings.nextLibrary)
    return nullptr;
  if (!isOpened) {
    handle = dlopen(settings.nextLibrary, RTLD_NOW | RTLD_LOCAL);
    isOpened = true;
    if (!handle)
      fprintf(stderr, "sevenfold-blas: SEVENFOLD_BLAS: %s\n", dlerror());
    else if (const void *any = dlsym(handle, nameOf(symbol));
             any && isOurs(any))
      fprintf(stderr,
              "sevenfold-blas: SEVENFOLD_BLAS: '%s' is this library itself\n",
              settings.nextLibrary);
  }
  return lookUp(handle, symbol);
}

static void *findOwn(Symbol symbol, const void *caller) {
  Dl_info object;
  if (!dladdr(caller, &object) || !object.dli_fname)
    return nullptr;
  // The handle is kept: what was found in it is used from now on.
  void *handle = dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  return lookUp(handle, symbol);
}

namespace {
/// What a place that calls gets. Written once, the address last.
struct OwnFunction {
  uintptr_t key; ///< of place and name; 0: free
  void *address;
};
} // namespace
/// Some libraries call their own functions for every product.
static constexpr int kOwnSlots = 64, kOwnProbes = 4;
static OwnFunction ownFunctions[kOwnSlots];

void *sevenfold::blas::ownFunction(Symbol symbol, const void *caller) {
  uintptr_t key = reinterpret_cast<uintptr_t>(caller) * kSymbols +
                  static_cast<uintptr_t>(symbol);
  OwnFunction *mine = nullptr;
  for (int probe = 0; probe < kOwnProbes && !mine; ++probe) {
    OwnFunction &slot = ownFunctions[(key / 8 + probe) % kOwnSlots];
    uintptr_t known = 0;
    if (__atomic_compare_exchange_n(&slot.key, &known, key, /*weak=*/false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED) ||
        known == key)
      mine = &slot;
  }
  void *address =
      mine ? __atomic_load_n(&mine->address, __ATOMIC_ACQUIRE) : nullptr;
  if (address)
    return address;
  address = findOwn(symbol, caller);
  if (mine)
    __atomic_store_n(&mine->address, address, __ATOMIC_RELEASE);
  return address;
}

static void *search(Symbol symbol, const void *caller) {
  void *address = findNamed(symbol);
  if (!address)
    address = lookUp(RTLD_NEXT, symbol);
  return address ? address : findOwn(symbol, caller);
}

void *sevenfold::blas::nextFunction(Symbol symbol, const void *caller) {
  int index = static_cast<int>(symbol);
  void *address = __atomic_load_n(&found[index], __ATOMIC_ACQUIRE);
  if (address)
    return address;
  pthread_mutex_lock(&searchLock);
  address = search(symbol, caller);
  // Behind the handlers that the library has for forks.
  if (address)
    runtime::watchForks();
  __atomic_store_n(&found[index], address, __ATOMIC_RELEASE);
  bool isNews = !address && !isMissing[index];
  isMissing[index] = isMissing[index] || !address;
  pthread_mutex_unlock(&searchLock);
  if (isNews)
    fprintf(
        stderr,
        "sevenfold-blas: no other library has '%s': products without a plan "
        "are done by any library that is installed; SEVENFOLD_BLAS names "
        "another\n",
        nameOf(symbol));
  return address;
}
