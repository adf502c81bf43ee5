//===- Providers.cpp - The table of vendor libraries ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Libraries are loaded on first use and stay loaded. A provider found absent
// stays absent for the process: a plan must not change its numerics midway.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

using namespace sevenfold::runtime;

static void setThreadsByInt(const Provider &provider, int threads) {
  reinterpret_cast<void (*)(int)>(provider.setThreadsSymbol)(threads);
}

/// BLIS counts threads in its dim_t, which is 64 bits wide here.
static void setThreadsByDim(const Provider &provider, int threads) {
  reinterpret_cast<void (*)(int64_t)>(provider.setThreadsSymbol)(threads);
}

static constexpr int kProviderCount = 5;

/// Address space is given in these. OpenBLAS has a buffer of 128 MiB for a
/// thread on x86-64, whatever the product (BUFFER_SIZE in common_x86_64.h).
static constexpr int64_t kMiB = int64_t(1) << 20;

/// Indexed by provider number; 0 is ANY and has no library.
static Provider providers[kProviderCount] = {
    {nullptr, nullptr, nullptr, 0, 0},
    {&kProviderTable[0], openOpenblas, setThreadsByInt, 64 * kMiB, 144 * kMiB},
    // oneDNN has no setting of its own: it asks OpenMP (see Gemm.cpp).
    {&kProviderTable[1], openOnednn, nullptr, 64 * kMiB, 32 * kMiB},
    {&kProviderTable[2], openBlis, setThreadsByDim, 32 * kMiB, 32 * kMiB},
    {&kProviderTable[3], openMkl, setThreadsByInt, 512 * kMiB, 64 * kMiB},
};

/// Held while a library is loaded or its number of threads is changed.
static pthread_mutex_t providerLock = PTHREAD_MUTEX_INITIALIZER;
/// What is being loaded under it.
static Provider *opening;

bool sevenfold::runtime::lockProviders() {
  // Until glibc 2.36 a library that registers fork handlers when it is loaded
  // waits for the fork, which would wait for it.
  constexpr int kSeconds = 5;
  timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += kSeconds;
  return pthread_mutex_timedlock(&providerLock, &until) == 0;
}

void sevenfold::runtime::unlockProviders() {
  pthread_mutex_unlock(&providerLock);
}

void sevenfold::runtime::abandonOpening() {
  providerLock = PTHREAD_MUTEX_INITIALIZER;
  if (!opening)
    return;
  snprintf(opening->reason, sizeof opening->reason,
           "the process was forked while another thread loaded it");
  opening->state = LoadState::Absent;
  opening = nullptr;
}

/// Loads the library, or finds out why it cannot be had. False where there is
/// no room: the next call tries again.
static bool openProvider(Provider &provider) {
  // Some start their threads when they are loaded, for all cores.
  if (!hasRoom(provider.loadBytes + provider.threadBytes * omp_get_num_procs()))
    return false;
  opening = &provider;
  provider.processor = vectorSet();
  LoadState state =
      provider.open(provider) ? LoadState::Present : LoadState::Absent;
  __atomic_store_n(&provider.state, state, __ATOMIC_RELEASE);
  opening = nullptr;
  return true;
}

Provider *sevenfold::runtime::requireProvider(int number, int &status) {
  status = SEVENFOLD_PROVIDER_MISSING;
  if (number <= SEVENFOLD_PROVIDER_ANY || number >= kProviderCount) {
    setErrorText(SEVENFOLD_PROVIDER_MISSING, "there is no provider number %d",
                 number);
    return nullptr;
  }
  Provider &provider = providers[number];
  LoadState state = __atomic_load_n(&provider.state, __ATOMIC_ACQUIRE);
  if (state == LoadState::Unknown) {
    pthread_mutex_lock(&providerLock);
    bool hadRoom =
        provider.state != LoadState::Unknown || openProvider(provider);
    state = provider.state;
    pthread_mutex_unlock(&providerLock);
    if (!hadRoom) {
      status = SEVENFOLD_OUT_OF_MEMORY;
      setErrorText(status, "out of memory to load '%s'", provider.name());
      return nullptr;
    }
  }
  status = state == LoadState::Present ? SEVENFOLD_OK : status;
  if (state == LoadState::Present)
    return &provider;
  setErrorText(status, "provider '%s' is not available: %s", provider.name(),
               provider.reason);
  return nullptr;
}

bool sevenfold::runtime::hasWorkspace(Provider &provider, int callers,
                                      bool isDouble) {
  int threads = provider.usesOpenMP ? sevenfold_get_threads() : 1;
  if (!hasTeam(threads))
    return false;
  int &roomy = provider.roomyCallers[isDouble];
  // OpenBLAS takes half a megabyte for each product that it shares out.
  if (callers <= __atomic_load_n(&roomy, __ATOMIC_RELAXED))
    return hasRoom(8 * kMiB);
  if (!hasRoom(provider.threadBytes * threads))
    return false;
  __atomic_store_n(&roomy, callers, __ATOMIC_RELAXED);
  return true;
}

void sevenfold::runtime::applyThreads(Provider &provider) {
  int threads = sevenfold_get_threads();
  if (!provider.setThreads ||
      __atomic_load_n(&provider.threads, __ATOMIC_RELAXED) == threads)
    return;
  pthread_mutex_lock(&providerLock);
  provider.setThreads(provider, threads);
  __atomic_store_n(&provider.threads, threads, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&providerLock);
}

//===----------------------------------------------------------------------===//
// Introspection
//===----------------------------------------------------------------------===//

static Provider *requireProvider(int number) {
  int status;
  return requireProvider(number, status);
}

extern "C" int sevenfold_provider_from_name(const char *name) {
  if (name)
    for (int number = 0; number < kProviderCount; ++number)
      if (strcmp(name, providers[number].name()) == 0)
        return number;
  return -1;
}

extern "C" const char *sevenfold_provider_name(int provider) {
  if (provider < 0 || provider >= kProviderCount)
    return nullptr;
  return providers[provider].name();
}

extern "C" int sevenfold_provider_available(int provider) {
  return requireProvider(provider) != nullptr;
}

extern "C" int sevenfold_provider_supports(int number,
                                           const char *elementType) {
  if (!elementType)
    return 0;
  Provider *provider = requireProvider(number);
  if (!provider)
    return 0;
  if (strcmp(elementType, "f32") == 0)
    return provider->sgemm || provider->dnnlSgemm;
  return strcmp(elementType, "f64") == 0 && provider->dgemm;
}

extern "C" const char *sevenfold_provider_version(int number) {
  Provider *provider = requireProvider(number);
  return provider ? provider->version : nullptr;
}

extern "C" const char *sevenfold_provider_file(int number) {
  Provider *provider = requireProvider(number);
  return provider ? provider->file : nullptr;
}

extern "C" const char *sevenfold_provider_remark(int number) {
  Provider *provider = requireProvider(number);
  return provider ? provider->remark : nullptr;
}
