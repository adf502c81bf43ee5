//===- ConstantTest.cpp - A model's constants on the device ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants are copied to the device once a context, whoever asks first, and go
// with it.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

#include <set>
#include <string>
#include <thread>

using namespace sevenfold;
using namespace sevenfold::test;

namespace {
class GpuConstantTest : public GpuTest {
protected:
  /// Asks in a call of its own, which must succeed.
  const float *ask(const std::vector<float> &values) {
    EXPECT_NE(begin(), nullptr);
    const void *copy = sevenfold_gpu_constant(values.data(), bytesOf(values));
    EXPECT_EQ(sevenfold_gpu_call_end(), 0);
    return static_cast<const float *>(copy);
  }
  static int64_t bytesOf(const std::vector<float> &values) {
    return int64_t(values.size() * sizeof(float));
  }
};

TEST_F(GpuConstantTest, IsCopiedOnFirstUseAndKept) {
  std::vector<float> values = {1, 2, 3};
  const float *copy = ask(values);
  ASSERT_NE(copy, nullptr);
  EXPECT_NE(copy, values.data());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(copy) % 256, 0u);
  EXPECT_EQ(std::vector<float>(copy, copy + 3), values);
  EXPECT_EQ(ask(values), copy);
  EXPECT_EQ(fake::callCount("cuMemcpyHtoD_v2"), 1);
  EXPECT_EQ(fake::callCount("cuMemAlloc_v2"), 1);
}

TEST_F(GpuConstantTest, ManyAreToldApart) {
  std::vector<std::vector<float>> all(100, std::vector<float>(4));
  for (size_t i = 0; i < all.size(); ++i)
    all[i][0] = float(i);
  std::vector<const float *> copies;
  for (const std::vector<float> &values : all)
    copies.push_back(ask(values));
  // Backwards, which is not the order they are looked for in.
  for (size_t i = all.size(); i-- > 0;) {
    EXPECT_EQ(ask(all[i]), copies[i]);
    EXPECT_EQ(copies[i][0], float(i));
  }
  EXPECT_EQ(std::set<const float *>(copies.begin(), copies.end()).size(),
            all.size());
  EXPECT_EQ(fake::callCount("cuMemcpyHtoD_v2"), 100);
}

TEST_F(GpuConstantTest, EveryContextHasItsOwn) {
  std::vector<float> values = {5};
  const float *first = ask(values);
  void *other = fake::createContext(), *otherStream = nullptr, *popped;
  cuCtxPushCurrent_v2(other);
  cuStreamCreate(&otherStream, 0);
  sevenfold_gpu_set_stream(otherStream);
  const float *second = ask(values);
  EXPECT_NE(second, first);
  EXPECT_EQ(*second, 5);
  sevenfold_gpu_release();
  cuStreamDestroy_v2(otherStream);
  cuCtxPopCurrent_v2(&popped);
  fake::destroyContext(other);
}

TEST_F(GpuConstantTest, ThreadsShareIt) {
  std::vector<float> values(1000, 7);
  std::vector<const void *> copies(8);
  std::vector<void *> streams(copies.size());
  for (void *&each : streams)
    cuStreamCreate(&each, 0);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < copies.size(); ++i)
    threads.emplace_back([&, i] {
      sevenfold_gpu_set_stream(streams[i]);
      begin();
      copies[i] = sevenfold_gpu_constant(values.data(), bytesOf(values));
      EXPECT_EQ(sevenfold_gpu_call_end(), 0);
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const void *copy : copies)
    EXPECT_EQ(copy, copies[0]);
  EXPECT_NE(copies[0], nullptr);
  EXPECT_EQ(fake::callCount("cuMemcpyHtoD_v2"), 1);
  sevenfold_gpu_release();
  for (void *each : streams)
    cuStreamDestroy_v2(each);
}

TEST_F(GpuConstantTest, WithoutRoomTheCallFailsAndTheNextTriesAgain) {
  std::vector<float> values(1000, 1);
  fake::setMemory(100);
  begin();
  EXPECT_EQ(sevenfold_gpu_constant(values.data(), 4000), nullptr);
  EXPECT_EQ(sevenfold_gpu_constant(values.data(), 4), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_OUT_OF_MEMORY);
  std::string text = sevenfold_error_string(SEVENFOLD_OUT_OF_MEMORY);
  EXPECT_NE(text.find("constant of 4000 bytes"), std::string::npos) << text;
  fake::setMemory(1 << 20);
  EXPECT_NE(ask(values), nullptr);
}

TEST_F(GpuConstantTest, AFailedCopyLeavesNothing) {
  std::vector<float> values = {1};
  fake::failAt("cuMemcpyHtoD_v2", 1, 1);
  begin();
  EXPECT_EQ(sevenfold_gpu_constant(values.data(), 4), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_GPU_DRIVER_FAILED);
  EXPECT_EQ(fake::callCount("cuMemFree_v2"), 1);
}

TEST_F(GpuConstantTest, IsNotCopiedInACapture) {
  std::vector<float> values = {1};
  begin(64);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  void *graph = nullptr;
  cuStreamBeginCapture_v2(stream, 0);
  begin(64);
  EXPECT_EQ(sevenfold_gpu_constant(values.data(), 4), nullptr);
  EXPECT_EQ(sevenfold_gpu_call_end(), SEVENFOLD_GPU_CAPTURE);
  std::string text = sevenfold_error_string(SEVENFOLD_GPU_CAPTURE);
  EXPECT_NE(text.find("call it once before"), std::string::npos) << text;
  EXPECT_EQ(cuStreamEndCapture(stream, &graph), 0);
  const float *copy = ask(values);
  cuStreamBeginCapture_v2(stream, 0);
  begin(64);
  EXPECT_EQ(sevenfold_gpu_constant(values.data(), 4), copy);
  EXPECT_EQ(sevenfold_gpu_call_end(), 0);
  EXPECT_EQ(cuStreamEndCapture(stream, &graph), 0);
}

TEST_F(GpuConstantTest, OutsideOfACallThereIsNone) {
  float value = 1;
  EXPECT_EQ(sevenfold_gpu_constant(&value, sizeof value), nullptr);
  EXPECT_EQ(fake::callCount("cuMemAlloc_v2"), 0);
}

} // namespace
