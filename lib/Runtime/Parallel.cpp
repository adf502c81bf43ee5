//===- Parallel.cpp - Parallel loops of generated code --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops run on the OpenMP runtime's own pool because oneDNN and BLIS run on it
// too: one pool is shared where three would wake each other up. Beside a
// library with threads of its own they run on threads that end with the loop:
// OpenMP's go on spinning for milliseconds, on the cores that the next product
// needs, unless the user has set OMP_WAIT_POLICY, which hardly anybody does.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

using namespace sevenfold::runtime;

/// 0: sevenfold_set_threads was not called; the OpenMP default holds.
static int requestedThreads;
static int defaultThreads;

/// Processors the affinity mask left when the library was loaded, at which time
/// OpenMP took as many for its default.
static int processorsAtStart;
__attribute__((constructor)) static void countProcessors() {
  processorsAtStart = omp_get_num_procs();
}

/// OpenMP's default. It is all cores, or what OMP_NUM_THREADS or the affinity
/// mask leave of them; where it is the mask's number, the mask of today holds:
/// that of the process, not of one thread that may be bound to one core.
static int findDefaultThreads() {
  int threads = omp_get_max_threads();
  cpu_set_t mask;
  if (threads != processorsAtStart ||
      sched_getaffinity(getpid(), sizeof mask, &mask) != 0)
    return threads;
  int processors = CPU_COUNT(&mask);
  return processors > 0 && processors < threads ? processors : threads;
}

extern "C" int sevenfold_get_threads(void) {
  if (mustRunAlone())
    return 1;
  int threads = __atomic_load_n(&requestedThreads, __ATOMIC_RELAXED);
  if (threads > 0)
    return threads;
  // Asked for once: later answers depend on the calling thread.
  threads = __atomic_load_n(&defaultThreads, __ATOMIC_RELAXED);
  if (threads > 0)
    return threads;
  threads = findDefaultThreads();
  __atomic_store_n(&defaultThreads, threads, __ATOMIC_RELAXED);
  return threads;
}

extern "C" void sevenfold_set_threads(int threads) {
  __atomic_store_n(&requestedThreads, threads > 0 ? threads : 0,
                   __ATOMIC_RELAXED);
}

/// The size of this thread's team.
static thread_local int teamSize = 1;

bool sevenfold::runtime::hasTeam(int threads) {
  if (threads <= teamSize)
    return true;
  if (!hasRoomForThreads(threads - 1))
    return false;
  teamSize = threads;
  return true;
}

void sevenfold::runtime::endTeam() {
  if (teamSize > 1 && !omp_in_parallel() &&
      omp_pause_resource_all(omp_pause_hard) == 0)
    teamSize = 1;
}

/// Set once a library with threads of its own was opened.
static bool isBesideThreads;

void sevenfold::runtime::runBesideThreads(bool isBeside) {
  __atomic_store_n(&isBesideThreads, isBeside, __ATOMIC_RELAXED);
}

/// Set on threads that share a loop: those in it run alone, as OpenMP's would.
static thread_local bool isInLoop;

/// How the calling thread rounds, and whether it takes subnormal numbers for
/// zero, which some programs ask for because they are slow.
static unsigned floatControl() {
#ifdef __x86_64__
  constexpr unsigned kExceptionsSoFar = 0x3f;
  return _mm_getcsr() & ~kExceptionsSoFar;
#else
  return 0;
#endif
}
static void setFloatControl([[maybe_unused]] unsigned control) {
#ifdef __x86_64__
  _mm_setcsr(control);
#endif
}

sevenfold::runtime::Untrapped::Untrapped() {
#ifdef __x86_64__
  constexpr unsigned kMasks = 0x1f80;
  before = _mm_getcsr();
  setFloatControl(floatControl() | kMasks);
#endif
}
sevenfold::runtime::Untrapped::~Untrapped() { setFloatControl(before); }

namespace {
/// A loop that threads share, and the part of one of them.
struct Loop {
  int64_t count;
  void (*body)(int64_t, int64_t, void *);
  void *context;
  Call *call;
  unsigned control; ///< the caller's, for all

  void run(int64_t self, int64_t team) const {
    int64_t share = count / team, rest = count % team;
    int64_t begin = self * share + (self < rest ? self : rest);
    int64_t end = begin + share + (self < rest ? 1 : 0);
    if (begin < end)
      body(begin, end, context);
  }

  void runAsWorker(int64_t self, int64_t team) const {
    adoptCall(call);
    unsigned own = floatControl();
    setFloatControl(control);
    run(self, team);
    setFloatControl(own);
    adoptCall(nullptr);
  }
};

struct Worker {
  const Loop *loop;
  int64_t self, team;
  pthread_t thread;
  bool isStarted;
};
} // namespace

static void *work(void *argument) {
  auto *worker = static_cast<Worker *>(argument);
  isInLoop = true;
  worker->loop->runAsWorker(worker->self, worker->team);
  return nullptr;
}

/// On threads that end with the loop. What cannot have a thread of its own runs
/// on this one.
static void runOnFreshThreads(const Loop &loop, int64_t team) {
  team = team < loop.count ? team : loop.count;
  auto *workers = static_cast<Worker *>(calloc(size_t(team), sizeof(Worker)));
  if (!workers)
    return loop.run(0, 1);
  for (int64_t self = 1; self < team; ++self) {
    Worker &worker = workers[self];
    worker = {&loop, self, team, {}, false};
    worker.isStarted =
        pthread_create(&worker.thread, nullptr, work, &worker) == 0;
  }
  isInLoop = true;
  loop.run(0, team);
  for (int64_t self = 1; self < team; ++self)
    if (!workers[self].isStarted)
      loop.run(self, team);
    else
      pthread_join(workers[self].thread, nullptr);
  isInLoop = false;
  free(workers);
}

extern "C" void sevenfold_parallel_for(int64_t count,
                                       void (*body)(int64_t, int64_t, void *),
                                       void *context) {
  if (count <= 0 || hasFailed())
    return;
  int threads = sevenfold_get_threads();
  if (count == 1 || threads == 1 || isInLoop || omp_in_parallel()) {
    body(0, count, context);
    return;
  }
  Call *call = currentCall();
  Loop loop = {count, body, context, call, floatControl()};
  if (__atomic_load_n(&isBesideThreads, __ATOMIC_RELAXED))
    return runOnFreshThreads(loop, threads);
  if (!hasTeam(threads)) {
    if (!call)
      return body(0, count, context);
    return fail(SEVENFOLD_OUT_OF_MEMORY,
                "out of memory or of threads for %d threads; OMP_NUM_THREADS "
                "asks for fewer",
                threads);
  }
  // Always the full team, even for fewer iterations: OpenMP runtimes end and
  // create threads when the team's size changes.
#pragma omp parallel num_threads(threads)
  {
    int64_t team = omp_get_num_threads(), self = omp_get_thread_num();
    if (self == 0)
      loop.run(self, team);
    else
      loop.runAsWorker(self, team);
  }
}
