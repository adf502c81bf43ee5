//===- GpuMemory.cpp - Operands in a GPU's memory -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything here waits for the device: nothing of it is timed.
//
//===----------------------------------------------------------------------===//

#include "GpuMemory.h"

#include "GpuCalls.h"

#include <algorithm>
#include <cstring>

using namespace sevenfold::runner;
using namespace sevenfold::runtime::gpu;

/// Bytes behind a buffer for checking, and what they hold.
static constexpr size_t kGuardBytes = 4096;
static constexpr unsigned char kGuardByte = 0xa5;
/// Rows of a fill, whose width the driver limits.
static constexpr size_t kFillBytes = size_t(1) << 20;
/// What is compared at once.
static constexpr int64_t kChunkBytes = int64_t(16) << 20;

bool GpuMemory::check(Result result, const char *call,
                      std::string &message) const {
  return succeeded(driver, result, call, message);
}

bool GpuMemory::matches(const std::vector<Shape> &inputs,
                        const std::vector<Shape> &outputs,
                        uint64_t seed) const {
  return !arguments.empty() && purpose == Purpose::Timing && seed == dataSeed &&
         inputs == inputShapes && outputs == outputShapes;
}

void GpuMemory::clear() {
  // After a lost context there is nothing left to free.
  for (const Block &block : blocks)
    if (block.device)
      (void)driver.memFree(block.device);
  blocks.clear();
  arguments.clear();
}

bool GpuMemory::fits(int64_t bytes, std::string &message) const {
  size_t free = 0, total = 0;
  if (!check(driver.memGetInfo(&free, &total), "cuMemGetInfo_v2", message))
    return false;
  if (static_cast<size_t>(bytes) <= free)
    return true;
  message = "out of device memory: the operands need " +
            std::to_string(bytes >> 20) + " MiB and " +
            std::to_string(free >> 20) + " of " + std::to_string(total >> 20) +
            " MiB are free";
  return false;
}

/// Sets `bytes` from `begin` to `value`; false with a message.
static bool fill(const Driver &driver, DevicePointer begin, size_t bytes,
                 unsigned char value, std::string &message) {
  size_t rows = bytes / kFillBytes, rest = bytes % kFillBytes;
  const char call[] = "cuMemsetD2D8Async";
  return (rows == 0 ||
          succeeded(driver,
                    driver.memset2DAsync(begin, kFillBytes, value, kFillBytes,
                                         rows, nullptr),
                    call, message)) &&
         (rest == 0 ||
          succeeded(driver,
                    driver.memset2DAsync(begin + rows * kFillBytes, kFillBytes,
                                         value, rest, 1, nullptr),
                    call, message));
}

bool GpuMemory::add(const Shape &shape, bool isInput, uint64_t stream,
                    std::string &message) {
  bool isChecking = purpose == Purpose::Checking;
  size_t bytes = static_cast<size_t>(shape.bytes());
  size_t guard = isChecking ? kGuardBytes : 0;
  DevicePointer device = 0;
  if (!check(driver.memAlloc(&device, bytes + guard), "cuMemAlloc_v2", message))
    return false;
  blocks.push_back({device, shape, nullptr});
  std::unique_ptr<Buffer> &kept = blocks.back().host;
  if (isInput || isChecking)
    kept = std::make_unique<Buffer>(shape.bytes(), Placement::AtPage);
  void *host = kept ? kept->data() : nullptr;
  if (kept && !host) {
    message = "out of host memory for the operands";
    return false;
  }
  if (guard && !fill(driver, device + bytes, guard, kGuardByte, message))
    return false;
  if (!isInput)
    return fill(driver, device, bytes, 0xff, message);
  fillRandom(host, shape, dataSeed, stream);
  bool copied = check(driver.memcpyToDevice(device, host, bytes),
                      "cuMemcpyHtoD_v2", message);
  // Timing needs them on the device only.
  if (!isChecking)
    kept.reset();
  return copied;
}

bool GpuMemory::prepare(const std::vector<Shape> &inputs,
                        const std::vector<Shape> &outputs, int sets,
                        Purpose wanted, uint64_t seed, std::string &message) {
  clear();
  inputShapes = inputs;
  outputShapes = outputs;
  dataSeed = seed;
  purpose = wanted;
  int64_t bytes = 0;
  for (const std::vector<Shape> *shapes : {&inputs, &outputs})
    for (const Shape &shape : *shapes)
      bytes += shape.bytes() * sets;
  bool good = fits(bytes, message);
  for (int set = 0; good && set < sets; ++set) {
    Arguments call;
    for (size_t index = 0; good && index < inputs.size() + outputs.size();
         ++index) {
      bool isInput = index < inputs.size();
      // The streams of numbers are those of the host's operands.
      good = add(isInput ? inputs[index] : outputs[index - inputs.size()],
                 isInput, uint64_t(set) * 1024 + index, message);
      if (good)
        call.pointers.push_back(
            reinterpret_cast<void *>(uintptr_t(blocks.back().device)));
    }
    arguments.push_back(std::move(call));
  }
  good =
      good && check(driver.contextSynchronize(), "cuCtxSynchronize", message);
  if (!good)
    clear();
  return good;
}

bool GpuMemory::isUnchanged(const Block &block, std::string &message) const {
  std::vector<char> copy(std::min(block.shape.bytes(), kChunkBytes));
  const char *expected = static_cast<const char *>(block.host->data());
  for (int64_t begin = 0; begin < block.shape.bytes(); begin += kChunkBytes) {
    size_t bytes = std::min(kChunkBytes, block.shape.bytes() - begin);
    if (!check(driver.memcpyToHost(copy.data(), block.device + begin, bytes),
               "cuMemcpyDtoH_v2", message))
      return false;
    if (std::memcmp(copy.data(), expected + begin, bytes) == 0)
      continue;
    message = "it wrote into an input";
    return false;
  }
  return true;
}

bool GpuMemory::guardHolds(const Block &block, std::string &message) const {
  unsigned char guard[kGuardBytes];
  if (!check(driver.memcpyToHost(guard, block.device + block.shape.bytes(),
                                 kGuardBytes),
             "cuMemcpyDtoH_v2", message))
    return false;
  if (std::all_of(guard, guard + kGuardBytes,
                  [](unsigned char byte) { return byte == kGuardByte; }))
    return true;
  message = "it wrote behind the end of a buffer";
  return false;
}

bool GpuMemory::inspect(const Arguments &chosen, size_t inputs,
                        std::vector<const void *> &readable,
                        std::string &message) {
  for (size_t index = 0; index < chosen.pointers.size(); ++index) {
    auto address = reinterpret_cast<uintptr_t>(chosen.pointers[index]);
    auto block =
        std::find_if(blocks.begin(), blocks.end(), [&](const Block &known) {
          return known.device == address;
        });
    if (!guardHolds(*block, message))
      return false;
    if (index < inputs
            ? !isUnchanged(*block, message)
            : !check(driver.memcpyToHost(block->host->data(), block->device,
                                         block->shape.bytes()),
                     "cuMemcpyDtoH_v2", message))
      return false;
    readable.push_back(block->host->data());
  }
  return true;
}
