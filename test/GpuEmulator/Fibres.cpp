//===- Fibres.cpp - Threads of a block, one at a time ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fibres on ucontext. Each has a stack of its own with a page below it that
// nobody may touch; stacks are kept for the next block.
//
//===----------------------------------------------------------------------===//

#include "Fibres.h"

#include "GpuEmulator.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

using namespace sevenfold;

static constexpr size_t kStackBytes = 256 << 10, kPageBytes = 4096;

namespace {
/// A stack that ends in a fault.
class Stack {
public:
  Stack() {
    memory = mmap(nullptr, kStackBytes + kPageBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, kPageBytes, PROT_NONE) != 0) {
      std::fputs("GPU emulator: no memory for a stack\n", stderr);
      std::abort();
    }
  }
  ~Stack() { munmap(memory, kStackBytes + kPageBytes); }
  Stack(const Stack &) = delete;
  Stack &operator=(const Stack &) = delete;
  void *bottom() const { return static_cast<char *>(memory) + kPageBytes; }

private:
  void *memory;
};

struct Fibre {
  enum State { Ready, AtBarrier, AtWarpCall, Ended } state = Ready;
  ucontext_t context;
  void *fakeStack = nullptr; ///< of the address sanitizer
  WarpCall call = {};
  std::vector<std::vector<AsyncCopy>> copies;
};

/// The block a thread of the host runs.
struct BlockOfThreads {
  std::vector<Fibre> fibres;
  int running = -1;
  ucontext_t scheduler;
  void *fakeStack = nullptr;
  const void *schedulerBottom = nullptr;
  size_t schedulerBytes = 0;
  void (*body)(int64_t, int64_t, void *) = nullptr;
  void *bodyContext = nullptr;

  void run();
  bool releaseWarps();
  bool releaseBarrier();
};
} // namespace

static thread_local std::vector<std::unique_ptr<Stack>> stacks;
static thread_local BlockOfThreads *block = nullptr;

static Fibre &running() { return block->fibres[block->running]; }

void sevenfold::fail(const char *what) {
  std::fprintf(stderr, "GPU emulator: thread %d %s\n",
               block ? block->running : -1, what);
  std::abort();
}

//===----------------------------------------------------------------------===//
// Switching
//===----------------------------------------------------------------------===//

/// Tells the address sanitizer of the stack that is switched to.
static void beginSwitch(void **fakeStack, const void *bottom, size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(fakeStack, bottom, bytes);
#endif
}

static void endSwitch(void *fakeStack, const void **bottom, size_t *bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fakeStack, bottom, bytes);
#endif
}

static void runFibre() {
  endSwitch(nullptr, &block->schedulerBottom, &block->schedulerBytes);
  int number = block->running;
  block->body(number, number + 1, block->bodyContext);
  running().state = Fibre::Ended;
  beginSwitch(nullptr, block->schedulerBottom, block->schedulerBytes);
  // The context's link leads back to the scheduler.
}

static void resume(int number) {
  block->running = number;
  Fibre &fibre = running();
  beginSwitch(&block->fakeStack, stacks[number]->bottom(), kStackBytes);
  swapcontext(&block->scheduler, &fibre.context);
  endSwitch(block->fakeStack, nullptr, nullptr);
}

static void suspend(Fibre::State state) {
  Fibre &fibre = running();
  fibre.state = state;
  beginSwitch(&fibre.fakeStack, block->schedulerBottom, block->schedulerBytes);
  swapcontext(&fibre.context, &block->scheduler);
  endSwitch(fibre.fakeStack, &block->schedulerBottom, &block->schedulerBytes);
}

void sevenfold::waitForBlock() { suspend(Fibre::AtBarrier); }

void sevenfold::waitForWarp(WarpCall call) {
  running().call = call;
  suspend(Fibre::AtWarpCall);
}

std::vector<std::vector<AsyncCopy>> &sevenfold::copiesOfThread() {
  return running().copies;
}

//===----------------------------------------------------------------------===//
// The scheduler
//===----------------------------------------------------------------------===//

/// Performs what whole warps wait for; returns whether there was any.
bool BlockOfThreads::releaseWarps() {
  bool any = false;
  for (size_t first = 0; first + kWarp <= fibres.size(); first += kWarp) {
    WarpCall *lanes[kWarp];
    bool all = true;
    for (int lane = 0; lane < kWarp; ++lane) {
      all &= fibres[first + lane].state == Fibre::AtWarpCall;
      lanes[lane] = &fibres[first + lane].call;
    }
    if (!all)
      continue;
    for (int lane = 0; lane < kWarp; ++lane) {
      running = first + lane;
      if (std::strcmp(lanes[lane]->name, lanes[0]->name) != 0)
        fail("calls another operation than the first lane of its warp");
      fibres[first + lane].state = Fibre::Ready;
    }
    lanes[0]->perform(lanes);
    any = true;
  }
  return any;
}

/// Lets all threads through where all have come; returns whether they had.
bool BlockOfThreads::releaseBarrier() {
  for (const Fibre &fibre : fibres)
    if (fibre.state != Fibre::AtBarrier)
      return false;
  for (Fibre &fibre : fibres)
    fibre.state = Fibre::Ready;
  return true;
}

void BlockOfThreads::run() {
  bool forwards = true;
  int count = fibres.size();
  while (true) {
    bool anyRan = false, allEnded = true;
    for (int i = 0; i < count; ++i) {
      int number = forwards ? i : count - 1 - i;
      // A thread runs on while nobody else has to come along.
      while (fibres[number].state == Fibre::Ready) {
        resume(number);
        anyRan = true;
      }
      allEnded &= fibres[number].state == Fibre::Ended;
    }
    if (allEnded)
      return;
    if (releaseWarps())
      continue;
    if (releaseBarrier()) {
      forwards = !forwards;
      continue;
    }
    if (!anyRan)
      fail("waits for threads that never come");
  }
}

/// Has the fibre start at its thread's beginning.
static void prepare(Fibre &fibre, const Stack &stack, ucontext_t &scheduler) {
  getcontext(&fibre.context);
  fibre.context.uc_stack.ss_sp = stack.bottom();
  fibre.context.uc_stack.ss_size = kStackBytes;
  fibre.context.uc_link = &scheduler;
  makecontext(&fibre.context, runFibre, 0);
  fibre.copies.emplace_back();
}

void sevenfold_emulate_threads(int64_t count,
                               void (*body)(int64_t, int64_t, void *),
                               void *context) {
  while (int64_t(stacks.size()) < count)
    stacks.push_back(std::make_unique<Stack>());
  BlockOfThreads threads;
  threads.fibres.resize(count);
  threads.body = body;
  threads.bodyContext = context;
  for (int64_t i = 0; i < count; ++i)
    prepare(threads.fibres[i], *stacks[i], threads.scheduler);
  block = &threads;
  threads.run();
  block = nullptr;
}

void sevenfold_emulate_spoil(void *memory, int64_t bytes) {
  std::memset(memory, 0xFF, bytes);
}

void sevenfold_emulate_barrier() { waitForBlock(); }
