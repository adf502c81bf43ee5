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

#include <dlfcn.h>
#include <initializer_list>
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
static const void *missedBy[kSymbols]; ///< whose calls found none, last

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

/// Opens the library that SEVENFOLD_BLAS names, or says why that is of no use.
static void *openNamed(Symbol symbol) {
  void *handle = dlopen(settings.nextLibrary, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    fprintf(stderr, "sevenfold-blas: SEVENFOLD_BLAS: %s\n", dlerror());
    return nullptr;
  }
  const char *problem = nullptr;
  const void *query = dlsym(handle, "sevenfold_blas_last_plan");
  if (query)
    // Another one would look for its next library in the same place.
    problem = isOurs(query) ? "is this library itself" : "is one like this";
  else if (!dlsym(handle, nameOf(symbol)))
    problem = "lacks this function";
  if (problem)
    fprintf(stderr, "sevenfold-blas: SEVENFOLD_BLAS: %s: '%s' %s\n",
            nameOf(symbol), settings.nextLibrary, problem);
  return query ? nullptr : handle;
}

/// The symbol in the library that SEVENFOLD_BLAS names.
static void *findNamed(Symbol symbol) {
  static void *handle;
  static bool isOpened;
  if (!settings.nextLibrary)
    return nullptr;
  if (!isOpened) {
    isOpened = true;
    handle = openNamed(symbol);
  }
  return lookUp(handle, symbol);
}

static void *findOwn(Symbol symbol, const void *caller) {
  Dl_info object;
  if (!dladdr(caller, &object) || !object.dli_fname)
    return nullptr;
  // The handle is kept: what was found in it is used from now on.
  void *handle = dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  // The program itself does not go by its name.
  return lookUp(handle ? handle : dlopen(nullptr, RTLD_LAZY), symbol);
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
  readEnvironment();
  void *address = findNamed(symbol);
  if (!address)
    address = lookUp(RTLD_NEXT, symbol);
  return address ? address : findOwn(symbol, caller);
}

/// How a library tells its number of threads, if somebody set it there. Written
/// once, under the lock, and read by any thread.
using GetThreads = int (*)();
using GetThreadsWide = int64_t (*)();
static GetThreads getThreads;
static GetThreadsWide getThreadsWide;

int sevenfold::blas::threadsOfNextLibrary() {
  if (GetThreads get = __atomic_load_n(&getThreads, __ATOMIC_ACQUIRE))
    return get();
  GetThreadsWide get = __atomic_load_n(&getThreadsWide, __ATOMIC_ACQUIRE);
  return get ? static_cast<int>(get()) : 0;
}

/// Keeps the library of a function that will be called from now on, and finds
/// what it knows of threads.
static void keepLibrary(void *address) {
  Dl_info object;
  void *handle = dladdr(address, &object) && object.dli_fname
                     ? dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD)
                     : nullptr;
  if (!handle)
    return;
  GetThreads get = getThreads;
  for (const char *name :
       {"openblas_get_num_threads", "openblas_get_num_threads64_",
        "scipy_openblas_get_num_threads", "scipy_openblas_get_num_threads64_",
        "MKL_Get_Max_Threads"})
    if (!get)
      get = reinterpret_cast<GetThreads>(dlsym(handle, name));
  __atomic_store_n(&getThreads, get, __ATOMIC_RELEASE);
  // BLIS counts in its dim_t.
  if (!get && !getThreadsWide)
    __atomic_store_n(&getThreadsWide,
                     reinterpret_cast<GetThreadsWide>(
                         dlsym(handle, "bli_thread_get_num_threads")),
                     __ATOMIC_RELEASE);
}

void *sevenfold::blas::nextFunction(Symbol symbol, const void *caller) {
  int index = static_cast<int>(symbol);
  void *address = __atomic_load_n(&found[index], __ATOMIC_ACQUIRE);
  if (address || __atomic_load_n(&missedBy[index], __ATOMIC_RELAXED) == caller)
    return address;
  runtime::Uncancelled uncancelled;
  pthread_mutex_lock(&searchLock);
  address = search(symbol, caller);
  if (address) {
    keepLibrary(address);
    // Behind the handlers that the library has for forks.
    runtime::watchForks();
  }
  __atomic_store_n(&found[index], address, __ATOMIC_RELEASE);
  bool isNews = !address && !missedBy[index];
  __atomic_store_n(&missedBy[index], address ? nullptr : caller,
                   __ATOMIC_RELAXED);
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
