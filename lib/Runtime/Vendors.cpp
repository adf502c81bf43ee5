//===- Vendors.cpp - Each vendor library at its best ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library that does not recognise a processor falls back to kernels for an
// old one: OpenBLAS releases without Zen 4 and 5 in their tables take AVX2
// kernels there, and BLIS 0.9 takes AVX2 ones on AVX-512 machines whose
// hypervisor hides the processor's name, from which it reads the number of
// multiply-add units. Being measured against a library at its accidental worst
// would flatter us, and our own products run on the same library. So where its
// kernels are below the processor and it has better ones, it is opened once
// more with its documented override set. The override is unset again
// afterwards, and a value that the user set is never touched.
//
//===----------------------------------------------------------------------===//

#include "Vendors.h"

#include <stdio.h>
#include <string.h>

using namespace sevenfold::runtime;

//===----------------------------------------------------------------------===//
// OpenBLAS
//===----------------------------------------------------------------------===//

using TextQuery = char *(*)(void);

static const char *openblasText(Provider &provider, const char *symbol) {
  TextQuery query;
  return resolve(provider, symbol, query) ? query() : nullptr;
}

static const char *openblasCore(Provider &provider) {
  return openblasText(provider, "openblas_get_corename");
}

/// A build for one processor ignores the override.
static bool openblasHasBetter(Provider &provider) {
  const char *config = openblasText(provider, "openblas_get_config");
  return config && strstr(config, "DYNAMIC_ARCH");
}

static bool acceptOpenblas(Provider &provider) {
  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH .. Haswell MAX_THREADS=64"
  const char *text = openblasText(provider, "openblas_get_config");
  if (!text)
    return false;
  if (strstr(text, "USE64BITINT")) {
    snprintf(provider.reason, sizeof provider.reason,
             "the library was built for 64-bit integers");
    return false;
  }
  const char *core = nullptr;
  if (!chooseKernels(provider,
                     {openblasCore, openblasHasBetter, nullptr, nullptr},
                     core) ||
      !resolveCblas(provider, "openblas_set_num_threads"))
    return false;
  int (*parallel)(void);
  constexpr int kOnOpenMP = 2;
  provider.usesOpenMP = resolve(provider, "openblas_get_parallel", parallel) &&
                        parallel() == kOnOpenMP;
  if (!provider.usesOpenMP)
    runBesideThreads(true);
  text = openblasText(provider, "openblas_get_config");
  const char *version = strchr(text, ' ');
  version = version ? version + 1 : text;
  snprintf(provider.version, sizeof provider.version, "%.*s %s",
           static_cast<int>(strcspn(version, " ")), version, core);
  return true;
}

bool sevenfold::runtime::openOpenblas(Provider &provider) {
  // Its idle threads would spin for 2^26 cycles, some 20 ms, on the cores that
  // the loop after the product needs (measured: a copy of 16 MB right after a
  // product took 5.4 ms instead of 0.6). 2^14 cycles bridge back-to-back calls.
  EnvironmentDefault timeout("OPENBLAS_THREAD_TIMEOUT", "14");
  return openAny(provider, acceptOpenblas);
}

//===----------------------------------------------------------------------===//
// oneDNN
//===----------------------------------------------------------------------===//

/// The head of oneDNN's dnnl_version_t; later fields are not needed.
struct DnnlVersion {
  int major, minor, patch;
};

/// oneDNN's instruction set numbers are bit sets that grow with the set.
static const char *dnnlIsaName(int isa) {
  auto has = [isa](int bits) { return (isa & bits) == bits; };
  if (has(0xe7))
    return "avx512_bf16";
  if (has(0x27))
    return "avx512";
  if (has(0x7))
    return "avx2";
  return has(0x3) ? "avx" : "sse41";
}

static const char *dnnlKernels(Provider &provider) {
  int (*isa)(void);
  return resolve(provider, "dnnl_get_effective_cpu_isa", isa)
             ? dnnlIsaName(isa())
             : nullptr;
}

static bool acceptOnednn(Provider &provider) {
  const DnnlVersion *(*version)(void);
  const char *kernels = nullptr;
  if (!resolve(provider, "dnnl_sgemm", provider.dnnlSgemm) ||
      !resolve(provider, "dnnl_version", version) ||
      !chooseKernels(provider, {dnnlKernels, nullptr, nullptr, nullptr},
                     kernels))
    return false;
  const DnnlVersion *numbers = version();
  snprintf(provider.version, sizeof provider.version, "%d.%d.%d %s",
           numbers->major, numbers->minor, numbers->patch, kernels);
  return true;
}

bool sevenfold::runtime::openOnednn(Provider &provider) {
  return openAny(provider, acceptOnednn);
}

//===----------------------------------------------------------------------===//
// BLIS
//===----------------------------------------------------------------------===//

static const char *blisArchitecture(Provider &provider) {
  int (*query)(void);
  char *(*name)(int);
  if (!resolve(provider, "bli_arch_query_id", query) ||
      !resolve(provider, "bli_arch_string", name))
    return nullptr;
  return name(query());
}

/// An architecture that a build lacks must not be asked for: it aborts. No
/// function tells which ones there are. The kernels of "skx" are some thousands
/// of 512-bit multiply-adds, and no other architecture of BLIS's own releases
/// that reports less has any. AMD's branch of it has, but not by that name.
static bool blisHasBetter(Provider &provider) {
  constexpr int64_t kKernelsOfSkx = 1000;
  TextQuery version;
  return provider.processor == VectorSet::Avx512 &&
         resolve(provider, "bli_info_get_version_str", version) &&
         strchr("0123456789", version()[0]) &&
         countWideMultiplyAdds(provider.handle) >= kKernelsOfSkx;
}

static bool acceptBlis(Provider &provider) {
  TextQuery version;
  int64_t (*integerBits)(void);
  const char *architecture = nullptr;
  if (!resolve(provider, "bli_info_get_blas_int_type_size", integerBits))
    return false;
  if (integerBits() != 32) {
    snprintf(provider.reason, sizeof provider.reason,
             "the library was built for %lld-bit integers",
             static_cast<long long>(integerBits()));
    return false;
  }
  // It chooses its kernels, and reads its override, when it is initialised.
  callIfPresent(provider, "bli_init");
  if (!chooseKernels(
          provider,
          {blisArchitecture, blisHasBetter, "bli_init", "bli_finalize"},
          architecture) ||
      !resolve(provider, "bli_info_get_version_str", version) ||
      !resolveCblas(provider, "bli_thread_set_num_threads"))
    return false;
  snprintf(provider.version, sizeof provider.version, "%s %s", version(),
           architecture);
  return true;
}

bool sevenfold::runtime::openBlis(Provider &provider) {
  return openAny(provider, acceptBlis);
}
