//===- Library.h - A compiled function in a shared library ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads what `compile` emits and calls it: int NAME(const T *in0, .., T *out0).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_LIBRARY_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_LIBRARY_H

#include "Executor.h"

#include <string>

namespace sevenfold {
namespace runner {

/// A function can take this many buffers.
constexpr int kMaxBuffers = 64;

/// What every library of GPU code exports, and no other:
/// void sevenfold_gpu_set_stream(void *).
constexpr char kSetStream[] = "sevenfold_gpu_set_stream";

class Library : public Code {
public:
  Library() = default;
  Library(const Library &) = delete;
  Library &operator=(const Library &) = delete;
  /// Unloads it, so that a tuner's hundreds of candidates do not pile up.
  ~Library() override;

  /// False with a message where there is no such library or function.
  bool open(const std::string &path, const std::string &function,
            std::string &message);
  /// The function's return code.
  int call(const Arguments &arguments) const;
  /// The address of a symbol; null where there is none.
  void *symbol(const char *name) const;
  /// Its sentence for a code, or the code itself.
  std::string describe(int code) const;

private:
  void *handle = nullptr;
  void *function = nullptr;
};

/// Tells a file from another one that took its place.
struct FileIdentity {
  uint64_t device = 0, number = 0;
  int64_t bytes = 0, modified = 0; ///< nanoseconds
  bool operator==(const FileIdentity &other) const {
    return device == other.device && number == other.number &&
           bytes == other.bytes && modified == other.modified;
  }
};

/// All 0 where there is no such file.
FileIdentity identify(const std::string &path);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_LIBRARY_H
