//===- Processor.cpp - What the processor says of itself ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fingerprint keeps to what the processor says about itself. Measured
// numbers vary by a third on shared machines, and whatever classes they were
// rounded to, some machine would sit on an edge and lose its records every
// other day; family, model, stepping and cache sizes tell processors with
// hidden names apart and never vary.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Processor.h"

#include "sevenfold/Measure/RunnerCore.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <sys/utsname.h>
#include <unistd.h>

using namespace sevenfold;

static std::string trim(const std::string &text) {
  size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos)
    return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

using Fields = std::map<std::string, std::string>;

/// The fields of the first processor in /proc/cpuinfo.
static Fields readCpuInfo() {
  Fields fields;
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line) && !line.empty();) {
    size_t colon = line.find(':');
    if (colon != std::string::npos)
      fields[trim(line.substr(0, colon))] = trim(line.substr(colon + 1));
  }
  return fields;
}

/// The first of the fields that is there, or "".
static std::string firstField(const Fields &fields,
                              std::initializer_list<const char *> names) {
  for (const char *name : names)
    if (auto found = fields.find(name); found != fields.end())
      return found->second;
  return "";
}

/// Whether a flag of x86 names instructions, and not a mode, a counter or a
/// defect that the kernel works around.
static bool isInstructionSet(const std::string &flag) {
  for (const char *prefix :
       {"sse",      "ssse",       "avx",    "amx",           "fma",
        "f16c",     "bmi",        "abm",    "popcnt",        "movbe",
        "adx",      "aes",        "vaes",   "sha",           "gfni",
        "vpclmul",  "pclmul",     "rdrand", "rdseed",        "xsave",
        "fsgsbase", "clflushopt", "clwb",   "cx16",          "lahf",
        "movdir",   "rdpid",      "prfchw", "3dnowprefetch", "wbnoinvd"})
    if (flag.compare(0, std::strlen(prefix), prefix) == 0)
      return true;
  return false;
}

std::string sevenfold::vectorIsa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return "avx512";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return "avx2";
  return "sse2";
#elif defined(__aarch64__)
  return "neon";
#else
  return "scalar";
#endif
}

Processor sevenfold::describeProcessor() {
  Processor processor;
  utsname system;
  if (uname(&system) == 0)
    processor.architecture = system.machine;
  Fields fields = readCpuInfo();
  processor.name = firstField(fields, {"model name", "Model", "cpu model"});
  if (processor.name.empty())
    processor.name = "unknown";
  // x86 and Arm call these by different names.
  processor.id = firstField(fields, {"cpu family", "CPU implementer"}) + "-" +
                 firstField(fields, {"model", "CPU part"}) + "-" +
                 firstField(fields, {"stepping", "CPU revision"});
  processor.isa = vectorIsa();
  processor.count = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  processor.cacheBytes = lastLevelCacheBytes();
  processor.memoryBytes = physicalMemoryBytes();
  bool isX86 = processor.architecture == "x86_64";
  std::istringstream flags(firstField(fields, {"flags", "Features"}));
  for (std::string flag; flags >> flag;)
    if (!isX86 || isInstructionSet(flag))
      processor.features.push_back(flag);
  std::sort(processor.features.begin(), processor.features.end());
  return processor;
}

std::string Processor::fingerprint() const {
  return name + " " + id + " " + isa + " " + std::to_string(count) + "x" +
         std::to_string(cacheBytes >> 10) + "KiB";
}
