//===- Buffers.h - Operands of measured functions ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mapped memory for inputs (filled with N(0,1) numbers, then read-only) and
// outputs (every bit set: a NaN until it is written).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUFFERS_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUFFERS_H

#include <cstdint>
#include <string>
#include <vector>

namespace sevenfold {
namespace runner {

enum class Element { F32, F64, F16, BF16, I8, I32, I1, I16, I64 };

/// Bytes of one element.
inline int64_t byteWidth(Element element) {
  switch (element) {
  case Element::F64:
  case Element::I64:
    return 8;
  case Element::F16:
  case Element::BF16:
  case Element::I16:
    return 2;
  case Element::I8:
  case Element::I1:
    return 1;
  default:
    return 4;
  }
}

/// IEEE binary16 and the upper half of binary32, by their bits.
struct Half {
  uint16_t bits;
  operator double() const;
};
struct Bfloat {
  uint16_t bits;
  operator double() const;
};
/// The nearest number, ties to even.
Half toHalf(float value);
Bfloat toBfloat(float value);

struct Shape {
  Element element = Element::F32;
  int64_t elements = 0;
  bool isWritten = false; ///< an input that a function may write to
  /// Whose product `elements` is, where whoever asked told them; what the host
  /// and GPUs run does without.
  std::vector<int64_t> dims = {};
  int64_t bytes() const { return elements * byteWidth(element); }
  bool operator==(const Shape &other) const {
    return element == other.element && elements == other.elements &&
           isWritten == other.isWritten;
  }
};

/// Where a buffer begins within its pages. AtEnd leaves less than a cache line
/// between its last byte and an inaccessible page, so that writing past the end
/// crashes instead of going unnoticed.
enum class Placement { AtPage, AtEnd };

/// A private mapping; empty after a failed construction.
class Buffer {
public:
  Buffer(int64_t bytes, Placement placement);
  Buffer(Buffer &&other) noexcept;
  Buffer &operator=(Buffer &&) = delete;
  ~Buffer();

  void *data() const { return begin; }
  /// From now on writing to it crashes.
  void protect();

private:
  char *mapping = nullptr;
  int64_t mappedBytes = 0; ///< without the guard page
  char *begin = nullptr;
};

/// The arguments of one call.
struct Arguments {
  std::vector<void *> pointers; ///< inputs, then outputs
};

/// Buffers for `sets` calls.
class Operands {
public:
  /// Maps, fills and touches everything. False with a message where the machine
  /// has not enough memory.
  bool prepare(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, int sets, Placement placement,
               uint64_t seed, std::string &message);
  const Arguments &set(int64_t index) const {
    return arguments[index % arguments.size()];
  }
  bool matches(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, uint64_t seed) const;
  int sets() const { return static_cast<int>(arguments.size()); }
  /// Of everything that is mapped.
  int64_t bytes() const;
  /// Outputs become NaN again.
  void forgetOutputs();
  void clear();

private:
  std::vector<Shape> inputShapes, outputShapes;
  uint64_t dataSeed = 0;
  std::vector<Buffer> buffers;
  std::vector<Arguments> arguments;
};

/// Of one set of operands.
int64_t bytesOf(const std::vector<Shape> &inputs,
                const std::vector<Shape> &outputs);

/// Sets needed so that a call finds nothing of its operands in the caches, the
/// largest of which has so many bytes.
int rotatedSets(const std::vector<Shape> &inputs,
                const std::vector<Shape> &outputs, int64_t cacheBytes);

/// Standard normals, or integers from -128 to 127, each a function of (seed,
/// stream, index) alone. What nothing multiplies (i1, i16, i64) is 0 or 1: a
/// model takes it for a mask, or for an index into a table of unknown size.
void fillRandom(void *data, const Shape &shape, uint64_t seed, uint64_t stream);

/// Sets every bit: NaN in every floating-point type.
void fillNaN(void *data, const Shape &shape);

/// 64 well-mixed bits of `value`.
uint64_t mixBits(uint64_t value);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_BUFFERS_H
