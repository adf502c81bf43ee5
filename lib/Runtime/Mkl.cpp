//===- Mkl.cpp - Intel's MKL on this process's threads --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libmkl_rt loads one of several threading layers when it is first used. Ours
// has to be the one on GCC's OpenMP runtime, which every program of ours has:
// by the one on Intel's, a second team of threads would come onto the same
// cores. Where a file of its own is missing MKL ends the process, so that is
// looked for first.
//
//===----------------------------------------------------------------------===//

#include "Vendors.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

using namespace sevenfold::runtime;

/// MKL's numbers of threading layers, in mkl_service.h.
enum { kLayerGnu = 3 };
static const char *const kLayers[] = {"intel", "sequential", "pgi", "gnu",
                                      "tbb"};

/// MKL's number of the interface with 32-bit integers; the bit that those with
/// 64-bit ones have; and what is no number, so that it only asks.
enum { kInterfaceLp64 = 0, kInterfaceIlp64 = 1, kAsk = -1 };

/// The head of MKL's MKLVersion.
struct MklVersion {
  int major, minor, update;
  const char *status, *build, *processor, *platform;
};

/// Whether libmkl_PART lies in the folder of libmkl_rt, with the same ending;
/// false with `reason` set where it does not.
static bool hasPart(Provider &provider, const char *part) {
  link_map *map = nullptr;
  char file[PATH_MAX], other[PATH_MAX + 32];
  if (dlinfo(provider.handle, RTLD_DI_LINKMAP, &map) != 0 || !map ||
      !realpath(map->l_name, file))
    return true; // nothing is known of files
  const char *slash = strrchr(file, '/');
  const char *ending = strstr(slash ? slash : file, ".so");
  if (!slash || !ending)
    return true;
  snprintf(other, sizeof other, "%.*s/libmkl_%s%s", int(slash - file), file,
           part, ending);
  if (access(other, R_OK) == 0)
    return true;
  snprintf(provider.reason, sizeof provider.reason,
           "'libmkl_%s%s' is not beside it", part, ending);
  return false;
}

/// MKL tells a sentence about the processors its kernels are for, such as
/// "Intel(R) Advanced Vector Extensions 512 (Intel(R) AVX-512) enabled ..". For
/// those of other makers it names none.
static const char *mklKernels(Provider &provider) {
  void (*query)(MklVersion *);
  if (!resolve(provider, "MKL_Get_Version", query))
    return nullptr;
  MklVersion version = {};
  query(&version);
  static const char *const names[][2] = {
      {"AVX10", "avx10"},    {"Vector Extensions 10", "avx10"},
      {"AVX-512", "avx512"}, {"Vector Extensions 512", "avx512"},
      {"AVX2", "avx2"},      {"Vector Extensions 2", "avx2"},
      {"AVX", "avx"},        {"SSE", "sse"}};
  for (const auto &name : names)
    if (version.processor && strstr(version.processor, name[0]))
      return name[1];
  return version.processor ? "default" : nullptr;
}

/// Asks for the layers before the first use, unless it has begun elsewhere.
/// False where a file is missing that it would end the process for.
static bool chooseLayers(Provider &provider, int (*setThreading)(int layer),
                         int (*setInterface)(int layer)) {
  if (provider.wasLoaded)
    return true;
  if (!hasPart(provider, "core") || !hasPart(provider, "intel_lp64"))
    return false;
  setInterface(kInterfaceLp64);
  if (getenv("MKL_THREADING_LAYER"))
    return true;
  if (!hasPart(provider, "gnu_thread"))
    return false;
  setThreading(kLayerGnu);
  return true;
}

static bool acceptMkl(Provider &provider) {
  void (*version)(char *, int);
  int (*setThreading)(int layer), (*setInterface)(int layer);
  if (!resolve(provider, "MKL_Get_Version_String", version) ||
      !resolve(provider, "MKL_Set_Threading_Layer", setThreading) ||
      !resolve(provider, "MKL_Set_Interface_Layer", setInterface) ||
      !resolveCblas(provider, "MKL_Set_Num_Threads") ||
      !chooseLayers(provider, setThreading, setInterface))
    return false;
  // ".. Math Kernel Library Version 2020.4-Product Build 20200917 for .."; this
  // is a first use.
  char text[256] = {};
  version(text, sizeof text - 1);
  int interface = setInterface(kAsk), layer = setThreading(kAsk);
  if (interface > 0 && (interface & kInterfaceIlp64)) {
    snprintf(provider.reason, sizeof provider.reason,
             "the program uses it with 64-bit integers");
    return false;
  }
  const char *kernels = nullptr;
  if (!chooseKernels(provider, {mklKernels, nullptr, nullptr, nullptr},
                     kernels))
    return false;
  const char *number = strstr(text, "Version ");
  number = number ? number + strlen("Version ") : text;
  constexpr int kLayerCount = sizeof kLayers / sizeof kLayers[0];
  snprintf(provider.version, sizeof provider.version, "%.*s %s %s",
           static_cast<int>(strcspn(number, " -")), number,
           layer >= 0 && layer < kLayerCount ? kLayers[layer] : "unknown",
           kernels);
  return true;
}

bool sevenfold::runtime::openMkl(Provider &provider) {
  return openAny(provider, acceptMkl);
}
