//===- ProcessTest.cpp - The GPU runtime where there is no driver ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole processes: without a driver, with the fake one, and with its devices
// gone.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace {

/// What the program prints under `environment`.
std::string run(const std::string &environment, const char *argument = "") {
  std::string command =
      "env " + environment + " " + SEVENFOLD_ONE_CALL + " " + argument;
  FILE *pipe = popen(command.c_str(), "r");
  if (!pipe)
    return "popen failed";
  std::string text;
  char buffer[256];
  while (fgets(buffer, sizeof buffer, pipe))
    text += buffer;
  EXPECT_EQ(pclose(pipe), 0) << text;
  return text;
}

const std::string kFake = "LD_LIBRARY_PATH=" SEVENFOLD_FAKE_FOLDER;

TEST(GpuProcessTest, WithoutADriverTheStatusSaysSo) {
  std::string text = run("-u LD_LIBRARY_PATH");
  if (text.rfind("-6", 0) != 0)
    GTEST_SKIP() << "this machine has a CUDA driver: " << text;
  EXPECT_EQ(text.rfind("-6 there is no CUDA driver: libcuda.so.1", 0), 0u)
      << text;
}

TEST(GpuProcessTest, WithoutADeviceTheStatusSaysSo) {
  std::string text = run(kFake + " SEVENFOLD_FAKE_GPU_DEVICES=0");
  EXPECT_EQ(text.rfind("-7 the CUDA driver sees no device\n", 0), 0u) << text;
  text = run(kFake + " SEVENFOLD_FAKE_GPU_FAIL=cuInit:1:100");
  EXPECT_EQ(text.rfind("-7 'cuInit' failed: CUDA_ERROR_NO_DEVICE", 0), 0u)
      << text;
}

TEST(GpuProcessTest, ReleasingLeavesNothing) {
  std::string log = testing::TempDir() + "gpu-process.log";
  std::string text = run(kFake + " SEVENFOLD_FAKE_GPU_LOG=" + log);
  EXPECT_EQ(text, "0 no error\ncublaslt 13.1.0\n");
  std::ifstream file(log);
  std::stringstream calls;
  calls << file.rdbuf();
  EXPECT_NE(calls.str().find("cuMemAlloc_v2 4096"), std::string::npos);
  EXPECT_EQ(calls.str().find("left:"), std::string::npos) << calls.str();
  EXPECT_EQ(calls.str().find("violation:"), std::string::npos) << calls.str();
  std::remove(log.c_str());
}

TEST(GpuProcessTest, TheDriverMayEndBeforeTheLibrary) {
  EXPECT_EQ(run(kFake, "keep"), "0 no error\ncublaslt 13.1.0\n");
}

} // namespace
