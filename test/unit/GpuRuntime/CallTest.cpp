//===- CallTest.cpp - Calls, streams and captures of the GPU runtime ------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a call gives the driver, in which order, and that side streams, grown
// workspaces and graphs keep results right on a device that runs as late as it
// may.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

#include <algorithm>
#include <string>

using namespace sevenfold;
using namespace sevenfold::test;

namespace {
using GpuCallTest = GpuTest;

TEST_F(GpuCallTest, WorkspaceIsAlignedKeptAndGrown) {
  void *first = begin(1000);
  ASSERT_NE(first, nullptr) << sevenfold_error_string(-9);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 256, 0u);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(begin(500), first);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(fake::callCount("cuMemAlloc_v2"), 1);
  EXPECT_NE(begin(5000), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(fake::callCount("cuMemAlloc_v2"), 2);
  EXPECT_EQ(fake::callCount("cuMemFree_v2"), 1);
  EXPECT_EQ(fake::callCount("cuModuleLoadDataEx"), 1);
}

TEST_F(GpuCallTest, NoBytesIsNotNull) {
  EXPECT_NE(begin(0), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(fake::callCount("cuMemAlloc_v2"), 0);
}

TEST_F(GpuCallTest, GrowingWaitsForWorkOnTheWorkspace) {
  registerAdd();
  float *out = device<float>(4), *a = device<float>({1, 2, 3, 4});
  auto *workspace = static_cast<float *>(begin(64));
  launchAdd(0, workspace, a, a, 4);
  launchAdd(0, out, workspace, a, 4);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  // Nothing has run yet; the workspace that it needs must outlive it.
  begin(1 << 20);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  cuStreamSynchronize(stream);
  EXPECT_EQ(out[3], 12);
}

TEST_F(GpuCallTest, SideStreamsForkAndJoin) {
  registerAdd();
  float *out = device<float>(4), *a = device<float>({1, 2, 3, 4});
  auto *workspace = static_cast<float *>(begin(256, 2));
  launchAdd(0, workspace, a, a, 4);
  launchAdd(1, workspace + 4, workspace, a, 4); // 3 a, after stream 0
  launchAdd(2, workspace + 8, workspace, workspace, 4);
  sevenfold_gpu_wait(1, 2);
  launchAdd(1, workspace + 12, workspace + 4, workspace + 8, 4);
  sevenfold_gpu_wait(0, 1);
  launchAdd(0, out, workspace + 12, a, 4);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  cuStreamSynchronize(stream);
  EXPECT_EQ(out[0], 8);
  EXPECT_EQ(out[3], 32);
}

TEST_F(GpuCallTest, EndJoinsWhatNobodyWaitedFor) {
  registerAdd();
  float *out = device<float>(4), *a = device<float>({1, 2, 3, 4});
  begin(0, 1);
  launchAdd(1, out, a, a, 4);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  cuStreamSynchronize(stream);
  EXPECT_EQ(out[3], 8);
}

TEST_F(GpuCallTest, CallsReachTheDriverInOrder) {
  float *a = device<float>(4);
  begin(0, 1);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  std::vector<std::string> before = fake::calls();
  void *arguments[] = {&a};
  begin(0, 1);
  sevenfold_gpu_launch("k", 1, 2, 3, 1, 64, 1, 1, 1024, arguments);
  sevenfold_gpu_wait(0, 1);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  std::vector<std::string> calls = fake::calls(), work;
  std::copy_if(calls.begin() + before.size(), calls.end(),
               std::back_inserter(work), [](const std::string &call) {
                 return call.find("Get") == std::string::npos &&
                        call.find("Is") == std::string::npos;
               });
  EXPECT_EQ(work, (std::vector<std::string>{
                      "cuEventRecord", "cuStreamWaitEvent",
                      "cuLaunchKernel k grid 2x3x1 block 64x1x1 shared 1024",
                      "cuEventRecord", "cuStreamWaitEvent"}));
}

TEST_F(GpuCallTest, MuchSharedMemoryIsAskedForOnce) {
  begin();
  for (int i = 0; i < 2; ++i)
    sevenfold_gpu_launch("k", 0, 1, 1, 1, 32, 1, 1, 100 << 10, nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(fake::callCount("cuFuncSetAttribute"), 1);
  EXPECT_EQ(fake::callCount("cuLaunchKernel"), 2);
}

TEST_F(GpuCallTest, CopiesRowsWithPitches) {
  std::vector<float> source = {1, 2, 0, 3, 4, 0};
  float *from = device<float>(source), *to = device<float>(8);
  begin();
  sevenfold_gpu_copy_rows(0, to, 16, from, 12, 8, 2);
  sevenfold_gpu_copy_rows(0, to, 16, from, 12, 8, 0);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  cuStreamSynchronize(stream);
  EXPECT_EQ(to[1], 2);
  EXPECT_EQ(to[4], 3);
  EXPECT_TRUE(to[2] != to[2]) << "a gap was written";
  EXPECT_EQ(fake::callCount("cuMemcpy2DAsync_v2"), 1);
}

TEST_F(GpuCallTest, WholeCallsAreCapturedAndReplayed) {
  registerAdd();
  float *out = device<float>(4), *a = device<float>({1, 2, 3, 4});
  auto run = [&](int64_t bytes) {
    auto *workspace = static_cast<float *>(begin(bytes, 1));
    launchAdd(1, workspace, a, a, 4);
    sevenfold_gpu_wait(0, 1);
    launchAdd(0, out, workspace, a, 4);
    return sevenfold_gpu_call_end();
  };
  EXPECT_EQ(run(64), 0);
  void *graph = nullptr;
  cuStreamBeginCapture_v2(stream, 0);
  EXPECT_EQ(run(64), 0);
  EXPECT_EQ(cuStreamEndCapture(stream, &graph), 0);
  // The graph names the workspace, which a larger call must not free.
  begin(1 << 20);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  a[0] = 10;
  out[0] = 0;
  cuGraphLaunch(graph, stream);
  cuStreamSynchronize(stream);
  EXPECT_EQ(out[0], 30);
}

TEST_F(GpuCallTest, FirstCallInACaptureIsRefused) {
  void *graph = nullptr;
  cuStreamBeginCapture_v2(stream, 0);
  EXPECT_EQ(begin(64, 1), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_GPU_CAPTURE);
  std::string text = sevenfold_error_string(SEVENFOLD_GPU_CAPTURE);
  EXPECT_NE(text.find("call it once before"), std::string::npos) << text;
  EXPECT_EQ(cuStreamEndCapture(stream, &graph), 0);
}

TEST_F(GpuCallTest, DefaultStreamUsesTheCurrentContext) {
  sevenfold_gpu_set_stream(nullptr);
  EXPECT_NE(begin(64), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(fake::callCount("cuDevicePrimaryCtxRetain"), 0);
}

TEST_F(GpuCallTest, WithoutAContextThePrimaryOneIsKept) {
  void *popped;
  cuCtxPopCurrent_v2(&popped);
  sevenfold_gpu_set_stream(nullptr);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(begin(64), nullptr);
    EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  }
  EXPECT_EQ(fake::liveThings()["context"], 1);
  cuCtxPushCurrent_v2(context);
}

TEST_F(GpuCallTest, MisuseIsAnError) {
  begin(0, 1);
  sevenfold_gpu_wait(0, 7);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_GPU_DRIVER_FAILED);
  begin();
  EXPECT_EQ(begin(), nullptr);
  EXPECT_NE(sevenfold_gpu_call_end(), 0);
  EXPECT_NE(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(begin(-1), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_SIZE_OVERFLOW);
  EXPECT_EQ(begin(0, 99), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_SIZE_OVERFLOW);
  begin();
  sevenfold_gpu_launch("k", 0, 1, 70000, 1, 32, 1, 1, 0, nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_SIZE_OVERFLOW);
  EXPECT_EQ(sevenfold_gpu_call_begin(nullptr, 0, 0, 0), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_NULL_ARGUMENT);
}

} // namespace
