//===- ProviderTest.cpp - Finding vendor libraries ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names, absent libraries and their reasons, and what the archive depends on.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/Runtime.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <string>

namespace {

TEST(ProviderTest, NamesAndNumbersAreInverse) {
  for (int provider = 0; provider <= SEVENFOLD_PROVIDER_MKL; ++provider) {
    const char *name = sevenfold_provider_name(provider);
    ASSERT_NE(name, nullptr);
    EXPECT_EQ(sevenfold_provider_from_name(name), provider);
  }
  EXPECT_EQ(sevenfold_provider_name(-1), nullptr);
  EXPECT_EQ(sevenfold_provider_name(SEVENFOLD_PROVIDER_MKL + 1), nullptr);
  EXPECT_EQ(sevenfold_provider_from_name("cublas"), -1);
  EXPECT_EQ(sevenfold_provider_from_name(nullptr), -1);
}

TEST(ProviderTest, AbsentProviderSaysWhy) {
  int absent = 0;
  for (int provider = 1; sevenfold_provider_name(provider); ++provider)
    if (!sevenfold_provider_available(provider))
      absent = provider;
  if (!absent)
    GTEST_SKIP() << "every provider is installed here";
  std::string name = sevenfold_provider_name(absent);
  EXPECT_EQ(sevenfold_provider_version(absent), nullptr);
  EXPECT_EQ(sevenfold_provider_supports(absent, "f32"), 0);

  float x[4] = {1, 1, 1, 1}, c[4] = {7, 7, 7, 7};
  ASSERT_NE(sevenfold_call_begin(0), nullptr);
  sevenfold_gemm_f32(absent, 0, 0, 2, 2, 2, 1, x, 2, x, 2, 0, c, 2);
  ASSERT_EQ(sevenfold_call_end(), SEVENFOLD_PROVIDER_MISSING);
  std::string text = sevenfold_error_string(SEVENFOLD_PROVIDER_MISSING);
  EXPECT_NE(text.find("'" + name + "'"), std::string::npos) << text;
  EXPECT_NE(text.find(".so"), std::string::npos) << text;
  EXPECT_EQ(c[0], 7);
}

TEST(ProviderTest, TypesOfOnednn) {
  if (!sevenfold_provider_available(SEVENFOLD_PROVIDER_ONEDNN))
    GTEST_SKIP() << "no onednn";
  EXPECT_EQ(sevenfold_provider_supports(SEVENFOLD_PROVIDER_ONEDNN, "f32"), 1);
  EXPECT_EQ(sevenfold_provider_supports(SEVENFOLD_PROVIDER_ONEDNN, "f64"), 0);
  double x[1] = {1}, c[1] = {0};
  ASSERT_NE(sevenfold_call_begin(0), nullptr);
  sevenfold_gemm_f64(SEVENFOLD_PROVIDER_ONEDNN, 0, 0, 1, 1, 1, 1, x, 1, x, 1, 0,
                     c, 1);
  EXPECT_EQ(sevenfold_call_end(), SEVENFOLD_PROVIDER_MISSING);
  EXPECT_NE(
      std::strstr(sevenfold_error_string(SEVENFOLD_PROVIDER_MISSING), "f64"),
      nullptr);
}

/// The kernel set of a provider in a process with `assignment` in its
/// environment and the variables this project sets removed.
std::string kernelSet(const char *provider, const std::string &assignment) {
  std::string command = "env -u OPENBLAS_CORETYPE -u BLIS_ARCH_TYPE " +
                        assignment + " " + SEVENFOLD_VERSION_PROGRAM + " " +
                        provider;
  std::FILE *pipe = popen(command.c_str(), "r");
  char line[256] = {};
  if (!pipe || !std::fgets(line, sizeof line, pipe))
    line[0] = 0;
  char rest[256]; // or the program would be killed for writing on
  while (pipe && std::fgets(rest, sizeof rest, pipe))
    ;
  int status = pipe ? pclose(pipe) : -1;
  if (status != 0)
    return "";
  std::string text = line;
  text.erase(text.find_last_not_of('\n') + 1);
  return text.substr(text.rfind(' ') + 1);
}

TEST(ProviderTest, UsersChoiceOfKernelsWins) {
  std::string own = kernelSet("openblas", "");
  if (own.empty())
    GTEST_SKIP() << "no openblas";
  if (kernelSet("openblas", "OPENBLAS_CORETYPE=Nehalem") == own)
    GTEST_SKIP() << "openblas was built for one processor";
  EXPECT_EQ(kernelSet("openblas", "OPENBLAS_CORETYPE=Nehalem"), "Nehalem");
}

TEST(ProviderTest, NoProviderFallsBackBelowAvx512) {
  if (!__builtin_cpu_supports("avx512f") ||
      !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl"))
    GTEST_SKIP() << "no AVX-512 here";
  EXPECT_NE(kernelSet("openblas", ""), "Haswell");
  EXPECT_NE(kernelSet("openblas", ""), "Zen");
  EXPECT_NE(kernelSet("blis", ""), "generic");
}

/// Lines of `nm -u` on the runtime's archive.
TEST(ProviderTest, ArchiveNeedsNoCxxLibrary) {
  std::FILE *pipe = popen("nm -u " SEVENFOLD_RUNTIME_ARCHIVE, "r");
  ASSERT_NE(pipe, nullptr);
  char line[512];
  int symbols = 0;
  while (std::fgets(line, sizeof line, pipe)) {
    const char *symbol = std::strstr(line, "U ");
    if (!symbol)
      continue;
    ++symbols;
    for (const char *foreign :
         {"_ZS", "_ZNS", "_ZNKS", "_Zn", "_Zd", "__cxa", "__gxx", "_Unwind"})
      EXPECT_NE(std::strncmp(symbol + 2, foreign, std::strlen(foreign)), 0)
          << symbol + 2;
  }
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_GT(symbols, 10) << "nm listed nothing";
}

} // namespace
