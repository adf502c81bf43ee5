//===- Artefact.h - A compiled function and how to call it ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a Builder makes and a Runner measures: a shared library, the function in
// it (int NAME(const T *in0, .., T *out0, ..)), and the shapes of its buffers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_ARTEFACT_H
#define SEVENFOLD_MEASURE_ARTEFACT_H

#include "sevenfold/Plan/Workload.h"
#include "sevenfold/Support/SizeExpression.h"

#include <cassert>
#include <memory>
#include <string>
#include <vector>

namespace sevenfold {

/// Of a dimension whose size is known at a call only.
inline constexpr int64_t kAnySize = -1;

/// A row-major buffer, contiguous but where `isStrided`.
struct BufferShape {
  ElementType type = ElementType::F32;
  std::vector<int64_t> dims; ///< kAnySize where `sizes` tells
  /// The size of each dimension of any size, in order: of inputs a parameter,
  /// of outputs what it follows from.
  std::vector<SizeExpression> sizes = {};
  bool isWritten = false; ///< an input that the function may write to
  /// Whether all strides but the last, which is 1, are parameters.
  bool isStrided = false;
  bool isStatic() const { return sizes.empty(); }
  /// Of a static one.
  int64_t elements() const {
    assert(isStatic() && "a number of elements that is not known");
    int64_t count = 1;
    for (int64_t dim : dims)
      count *= dim;
    return count;
  }
  int64_t bytes() const { return elements() * byteWidth(type); }
};

struct Artefact {
  std::string library;  ///< path of the shared library
  std::string function; ///< exported symbol
  std::vector<BufferShape> inputs, outputs;
  int64_t workspaceBytes = 0; ///< the arena one call takes
  double buildSeconds = 0;    ///< from plan to loadable code
  /// Keeps a temporary folder the library lies in; it is removed with the last
  /// copy. Null where the library is somebody else's.
  std::shared_ptr<void> folder;
};

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_ARTEFACT_H
