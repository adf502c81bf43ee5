//===- Buffers.cpp - Operands of measured functions -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data are drawn by index, not by sequence, so that any number of threads
// writes the same numbers.
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"

#include "sevenfold/Measure/RunnerCore.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

using namespace sevenfold;
using namespace sevenfold::runner;

static constexpr int64_t kPageBytes = 4096;
static constexpr int64_t kHugePageBytes = int64_t(2) << 20;
static constexpr int64_t kLineBytes = 64;
static constexpr int kMaxSets = 64;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Buffer::Buffer(int64_t bytes, Placement placement) {
  int64_t unit = bytes >= kHugePageBytes ? kHugePageBytes : kPageBytes;
  int64_t rounded = (std::max<int64_t>(bytes, 1) + unit - 1) / unit * unit;
  // Address space up to the next huge page boundary, and the guard behind.
  int64_t reserved = rounded + unit + kPageBytes;
  void *memory = mmap(nullptr, reserved, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return;
  auto address = reinterpret_cast<uintptr_t>(memory);
  int64_t head = (unit - static_cast<int64_t>(address % unit)) % unit;
  char *base = static_cast<char *>(memory) + head;
  if (head)
    munmap(memory, head);
  int64_t tail = reserved - head - rounded - kPageBytes;
  if (tail)
    munmap(base + rounded + kPageBytes, tail);
  mapping = base;
  mappedBytes = rounded;
  if (mprotect(base, rounded, PROT_READ | PROT_WRITE) != 0)
    return;
  if (unit == kHugePageBytes)
    madvise(base, rounded, MADV_HUGEPAGE);
  int64_t lines = (bytes + kLineBytes - 1) / kLineBytes * kLineBytes;
  begin = placement == Placement::AtPage ? base : base + rounded - lines;
}

Buffer::Buffer(Buffer &&other) noexcept
    : mapping(std::exchange(other.mapping, nullptr)),
      mappedBytes(other.mappedBytes),
      begin(std::exchange(other.begin, nullptr)) {}

Buffer::~Buffer() {
  if (mapping)
    munmap(mapping, mappedBytes + kPageBytes);
}

void Buffer::protect() { mprotect(mapping, mappedBytes, PROT_READ); }

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

uint64_t sevenfold::runner::mixBits(uint64_t value) {
  // SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014).
  value += 0x9E3779B97F4A7C15ull;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
  return value ^ (value >> 31);
}

/// Box and Muller's transform of the pair of uniforms with this index.
template <typename T>
static void normalPair(uint64_t key, int64_t index, T &first, T &second) {
  uint64_t low = mixBits(key + 2 * static_cast<uint64_t>(index));
  uint64_t high = mixBits(key + 2 * static_cast<uint64_t>(index) + 1);
  constexpr int kBits = sizeof(T) == 4 ? 24 : 53;
  const T scale = std::ldexp(T(1), -kBits);
  // Half a step off zero, whose logarithm is infinite.
  T radius = std::sqrt(
      T(-2) * std::log((static_cast<T>(low >> (64 - kBits)) + T(0.5)) * scale));
  T angle = T(6.283185307179586) * static_cast<T>(high >> (64 - kBits)) * scale;
  first = radius * std::cos(angle);
  second = radius * std::sin(angle);
}

template <typename T>
static void fillNormal(T *data, int64_t count, uint64_t key) {
  int64_t pairs = count / 2;
#pragma omp parallel for schedule(static)
  for (int64_t pair = 0; pair < pairs; ++pair)
    normalPair(key, pair, data[2 * pair], data[2 * pair + 1]);
  if (T unused; count % 2)
    normalPair(key, pairs, data[count - 1], unused);
}

/// Standard normals in f32, rounded once more.
template <typename T>
static void fillRounded(T *data, int64_t count, uint64_t key,
                        T (*round)(float)) {
#pragma omp parallel for schedule(static)
  for (int64_t pair = 0; pair < (count + 1) / 2; ++pair) {
    float first, second;
    normalPair(key, pair, first, second);
    data[2 * pair] = round(first);
    if (2 * pair + 1 < count)
      data[2 * pair + 1] = round(second);
  }
}

template <typename T>
static void fillIntegers(T *data, int64_t count, uint64_t key) {
#pragma omp parallel for schedule(static)
  for (int64_t index = 0; index < count; ++index)
    data[index] =
        static_cast<int8_t>(mixBits(key + static_cast<uint64_t>(index)) >> 56);
}

template <typename T>
static void fillBits(T *data, int64_t count, uint64_t key) {
#pragma omp parallel for schedule(static)
  for (int64_t index = 0; index < count; ++index)
    data[index] = mixBits(key + static_cast<uint64_t>(index)) >> 63;
}

void sevenfold::runner::fillRandom(void *data, const Shape &shape,
                                   uint64_t seed, uint64_t stream) {
  uint64_t key = mixBits(mixBits(seed) + stream);
  switch (shape.element) {
  case Element::F32:
    return fillNormal(static_cast<float *>(data), shape.elements, key);
  case Element::F64:
    return fillNormal(static_cast<double *>(data), shape.elements, key);
  case Element::F16:
    return fillRounded(static_cast<Half *>(data), shape.elements, key, toHalf);
  case Element::BF16:
    return fillRounded(static_cast<Bfloat *>(data), shape.elements, key,
                       toBfloat);
  case Element::I8:
    return fillIntegers(static_cast<int8_t *>(data), shape.elements, key);
  case Element::I32:
    return fillIntegers(static_cast<int32_t *>(data), shape.elements, key);
  case Element::I1:
    return fillBits(static_cast<uint8_t *>(data), shape.elements, key);
  case Element::I16:
    return fillBits(static_cast<int16_t *>(data), shape.elements, key);
  case Element::I64:
    return fillBits(static_cast<int64_t *>(data), shape.elements, key);
  }
}

//===----------------------------------------------------------------------===//
// Narrow floats
//===----------------------------------------------------------------------===//

static float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

Half::operator double() const {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude = exponent == 31 ? (fraction ? NAN : INFINITY)
                     : exponent == 0
                         ? std::ldexp(fraction, -24)
                         : std::ldexp(1024 + fraction, exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

Bfloat::operator double() const { return floatOf(uint32_t(bits) << 16); }

Half sevenfold::runner::toHalf(float value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  if (std::isnan(value))
    return {uint16_t(sign | 0x7e00)};
  if (magnitude == 0)
    return {sign};
  if (magnitude >= 65520) // halfway to the first number that is none
    return {uint16_t(sign | 0x7c00)};
  int exponent;
  std::frexp(magnitude, &exponent);
  // Units of the last place; below 2^-14 they stay the same.
  int unit = std::max(exponent - 11, -24);
  auto units =
      static_cast<uint16_t>(std::nearbyint(std::ldexp(magnitude, -unit)));
  // A fraction that rounds up to 2048 carries into the exponent by itself.
  if (unit == -24)
    return {uint16_t(sign | units)};
  return {uint16_t(sign | (((unit + 25) << 10) + (units - 1024)))};
}

Bfloat sevenfold::runner::toBfloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if (std::isnan(value))
    return {uint16_t(bits >> 16 | 0x40)};
  return {uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

void sevenfold::runner::fillNaN(void *data, const Shape &shape) {
  constexpr int64_t kChunk = 1 << 20;
  int64_t bytes = shape.bytes();
#pragma omp parallel for schedule(static)
  for (int64_t begin = 0; begin < bytes; begin += kChunk)
    std::memset(static_cast<char *>(data) + begin, 0xff,
                std::min(kChunk, bytes - begin));
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

int64_t sevenfold::runner::bytesOf(const std::vector<Shape> &inputs,
                                   const std::vector<Shape> &outputs) {
  int64_t bytes = 0;
  for (const Shape &shape : inputs)
    bytes += shape.bytes();
  for (const Shape &shape : outputs)
    bytes += shape.bytes();
  return bytes;
}

int sevenfold::runner::rotatedSets(const std::vector<Shape> &inputs,
                                   const std::vector<Shape> &outputs,
                                   int64_t cacheBytes) {
  // Twice the cache: a call returns to a set after all others have passed
  // through, whatever part of the cache the replacement spares.
  int64_t bytes = std::max<int64_t>(bytesOf(inputs, outputs), 1);
  int64_t sets = (2 * cacheBytes + bytes - 1) / bytes;
  return static_cast<int>(std::clamp<int64_t>(sets, 1, kMaxSets));
}

bool Operands::matches(const std::vector<Shape> &inputs,
                       const std::vector<Shape> &outputs, uint64_t seed) const {
  return !arguments.empty() && seed == dataSeed && inputs == inputShapes &&
         outputs == outputShapes;
}

int64_t Operands::bytes() const {
  return bytesOf(inputShapes, outputShapes) * sets();
}

void Operands::forgetOutputs() {
  for (const Arguments &call : arguments)
    for (size_t i = 0; i < outputShapes.size(); ++i)
      fillNaN(call.pointers[inputShapes.size() + i], outputShapes[i]);
}

void Operands::clear() {
  arguments.clear();
  buffers.clear();
}

bool Operands::prepare(const std::vector<Shape> &inputs,
                       const std::vector<Shape> &outputs, int sets,
                       Placement placement, uint64_t seed,
                       std::string &message) {
  clear();
  int64_t bytes = bytesOf(inputs, outputs) * sets;
  // The rest is for workspaces and the system.
  if (bytes > physicalMemoryBytes() / 4 * 3) {
    message = "the operands need " + std::to_string(bytes >> 20) +
              " MiB, more than three quarters of the machine's memory";
    return false;
  }
  inputShapes = inputs;
  outputShapes = outputs;
  dataSeed = seed;
  for (int set = 0; set < sets; ++set) {
    Arguments call;
    for (size_t index = 0; index < inputs.size() + outputs.size(); ++index) {
      bool isInput = index < inputs.size();
      const Shape &shape =
          isInput ? inputs[index] : outputs[index - inputs.size()];
      buffers.emplace_back(shape.bytes(), placement);
      void *data = buffers.back().data();
      if (!data) {
        message = "out of memory for the operands";
        clear();
        return false;
      }
      if (isInput) {
        fillRandom(data, shape, seed, uint64_t(set) * 1024 + index);
        if (!shape.isWritten)
          buffers.back().protect();
      } else {
        fillNaN(data, shape);
      }
      call.pointers.push_back(data);
    }
    arguments.push_back(std::move(call));
  }
  return true;
}

//===----------------------------------------------------------------------===//
// The machine
//===----------------------------------------------------------------------===//

/// "32768K" in a file of /sys; 0 where there is none.
static int64_t readCacheSize(int index) {
  char path[80];
  std::snprintf(path, sizeof path,
                "/sys/devices/system/cpu/cpu0/cache/index%d/size", index);
  std::FILE *file = std::fopen(path, "re");
  if (!file)
    return 0;
  long long size = 0;
  char unit = 0;
  int fields = std::fscanf(file, "%lld%c", &size, &unit);
  std::fclose(file);
  if (fields < 1 || size <= 0)
    return 0;
  return unit == 'K' ? size << 10 : unit == 'M' ? size << 20 : size;
}

int64_t sevenfold::lastLevelCacheBytes() {
  int64_t largest = 0;
  for (int index = 0; index < 8; ++index)
    largest = std::max(largest, readCacheSize(index));
#ifdef _SC_LEVEL3_CACHE_SIZE
  if (largest == 0)
    largest = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
  return largest > 0 ? largest : int64_t(32) << 20;
}

int64_t sevenfold::physicalMemoryBytes() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}
