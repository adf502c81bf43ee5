//===- LibrariesTest.cpp - Which library a provider opens -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fake libraries under the names of the table, in a process of their own, and
// by their paths, for a processor that need not be this one.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <link.h>
#include <string>
#include <utility>
#include <vector>

using namespace sevenfold::runtime;

namespace {

const std::string kFakes = SEVENFOLD_FAKE_BLAS;

//===----------------------------------------------------------------------===//
// By the names of the table
//===----------------------------------------------------------------------===//

/// What sevenfold-provider-version says of a provider with one of the fakes'
/// folders in front of the loader's path: version, file, remark and a product,
/// or why the provider is absent.
std::string describe(const std::string &provider, const std::string &folder,
                     const std::string &assignment = "") {
  std::string command =
      "env -u OPENBLAS_CORETYPE -u BLIS_ARCH_TYPE -u MKL_THREADING_LAYER "
      "LD_LIBRARY_PATH=" +
      kFakes + "/" + folder + " " + assignment +
      " " SEVENFOLD_VERSION_PROGRAM " " + provider;
  std::FILE *pipe = popen(command.c_str(), "r");
  std::string text;
  char line[1024];
  while (pipe && std::fgets(line, sizeof line, pipe))
    text += line;
  if (pipe)
    pclose(pipe);
  return text;
}

#define EXPECT_HAS(TEXT, PART)                                                 \
  EXPECT_NE((TEXT).find(PART), std::string::npos) << (TEXT)
#define EXPECT_LACKS(TEXT, PART)                                               \
  EXPECT_EQ((TEXT).find(PART), std::string::npos) << (TEXT)

TEST(LibrariesTest, PrefixedOpenblasOfPackagesIsFoundFirst) {
  std::string text = describe("openblas", "prefixed");
  EXPECT_EQ(text.rfind("0.3.34 ", 0), 0u) << text;
  EXPECT_HAS(text, "/prefixed/libscipy_openblas.so\n");
  EXPECT_HAS(text, "product 19 22 43 50 / 19 22 43 50\n");
}

TEST(LibrariesTest, LibrariesOf64BitIntegersAreRefusedWithTheReason) {
  std::string text = describe("openblas", "long-integers");
  EXPECT_HAS(text, "'openblas' is not available");
  EXPECT_HAS(text, "'libscipy_openblas.so': the library was built for 64-bit "
                   "integers");
}

TEST(LibrariesTest, NoThreadOfALoopSpinsBesideALibraryWithThreads) {
  EXPECT_HAS(describe("openblas", "prefixed"), "threads behind a loop: 1\n");
  EXPECT_HAS(describe("mkl", "two-ages"), "threads behind a loop: 2\n");
}

TEST(LibrariesTest, TheNewerOfTwoMklIsTaken) {
  std::string text = describe("mkl", "two-ages");
  EXPECT_EQ(text.rfind("2026.2 gnu avx512\n", 0), 0u) << text;
  EXPECT_HAS(text, "/two-ages/libmkl_rt.so.3\n");
  EXPECT_HAS(text, "product 19 22 43 50 / 19 22 43 50\n");
}

TEST(LibrariesTest, MklKeepsTheThreadingLayerOfTheUser) {
  std::string text =
      describe("mkl", "two-ages", "MKL_THREADING_LAYER=SEQUENTIAL");
  EXPECT_EQ(text.rfind("2026.2 intel avx512\n", 0), 0u) << text;
}

//===----------------------------------------------------------------------===//
// By paths
//===----------------------------------------------------------------------===//

/// A provider whose libraries are some of the fakes, or a library of the
/// system.
class Opened {
public:
  Opened(int number, bool (*open)(Provider &), std::vector<std::string> files,
         VectorSet processor)
      : files(std::move(files)), entry(kProviderTable[number - 1]) {
    for (std::string &file : this->files) {
      if (file[0] != '/')
        file = kFakes + "/cases/" + file;
      names.push_back({file.c_str(), "", ""});
    }
    names.push_back({nullptr, nullptr, nullptr});
    entry.libraries = names.data();
    provider.entry = &entry;
    provider.processor = processor;
    isOpen = open(provider);
  }
  ~Opened() {
    if (provider.handle)
      dlclose(provider.handle);
  }

