//===- Model.cpp - Streams, events and memory of the fake -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Work is run as late as possible, and in the order of what it waits for.
//
//===----------------------------------------------------------------------===//

#include "ModelState.h"

#include <cstdarg>
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace sevenfold;
using namespace sevenfold::fake;

State::State() {
  if (const char *devices = std::getenv("SEVENFOLD_FAKE_GPU_DEVICES"))
    deviceCount = std::atoi(devices);
  if (const char *bytes = std::getenv("SEVENFOLD_FAKE_GPU_MEMORY"))
    memoryLeft = std::strtoull(bytes, nullptr, 10);
  if (const char *rate = std::getenv("SEVENFOLD_FAKE_GPU_FLOPS"))
    flops = std::strtod(rate, nullptr);
  if (const char *vanish = std::getenv("SEVENFOLD_FAKE_GPU_VANISH")) {
    char *colon = nullptr;
    productsUntilGone = int(std::strtol(vanish, &colon, 10));
    goneFile = colon + 1;
    if (std::ifstream(goneFile))
      deviceCount = 0;
  }
  if (const char *chip = std::getenv("SEVENFOLD_FAKE_GPU_CHIP")) {
    major = std::atoi(chip) / 10;
    minor = std::atoi(chip) % 10;
  }
  const char *plan = std::getenv("SEVENFOLD_FAKE_GPU_FAIL");
  std::istringstream items(plan ? plan : "");
  for (std::string item; std::getline(items, item, ',');) {
    size_t first = item.find(':'), second = item.rfind(':');
    if (first != std::string::npos && second > first)
      failures.push_back({item.substr(0, first),
                          std::atoi(item.c_str() + first + 1),
                          std::atoi(item.c_str() + second + 1)});
  }
}

/// Calls after the end of the process are answered as the driver answers them.
__attribute__((destructor)) static void endProcess() { state().writeLog(); }

void State::writeLog() {
  isOver = true;
  const char *path = std::getenv("SEVENFOLD_FAKE_GPU_LOG");
  if (!path)
    return;
  std::ofstream file(path);
  for (const std::string &line : log)
    file << line << '\n';
  for (const std::string &line : violations)
    file << "violation: " << line << '\n';
  for (const auto &entry : live)
    if (entry.second)
      file << "left: " << entry.second << ' ' << entry.first << '\n';
}

State &sevenfold::fake::state() {
  // Never destroyed: libraries that are unloaded later still call.
  static State *theState = new State();
  return *theState;
}

