//===- GpuMemory.h - Operands in a GPU's memory -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same numbers as on the host, uploaded. For checking, what lies behind
// every buffer is known, and the inputs stay on the host to be compared.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_GPUMEMORY_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_GPUMEMORY_H

#include "Executor.h"

#include "sevenfold/Runtime/GpuDriver.h"

namespace sevenfold {
namespace runner {

/// Buffers in the current context.
class GpuMemory {
public:
  explicit GpuMemory(const runtime::gpu::Driver &driver) : driver(driver) {}
  GpuMemory(const GpuMemory &) = delete;
  GpuMemory &operator=(const GpuMemory &) = delete;
  ~GpuMemory() { clear(); }

  /// `sets` times all buffers. False with a message where they do not fit or
  /// the driver fails.
  bool prepare(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, int sets, Purpose purpose,
               uint64_t seed, std::string &message);
  bool matches(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, uint64_t seed) const;
  void clear();
  const Arguments &set(int64_t index) const {
    return arguments[index % arguments.size()];
  }

  /// Copies the buffers behind `chosen` to the host, and looks whether inputs
  /// or what lies behind a buffer were written.
  bool inspect(const Arguments &chosen, size_t inputs,
               std::vector<const void *> &readable, std::string &message);

private:
  struct Block {
    runtime::gpu::DevicePointer device = 0;
    Shape shape;
    std::unique_ptr<Buffer> host; ///< for checking; else null
  };

  bool fits(int64_t bytes, std::string &message) const;
  bool add(const Shape &shape, bool isInput, uint64_t stream,
           std::string &message);
  bool check(runtime::gpu::Result result, const char *call,
             std::string &message) const;
  bool isUnchanged(const Block &block, std::string &message) const;
  bool guardHolds(const Block &block, std::string &message) const;

  const runtime::gpu::Driver &driver;
  std::vector<Shape> inputShapes, outputShapes;
  uint64_t dataSeed = 0;
  Purpose purpose = Purpose::Timing;
  std::vector<Block> blocks;
  std::vector<Arguments> arguments;
};

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_GPUMEMORY_H
