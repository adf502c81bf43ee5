//===- Loading.cpp - Opening vendor libraries at their best ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library that does not know a processor younger than itself falls back to
// kernels for an old one: on an AVX-512 Zen 5, BLIS 0.9 multiplies f64 matrices
// at a fifth of the speed of its own AVX-512 kernels, and OpenBLAS releases
// without Zen 4 and 5 in their tables halve theirs. Being measured against a
// library at its accidental worst would flatter us, and our own products run on
// the same library. So where the processor has AVX-512 and the library did not
// pick kernels for it, it is opened once more with its documented override set.
// The override is unset again afterwards, and a value that the user set is
// never touched.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

using namespace sevenfold::runtime;

bool sevenfold::runtime::hasAvx512() {
#if defined(__x86_64__)
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
    return false;
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  // The system saves XMM, YMM, the mask registers and both halves of ZMM.
  if ((low & 0xe6) != 0xe6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
    return false;
  unsigned wanted = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
  return (b & wanted) == wanted;
#else
  return false;
#endif
}

//===----------------------------------------------------------------------===//
// Opening and resolving
//===----------------------------------------------------------------------===//

/// Symbols stay local to the handle: two BLAS libraries in one process export
/// the same names.
static void *openLibrary(const char *soname) {
  return dlopen(soname, RTLD_NOW | RTLD_LOCAL);
}

/// Opens the first soname that exists; false with the last loader message.
static bool openFirst(Provider &provider) {
  for (const char *const *soname = provider.sonames; *soname; ++soname) {
    if (void *loaded = dlopen(*soname, RTLD_LAZY | RTLD_NOLOAD)) {
      provider.wasLoaded = true;
      dlclose(loaded);
    }
    provider.handle = openLibrary(*soname);
    if (provider.handle)
      return true;
    const char *message = dlerror();
    snprintf(provider.reason, sizeof provider.reason, "%s",
             message ? message : "the loader gave no reason");
  }
  return false;
}

template <typename Function>
static bool resolve(Provider &provider, const char *symbol,
                    Function &function) {
  void *address = dlsym(provider.handle, symbol);
  if (!address) {
    snprintf(provider.reason, sizeof provider.reason,
             "symbol '%s' is missing from the library", symbol);
    return false;
  }
  memcpy(&function, &address, sizeof address);
  return true;
}

static bool resolveCblas(Provider &provider, const char *setThreads) {
  return resolve(provider, "cblas_sgemm", provider.sgemm) &&
         resolve(provider, "cblas_dgemm", provider.dgemm) &&
         resolve(provider, setThreads, provider.setThreadsSymbol);
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
  bool tookEffect() const { return isSet; }

private:
  const char *variable;
  bool isSet;
};

/// Calls a function without arguments; does nothing where there is none.
static void callIfPresent(void *handle, const char *symbol) {
  if (void *address = symbol ? dlsym(handle, symbol) : nullptr)
    reinterpret_cast<void (*)(void)>(address)();
}

/// Opens the library once more with `variable` set, for its constructors and
/// for the function `initialise` of it; `finalise` ends the one opened before.
/// Leaves it as it is where the user has set the variable, or where the rest of
/// the program uses the library too: it would not be unloaded.
static void reopenWith(Provider &provider, const char *variable,
                       const char *value, const char *initialise = nullptr,
                       const char *finalise = nullptr) {
  EnvironmentDefault choice(variable, value);
  if (!choice.tookEffect() || provider.wasLoaded)
    return;
  callIfPresent(provider.handle, finalise);
  dlclose(provider.handle);
  if (openFirst(provider))
    callIfPresent(provider.handle, initialise);
}

//===----------------------------------------------------------------------===//
// OpenBLAS
//===----------------------------------------------------------------------===//

using TextQuery = char *(*)(void);

/// The name of the kernel set in use; needs an open library.
static const char *openblasCore(Provider &provider) {
  TextQuery core;
  return resolve(provider, "openblas_get_corename", core) ? core() : nullptr;
}

static bool isAvx512Core(const char *core) {
  return strcmp(core, "SkylakeX") == 0 || strcmp(core, "Cooperlake") == 0 ||
         strcmp(core, "SapphireRapids") == 0;
}

bool sevenfold::runtime::openOpenblas(Provider &provider) {
  // Its idle threads would spin for 2^26 cycles, some 20 ms, on the cores that
  // the loop after the product needs (measured: a copy of 16 MB right after a
  // product took 5.4 ms instead of 0.6). 2^14 cycles bridge back-to-back calls.
  EnvironmentDefault timeout("OPENBLAS_THREAD_TIMEOUT", "14");
  if (!openFirst(provider))
    return false;
  const char *core = openblasCore(provider);
  if (core && hasAvx512() && !isAvx512Core(core)) {
    reopenWith(provider, "OPENBLAS_CORETYPE", "SkylakeX");
    if (!provider.handle)
      return false;
    core = openblasCore(provider);
  }
  TextQuery config;
  if (!resolve(provider, "openblas_get_config", config) ||
      !resolveCblas(provider, "openblas_set_num_threads"))
    return false;
  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH .. Haswell MAX_THREADS=64"
  const char *text = config();
  if (strstr(text, "USE64BITINT")) {
    snprintf(provider.reason, sizeof provider.reason,
             "the library was built for 64-bit integers");
    return false;
  }
  const char *version = strchr(text, ' ');
  version = version ? version + 1 : text;
  snprintf(provider.version, sizeof provider.version, "%.*s %s",
           static_cast<int>(strcspn(version, " ")), version,
           core ? core : "unknown");
  return true;
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

bool sevenfold::runtime::openOnednn(Provider &provider) {
  const DnnlVersion *(*version)(void);
  if (!openFirst(provider) ||
      !resolve(provider, "dnnl_sgemm", provider.dnnlSgemm) ||
      !resolve(provider, "dnnl_version", version))
    return false;
  int (*isa)(void) = nullptr;
  const char *isaName = "unknown";
  if (resolve(provider, "dnnl_get_effective_cpu_isa", isa))
    isaName = dnnlIsaName(isa());
  const DnnlVersion *numbers = version();
  snprintf(provider.version, sizeof provider.version, "%d.%d.%d %s",
           numbers->major, numbers->minor, numbers->patch, isaName);
  return true;
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

bool sevenfold::runtime::openBlis(Provider &provider) {
  if (!openFirst(provider))
    return false;
  // It chooses its kernels, and reads its override, when it is initialised.
  callIfPresent(provider.handle, "bli_init");
  const char *architecture = blisArchitecture(provider);
  // "generic" is what a build for several processors falls back to. A build for
  // one processor names that one, and must not be asked for another: it aborts.
  if (architecture && hasAvx512() && strcmp(architecture, "generic") == 0) {
    reopenWith(provider, "BLIS_ARCH_TYPE", "skx", "bli_init", "bli_finalize");
    if (!provider.handle)
      return false;
    architecture = blisArchitecture(provider);
  }
  TextQuery version;
  int64_t (*integerBits)(void);
  if (!resolve(provider, "bli_info_get_version_str", version) ||
      !resolve(provider, "bli_info_get_blas_int_type_size", integerBits) ||
      !resolveCblas(provider, "bli_thread_set_num_threads"))
    return false;
  if (integerBits() != 32) {
    snprintf(provider.reason, sizeof provider.reason,
             "the library was built for %lld-bit integers",
             static_cast<long long>(integerBits()));
    return false;
  }
  snprintf(provider.version, sizeof provider.version, "%s %s", version(),
           architecture ? architecture : "unknown");
  return true;
}

//===----------------------------------------------------------------------===//
// MKL
//===----------------------------------------------------------------------===//

bool sevenfold::runtime::openMkl(Provider &provider) {
  void (*version)(char *, int);
  if (!openFirst(provider) ||
      !resolve(provider, "MKL_Get_Version_String", version) ||
      !resolveCblas(provider, "MKL_Set_Num_Threads"))
    return false;
  // ".. Math Kernel Library Version 2020.4-Product Build 20200917 for .."
  char text[256] = {};
  version(text, sizeof text - 1);
  const char *number = strstr(text, "Version ");
  number = number ? number + strlen("Version ") : text;
  snprintf(provider.version, sizeof provider.version, "%.*s",
           static_cast<int>(strcspn(number, " ")), number);
  return true;
}