std::string sevenfold::fake::format(const char *text, ...) {
  char buffer[512];
  va_list arguments;
  va_start(arguments, text);
  vsnprintf(buffer, sizeof buffer, text, arguments);
  va_end(arguments);
  return buffer;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static bool losesContext(int error) {
  return error == 700 || error == 702 || (error >= 714 && error <= 719);
}

int sevenfold::fake::enter(const char *function, const std::string &detail,
                           const std::function<int()> &body) {
  State &s = state();
  std::lock_guard<std::recursive_mutex> lock(s.mutex);
  if (s.isOver)
    return 4;
  s.log.push_back(detail.empty() ? function : function + (' ' + detail));
  ++s.counts[function];
  for (Failure &failure : s.failures)
    if (failure.function == function && --failure.ordinal == 0) {
      if (losesContext(failure.error))
        s.lost = failure.error;
      return failure.error;
    }
  if (s.productsUntilGone > 0 && std::string(function) == "cublasLtMatmul" &&
      --s.productsUntilGone == 0) {
    std::ofstream file(s.goneFile);
    s.lost = 719;
  }
  bool isDriver = std::string(function).rfind("cublas", 0) != 0;
  if (s.lost && isDriver && std::string(function).rfind("cuCtx", 0) != 0)
    return s.lost;
  return body();
}

void sevenfold::fake::violate(const std::string &text) {
  state().violations.push_back(text);
}

void sevenfold::fake::countThing(const char *kind, int change) {
  state().live[kind] += change;
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

bool sevenfold::fake::isLive(Range range) {
  State &s = state();
  auto next = s.memory.upper_bound(range.begin);
  if (next == s.memory.begin())
    return false;
  auto block = std::prev(next);
  return range.begin + range.bytes <= block->first + block->second.bytes;
}

void sevenfold::fake::checkRange(const std::string &user, Range range) {
  if (!isLive(range))
    violate(user + " reaches memory that is not allocated");
}

void sevenfold::fake::execute(const OperationPointer &last) {
  std::vector<OperationPointer> stack;
  if (last)
    stack.push_back(last);
  while (!stack.empty()) {
    OperationPointer operation = stack.back();
    bool isReady = true;
    for (const OperationPointer &before : operation->after)
      if (!operation->isDone && !before->isDone) {
        stack.push_back(before);
        isReady = false;
      }
    if (!isReady)
      continue;
    stack.pop_back();
    if (operation->isDone)
      continue;
    operation->isDone = true;
    operation->after.clear();
    for (Range range : operation->touched)
      checkRange(operation->name, range);
    if (operation->run)
      operation->run();
  }
}

void sevenfold::fake::executeAll() {
  for (auto &stream : state().streams)
    if (!stream->capture)
      execute(stream->tail);
}

void sevenfold::fake::enqueue(StreamHandle *stream, OperationPointer operation,
                              double cost) {
  operation->serial = ++state().serial;
  if (stream->tail)
    operation->after.push_back(stream->tail);
  for (const OperationPointer &before : operation->after)
    if (before->finish > operation->finish)
      operation->finish = before->finish;
  operation->finish += cost;
  stream->tail = operation;
  if (stream->capture)
    stream->capture->operations.push_back(operation);
}

bool sevenfold::fake::isAnyCapturing() {
  for (auto &stream : state().streams)
    if (stream->capture)
      return true;
  return false;
}

StreamHandle *sevenfold::fake::findStream(void *handle) {
  if (!handle) {
    StreamHandle *&stream = state().defaultStreams[currentContext()];
    if (!stream) {
      state().streams.push_back(std::make_unique<StreamHandle>());
      stream = state().streams.back().get();
      stream->context = currentContext();
      stream->identity = ++state().serial;
    }
    return stream;
  }
  auto *stream = static_cast<StreamHandle *>(handle);
  if (stream->isAlive)
    return stream;
  violate("a stream is used after it was destroyed");
  return nullptr;
}

//===----------------------------------------------------------------------===//
// What tests ask and set
//===----------------------------------------------------------------------===//

void sevenfold::fake::reset() {
  State &s = state();
  std::lock_guard<std::recursive_mutex> lock(s.mutex);
  s.log.clear();
  s.counts.clear();
  s.violations.clear();
  s.failures.clear();
  s.kernels.clear();
  s.lost = 0;
  s.deviceCount = 1;
  s.memoryLeft = SIZE_MAX;
  s.costs = {3, 1, 2};
}

std::vector<std::string> sevenfold::fake::calls() { return state().log; }
int sevenfold::fake::callCount(const std::string &function) {
  return state().counts[function];
}
std::vector<std::string> sevenfold::fake::violations() {
  return state().violations;
}
std::map<std::string, int> sevenfold::fake::liveThings() {
  std::map<std::string, int> live;
  for (const auto &entry : state().live)
    if (entry.second)
      live.insert(entry);
  return live;
}
void sevenfold::fake::failAt(const std::string &function, int ordinal,
                             int error) {
  state().failures.push_back({function, ordinal, error});
}
void sevenfold::fake::setDevices(int count, int major, int minor) {
  state().deviceCount = count;
  state().major = major;
  state().minor = minor;
}
void sevenfold::fake::setMemory(size_t bytes) { state().memoryLeft = bytes; }
void sevenfold::fake::setProposalCosts(std::vector<double> costs) {
  state().costs = std::move(costs);
}
const std::vector<double> &sevenfold::fake::proposalCosts() {
  return state().costs;
}
double sevenfold::fake::productCost(double proposal, double multiplications) {
  double flops = state().flops;
  return flops > 0 ? proposal * 2e3 * multiplications / flops : proposal;
}
std::vector<int> sevenfold::fake::askedAlignments() {
  return state().alignments;
}
void sevenfold::fake::rememberAlignments(std::vector<int> alignments) {
  state().alignments = std::move(alignments);
}

void *sevenfold::fake::createContext() {
  State &s = state();
  s.contexts.push_back(std::make_unique<ContextHandle>());
  s.contexts.back()->identity = ++s.serial;
  return s.contexts.back().get();
}

void sevenfold::fake::forgetThings(const std::string &kind) {
  state().live.erase(kind);
}

void sevenfold::fake::destroyContext(void *context) {
  static_cast<ContextHandle *>(context)->isAlive = false;
}

extern "C" void sevenfold_fake_gpu_register_kernel(
    const char *name, int count, const int *sizes,
    void (*body)(void **arguments, const unsigned *launch)) {
  state().kernels[name] = {std::vector<int>(sizes, sizes + count), body};
}
