//===- State.h - What the GPU runtime keeps ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything the runtime keeps lies under a context, and everything a call uses
// exclusively under a stream. The runtime is linked into every compiled
// library: C++ without the C++ library, no exceptions, no static constructors.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_GPU_STATE_H
#define SEVENFOLD_LIB_RUNTIME_GPU_STATE_H

#include "Internal.h"
#include "sevenfold/Runtime/GpuDriver.h"
#include "sevenfold/Runtime/GpuRuntime.h"

#include <pthread.h>

namespace sevenfold {
namespace runtime {
namespace gpu {

struct Proposal;
struct CublasLt;

/// Side streams of a call, at most.
constexpr int kMaxSideStreams = 31;
constexpr int kMaxLanes = kMaxSideStreams + 1;

/// A kernel of an image; `name` is the caller's pointer, a constant.
struct Kernel {
  const char *name;
  Function function;
  int sharedBytes; ///< what it was allowed so far
  Kernel *next;
};

/// A loaded image, by its address in the compiled library.
struct Image {
  const void *data;
  int64_t bytes;
  Module module;
  Kernel *kernels;
  Image *next;
};

/// A constant of the model on the device, by its address in the library.
struct Constant {
  const void *data;
  int64_t bytes;
  DevicePointer device;
  Constant *next;
};

/// A stream that a call works on. Lane 0 is the caller's own.
struct Lane {
  Stream stream;
  Event event;                    ///< recorded anew by every wait for the lane
  DevicePointer productWorkspace; ///< cuBLASLt's; 0: none yet
};

/// A workspace that a captured graph may still name, though calls have outgrown
/// it.
struct RetiredWorkspace {
  DevicePointer base;
  RetiredWorkspace *next;
};

/// What calls on one stream share, one after another.
struct StreamState {
  Stream stream;
  unsigned long long identity; ///< the driver's; 0 where it has none
  pthread_mutex_t busy;        ///< held by the open call
  DevicePointer workspace;
  int64_t workspaceBytes;
  bool isCaptured; ///< a graph names the workspace
  RetiredWorkspace *retired;
  Lane lanes[kMaxLanes];
  int laneCount;
  StreamState *next;
};

struct ContextState {
  Context context;
  unsigned long long identity; ///< the driver's; 0 where it has none
  Device device;
  bool isRetained; ///< a primary context that we keep alive
  char deviceName[96];
  int major, minor; ///< compute capability
  Image *images;
  Constant *constants;
  Constant *lastConstant; ///< asked for last; null without any
  StreamState *streams;
  Proposal *proposals; ///< chosen for products, by shape
  void *cublasLt;      ///< its handle; null: none yet
  ContextState *next;
};

/// The open call of a thread.
struct OpenCall {
  int depth; ///< 1 while open; more: nested calls, which are refused
  int status;
  char text[kErrorTextBytes];
  const Driver *driver;
  ContextState *context;
  StreamState *stream;
  Image *image;
  bool isCapturing;
  bool isPushed;    ///< the context was made current by us
  uint32_t begun;   ///< lanes that follow the caller's stream
  uint32_t pending; ///< lanes the caller's stream has yet to wait for
};

OpenCall &openCall();
/// The open call if it can go on; null outside of one and after an error.
OpenCall *workingCall();

/// Held while contexts, streams and images are looked up or added.
extern pthread_mutex_t stateLock;

/// Records an error in the open call; the first one is kept. Returns false.
bool fail(OpenCall &call, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/// True for success; else records what failed and returns false.
bool check(OpenCall &call, Result error, const char *function);

/// Makes the context that `stream` lives in current and finds its state.
bool enterContext(OpenCall &call, Stream stream);
void leaveContext(OpenCall &call);

/// Allocates in the call's context; else records how much of what there is no
/// room for.
bool allocate(OpenCall &call, const char *what, int64_t bytes,
              DevicePointer &memory);

/// Takes the state of `stream` for this call, with that many lanes and that
/// much workspace; call.isCapturing is set on the way.
bool takeStream(OpenCall &call, Stream stream, int64_t workspaceBytes,
                int sideStreams);
/// The stream behind a lane's number, which from here on follows the caller's
/// stream and is waited for when the call ends. Null: the error is recorded.
Lane *useLane(OpenCall &call, int32_t number);
/// Lane `waiting` waits for lane `awaited`, both numbers valid.
bool waitForLane(OpenCall &call, int32_t waiting, int32_t awaited);
/// Synchronises every lane of the call.
bool synchronizeLanes(OpenCall &call);
/// Frees all that a stream's state holds, and the state.
void destroyStream(const Driver &driver, StreamState *state);

/// Finds or loads an image.
Image *requireImage(OpenCall &call, const void *data, int64_t bytes);
/// Finds a kernel of the call's image, allowed that much shared memory.
Kernel *requireKernel(OpenCall &call, const char *name, int sharedBytes);
void destroyImages(const Driver &driver, Image *images);
/// Frees them on the device where the driver is there.
void destroyConstants(const Driver &driver, Constant *constants);

} // namespace gpu
} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_GPU_STATE_H
