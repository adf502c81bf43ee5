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
#include <string.h>

using namespace sevenfold::runtime;

static void setThreadsByInt(const Provider &provider, int threads) {
  reinterpret_cast<void (*)(int)>(provider.setThreadsSymbol)(threads);
}

/// BLIS counts threads in its dim_t, which is 64 bits wide here.
static void setThreadsByDim(const Provider &provider, int threads) {
  reinterpret_cast<void (*)(int64_t)>(provider.setThreadsSymbol)(threads);
}

static constexpr int kProviderCount = 5;

/// Indexed by provider number; 0 is ANY and has no library.
static Provider providers[kProviderCount] = {
    {nullptr, nullptr, nullptr},
    {&kProviderTable[0], openOpenblas, setThreadsByInt},
    // oneDNN has no setting of its own: it asks OpenMP (see Gemm.cpp).
    {&kProviderTable[1], openOnednn, nullptr},
    {&kProviderTable[2], openBlis, setThreadsByDim},
    {&kProviderTable[3], openMkl, setThreadsByInt},
};

/// Held while a library is loaded or its number of threads is changed.
static pthread_mutex_t providerLock = PTHREAD_MUTEX_INITIALIZER;

Provider *sevenfold::runtime::requireProvider(int number) {
  if (number <= SEVENFOLD_PROVIDER_ANY || number >= kProviderCount) {
    setErrorText(SEVENFOLD_PROVIDER_MISSING, "there is no provider number %d",
                 number);
    return nullptr;
  }
  Provider &provider = providers[number];
  LoadState state = __atomic_load_n(&provider.state, __ATOMIC_ACQUIRE);
  if (state == LoadState::Unknown) {
    pthread_mutex_lock(&providerLock);
    state = provider.state;
    if (state == LoadState::Unknown) {
      provider.processor = vectorSet();
      state = provider.open(provider) ? LoadState::Present : LoadState::Absent;
      __atomic_store_n(&provider.state, state, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&providerLock);
  }
  if (state == LoadState::Present)
    return &provider;
  setErrorText(SEVENFOLD_PROVIDER_MISSING, "provider '%s' is not available: %s",
               provider.name(), provider.reason);
  return nullptr;
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
