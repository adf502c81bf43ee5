//===- Internal.h - What the runtime's files share --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime is linked into every compiled library, so it is C++ without the
// C++ library: no exceptions, no static constructors, no containers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_INTERNAL_H
#define SEVENFOLD_LIB_RUNTIME_INTERNAL_H

#include "ProviderTable.h"

#include "sevenfold/Runtime/Runtime.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

namespace sevenfold {
namespace runtime {

constexpr size_t kErrorTextBytes = 512;

struct Arena;

/// An open call: what sevenfold_call_begin opened and sevenfold_call_end
/// closes. Workers of a parallel loop report into their master's call.
struct Call {
  int status; ///< the first error, set once (atomically)
  char text[kErrorTextBytes];
  Arena *arena; ///< null without a workspace
};

/// The call errors of this thread go to; null outside of any.
Call *currentCall();
/// Whether there is an open call and it has failed: its work is of no use.
bool hasFailed();
/// Lets errors of this thread go to `call` (a master's); null ends that.
void adoptCall(Call *call);

/// Sets the sentence sevenfold_error_string gives this thread for `status`.
void setErrorText(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Same, and records the error in the open call if it is its first.
void fail(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Maps and touches, or takes from the pool, at least `bytes` (> 0). Null where
/// the system, the control group or the cap refuses, and `why` is the end of a
/// sentence. Thread-safe.
Arena *acquireArena(int64_t bytes, const char *&why);
void *arenaBase(const Arena *arena);
void releaseArena(Arena *arena);
/// Held over a fork, so that the child finds the pool whole.
void lockPool();
void unlockPool();

/// What the control groups of the process allow together and still leave to
/// it. Files in memory count as left.
struct MemoryLimit {
  static constexpr int64_t kNone = INT64_MAX;
  int64_t allowed = kNone, room = kNone;
};
MemoryLimit memoryLimit();
/// The same from a list of groups and the folder their hierarchies are in.
MemoryLimit memoryLimit(const char *groups, const char *root);

/// Whether the address space has room for so much more (> 0).
bool hasRoom(int64_t bytes);
/// Whether OpenMP can start that many threads beside this one (> 0), and end
/// them, without ending the process. Once it can, libgomp stays loaded.
bool hasRoomForThreads(int count);
/// Whether the team of this thread has so many threads already, or can get
/// them. Each thread that enters OpenMP has a team.
bool hasTeam(int threads);
/// Ends this thread's team, if it has one from a loop of ours: a child would
/// wait for it where it uses OpenMP itself.
void endTeam();

/// Whether parallel loops run on threads that end with them, from now on: where
/// a library with threads of its own was opened.
void runBesideThreads(bool isBeside);

/// Whether this process was forked from one with threads: OpenMP is not to be
/// entered, and vendor libraries use one thread.
bool mustRunAlone();
/// Has a fork from now on wait for products first, before any handler that a
/// library loaded until now has registered.
void watchForks();
/// Around every product of a vendor library, and what a thread does with the
/// loader: no fork happens between them. They nest.
void beginProduct();
void endProduct();

/// As long as one lives, its thread is not cancelled: memory and locks would
/// stay as they are.
class Uncancelled {
public:
  Uncancelled() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before); }
  ~Uncancelled() { pthread_setcancelstate(before, nullptr); }

private:
  int before = PTHREAD_CANCEL_ENABLE;
};

/// As long as one lives, its thread and the workers of its loops do not trap on
/// exceptions of floating-point arithmetic, and what they raise is forgotten.
class Untrapped {
public:
  Untrapped();
  ~Untrapped();

private:
  unsigned before;
};

/// Entry points of a provider: exactly one style of product is set.
using CblasSgemm = void (*)(int order, int transposeA, int transposeB, int m,
                            int n, int k, float alpha, const float *a, int lda,
                            const float *b, int ldb, float beta, float *c,
                            int ldc);
using CblasDgemm = void (*)(int order, int transposeA, int transposeB, int m,
                            int n, int k, double alpha, const double *a,
                            int lda, const double *b, int ldb, double beta,
                            double *c, int ldc);
using DnnlSgemm = int (*)(char transposeA, char transposeB, int64_t m,
                          int64_t n, int64_t k, float alpha, const float *a,
                          int64_t lda, const float *b, int64_t ldb, float beta,
                          float *c, int64_t ldc);

enum class LoadState : int { Unknown, Present, Absent };

/// The instruction sets that vendor libraries have kernels of their own for.
enum class VectorSet : int { Other, Avx2, Avx512 };
/// The processor's.
VectorSet vectorSet();

/// A vendor library. Everything from `processor` on is written under the
/// provider lock before `state` leaves Unknown, and only read afterwards.
struct Provider {
  const ProviderEntry *entry; ///< null for ANY
  /// Loads the library and fills the fields below; false: see `reason`.
  bool (*open)(Provider &provider);
  /// Makes the library use `threads` threads.
  void (*setThreads)(const Provider &provider, int threads);
  /// Address space it takes when it is loaded, and for a thread's stack and
  /// buffers, and does not go on without.
  int64_t loadBytes, threadBytes;

