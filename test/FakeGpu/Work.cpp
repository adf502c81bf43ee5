//===- Work.cpp - Streams, events, launches and captures of the fake ------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the driver API that orders work.
//
//===----------------------------------------------------------------------===//

#include "ModelState.h"
#include "sevenfold/Runtime/GpuDriver.h"

#include <algorithm>
#include <cstring>

using namespace sevenfold::fake;
using sevenfold::runtime::gpu::Copy2D;
using sevenfold::runtime::gpu::DevicePointer;

static char *address(DevicePointer pointer) {
  return reinterpret_cast<char *>(uintptr_t(pointer));
}

/// Adds an operation that touches `ranges`; 400 where the stream is gone.
static int give(void *stream, const char *name, std::vector<Range> ranges,
                std::function<void()> run, double cost = 0.01) {
  StreamHandle *handle = findStream(stream);
  if (!handle)
    return 400;
  auto operation = std::make_shared<Operation>();
  operation->name = name;
  operation->touched = std::move(ranges);
  operation->run = std::move(run);
  enqueue(handle, operation, cost);
  return 0;
}

extern "C" {

//===----------------------------------------------------------------------===//
// Streams and events
//===----------------------------------------------------------------------===//

int cuStreamCreate(void **stream, unsigned flags) {
  return enter("cuStreamCreate", std::to_string(flags), [&] {
    if (!currentContext())
      return 201;
    state().streams.push_back(std::make_unique<StreamHandle>());
    StreamHandle *handle = state().streams.back().get();
    handle->context = currentContext();
    handle->identity = ++state().serial;
    *stream = handle;
    countThing("stream", 1);
    return 0;
  });
}

int cuStreamDestroy_v2(void *stream) {
  return enter("cuStreamDestroy_v2", "", [&] {
    StreamHandle *handle = findStream(stream);
    if (!handle)
      return 400;
    handle->isAlive = false;
    countThing("stream", -1);
    return 0;
  });
}

int cuStreamSynchronize(void *stream) {
  return enter("cuStreamSynchronize", "", [&] {
    StreamHandle *handle = findStream(stream);
    if (!handle)
      return 400;
    if (handle->capture) {
      violate("cuStreamSynchronize of a stream that is captured");
      return 900;
    }
    execute(handle->tail);
    return state().lost;
  });
}

int cuStreamIsCapturing(void *stream, int *status) {
  return enter("cuStreamIsCapturing", "", [&] {
    StreamHandle *handle = findStream(stream);
    if (!handle)
      return 400;
    *status = handle->capture ? 1 : 0;
    return 0;
  });
}

int cuStreamGetCtx(void *stream, void **context) {
  return enter("cuStreamGetCtx", "", [&] {
    StreamHandle *handle = findStream(stream);
    if (!handle)
      return 400;
    *context = handle->context;
    return 0;
  });
}

int cuStreamGetId(void *stream, unsigned long long *identity) {
  return enter("cuStreamGetId", "", [&] {
    StreamHandle *handle = findStream(stream);
    if (!handle)
      return 400;
    *identity = handle->identity;
    return 0;
  });
}

int cuEventCreate(void **event, unsigned flags) {
  return enter("cuEventCreate", std::to_string(flags), [&] {
    state().events.push_back(std::make_unique<EventHandle>());
    state().events.back()->flags = flags;
    *event = state().events.back().get();
    countThing("event", 1);
    return 0;
  });
}

int cuEventDestroy_v2(void *event) {
  return enter("cuEventDestroy_v2", "", [&] {
    auto *handle = static_cast<EventHandle *>(event);
    if (!handle->isAlive) {
      violate("an event is destroyed twice");
      return 400;
    }
    handle->isAlive = false;
    countThing("event", -1);
    return 0;
  });
}

int cuEventRecord(void *event, void *stream) {
  return enter("cuEventRecord", "", [&] {
    auto *handle = static_cast<EventHandle *>(event);
    StreamHandle *source = findStream(stream);
    if (!source || !handle->isAlive)
      return 400;
    handle->isRecorded = true;
    handle->at = source->tail;
    handle->capture = source->capture;
    return 0;
  });
}

int cuStreamWaitEvent(void *stream, void *event, unsigned) {
  return enter("cuStreamWaitEvent", "", [&] {
    auto *handle = static_cast<EventHandle *>(event);
    StreamHandle *waiting = findStream(stream);
    if (!waiting || !handle->isAlive)
      return 400;
    if (!handle->isRecorded) {
      violate("a stream waits for an event that was not recorded");
      return 0;
    }
    if (waiting->capture && waiting->capture != handle->capture) {
      violate("a captured stream waits for an event from outside");
      return 905;
    }
    if (handle->capture && !waiting->capture) {
      waiting->capture = handle->capture;
      waiting->tailBefore = waiting->tail;
      waiting->tail = nullptr;
      handle->capture->joined.push_back(waiting);
    }
    auto operation = std::make_shared<Operation>();
    operation->name = "wait";
    if (handle->at)
      operation->after.push_back(handle->at);
    enqueue(waiting, operation, 0);
    return 0;
  });
}

int cuEventSynchronize(void *event) {
  return enter("cuEventSynchronize", "", [&] {
    auto *handle = static_cast<EventHandle *>(event);
    if (handle->capture && handle->capture->isOpen) {
      violate("cuEventSynchronize of a captured event");
      return 907;
    }
    execute(handle->at);
    return state().lost;
  });
}

int cuEventElapsedTime(float *milliseconds, void *begin, void *end) {
  return enter("cuEventElapsedTime", "", [&] {
    auto *first = static_cast<EventHandle *>(begin);
    auto *last = static_cast<EventHandle *>(end);
    if (!first->isRecorded || !last->isRecorded || first->flags & 2 ||
        last->flags & 2)
      return 400;
    if (last->at && !last->at->isDone) {
      violate("a time is asked for that nobody waited for");
      return 600;
    }
    *milliseconds = float((last->at ? last->at->finish : 0) -
                          (first->at ? first->at->finish : 0));
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

int cuMemcpyDtoDAsync_v2(DevicePointer destination, DevicePointer source,
                         size_t bytes, void *stream) {
  return enter("cuMemcpyDtoDAsync_v2", std::to_string(bytes), [&] {
    char *to = address(destination), *from = address(source);
    return give(stream, "cuMemcpyDtoDAsync_v2", {{to, bytes}, {from, bytes}},
                [=] { std::memcpy(to, from, bytes); });
  });
}

int cuMemcpy2DAsync_v2(const Copy2D *copy, void *stream) {
  Copy2D c = *copy;
  return enter(
      "cuMemcpy2DAsync_v2", format("%zux%zu", c.widthBytes, c.height), [&] {
        char *to = address(c.destinationDevice),
             *from = address(c.sourceDevice);
        size_t toBytes = (c.height - 1) * c.destinationPitch + c.widthBytes;
        size_t fromBytes = (c.height - 1) * c.sourcePitch + c.widthBytes;
        return give(stream, "cuMemcpy2DAsync_v2",
                    {{to, toBytes}, {from, fromBytes}}, [=] {
                      for (size_t row = 0; row < c.height; ++row)
                        std::memcpy(to + row * c.destinationPitch,
                                    from + row * c.sourcePitch, c.widthBytes);
                    });
      });
}

int cuMemsetD2D8Async(DevicePointer destination, size_t pitch,
                      unsigned char value, size_t width, size_t height,
                      void *stream) {
  return enter("cuMemsetD2D8Async", format("%zux%zu", width, height), [&] {
    char *to = address(destination);
    return give(stream, "cuMemsetD2D8Async",
                {{to, (height - 1) * pitch + width}}, [=] {
                  for (size_t row = 0; row < height; ++row)
                    std::memset(to + row * pitch, value, width);
                });
  });
}

} // extern "C"

/// A launch with its arguments copied, as cuLaunchKernel does.
static OperationPointer makeLaunch(const std::string &name,
                                   const HostKernel &kernel,
                                   std::vector<unsigned> launch,
                                   void **arguments) {
  auto operation = std::make_shared<Operation>();
  operation->name = name;
  std::vector<std::string> values;
  for (size_t i = 0; i < kernel.sizes.size(); ++i) {
    values.emplace_back(static_cast<char *>(arguments[i]), kernel.sizes[i]);
    uintptr_t pointer = 0;
    if (kernel.sizes[i] == 8)
      std::memcpy(&pointer, arguments[i], 8);
    auto *begin = reinterpret_cast<char *>(pointer);
    for (const auto &block : state().memory)
      if (begin >= block.first && begin < block.first + block.second.bytes)
        operation->touched.push_back({begin, 1});
  }
  auto body = kernel.body;
  operation->run = [values, launch, body]() mutable {
    std::vector<void *> pointers;
    for (std::string &value : values)
      pointers.push_back(&value[0]);
    body(pointers.data(), launch.data());
  };
  return operation;
}

/// A kernel of PTX. The whole module stays while work that names it does.
static HostKernel interpreted(std::shared_ptr<PtxModule> program,
                              const std::string &name) {
  const PtxKernel &kernel = program->at(name);
  return {kernel.sizes,
          [program, name, &kernel](void **arguments, const unsigned *launch) {
            std::string problem = kernel.run(
                arguments, launch, [&](const char *begin, size_t bytes) {
                  if (isLive({begin, bytes}))
                    return true;
                  // As on a GPU: the context is lost.
                  violate(name + " reaches memory that is not allocated");
                  state().lost = sevenfold::runtime::gpu::kIllegalAddress;
                  return false;
                });
            if (!problem.empty())
              violate("'" + name + "' is not run: " + problem);
          }};
}

/// What a kernel takes: one of a product more than one of sums, or products of
/// our own would be of no cost beside the library's.
static double kernelMilliseconds(const std::string &name) {
  return name.rfind("sevenfold_product", 0) == 0 ? 1 : 0.01;
}

extern "C" int cuLaunchKernel(void *function, unsigned gridX, unsigned gridY,
                              unsigned gridZ, unsigned blockX, unsigned blockY,
                              unsigned blockZ, unsigned sharedBytes,
                              void *stream, void **arguments, void **) {
  auto *handle = static_cast<FunctionHandle *>(function);
  std::string detail =
      format("%s grid %ux%ux%u block %ux%ux%u shared %u", handle->name.c_str(),
             gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes);
  return enter("cuLaunchKernel", detail, [&] {
    StreamHandle *target = findStream(stream);
    if (!target || !handle->module->isAlive) {
      violate("'" + handle->name + "' is launched on what is gone");
      return 400;
    }
    if (int(sharedBytes) > handle->maxSharedBytes || gridX * gridY == 0 ||
        blockX * blockY * blockZ > 1024)
      return 1;
    auto found = state().kernels.find(handle->name);
    OperationPointer operation;
    std::vector<unsigned> launch = {gridX,  gridY,  gridZ,      blockX,
                                    blockY, blockZ, sharedBytes};
    auto program = handle->module->program;
    if (found != state().kernels.end()) {
      operation = makeLaunch(handle->name, found->second, launch, arguments);
    } else if (program->count(handle->name)) {
      operation = makeLaunch(handle->name, interpreted(program, handle->name),
                             launch, arguments);
    } else {
      operation = std::make_shared<Operation>();
      operation->name = handle->name;
      operation->touchesAnything = true;
    }
    enqueue(target, operation, kernelMilliseconds(handle->name));
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// Captures
//===----------------------------------------------------------------------===//

/// Whether `wanted` is waited for, directly or not, by `last`.
static bool isBefore(const OperationPointer &wanted,
                     const OperationPointer &last) {
  std::vector<Operation *> stack = {last.get()};
  while (!stack.empty()) {
    Operation *operation = stack.back();
    stack.pop_back();
    if (!operation)
      continue;
    if (operation == wanted.get())
      return true;
    for (const OperationPointer &before : operation->after)
      stack.push_back(before.get());
  }
  return false;
}

/// Runs a graph once more, as late as its edges let it.
static void replay(const Graph &graph, const OperationPointer &last) {
  for (const OperationPointer &operation : graph.operations)
    operation->isDone = false;
  std::function<void(const OperationPointer &)> visit =
      [&](const OperationPointer &operation) {
        if (operation->isDone)
          return;
        operation->isDone = true;
        for (const OperationPointer &before : operation->after)
          visit(before);
        for (Range range : operation->touched)
          checkRange(operation->name, range);
        if (operation->run)
          operation->run();
      };
  if (last)
    visit(last);
}

extern "C" {

int cuStreamBeginCapture_v2(void *stream, int) {
  return enter("cuStreamBeginCapture_v2", "", [&] {
    StreamHandle *origin = findStream(stream);
    if (!stream || !origin || origin->capture)
      return 900;
    state().graphs.push_back(std::make_unique<Graph>());
    origin->capture = state().graphs.back().get();
    origin->tailBefore = origin->tail;
    origin->tail = nullptr;
    origin->capture->joined = {origin};
    return 0;
  });
}

int cuStreamEndCapture(void *stream, void **graph) {
  return enter("cuStreamEndCapture", "", [&] {
    StreamHandle *origin = findStream(stream);
    if (!origin || !origin->capture)
      return 901;
    Graph *captured = origin->capture;
    OperationPointer last = origin->tail;
    int error = 0;
    for (StreamHandle *joined : captured->joined) {
      if (joined->tail && !isBefore(joined->tail, last)) {
        violate("a captured stream is not joined when the capture ends");
        error = 904;
      }
      joined->tail = joined->tailBefore;
      joined->tailBefore = nullptr;
      joined->capture = nullptr;
    }
    captured->isOpen = false;
    // The last operation stands for the whole graph.
    if (last)
      captured->operations.push_back(last);
    *graph = captured;
    return error;
  });
}

int cuGraphLaunch(void *graph, void *stream) {
  return enter("cuGraphLaunch", "", [&] {
    auto *captured = static_cast<Graph *>(graph);
    auto operation = std::make_shared<Operation>();
    operation->name = "graph";
    operation->touchesAnything = true;
    OperationPointer last;
    if (!captured->operations.empty())
      last = captured->operations.back();
    operation->run = [=] { replay(*captured, last); };
    enqueue(findStream(stream), operation, 0.01);
    return 0;
  });
}

} // extern "C"
