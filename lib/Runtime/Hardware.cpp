//===- Hardware.cpp - What machine this is --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text that names a machine in the tuning database, and the instruction
// sets that generated code may use, for the guard of a compiled library. The
// text is the one Measure/Device.cpp composes; a test holds them together.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

using namespace sevenfold::runtime;

//===----------------------------------------------------------------------===//
// Instruction sets
//===----------------------------------------------------------------------===//

#if defined(__x86_64__)
namespace {
enum class Register : uint8_t { Eax, Ebx, Ecx, Edx };
/// Registers that the system must save and restore for it to be usable.
enum class State : uint8_t { None, Ymm, Zmm };

struct InstructionSet {
  const char *name; ///< LLVM's
  uint32_t leaf, subleaf;
  Register word;
  uint8_t bit;
  State state = State::None;
};
} // namespace

/// Intel 64 and IA-32 Software Developer's Manual, CPUID; the extended leaf:
/// AMD64 Architecture Programmer's Manual, volume 3, appendix E.
static constexpr InstructionSet kSets[] = {
    {"sse3", 1, 0, Register::Ecx, 0},
    {"pclmul", 1, 0, Register::Ecx, 1},
    {"ssse3", 1, 0, Register::Ecx, 9},
    {"fma", 1, 0, Register::Ecx, 12, State::Ymm},
    {"cx16", 1, 0, Register::Ecx, 13},
    {"sse4.1", 1, 0, Register::Ecx, 19},
    {"sse4.2", 1, 0, Register::Ecx, 20},
    {"movbe", 1, 0, Register::Ecx, 22},
    {"popcnt", 1, 0, Register::Ecx, 23},
    {"aes", 1, 0, Register::Ecx, 25},
    {"avx", 1, 0, Register::Ecx, 28, State::Ymm},
    {"f16c", 1, 0, Register::Ecx, 29, State::Ymm},
    {"bmi", 7, 0, Register::Ebx, 3},
    {"avx2", 7, 0, Register::Ebx, 5, State::Ymm},
    {"bmi2", 7, 0, Register::Ebx, 8},
    {"avx512f", 7, 0, Register::Ebx, 16, State::Zmm},
    {"avx512dq", 7, 0, Register::Ebx, 17, State::Zmm},
    {"adx", 7, 0, Register::Ebx, 19},
    {"avx512ifma", 7, 0, Register::Ebx, 21, State::Zmm},
    {"avx512cd", 7, 0, Register::Ebx, 28, State::Zmm},
    {"sha", 7, 0, Register::Ebx, 29},
    {"avx512bw", 7, 0, Register::Ebx, 30, State::Zmm},
    {"avx512vl", 7, 0, Register::Ebx, 31, State::Zmm},
    {"avx512vbmi", 7, 0, Register::Ecx, 1, State::Zmm},
    {"avx512vbmi2", 7, 0, Register::Ecx, 6, State::Zmm},
    {"gfni", 7, 0, Register::Ecx, 8},
    {"vaes", 7, 0, Register::Ecx, 9, State::Ymm},
    {"vpclmulqdq", 7, 0, Register::Ecx, 10, State::Ymm},
    {"avx512vnni", 7, 0, Register::Ecx, 11, State::Zmm},
    {"avx512bitalg", 7, 0, Register::Ecx, 12, State::Zmm},
    {"avx512vpopcntdq", 7, 0, Register::Ecx, 14, State::Zmm},
    {"avx512fp16", 7, 0, Register::Edx, 23, State::Zmm},
    {"avxvnni", 7, 1, Register::Eax, 4, State::Ymm},
    {"avx512bf16", 7, 1, Register::Eax, 5, State::Zmm},
    {"lzcnt", 0x80000001, 0, Register::Ecx, 5},
};

/// The sets of registers that the system looks after.
static bool isSaved(State state) {
  unsigned a, b, c, d;
  if (state == State::None)
    return true;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
    return false;
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  unsigned wanted = state == State::Ymm ? 0x6 : 0xe6;
  return (low & wanted) == wanted;
}

static bool isPresent(const InstructionSet &set) {
  unsigned words[4];
  if (!__get_cpuid_count(set.leaf, set.subleaf, &words[0], &words[1], &words[2],
                         &words[3]))
    return false;
  return (words[int(set.word)] >> set.bit & 1) && isSaved(set.state);
}

static void listInstructionSets(char *text, size_t size) {
  size_t used = 0;
  text[0] = 0;
  for (const InstructionSet &set : kSets)
    if (isPresent(set) && used < size)
      used +=
          snprintf(text + used, size - used, "%s%s", used ? "," : "", set.name);
}
#else
/// Elsewhere the machine's name, which has the processor's revision in it, says
/// what it can execute.
static void listInstructionSets(char *text, size_t) { text[0] = 0; }
#endif

//===----------------------------------------------------------------------===//
// The name of the machine
//===----------------------------------------------------------------------===//