  std::string version() const { return provider.version; }
  std::string remark() const { return provider.remark; }
  std::string reason() const { return provider.reason; }
  bool isOpen = false;

private:
  std::vector<std::string> files;
  std::vector<LibraryName> names;
  ProviderEntry entry;
  Provider provider = {};
};

class KernelsTest : public testing::Test {
protected:
  void SetUp() override {
    for (const char *variable :
         {"OPENBLAS_CORETYPE", "BLIS_ARCH_TYPE", "MKL_THREADING_LAYER"})
      unsetenv(variable);
  }
  void TearDown() override { SetUp(); }
};

Opened openblas(std::vector<std::string> files, VectorSet processor) {
  return {SEVENFOLD_PROVIDER_OPENBLAS, openOpenblas, std::move(files),
          processor};
}
Opened blis(const char *file, VectorSet processor) {
  return {SEVENFOLD_PROVIDER_BLIS, openBlis, {file}, processor};
}

Opened mkl(const char *file) {
  return {SEVENFOLD_PROVIDER_MKL, openMkl, {file}, VectorSet::Other};
}

TEST_F(KernelsTest, AMissingSymbolIsNamed) {
  Opened opened = openblas({"no-f64.so"}, VectorSet::Other);
  EXPECT_FALSE(opened.isOpen);
  EXPECT_HAS(opened.reason(), "no-f64.so': symbol 'cblas_dgemm' is missing");
}

TEST_F(KernelsTest, AfterARefusedLibraryComesTheNext) {
  Opened opened =
      openblas({"none.so", "no-f64.so", "fine.so"}, VectorSet::Other);
  EXPECT_TRUE(opened.isOpen) << opened.reason();
  EXPECT_EQ(opened.version(), "0.3.22 SkylakeX");
}

TEST_F(KernelsTest, OldKernelsAreReopenedForTheProcessor) {
  EXPECT_EQ(openblas({"heeding.so"}, VectorSet::Avx512).version(),
            "0.3.23 SkylakeX");
  EXPECT_EQ(openblas({"heeding.so"}, VectorSet::Avx2).version(),
            "0.3.23 Haswell");
  EXPECT_EQ(openblas({"heeding.so"}, VectorSet::Other).version(),
            "0.3.23 Prescott");
  EXPECT_EQ(std::getenv("OPENBLAS_CORETYPE"), nullptr);
}

TEST_F(KernelsTest, NoVariableIsBlamedThatNobodySet) {
  Opened opened = openblas({"stubborn.so"}, VectorSet::Avx512);
  EXPECT_EQ(opened.remark(),
            "'openblas' uses its 'Prescott' kernels although this processor "
            "has AVX-512: OPENBLAS_CORETYPE=SkylakeX was tried in vain");
  EXPECT_EQ(openblas({"single.so"}, VectorSet::Avx2).remark(),
            "'openblas' uses its 'Prescott' kernels although this processor "
            "has AVX2: this build of it has no others");
}

TEST_F(KernelsTest, AVariableOfTheUserIsKeptAndNamed) {
  setenv("OPENBLAS_CORETYPE", "Nehalem", 1);
  Opened opened = openblas({"heeding.so"}, VectorSet::Avx512);
  EXPECT_EQ(opened.version(), "0.3.23 Nehalem");
  EXPECT_HAS(opened.remark(), "OPENBLAS_CORETYPE=Nehalem is set");
  EXPECT_STREQ(std::getenv("OPENBLAS_CORETYPE"), "Nehalem");
}

TEST_F(KernelsTest, ALibraryOfTheProgramIsNotReopened) {
  std::string path = kFakes + "/cases/heeding.so";
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr);
  Opened opened = openblas({"heeding.so"}, VectorSet::Avx512);
  EXPECT_EQ(opened.version(), "0.3.23 Prescott");
  EXPECT_HAS(opened.remark(), "the program had loaded it before");
  dlclose(handle);
}

TEST_F(KernelsTest, BlisOnHaswellKernelsBelowAvx512IsReopened) {
  Opened opened = blis("blis-several.so", VectorSet::Avx512);
  EXPECT_EQ(opened.version(), "0.9.0 skx");
  EXPECT_EQ(opened.remark(), "");
}

TEST_F(KernelsTest, BlisWithoutWideKernelsIsNotAskedForThem) {
  Opened opened = blis("blis-haswell.so", VectorSet::Avx512);
  EXPECT_EQ(opened.version(), "0.9.0 haswell");
  EXPECT_HAS(opened.remark(), "this build of it has no others");
}

TEST_F(KernelsTest, BlisOfAmdIsNotAskedForKernelsOfIntel) {
  Opened opened = blis("blis-amd.so", VectorSet::Avx512);
  EXPECT_EQ(opened.version(), "AOCL-BLIS 5.0.0 haswell");
  EXPECT_HAS(opened.remark(), "this build of it has no others");
}

TEST_F(KernelsTest, KernelsForTheProcessorGetNoRemark) {
  EXPECT_EQ(blis("blis-haswell.so", VectorSet::Avx2).remark(), "");
  EXPECT_EQ(openblas({"fine.so"}, VectorSet::Avx512).remark(), "");
}

TEST_F(KernelsTest, MklOn64BitIntegersIsRefused) {
  Opened opened = mkl("libmkl_rt.so.1");
  EXPECT_FALSE(opened.isOpen);
  EXPECT_HAS(opened.reason(), "64-bit integers");
}

TEST_F(KernelsTest, MklWithoutItsPartsDoesNotEndTheProcess) {
  Opened opened = mkl("libmkl_rt.so.2");
  EXPECT_FALSE(opened.isOpen);
  EXPECT_HAS(opened.reason(), "'libmkl_gnu_thread.so.2' is not beside it");
}

/// What Debian and others build for every processor. No kernel runs.
TEST_F(KernelsTest, BlisOfTheSystemIsReopenedForAvx512) {
  void *handle = dlopen("libblis.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    GTEST_SKIP() << "no blis";
  int64_t count = countWideMultiplyAdds(handle);
  link_map *map = nullptr;
  ASSERT_EQ(dlinfo(handle, RTLD_DI_LINKMAP, &map), 0);
  // A copy: other tests of this process use the library itself.
  std::string copy = testing::TempDir() + "sevenfold-blis-copy.so";
  std::filesystem::copy_file(map->l_name, copy,
                             std::filesystem::copy_options::overwrite_existing);
  dlclose(handle);
  if (count > 0) {
    Opened opened = blis(copy.c_str(), VectorSet::Avx512);
    EXPECT_EQ(opened.remark(), "");
    EXPECT_NE(opened.version().find("skx"), std::string::npos)
        << opened.version();
    EXPECT_EQ(std::getenv("BLIS_ARCH_TYPE"), nullptr);
  }
  std::filesystem::remove(copy);
  if (count == 0)
    GTEST_SKIP() << "blis was built for other processors";
}

} // namespace
