//===- Kernels.cpp - Kernel sets against the processor --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the processor could run, whether a library runs less than that, and
// whether it has more to offer.
//
//===----------------------------------------------------------------------===//

#include "Vendors.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

using namespace sevenfold::runtime;

/// Of a library that does not tell.
static constexpr char kUnknownKernels[] = "unknown";

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

VectorSet sevenfold::runtime::vectorSet() {
  if (hasAvx512())
    return VectorSet::Avx512;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return VectorSet::Avx2;
#endif
  return VectorSet::Other;
}

static bool isIn(const char *const *names, const char *name) {
  for (; *names; ++names)
    if (strcmp(*names, name) == 0)
      return true;
  return false;
}

bool sevenfold::runtime::areKernelsBelow(const ProviderEntry &entry,
                                         const char *kernels, VectorSet set) {
  if (set == VectorSet::Other || strcmp(kernels, kUnknownKernels) == 0 ||
      isIn(entry.avx512.names, kernels))
    return false;
  return set == VectorSet::Avx512 || !isIn(entry.avx2.names, kernels);
}

const char *sevenfold::runtime::overrideValue(const ProviderEntry &entry,
                                              VectorSet set) {
  if (set == VectorSet::Avx512)
    return entry.avx512.overrideValue;
  return set == VectorSet::Avx2 ? entry.avx2.overrideValue : nullptr;
}

//===----------------------------------------------------------------------===//
// What a library has code for
//===----------------------------------------------------------------------===//

namespace {
/// The code of one loaded object, by the address it was loaded at.
struct CodeSearch {
  ElfW(Addr) base;
  int64_t found;
};
} // namespace

/// vfmadd231ps/pd with 512-bit operands: EVEX (0x62), map 0F38, prefix 66,
/// vector length 2, opcode B8 (Intel 64 and IA-32 Software Developer's Manual,
/// volume 2, section 2.7).
static int64_t countIn(const unsigned char *code, size_t size) {
  constexpr size_t kLength = 6;
  int64_t count = 0;
  const unsigned char *end = code + (size < kLength ? 0 : size - kLength);
  while (code < end) {
    code = static_cast<const unsigned char *>(memchr(code, 0x62, end - code));
    if (!code)
      break;
    count += (code[1] & 0x0f) == 0x02 && (code[2] & 0x07) == 0x05 &&
             (code[3] >> 5 & 3) == 2 && code[4] == 0xb8;
    ++code;
  }
  return count;
}

static int countInObject(dl_phdr_info *object, size_t, void *context) {
  auto *search = static_cast<CodeSearch *>(context);
  if (object->dlpi_addr != search->base)
    return 0;
  for (int index = 0; index < object->dlpi_phnum; ++index) {
    const ElfW(Phdr) &segment = object->dlpi_phdr[index];
    constexpr unsigned kReadableCode = PF_X | PF_R;
    if (segment.p_type == PT_LOAD &&
        (segment.p_flags & kReadableCode) == kReadableCode)
      search->found += countIn(reinterpret_cast<const unsigned char *>(
                                   object->dlpi_addr + segment.p_vaddr),
                               segment.p_filesz);
  }
  return 1;
}

int64_t sevenfold::runtime::countWideMultiplyAdds(void *handle) {
  link_map *map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map)
    return 0;
  CodeSearch search = {map->l_addr, 0};
  dl_iterate_phdr(countInObject, &search);
  return search.found;
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

/// The set in use, by a name.
static const char *kernelsOf(Provider &provider, const KernelChoice &choice) {
  const char *kernels = choice.query(provider);
  return kernels ? kernels : kUnknownKernels;
}

/// Opens it with its override, if that can do any good; otherwise
/// `why` says what stands against it.
static bool reopen(Provider &provider, const KernelChoice &choice,
                   char (&why)[160]) {
  const ProviderEntry &entry = *provider.entry;
  const char *value = overrideValue(entry, provider.processor);
  why[0] = 0;
  if (const char *users = getenv(entry.variable))
    snprintf(why, sizeof why, "%s=%s is set", entry.variable, users);
  else if (!value)
    snprintf(why, sizeof why, "no setting is known that would change it");
  else if (provider.wasLoaded) // and would not be unloaded
    snprintf(why, sizeof why, "the program had loaded it before");
  else if (!choice.hasBetter(provider))
    snprintf(why, sizeof why, "this build of it has no others");
  if (why[0])
    return true;
  snprintf(why, sizeof why, "%s=%s was tried in vain", entry.variable, value);
  EnvironmentDefault wish(entry.variable, value);
  callIfPresent(provider, choice.finalise);
  if (!openAgain(provider))
    return false;
  callIfPresent(provider, choice.initialise);
  return true;
}

bool sevenfold::runtime::chooseKernels(Provider &provider,
                                       const KernelChoice &choice,
                                       const char *&kernels) {
  const ProviderEntry &entry = *provider.entry;
  VectorSet set = provider.processor;
  kernels = kernelsOf(provider, choice);
  if (!areKernelsBelow(entry, kernels, set))
    return true;
  char why[160];
  if (!reopen(provider, choice, why))
    return false;
  kernels = kernelsOf(provider, choice);
  if (areKernelsBelow(entry, kernels, set))
    snprintf(provider.remark, sizeof provider.remark,
             "'%s' uses its '%s' kernels although this processor has %s: %s",
             entry.name, kernels, set == VectorSet::Avx512 ? "AVX-512" : "AVX2",
             why);
  return true;
}
