//===- DeviceTest.cpp - What the machine says about itself ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fingerprint must not vary; numbers must be there, their values are the
// machine's own.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/MachineLock.h"
#include "sevenfold/Runtime/Runtime.h"

#include <atomic>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>
#include <unistd.h>

using namespace sevenfold;

namespace {

TEST(DeviceTest, ProbeFindsPositiveNumbers) {
  llvm::Expected<Device> device = probeDevice(1);
  ASSERT_TRUE(bool(device)) << llvm::toString(device.takeError());
  EXPECT_FALSE(device->name().empty());
  EXPECT_EQ(device->threads, 1);
  EXPECT_GT(device->processor()->count, 0);
  EXPECT_GT(device->profile.cacheBytes, 0);
  EXPECT_GT(device->profile.memoryBytes, 0);
  EXPECT_GT(device->peak(ElementType::F32), 1e8);
  EXPECT_GT(device->peak(ElementType::F64), 1e8);
  EXPECT_GT(device->profile.bandwidth, 1e8);
  EXPECT_EQ(device->providers.size() + device->missingProviders.size(), 4u);
  for (const MissingProvider &provider : device->missingProviders)
    EXPECT_FALSE(provider.reason.empty()) << provider.name;
}

TEST(DeviceTest, FingerprintIsTheSameWithAndWithoutProbe) {
  llvm::Expected<Device> probed = probeDevice(1);
  ASSERT_TRUE(bool(probed)) << llvm::toString(probed.takeError());
  EXPECT_EQ(probed->fingerprint(), describeDevice(0).fingerprint());
  Device other = *probed;
  std::get<Processor>(other.hardware).isa = "sse2";
  EXPECT_NE(other.fingerprint(), probed->fingerprint());
}

TEST(DeviceTest, TheRuntimeGivesTheMachineTheSameName) {
  EXPECT_EQ(describeDevice(0).fingerprint(), sevenfold_hardware());
}

TEST(DeviceTest, JsonHasEveryField) {
  nlohmann::json json = toJson(describeDevice(2));
  for (const char *key : {"device", "fingerprint", "cpu", "isa", "threads",
                          "cache_bytes", "memory_bytes", "peak_f32", "peak_f64",
                          "bandwidth", "providers", "missing_providers"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json["threads"], 2);
}

TEST(DeviceTest, ProvidersNameTheirFiles) {
  for (const ProviderInfo &provider : describeDevice(1).providers)
    EXPECT_NE(provider.file.find("/lib"), std::string::npos) << provider.name;
}

TEST(MachineLockTest, ExcludesAndReleases) {
  std::string path =
      "/tmp/sevenfold-lock-test-" + std::to_string(getpid()) + ".lock";
  std::atomic<bool> second{false};
  std::thread waiter;
  EXPECT_FALSE(MachineLock::isHeld(path));
  {
    llvm::Expected<MachineLock> lock = MachineLock::acquire(path);
    ASSERT_TRUE(bool(lock)) << llvm::toString(lock.takeError());
    waiter = std::thread([&] {
      llvm::Expected<MachineLock> other = MachineLock::acquire(path);
      EXPECT_TRUE(bool(other));
      second = true;
      llvm::consumeError(other.takeError());
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(second);
    EXPECT_TRUE(MachineLock::isHeld(path));
  }
  waiter.join();
  EXPECT_FALSE(MachineLock::isHeld(path));
  EXPECT_TRUE(second);
  unlink(path.c_str());
}

TEST(MachineLockTest, UnusableFileIsAnError) {
  llvm::Expected<MachineLock> lock =
      MachineLock::acquire("/nonexistent/folder/x.lock");
  ASSERT_FALSE(bool(lock));
  EXPECT_NE(llvm::toString(lock.takeError()).find("/nonexistent/folder/x.lock"),
            std::string::npos);
}

} // namespace
