//===- FailureTest.cpp - Injected failures of the GPU runtime -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every call the driver and cuBLASLt get is made to fail once: the call ends
// with a status and a sentence that names it, nothing is left, and the next
// call works.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

#include <set>
#include <string>

using namespace sevenfold;
using namespace sevenfold::test;

namespace {
class GpuFailureTest : public GpuTest {
protected:
  /// A call with everything in it.
  int run() {
    float *a = operands, *c = operands + 64;
    void *arguments[] = {&a};
    static const float constant[] = {1, 2, 3, 4};
    auto *workspace = static_cast<float *>(begin(4096, 1));
    sevenfold_gpu_constant(constant, sizeof constant);
    sevenfold_gpu_launch("k", 0, 1, 1, 1, 32, 1, 1, 64 << 10, arguments);
    sevenfold_gpu_gemm(0, 0, 1, 0, 0, 2, 2, 2, 1, a, 2, a, 2, 1, c, 2);
    sevenfold_gpu_wait(0, 1);
    sevenfold_gpu_copy_rows(0, workspace, 16, a, 32, 8, 2);
    sevenfold_gpu_copy_rows(0, workspace, 8, a, 8, 8, 2);
    return sevenfold_gpu_call_end();
  }
  void SetUp() override {
    GpuTest::SetUp();
    std::vector<float> values(128, 1);
    operands = device(values);
  }
  float *operands = nullptr;
};

std::string functionOf(const std::string &call) {
  return call.substr(0, call.find(' '));
}

TEST_F(GpuFailureTest, EveryCallOfTheFirstRun) {
  size_t before = fake::calls().size();
  ASSERT_EQ(run(), 0);
  std::vector<std::string> calls = fake::calls();
  std::map<std::string, int> counts;
  for (size_t i = before; i < calls.size(); ++i)
    ++counts[functionOf(calls[i])];
  cuStreamSynchronize(stream);
  // The driver's numbers of contexts and streams are optional, descriptions are
  // destroyed without a status, and the process initialises the driver once.
  const std::set<std::string> spared = {"cuInit",
                                        "cuDeviceGetCount",
                                        "cuCtxGetId",
                                        "cuStreamGetId",
                                        "cuEventDestroy_v2",
                                        "cuMemFree_v2",
                                        "cublasLtMatmulPreferenceDestroy"};
  for (const auto &entry : counts)
    for (int ordinal = 1; ordinal <= entry.second; ++ordinal) {
      if (spared.count(entry.first))
        continue;
      SCOPED_TRACE(entry.first + " " + std::to_string(ordinal));
      sevenfold_gpu_release();
      bool isLibrary = entry.first.rfind("cublas", 0) == 0;
      fake::failAt(entry.first, ordinal, isLibrary ? 15 : 1);
      int status = run();
      cuStreamSynchronize(stream);
      // A proposal that cannot run is one fewer to choose from.
      bool isTrial = entry.first == "cublasLtMatmul" && ordinal < entry.second;
      // The last wait is before the scratch copy is freed, after all the times.
      bool isCleanUp =
          entry.first == "cuStreamSynchronize" && ordinal == entry.second;
      if (isTrial || isCleanUp) {
        EXPECT_EQ(status, 0);
      } else {
        EXPECT_EQ(status, isLibrary ? int(SEVENFOLD_PROVIDER_FAILED)
                                    : int(SEVENFOLD_GPU_DRIVER_FAILED));
        std::string text = sevenfold_error_string(status);
        EXPECT_NE(text.find(isLibrary ? "cublaslt" : entry.first),
                  std::string::npos)
            << text;
      }
      EXPECT_EQ(run(), 0) << "after the failure";
      cuStreamSynchronize(stream);
    }
}

TEST_F(GpuFailureTest, OutOfMemoryNamesTheSizes) {
  fake::setMemory(100);
  EXPECT_EQ(begin(4096), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_OUT_OF_MEMORY);
  std::string text = sevenfold_error_string(SEVENFOLD_OUT_OF_MEMORY);
  EXPECT_NE(text.find("workspace of 4096 bytes"), std::string::npos) << text;
  EXPECT_NE(text.find("100 of"), std::string::npos) << text;
}

TEST_F(GpuFailureTest, WrongArchitectureNamesTheDevice) {
  for (int error : {200, 209, 218, 222}) {
    fake::failAt("cuModuleLoadDataEx", 1, error);
    EXPECT_EQ(begin(), nullptr);
    EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_GPU_WRONG_ARCHITECTURE);
    std::string text = sevenfold_error_string(SEVENFOLD_GPU_WRONG_ARCHITECTURE);
    EXPECT_NE(text.find("'Fake GPU' (sm_90)"), std::string::npos) << text;
  }
}

TEST_F(GpuFailureTest, LostContextsAreSaidToBeLost) {
  ASSERT_EQ(run(), 0);
  cuStreamSynchronize(stream);
  fake::failAt("cuStreamIsCapturing", 1, 700);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run(), SEVENFOLD_GPU_STICKY);
    std::string text = sevenfold_error_string(SEVENFOLD_GPU_STICKY);
    EXPECT_NE(text.find("CUDA_ERROR_ILLEGAL_ADDRESS"), std::string::npos)
        << text;
  }
  fake::reset(); // so that the memory of the fake can be given back
}

TEST_F(GpuFailureTest, NothingIsGivenToTheDeviceAfterAnError) {
  ASSERT_EQ(run(), 0);
  cuStreamSynchronize(stream);
  fake::failAt("cuLaunchKernel", 1, 1);
  int products = fake::callCount("cublasLtMatmul");
  EXPECT_EQ(run(), SEVENFOLD_GPU_DRIVER_FAILED);
  EXPECT_EQ(fake::callCount("cublasLtMatmul"), products);
}

TEST_F(GpuFailureTest, ADestroyedContextIsForgotten) {
  void *other = fake::createContext(), *popped;
  cuCtxPushCurrent_v2(other);
  sevenfold_gpu_set_stream(nullptr);
  EXPECT_NE(begin(), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  fake::destroyContext(other);
  cuCtxPopCurrent_v2(&popped);
  sevenfold_gpu_set_stream(stream);
  EXPECT_EQ(run(), 0);
  cuStreamSynchronize(stream);
  sevenfold_gpu_release();
  // The context took its module and event with it.
  EXPECT_EQ(fake::liveThings()["module"], 1);
  EXPECT_EQ(fake::liveThings()["event"], 1);
  fake::forgetThings("module");
  fake::forgetThings("event");
}

} // namespace
