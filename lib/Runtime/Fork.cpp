//===- Fork.cpp - Processes forked from one with threads ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A forked process has one thread, and pools of threads that it does not know
// to be gone: libgomp would wait for them for ever. So the child of a process
// that had threads uses its own alone, for loops and in vendor libraries. A
// fork waits until no thread is inside a product or loads a library, since
// locks that are not ours would stay locked in the child.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

using namespace sevenfold::runtime;

/// Read by products, written by a fork, which does not wait for ever behind
/// threads that multiply in turn.
static pthread_rwlock_t products =
    PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

/// Set in the child of a process with threads, for good.
static bool isChildOfThreads;

/// Products this thread is in, and forks that it prepares: the handlers are
/// registered more than once, and a signal handler may fork inside a product.
static thread_local int openProducts;
static thread_local int preparations;
static thread_local bool isOutside, isLocked, hasProviders, hadThreads;

bool sevenfold::runtime::mustRunAlone() {
  return __atomic_load_n(&isChildOfThreads, __ATOMIC_RELAXED);
}

void sevenfold::runtime::beginProduct() {
  if (openProducts++ == 0)
    pthread_rwlock_rdlock(&products);
}

void sevenfold::runtime::endProduct() {
  if (--openProducts == 0)
    pthread_rwlock_unlock(&products);
}

/// Threads of anybody: a program's own may have been OpenMP's as well.
static bool hasThreads() {
  struct stat status;
  // A folder has a link for itself, one for its parent and one for each folder
  // in it, here one a thread.
  return stat("/proc/self/task", &status) != 0 || status.st_nlink > 3;
}

/// False, after a while, where products do not end: one may wait for a lock
/// that another handler of this fork already holds.
static bool lockProducts() {
  constexpr int kSeconds = 10;
  timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += kSeconds;
  return pthread_rwlock_timedwrlock(&products, &until) == 0;
}

static void prepare() {
  if (preparations++ != 0)
    return;
  // In a product, it is not this thread's to wait for.
  isOutside = openProducts == 0;
  isLocked = isOutside && lockProducts();
  if (isOutside)
    endTeam();
  hasProviders = lockProviders();
  lockPool();
  hadThreads = hasThreads();
}

static void resumeParent() {
  if (--preparations != 0)
    return;
  unlockPool();
  if (hasProviders)
    unlockProviders();
  if (isLocked)
    pthread_rwlock_unlock(&products);
}

static void resumeChild() {
  if (--preparations != 0)
    return;
  unlockPool();
  // It belongs to the thread by its number, which is another one now, or to
  // threads that are not here.
  if (isOutside)
    products = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
  if (hasProviders)
    unlockProviders();
  else
    abandonOpening();
  if (hadThreads)
    __atomic_store_n(&isChildOfThreads, true, __ATOMIC_RELAXED);
}

/// Before anybody can have forked with the library loaded. Unloading it takes
/// the handlers away again.
__attribute__((constructor)) void sevenfold::runtime::watchForks() {
  pthread_atfork(prepare, resumeParent, resumeChild);
}
