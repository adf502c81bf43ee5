//===- GpuFixture.h - Calls against the fake driver -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the tests of the GPU runtime share: a clean fake before each, nothing
// left and nothing misused after each.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_GPURUNTIME_GPUFIXTURE_H
#define SEVENFOLD_TEST_UNIT_GPURUNTIME_GPUFIXTURE_H

#include "FakeGpu.h"
#include "sevenfold/Runtime/GpuDriver.h"
#include "sevenfold/Runtime/GpuRuntime.h"

#include <cstring>
#include <gtest/gtest.h>

// The driver's functions that only its users call.
extern "C" {
int cuMemAlloc_v2(unsigned long long *pointer, size_t bytes);
int cuMemFree_v2(unsigned long long pointer);
int cuStreamCreate(void **stream, unsigned flags);
int cuStreamDestroy_v2(void *stream);
int cuStreamSynchronize(void *stream);
int cuCtxPushCurrent_v2(void *context);
int cuCtxPopCurrent_v2(void **context);
int cuStreamBeginCapture_v2(void *stream, int mode);
int cuStreamEndCapture(void *stream, void **graph);
int cuGraphLaunch(void *graph, void *stream);
}

namespace sevenfold {
namespace test {

constexpr char kImage[] = ".version 7.8\n.target sm_90\n";

/// A context of the test's own with a stream in it.
class GpuTest : public testing::Test {
protected:
  void SetUp() override {
    fake::reset();
    fake::setDevices(1, 9, 0);
    context = fake::createContext();
    cuCtxPushCurrent_v2(context);
    cuStreamCreate(&stream, 0);
    sevenfold_gpu_set_stream(stream);
  }

  void TearDown() override {
    sevenfold_gpu_set_stream(nullptr);
    sevenfold_gpu_release();
    cuStreamDestroy_v2(stream);
    for (unsigned long long pointer : owned)
      cuMemFree_v2(pointer);
    void *popped = nullptr;
    EXPECT_EQ(cuCtxPopCurrent_v2(&popped), 0);
    EXPECT_EQ(popped, context) << "a call left another context behind";
    for (const std::string &line : fake::violations())
      ADD_FAILURE() << line;
    for (const auto &thing : fake::liveThings())
      ADD_FAILURE() << thing.second << " of " << thing.first << " left";
  }

  /// Device memory that the test frees at its end, after all work.
  template <typename T> T *device(size_t count) {
    unsigned long long pointer = 0;
    EXPECT_EQ(cuMemAlloc_v2(&pointer, count * sizeof(T)), 0);
    owned.push_back(pointer);
    return reinterpret_cast<T *>(uintptr_t(pointer));
  }
  template <typename T> T *device(const std::vector<T> &values) {
    T *pointer = device<T>(values.size());
    std::memcpy(pointer, values.data(), values.size() * sizeof(T));
    return pointer;
  }

  void *begin(int64_t bytes = 0, int sideStreams = 0) {
    return sevenfold_gpu_call_begin(kImage, sizeof kImage, bytes, sideStreams);
  }

  void *context = nullptr, *stream = nullptr;
  std::vector<unsigned long long> owned;
};

/// Registers "add": out[i] = a[i] + b[i] for i below the grid's x.
inline void registerAdd() {
  static const int sizes[] = {8, 8, 8};
  sevenfold_fake_gpu_register_kernel(
      "add", 3, sizes, [](void **arguments, const unsigned *launch) {
        float *out = *static_cast<float **>(arguments[0]);
        float *a = *static_cast<float **>(arguments[1]);
        float *b = *static_cast<float **>(arguments[2]);
        for (unsigned i = 0; i < launch[0]; ++i)
          out[i] = a[i] + b[i];
      });
}

/// out = a + b over `count` floats on a stream of the open call.
inline void launchAdd(int stream, float *out, float *a, float *b, int count) {
  void *arguments[] = {&out, &a, &b};
  sevenfold_gpu_launch("add", stream, count, 1, 1, 32, 1, 1, 0, arguments);
}

} // namespace test
} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_GPURUNTIME_GPUFIXTURE_H
