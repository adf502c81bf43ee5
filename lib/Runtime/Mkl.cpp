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
// cores. Where a file that it needs is missing MKL ends the process, so the
// layer is asked for only where it lies beside the library.
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

/// "libmkl_rt.so.3" -> whether "libmkl_gnu_thread.so.3" lies in its folder.
static bool hasGnuLayer(Provider &provider) {
  link_map *map = nullptr;
  char file[PATH_MAX];
  if (dlinfo(provider.handle, RTLD_DI_LINKMAP, &map) != 0 || !map ||
      !realpath(map->l_name, file))
    return false;
  const char *slash = strrchr(file, '/');
  const char *ending = strstr(slash ? slash : file, ".so");
  if (!slash || !ending)
    return false;
  char layer[PATH_MAX + 32];
  snprintf(layer, sizeof layer, "%.*s/libmkl_gnu_thread%s", int(slash - file),
           file, ending);
  return access(layer, R_OK) == 0;
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
static void chooseLayers(Provider &provider, int (*setThreading)(int layer),
                         int (*setInterface)(int layer)) {
  if (provider.wasLoaded)
    return;
  setInterface(kInterfaceLp64);
  if (!getenv("MKL_THREADING_LAYER") && hasGnuLayer(provider))
    setThreading(kLayerGnu);
}

static bool acceptMkl(Provider &provider) {
  void (*version)(char *, int);
  int (*setThreading)(int layer), (*setInterface)(int layer);
  if (!resolve(provider, "MKL_Get_Version_String", version) ||
      !resolve(provider, "MKL_Set_Threading_Layer", setThreading) ||
      !resolve(provider, "MKL_Set_Interface_Layer", setInterface) ||
      !resolveCblas(provider, "MKL_Set_Num_Threads"))
    return false;
  chooseLayers(provider, setThreading, setInterface);
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
