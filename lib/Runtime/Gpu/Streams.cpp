//===- Streams.cpp - Streams, lanes and workspaces ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The workspace of a stream is reused by call after call: the stream's own
// order keeps them apart on the device, a lock on the host. Side streams follow
// the caller's stream from where it is when they are first used, so that a
// capture of the caller's stream takes them in, too.
//
//===----------------------------------------------------------------------===//

#include "State.h"

#include <stdlib.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

static unsigned long long identityOf(const Driver &driver, Stream stream) {
  unsigned long long identity = 0;
  if (driver.streamGetId && driver.streamGetId(stream, &identity))
    return 0;
  return identity;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// Finds or adds the state of a stream, under the lock.
static StreamState *findStream(OpenCall &call, Stream stream) {
  unsigned long long identity = identityOf(*call.driver, stream);
  StreamState *state = call.context->streams;
  while (state && state->stream != stream)
    state = state->next;
  if (!state) {
    state = static_cast<StreamState *>(calloc(1, sizeof(StreamState)));
    if (!state) {
      fail(call, SEVENFOLD_OUT_OF_MEMORY, "out of host memory");
      return nullptr;
    }
    state->stream = stream;
    state->identity = identity;
    pthread_mutex_init(&state->busy, nullptr);
    state->next = call.context->streams;
    call.context->streams = state;
  }
  return state;
}

/// A stream at the address of one that was destroyed: what that one had in
/// flight must be over before the new one uses its workspace.
static bool adoptStream(OpenCall &call, StreamState &state) {
  unsigned long long identity = identityOf(*call.driver, state.stream);
  if (state.identity == identity)
    return true;
  if (call.isCapturing)
    return fail(call, SEVENFOLD_GPU_CAPTURE,
                "the first call on a stream is not possible while it is "
                "captured: call the library once before");
  if (!check(call, call.driver->contextSynchronize(), "cuCtxSynchronize"))
    return false;
  state.identity = identity;
  return true;
}

static bool noticeCapture(OpenCall &call, Stream stream) {
  int status = 0;
  if (!check(call, call.driver->streamIsCapturing(stream, &status),
             "cuStreamIsCapturing"))
    return false;
  call.isCapturing = status == 1;
  if (status <= 1)
    return true;
  return fail(call, SEVENFOLD_GPU_CAPTURE,
              "the capture of the stream failed before this call");
}

static bool refuseInCapture(OpenCall &call, const char *what) {
  return fail(call, SEVENFOLD_GPU_CAPTURE,
              "the call needs %s than this stream has, which is not possible "
              "while a CUDA graph is captured: call it once before",
              what);
}

//===----------------------------------------------------------------------===//
// Workspaces
//===----------------------------------------------------------------------===//

/// Gives back a workspace that is too small, or sets it aside for the graphs
/// that name it.
static bool dropWorkspace(OpenCall &call, StreamState &state) {
  if (!state.workspace)
    return true;
  if (state.isCaptured) {
    auto *kept =
        static_cast<RetiredWorkspace *>(malloc(sizeof(RetiredWorkspace)));
    if (!kept)
      return fail(call, SEVENFOLD_OUT_OF_MEMORY, "out of host memory");
    *kept = {state.workspace, state.retired};
    state.retired = kept;
    state.isCaptured = false;
  } else {
    if (!check(call, call.driver->streamSynchronize(state.stream),
               "cuStreamSynchronize") ||
        !check(call, call.driver->memFree(state.workspace), "cuMemFree_v2"))
      return false;
  }
  state.workspace = 0;
  state.workspaceBytes = 0;
  return true;
}

static bool growWorkspace(OpenCall &call, StreamState &state, int64_t bytes) {
  if (bytes <= state.workspaceBytes)
    return true;
  if (call.isCapturing)
    return refuseInCapture(call, "a larger workspace");
  if (!dropWorkspace(call, state))
    return false;
  if (allocate(call, "a workspace", bytes, state.workspace)) {
    state.workspaceBytes = bytes;
    return true;
  }
  state.workspace = 0;
  return false;
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

static bool addLane(OpenCall &call, StreamState &state) {
  const Driver &driver = *call.driver;
  Lane lane = {state.stream, nullptr, 0};
  bool isSide = state.laneCount > 0;
  if (isSide &&
      !check(call, driver.streamCreate(&lane.stream, kStreamNonBlocking),
             "cuStreamCreate"))
    return false;
  if (!check(call, driver.eventCreate(&lane.event, kEventDisableTiming),
             "cuEventCreate")) {
    if (isSide)
      driver.streamDestroy(lane.stream);
    return false;
  }
  state.lanes[state.laneCount++] = lane;
  return true;
}

static bool addLanes(OpenCall &call, StreamState &state, int count) {
  if (state.laneCount < count && call.isCapturing)
    return refuseInCapture(call, "more side streams");
  while (state.laneCount < count)
    if (!addLane(call, state))
      return false;
  return true;
}

bool sevenfold::runtime::gpu::takeStream(OpenCall &call, Stream stream,
                                         int64_t workspaceBytes,
                                         int sideStreams) {
  pthread_mutex_lock(&stateLock);
  StreamState *state = findStream(call, stream);
  pthread_mutex_unlock(&stateLock);
  if (!state)
    return false;
  pthread_mutex_lock(&state->busy);
  call.stream = state;
  if (!noticeCapture(call, stream) || !adoptStream(call, *state) ||
      !addLanes(call, *state, 1 + sideStreams) ||
      !growWorkspace(call, *state, workspaceBytes))
    return false;
  if (call.isCapturing && state->workspace)
    state->isCaptured = true;
  call.begun = 1;
  call.pending = 0;
  return true;
}

bool sevenfold::runtime::gpu::waitForLane(OpenCall &call, int32_t waiting,
                                          int32_t awaited) {
  const Driver &driver = *call.driver;
  Lane &source = call.stream->lanes[awaited];
  Lane &destination = call.stream->lanes[waiting];
  if (!check(call, driver.eventRecord(source.event, source.stream),
             "cuEventRecord") ||
      !check(call, driver.streamWaitEvent(destination.stream, source.event, 0),
             "cuStreamWaitEvent"))
    return false;
  call.begun |= 1u << waiting;
  if (waiting == 0)
    call.pending &= ~(1u << awaited);
  else
    call.pending |= 1u << waiting;
  return true;
}

Lane *sevenfold::runtime::gpu::useLane(OpenCall &call, int32_t number) {
  if (number < 0 || number >= call.stream->laneCount) {
    fail(call, SEVENFOLD_GPU_DRIVER_FAILED,
         "stream %d was used by a call that has %d", int(number),
         call.stream->laneCount);
    return nullptr;
  }
  bool isBegun = call.begun >> number & 1;
  if (!isBegun && !waitForLane(call, number, 0))
    return nullptr;
  if (number)
    call.pending |= 1u << number;
  return &call.stream->lanes[number];
}

bool sevenfold::runtime::gpu::synchronizeLanes(OpenCall &call) {
  for (int lane = 0; lane < call.stream->laneCount; ++lane)
    if (!check(call,
               call.driver->streamSynchronize(call.stream->lanes[lane].stream),
               "cuStreamSynchronize"))
      return false;
  return true;
}

void sevenfold::runtime::gpu::destroyStream(const Driver &driver,
                                            StreamState *state) {
  bool isAlive = driver.memFree != nullptr;
  for (int number = 0; isAlive && number < state->laneCount; ++number) {
    Lane &lane = state->lanes[number];
    if (lane.productWorkspace)
      driver.memFree(lane.productWorkspace);
    driver.eventDestroy(lane.event);
    if (number > 0)
      driver.streamDestroy(lane.stream);
  }
  if (isAlive && state->workspace)
    driver.memFree(state->workspace);
  while (RetiredWorkspace *retired = state->retired) {
    state->retired = retired->next;
    if (isAlive)
      driver.memFree(retired->base);
    free(retired);
  }
  pthread_mutex_destroy(&state->busy);
  free(state);
}
