//===- Workspace.cpp - Calls and their pooled arenas ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A call takes one arena for all its temporaries. Mapping and first touching
// of fresh pages costs about as much as copying them, so arenas are kept for
// later calls: the few most recently used, and never more than a quarter of the
// memory this process may have beside the one just given back. They belong to
// the library, not to threads, so that none is left behind by a thread that
// ends.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace sevenfold::runtime;

//===----------------------------------------------------------------------===//
// Arenas
//===----------------------------------------------------------------------===//

namespace sevenfold {
namespace runtime {
struct Arena {
  char *base;
  int64_t bytes;
  Arena *next; ///< in the pool: the one given back before this
};
} // namespace runtime
} // namespace sevenfold

static constexpr int64_t kPageBytes = 4096;
static constexpr int64_t kHugePageBytes = int64_t(2) << 20;
static constexpr int kMaxPooled = 4;
/// Beyond any address space; keeps the roundings below from overflowing.
static constexpr int64_t kMaxBytes = int64_t(1) << 46;

static pthread_mutex_t poolLock = PTHREAD_MUTEX_INITIALIZER;
static Arena *pool; ///< most recently given back first
/// Of all arenas, those in use and those in the pool; atomic.
static int64_t mappedBytes;
static int64_t capBytes = INT64_MAX;

void sevenfold::runtime::lockPool() { pthread_mutex_lock(&poolLock); }
void sevenfold::runtime::unlockPool() { pthread_mutex_unlock(&poolLock); }

static void unmapArena(Arena *arena) {
  munmap(arena->base, arena->bytes);
  __atomic_sub_fetch(&mappedBytes, arena->bytes, __ATOMIC_RELAXED);
  free(arena);
}

static void unmapList(Arena *list) {
  while (list) {
    Arena *next = list->next;
    unmapArena(list);
    list = next;
  }
}

/// Takes the smallest pooled arena that holds `bytes` without wasting more than
/// half of itself, or null.
static Arena *takePooled(int64_t bytes) {
  pthread_mutex_lock(&poolLock);
  Arena **best = nullptr;
  for (Arena **link = &pool; *link; link = &(*link)->next)
    if ((*link)->bytes >= bytes && (*link)->bytes / 2 <= bytes &&
        (!best || (*link)->bytes < (*best)->bytes))
      best = link;
  Arena *arena = best ? *best : nullptr;
  if (arena)
    *best = arena->next;
  pthread_mutex_unlock(&poolLock);
  return arena;
}

static void dropPool() {
  pthread_mutex_lock(&poolLock);
  Arena *list = pool;
  pool = nullptr;
  pthread_mutex_unlock(&poolLock);
  unmapList(list);
}

/// A compiled library that is unloaded, as a measured candidate is, leaves no
/// memory behind.
__attribute__((destructor)) static void releasePool() { dropPool(); }

/// Fresh pages at an address that huge pages can back; MAP_FAILED if refused.
static void *mapAligned(int64_t bytes) {
  int64_t slack = bytes >= kHugePageBytes ? kHugePageBytes : 0;
  void *mapping = mmap(nullptr, bytes + slack, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED || slack == 0)
    return mapping;
  char *begin = static_cast<char *>(mapping);
  uintptr_t misaligned = reinterpret_cast<uintptr_t>(begin) % kHugePageBytes;
  int64_t head = misaligned ? kHugePageBytes - misaligned : 0;
  if (head)
    munmap(begin, head);
  if (slack - head)
    munmap(begin + head + bytes, slack - head);
  // A hint: without huge pages the arena is slower, not wrong.
  madvise(begin + head, bytes, MADV_HUGEPAGE);
  return begin + head;
}

static void touchPages(int64_t begin, int64_t end, void *base) {
  volatile char *bytes = static_cast<char *>(base);
  for (int64_t page = begin; page < end; ++page)
    bytes[page * kPageBytes] = 0;
}

/// Fresh pages that nobody has touched yet; null, with the end of a sentence,
/// where they cannot be had.
static Arena *mapArena(int64_t bytes, const char *&why) {
  int64_t mapped = __atomic_add_fetch(&mappedBytes, bytes, __ATOMIC_RELAXED);
  void *base = MAP_FAILED;
  auto *arena = static_cast<Arena *>(malloc(sizeof(Arena)));
  if (mapped > __atomic_load_n(&capBytes, __ATOMIC_RELAXED))
    why = ", beyond the cap on workspaces";
  else if (bytes > memoryLimit().room)
    why = ", beyond the memory limit of its control group";
  else if (arena)
    base = mapAligned(bytes);
  if (base == MAP_FAILED) {
    __atomic_sub_fetch(&mappedBytes, bytes, __ATOMIC_RELAXED);
    free(arena);
    return nullptr;
  }
  *arena = {static_cast<char *>(base), bytes, nullptr};
  return arena;
}

