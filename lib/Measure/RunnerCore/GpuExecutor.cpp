//===- GpuExecutor.cpp - Functions on a GPU -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions run on a stream of ours, in the primary context, and are timed by
// events around each call. A call only enqueues: what it takes the host to do
// so counts where it is longer than what the device does.
//
//===----------------------------------------------------------------------===//

#include "GpuCalls.h"
#include "GpuMemory.h"
#include "Library.h"
#include "Nvml.h"

#include "sevenfold/Measure/Gpu.h"

#include <limits>
#include <optional>

using namespace sevenfold;
using namespace sevenfold::runner;
using namespace sevenfold::runtime::gpu;

namespace {
class GpuExecutor : public Executor {
public:
  GpuExecutor(const Driver &driver, Gpu gpu)
      : driver(driver), gpu(std::move(gpu)), nvml(this->gpu.busId) {}
  ~GpuExecutor() override;

  /// Makes the context current; false with a message.
  bool enter(std::string &message);

  bool prepare(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, Purpose purpose,
               uint64_t seed, std::string &message) override;
  const Arguments &set(int64_t index) const override {
    return memory->set(index);
  }
  std::unique_ptr<Code> open(const std::string &path,
                             const std::string &function,
                             std::string &message) override;
  bool run(const Code &code, const Arguments &arguments,
           std::string &message) override;
  double time(const Code &code, int repetitions, int64_t &next,
              std::string &message) override;
  bool inspect(const Arguments &arguments, size_t inputs,
               std::vector<const void *> &readable,
               std::string &message) override {
    return memory->inspect(arguments, inputs, readable, message);
  }
  bool isUsable() const override {
    return driver.contextSynchronize() == kSuccess;
  }
  /// Always: a switch changes what the caches and the clocks have adapted to.
  double warmUpLimitSeconds() const override {
    return std::numeric_limits<double>::infinity();
  }
  double slowFlopsPerSecond() const override { return 2e11; }
  const Conditions *conditions() const override { return &latest; }
  std::string name() const override { return gpu.fingerprint(); }

private:
  bool check(Result result, const char *call, std::string &message) const {
    return succeeded(driver, result, call, message);
  }
  bool makeEvents(size_t pairs, std::string &message);
  bool enqueue(const Library &library, int repetitions, int64_t &next,
               std::string &message);

  const Driver &driver;
  Gpu gpu;
  Nvml nvml;
  Conditions latest;
  bool isRetained = false, isPushed = false;
  Device device = 0;
  Stream stream = nullptr;
  std::vector<Event> begins, ends;
  std::optional<GpuMemory> memory;
};
} // namespace

bool GpuExecutor::enter(std::string &message) {
  Context context = nullptr;
  if (!check(driver.deviceGet(&device, kMeasuredGpu), "cuDeviceGet", message) ||
      !check(driver.primaryContextRetain(&context, device),
             "cuDevicePrimaryCtxRetain", message))
    return false;
  isRetained = true;
  if (!check(driver.contextPush(context), "cuCtxPushCurrent_v2", message))
    return false;
  isPushed = true;
  memory.emplace(driver);
  return check(driver.streamCreate(&stream, kStreamNonBlocking),
               "cuStreamCreate", message);
}

GpuExecutor::~GpuExecutor() {
  memory.reset();
  for (const std::vector<Event> *events : {&begins, &ends})
    for (Event event : *events)
      driver.eventDestroy(event);
  if (stream)
    driver.streamDestroy(stream);
  Context popped;
  if (isPushed)
    driver.contextPop(&popped);
  if (isRetained)
    driver.primaryContextRelease(device);
}

bool GpuExecutor::prepare(const std::vector<Shape> &inputs,
                          const std::vector<Shape> &outputs, Purpose purpose,
                          uint64_t seed, std::string &message) {
  if (purpose == Purpose::Timing && memory->matches(inputs, outputs, seed))
    return true;
  int sets = purpose == Purpose::Timing
                 ? rotatedSets(inputs, outputs, gpu.cacheBytes)
                 : 1;
  return memory->prepare(inputs, outputs, sets, purpose, seed, message);
}

std::unique_ptr<Code> GpuExecutor::open(const std::string &path,
                                        const std::string &function,
                                        std::string &message) {
  auto library = std::make_unique<Library>();
  if (!library->open(path, function, message))
    return nullptr;
  void *setStream = library->symbol(kSetStream);
  if (!setStream) {
    message =
        "it is no code for GPUs: it has no '" + std::string(kSetStream) + "'";
    return nullptr;
  }
  reinterpret_cast<void (*)(void *)>(setStream)(stream);
  return library;
}

bool GpuExecutor::run(const Code &code, const Arguments &arguments,
                      std::string &message) {
  const auto &library = static_cast<const Library &>(code);
  if (int status = library.call(arguments)) {
    message = library.describe(status);
    return false;
  }
  return check(driver.streamSynchronize(stream), "cuStreamSynchronize",
               message);
}

bool GpuExecutor::makeEvents(size_t pairs, std::string &message) {
  for (std::vector<Event> *events : {&begins, &ends})
    while (events->size() < pairs) {
      Event event = nullptr;
      if (!check(driver.eventCreate(&event, kEventDefault), "cuEventCreate",
                 message))
        return false;
      events->push_back(event);
    }
  return true;
}

bool GpuExecutor::enqueue(const Library &library, int repetitions,
                          int64_t &next, std::string &message) {
  for (int i = 0; i < repetitions; ++i) {
    if (!check(driver.eventRecord(begins[i], stream), "cuEventRecord", message))
      return false;
    if (int code = library.call(set(next++))) {
      message = library.describe(code);
      return false;
    }
    if (!check(driver.eventRecord(ends[i], stream), "cuEventRecord", message))
      return false;
  }
  return true;
}

double GpuExecutor::time(const Code &code, int repetitions, int64_t &next,
                         std::string &message) {
  const auto &library = static_cast<const Library &>(code);
  bool good = makeEvents(repetitions, message) &&
              enqueue(library, repetitions, next, message);
  // While it works.
  latest = nvml.read();
  good = good && check(driver.eventSynchronize(ends[repetitions - 1]),
                       "cuEventSynchronize", message);
  double milliseconds = 0;
  for (int i = 0; good && i < repetitions; ++i) {
    float elapsed = 0;
    good = check(driver.eventElapsedTime(&elapsed, begins[i], ends[i]),
                 "cuEventElapsedTime", message);
    milliseconds += elapsed;
  }
  return good ? milliseconds * 1e-3 / repetitions : -1;
}

std::unique_ptr<Executor>
sevenfold::runner::createGpuExecutor(std::string &message) {
  const Driver *driver = openDriver(message);
  if (!driver)
    return nullptr;
  std::vector<Gpu> gpus = listGpus(message);
  if (gpus.empty())
    return nullptr;
  auto executor =
      std::make_unique<GpuExecutor>(*driver, std::move(gpus[kMeasuredGpu]));
  if (!executor->enter(message))
    return nullptr;
  return executor;
}