/// Copies the value of a line "name : value" of the first processor to `value`,
/// or leaves it empty.
static void findField(const char *text, const char *name, char *value,
                      size_t size) {
  size_t length = strlen(name);
  value[0] = 0;
  for (const char *line = text; *line && *line != '\n';) {
    const char *end = strchr(line, '\n');
    if (!end)
      return;
    const char *colon =
        static_cast<const char *>(memchr(line, ':', end - line));
    const char *nameEnd = colon;
    while (nameEnd && nameEnd > line && strchr(" \t", nameEnd[-1]))
      --nameEnd;
    if (colon && size_t(nameEnd - line) == length &&
        memcmp(line, name, length) == 0) {
      const char *begin = colon + 1, *last = end;
      while (begin < last && strchr(" \t", *begin))
        ++begin;
      while (last > begin && strchr(" \t", last[-1]))
        --last;
      snprintf(value, size, "%.*s", int(last - begin), begin);
      return;
    }
    line = end + 1;
  }
}

/// The first of the fields that is there.
static void findFirst(const char *text, const char *const *names, char *value,
                      size_t size) {
  value[0] = 0;
  for (; *names && !value[0]; ++names)
    findField(text, *names, value, size);
}

static const char *vectorIsa() {
#if defined(__x86_64__)
  if (hasAvx512())
    return "avx512";
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
             ? "avx2"
             : "sse2";
#elif defined(__aarch64__)
  return "neon";
#else
  return "scalar";
#endif
}

/// The largest cache in KiB; 32 MiB where the system does not tell.
static long long cacheKiB() {
  long long largest = 0;
  for (int index = 0; index < 8; ++index) {
    char path[96];
    snprintf(path, sizeof path,
             "/sys/devices/system/cpu/cpu0/cache/index%d/size", index);
    FILE *file = fopen(path, "re");
    if (!file)
      continue;
    long long size = 0;
    char unit = 0;
    int fields = fscanf(file, "%lld%c", &size, &unit);
    fclose(file);
    if (fields < 1 || size <= 0)
      continue;
    size = unit == 'K' ? size : unit == 'M' ? size << 10 : size >> 10;
    largest = size > largest ? size : largest;
  }
#ifdef _SC_LEVEL3_CACHE_SIZE
  if (largest == 0)
    largest = sysconf(_SC_LEVEL3_CACHE_SIZE) >> 10;
#endif
  return largest > 0 ? largest : 32 << 10;
}

static void describeHardware(char *text, size_t size) {
  static const char *const names[] = {"model name", "Model", "cpu model", 0};
  static const char *const families[] = {"cpu family", "CPU implementer", 0};
  static const char *const models[] = {"model", "CPU part", 0};
  static const char *const steppings[] = {"stepping", "CPU revision", 0};
  char info[8192], name[256], family[32], model[32], stepping[32];
  size_t length = 0;
  if (FILE *file = fopen("/proc/cpuinfo", "re")) {
    length = fread(info, 1, sizeof info - 1, file);
    fclose(file);
  }
  info[length] = 0;
  findFirst(info, names, name, sizeof name);
  findFirst(info, families, family, sizeof family);
  findFirst(info, models, model, sizeof model);
  findFirst(info, steppings, stepping, sizeof stepping);
  snprintf(text, size, "%s %s-%s-%s %s %dx%lldKiB", name[0] ? name : "unknown",
           family, model, stepping, vectorIsa(),
           int(sysconf(_SC_NPROCESSORS_ONLN)), cacheKiB());
}

//===----------------------------------------------------------------------===//
// The guard
//===----------------------------------------------------------------------===//

static char hardware[512], instructionSets[1024];
static pthread_once_t described = PTHREAD_ONCE_INIT;

static void describe() {
  describeHardware(hardware, sizeof hardware);
  listInstructionSets(instructionSets, sizeof instructionSets);
}

extern "C" const char *sevenfold_hardware(void) {
  pthread_once(&described, describe);
  return hardware;
}

extern "C" const char *sevenfold_instruction_sets(void) {
  pthread_once(&described, describe);
  return instructionSets;
}

/// Whether `name`, up to a comma, is in a list.
static bool contains(const char *list, const char *name, size_t length) {
  while (*list) {
    size_t other = strcspn(list, ",");
    if (other == length && memcmp(list, name, length) == 0)
      return true;
    list += other + (list[other] == ',');
  }
  return false;
}

bool sevenfold::runtime::isDevice(const char *expectedHardware,
                                  const char *expectedSets,
                                  const char *actualHardware,
                                  const char *actualSets) {
  if (strcmp(expectedHardware, actualHardware) != 0)
    return false;
  while (*expectedSets) {
    size_t length = strcspn(expectedSets, ",");
    if (!contains(actualSets, expectedSets, length))
      return false;
    expectedSets += length + (expectedSets[length] == ',');
  }
  return true;
}

extern "C" int32_t sevenfold_guard(const char *expectedHardware,
                                   const char *expectedSets) {
  static int answer = -1;
  int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
  if (known >= 0)
    return known;
  known = isDevice(expectedHardware, expectedSets, sevenfold_hardware(),
                   sevenfold_instruction_sets());
  __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
  return known;
}
