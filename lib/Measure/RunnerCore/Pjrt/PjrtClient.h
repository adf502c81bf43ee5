//===- PjrtClient.h - Programs and buffers of a plugin ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first device of a plugin: what it is, programs compiled for it, buffers
// on it. Everything throws PjrtError.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_PJRT_PJRTCLIENT_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_PJRT_PJRTCLIENT_H

#include "PjrtPlugin.h"

#include "../Buffers.h"

#include "sevenfold/Measure/XlaDevice.h"

#include <utility>

namespace sevenfold {
namespace runner {

/// What the compiler says of a program.
struct CompiledProgram {
  int64_t argumentBytes = 0, outputBytes = 0;
  int64_t temporaryBytes = 0; ///< beside arguments and outputs
  int64_t codeBytes = 0;
  double flops = 0;         ///< as the compiler counts them; 0: untold
  double bytesAccessed = 0; ///< likewise
};

class PjrtClient;

/// A buffer on the device.
class PjrtBuffer {
public:
  PjrtBuffer() = default;
  PjrtBuffer(const PjrtClient &client, PJRT_Buffer *buffer)
      : client(&client), buffer(buffer) {}
  PjrtBuffer(PjrtBuffer &&other) noexcept
      : client(other.client), buffer(std::exchange(other.buffer, nullptr)) {}
  PjrtBuffer &operator=(PjrtBuffer &&other) noexcept {
    std::swap(client, other.client);
    std::swap(buffer, other.buffer);
    return *this;
  }
  ~PjrtBuffer();

  PJRT_Buffer *get() const { return buffer; }

private:
  const PjrtClient *client = nullptr;
  PJRT_Buffer *buffer = nullptr;
};

/// A program on the device.
class PjrtProgram {
public:
  PjrtProgram(const PjrtClient &client, PJRT_LoadedExecutable *executable);
  PjrtProgram(const PjrtProgram &) = delete;
  PjrtProgram &operator=(const PjrtProgram &) = delete;
  ~PjrtProgram();

  size_t outputs() const { return outputCount; }
  /// Starts a run. `kept`: numbers of the inputs that are not given away. The
  /// event is that of the run's end, for PjrtPlugin::await.
  PJRT_Event *start(const std::vector<PJRT_Buffer *> &inputs,
                    const std::vector<int64_t> &kept,
                    std::vector<PjrtBuffer> &results) const;
  CompiledProgram describe() const;

private:
  const PjrtClient &client;
  PJRT_LoadedExecutable *loaded;
  PJRT_Executable *executable = nullptr;
  size_t outputCount = 0;
};

/// A compiler without a device.
class PjrtCompiler {
public:
  PjrtCompiler(const PjrtPlugin &plugin, const std::string &topology);

  /// Compiles StableHLO text for the topology.
  CompiledProgram compile(const std::string &text) const;
  /// The first device of the topology, as far as it is known without one.
  XlaDevice describe() const;

private:
  const PjrtPlugin &plugin;
  PJRT_TopologyDescription *topology = nullptr;
};

class PjrtClient {
public:
  explicit PjrtClient(const std::string &path);
  PjrtClient(const PjrtClient &) = delete;
  PjrtClient &operator=(const PjrtClient &) = delete;
  ~PjrtClient();

  /// What it is; the hash of the plugin's file is left to the caller.
  XlaDevice describe() const;
  /// Compiles StableHLO text, whose entry is @main.
  std::unique_ptr<PjrtProgram> compile(const std::string &text) const;

  /// A buffer with those elements, row-major.
  PjrtBuffer upload(const void *data, const Shape &shape) const;
  /// The inverse; `data` has room for the shape's bytes.
  void download(PJRT_Buffer *buffer, const Shape &shape, void *data) const;

  const PjrtPlugin plugin;
  std::string platform; ///< "cpu", "tpu", "cuda"

private:
  PJRT_Client *client = nullptr;
  PJRT_Device *device = nullptr;
};

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_PJRT_PJRTCLIENT_H