Arena *sevenfold::runtime::acquireArena(int64_t bytes, const char *&why) {
  why = "";
  if (bytes > kMaxBytes)
    return nullptr;
  int64_t unit = bytes >= kHugePageBytes ? kHugePageBytes : kPageBytes;
  bytes = (bytes + unit - 1) / unit * unit;
  if (Arena *arena = takePooled(bytes))
    return arena;
  Arena *arena = mapArena(bytes, why);
  if (!arena) {
    dropPool();
    why = "";
    arena = mapArena(bytes, why);
  }
  if (arena)
    sevenfold_parallel_for(bytes / kPageBytes, touchPages, arena->base);
  return arena;
}

void *sevenfold::runtime::arenaBase(const Arena *arena) { return arena->base; }

/// What the pool may hold: a quarter of what the machine, or the control group,
/// has.
static int64_t poolLimit() {
  static int64_t limit;
  int64_t known = __atomic_load_n(&limit, __ATOMIC_RELAXED);
  if (known)
    return known;
  int64_t bytes = int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  int64_t allowed = memoryLimit().allowed;
  known = (allowed < bytes ? allowed : bytes) / 4 + 1;
  __atomic_store_n(&limit, known, __ATOMIC_RELAXED);
  return known;
}

static bool isBeyondCap() {
  return __atomic_load_n(&mappedBytes, __ATOMIC_RELAXED) >
         __atomic_load_n(&capBytes, __ATOMIC_RELAXED);
}

void sevenfold::runtime::releaseArena(Arena *arena) {
  if (isBeyondCap())
    return unmapArena(arena);
  int64_t limit = poolLimit();
  pthread_mutex_lock(&poolLock);
  arena->next = pool;
  pool = arena;
  // The newest stays whatever its size: the next call wants the same one.
  int64_t pooledBytes = 0;
  int count = 1;
  Arena **link = &arena->next;
  for (; *link; link = &(*link)->next) {
    pooledBytes += (*link)->bytes;
    if (++count > kMaxPooled || pooledBytes > limit)
      break;
  }
  Arena *surplus = *link;
  *link = nullptr;
  pthread_mutex_unlock(&poolLock);
  unmapList(surplus);
}

extern "C" void sevenfold_set_workspace_cap(int64_t bytes) {
  __atomic_store_n(&capBytes, bytes > 0 ? bytes : INT64_MAX, __ATOMIC_RELAXED);
  if (isBeyondCap())
    dropPool();
}

extern "C" void sevenfold_release_workspace(void) { dropPool(); }

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static constexpr int kMaxDepth = 4;

/// Calls open on this thread, the innermost last; deeper ones than kMaxDepth
/// are counted but refused.
static thread_local Call calls[kMaxDepth];
static thread_local int depth;
static thread_local Call *adopted;

Call *sevenfold::runtime::currentCall() {
  if (depth > 0)
    return &calls[(depth < kMaxDepth ? depth : kMaxDepth) - 1];
  return adopted;
}

bool sevenfold::runtime::hasFailed() {
  Call *call = currentCall();
  return call && __atomic_load_n(&call->status, __ATOMIC_RELAXED) != 0;
}

void sevenfold::runtime::adoptCall(Call *call) { adopted = call; }

extern "C" void *sevenfold_call_begin(int64_t workspaceBytes) {
  // What a call without a workspace gets: an address nobody reads.
  static char nothing[64];
  if (++depth > kMaxDepth) {
    fail(SEVENFOLD_OUT_OF_MEMORY, "calls are nested more than %d deep",
         kMaxDepth);
    return nullptr;
  }
  Call *call = currentCall();
  call->status = SEVENFOLD_OK;
  call->text[0] = 0;
  call->arena = nullptr;
  if (workspaceBytes == 0)
    return nothing;
  if (workspaceBytes < 0) {
    fail(SEVENFOLD_SIZE_OVERFLOW, "a workspace of %lld bytes was asked for",
         static_cast<long long>(workspaceBytes));
    return nullptr;
  }
  const char *why;
  call->arena = acquireArena(workspaceBytes, why);
  if (!call->arena)
    fail(SEVENFOLD_OUT_OF_MEMORY,
         "out of memory for a workspace of %lld bytes%s",
         static_cast<long long>(workspaceBytes), why);
  // Or there are no threads to touch it with.
  return hasFailed() ? nullptr : arenaBase(call->arena);
}

extern "C" int sevenfold_call_end(void) {
  if (depth == 0)
    return SEVENFOLD_OK;
  if (depth-- > kMaxDepth)
    return SEVENFOLD_OUT_OF_MEMORY;
  Call *call = &calls[depth];
  if (call->arena)
    releaseArena(call->arena);
  call->arena = nullptr;
  int status = __atomic_load_n(&call->status, __ATOMIC_ACQUIRE);
  if (status != SEVENFOLD_OK)
    setErrorText(status, "%s", call->text);
  return status;
}