  VectorSet processor = VectorSet::Other; ///< what its kernels should use
  LoadState state = LoadState::Unknown;
  void *handle = nullptr;
  const LibraryName *library = nullptr; ///< the name it was found by
  char path[256] = {};                  ///< what dlopen was given
  char file[512] = {};                  ///< what that turned out to be
  bool wasLoaded = false;               ///< by somebody else, before
  CblasSgemm sgemm = nullptr;
  CblasDgemm dgemm = nullptr;
  DnnlSgemm dnnlSgemm = nullptr;
  void *setThreadsSymbol = nullptr;
  int threads = 0;        ///< the number asked for last; 0: none yet
  bool usesOpenMP = true; ///< each thread that calls it has a team of its own
  /// Threads in it now, and how many at once have had room, by type.
  int callers = 0, roomyCallers[2] = {};
  pthread_once_t isWatched = PTHREAD_ONCE_INIT; ///< see watchForks
  char version[128] = {};
  char remark[256] = {};                  ///< on kernels below the processor
  char reason[kErrorTextBytes - 64] = {}; ///< why it is absent

  const char *name() const { return entry ? entry->name : "any"; }
};

/// The library behind a provider number other than ANY, loaded if need be; null
/// with `status` and the thread's error text set where it is unknown or absent,
/// or there is no room for it.
Provider *requireProvider(int provider, int &status);

/// Whether there is room for the buffers of the library while `callers` threads
/// are in it, and for this one's team; `isDouble`: the element type is f64.
bool hasWorkspace(Provider &provider, int callers, bool isDouble);

/// Opens each provider's library; the `open` members of the table.
bool openOpenblas(Provider &provider);
bool openOnednn(Provider &provider);
bool openBlis(Provider &provider);
bool openMkl(Provider &provider);

/// Opens the first library of the provider's entry that loads and that `accept`
/// takes: one that the process has already, then by name from the loader's own
/// places, then from the table's folders. `accept` finds an open handle and
/// says in `reason` why it refuses. False, with a reason, where none is left.
bool openAny(Provider &provider, bool (*accept)(Provider &provider));
/// Closes the library and opens the same file once more; false where it will
/// not open again.
bool openAgain(Provider &provider);
/// The address of a symbol in the spelling of the library; null with `reason`
/// set where it has none.
void *findSymbol(Provider &provider, const char *symbol);

/// Makes `provider` use sevenfold_get_threads() threads from now on.
void applyThreads(Provider &provider);

/// Held over a fork, so that no library is loaded meanwhile. False, after a
/// while, where one still is: its loader may be waiting for the fork.
bool lockProviders();
void unlockProviders();
/// In the child of a fork that did not get it: what another thread was loading
/// will never be there.
void abandonOpening();

/// Whether a machine is the expected one and can execute all of the expected
/// instruction sets (comma-separated).
bool isDevice(const char *expectedHardware, const char *expectedSets,
              const char *actualHardware, const char *actualSets);

/// True where the processor and the system offer AVX-512 F, DQ, BW and VL.
bool hasAvx512();

/// Whether the table knows better kernels for a processor with `set` than those
/// a library calls `kernels`; false where that is "unknown".
bool areKernelsBelow(const ProviderEntry &entry, const char *kernels,
                     VectorSet set);
/// The value of the entry's variable that asks for kernels for `set`; null
/// where there is none.
const char *overrideValue(const ProviderEntry &entry, VectorSet set);
/// Fused multiply-adds of 512-bit vectors in the code of an open library.
int64_t countWideMultiplyAdds(void *handle);

} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_INTERNAL_H
