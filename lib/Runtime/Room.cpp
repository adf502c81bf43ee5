//===- Room.cpp - Memory and threads, tried before they are needed --------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where there is no room libgomp and BLIS end the process and OpenBLAS tries
// again for ever. What they are about to take is taken and given back here
// first. Another thread may still be quicker; nothing better can be had from
// outside of them.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

using namespace sevenfold::runtime;

bool sevenfold::runtime::hasRoom(int64_t bytes) {
  // Not to be touched: it is the address space that is asked for.
  void *mapping = mmap(nullptr, bytes, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapping != MAP_FAILED && munmap(mapping, bytes) == 0;
}

/// pthread_exit, by which libgomp ends the threads of a caller that ends, loads
/// GCC's unwinder, and ends the process where it cannot. False where there is
/// no room for it; where it is not installed nothing can be done here.
static bool loadUnwinder() {
  if (dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
    return true;
  const char *message = dlerror();
  return message && strstr(message, "No such file");
}

/// libgomp's threads outlive the library that started them, so it has to as
/// well.
static void keepOpenMP() {
  dlopen("libgomp.so.1", RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

static void *passGate(void *gate) {
  pthread_mutex_lock(static_cast<pthread_mutex_t *>(gate));
  pthread_mutex_unlock(static_cast<pthread_mutex_t *>(gate));
  return nullptr;
}

/// Has so many threads at once, and ends them. The stacks stay with the C
/// library for those that come next.
static bool startThreads(int count) {
  auto *threads = static_cast<pthread_t *>(calloc(count, sizeof(pthread_t)));
  if (!threads)
    return false;
  pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&gate);
  int started = 0;
  while (started < count &&
         pthread_create(&threads[started], nullptr, passGate, &gate) == 0)
    ++started;
  pthread_mutex_unlock(&gate);
  for (int index = 0; index < started; ++index)
    pthread_join(threads[index], nullptr);
  free(threads);
  return started == count;
}

bool sevenfold::runtime::hasRoomForThreads(int count) {
  /// What libgomp and the C library allocate beside stacks: for a team, and for
  /// each thread's own variables.
  constexpr int64_t kTeamBytes = int64_t(4) << 20, kThreadBytes = 256 << 10;
  int64_t bytes = kTeamBytes + count * kThreadBytes;
  void *beside = mmap(nullptr, bytes, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (beside == MAP_FAILED)
    return false;
  bool isStarted = startThreads(count);
  munmap(beside, bytes);
  if (!isStarted)
    return false;
  beginProduct();
  keepOpenMP();
  bool hasUnwinder = loadUnwinder();
  endProduct();
  return hasUnwinder;
}
