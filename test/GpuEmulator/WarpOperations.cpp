//===- WarpOperations.cpp - mma.sync, ldmatrix, cp.async ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the PTX ISA, "Warp-level matrix instructions" and "Data movement and
// conversion instructions". Formulas are in its words: groupID is the lane over
// 4, threadID_in_group the lane modulo 4.
//
//===----------------------------------------------------------------------===//

#include "Fibres.h"
#include "GpuEmulator.h"

#include <cmath>
#include <cstring>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

static uint32_t toBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

static float fromHalf(uint16_t bits) {
  int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  float sign = bits >> 15 ? -1.0f : 1.0f;
  if (exponent == 31)
    return mantissa ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(float(mantissa), -24);
  return sign * std::ldexp(float(mantissa + 1024), exponent - 25);
}

static float fromBfloat(uint16_t bits) {
  return fromBits(uint32_t(bits) << 16);
}

/// The low 13 bits of the register are not looked at.
static float fromTf32(uint32_t bits) { return fromBits(bits & ~0x1FFFu); }

uint32_t sevenfold_emulate_tf32(float value) {
  uint32_t bits = toBits(value);
  // Round to nearest, ties away from zero; NaN and infinity stay.
  if ((bits & 0x7F800000u) == 0x7F800000u)
    return bits;
  return (bits + 0x1000u) & ~0x1FFFu;
}

/// Element `i` of a fragment whose registers hold two.
static uint16_t halfOf(const void *fragment, int i) {
  uint32_t word = static_cast<const uint32_t *>(fragment)[i / 2];
  return uint16_t(i % 2 ? word >> 16 : word);
}

//===----------------------------------------------------------------------===//
// mma.sync
//===----------------------------------------------------------------------===//

/// D = A B + C for the matrices that `lanes` hold; the element of a fragment
/// and its place come from `Layout`.
template <typename Layout> static void multiply(WarpCall *const *lanes) {
  float a[16][Layout::kDepth], b[Layout::kDepth][8], d[16][8];
  for (int lane = 0; lane < kWarp; ++lane) {
    int group = lane >> 2, inGroup = lane % 4;
    for (int i = 0; i < Layout::kElementsA; ++i)
      a[Layout::rowA(group, i)][Layout::columnA(inGroup, i)] =
          Layout::element(lanes[lane]->inputs[0], i);
    for (int i = 0; i < Layout::kElementsB; ++i)
      b[Layout::rowB(inGroup, i)][group] =
          Layout::element(lanes[lane]->inputs[1], i);
  }
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 8; ++column) {
      // Products of 11-bit numbers and their sums are exact in double here.
      double sum = 0;
      for (int k = 0; k < Layout::kDepth; ++k)
        sum += double(a[row][k]) * double(b[k][column]);
      d[row][column] = float(sum);
    }
  for (int lane = 0; lane < kWarp; ++lane) {
    int group = lane >> 2, inGroup = lane % 4;
    auto *c = static_cast<float *>(lanes[lane]->output);
    for (int i = 0; i < 4; ++i) {
      int row = i < 2 ? group : group + 8;
      int column = inGroup * 2 + (i & 1);
      c[i] += d[row][column];
    }
  }
}

namespace {
/// m16n8k16 of two 16-bit numbers a register.
template <float (*Convert)(uint16_t)> struct SixteenBit {
  static constexpr int kDepth = 16, kElementsA = 8, kElementsB = 4;
  static int rowA(int group, int i) {
    return (0 <= i && i < 2) || (4 <= i && i < 6) ? group : group + 8;
  }
  static int columnA(int inGroup, int i) {
    return i < 4 ? inGroup * 2 + (i & 1) : inGroup * 2 + (i & 1) + 8;
  }
  static int rowB(int inGroup, int i) {
    return i < 2 ? inGroup * 2 + (i & 1) : inGroup * 2 + (i & 1) + 8;
  }
  static float element(const void *fragment, int i) {
    return Convert(halfOf(fragment, i));
  }
};

/// m16n8k8 of tf32.
struct ThirtyTwoBit {
  static constexpr int kDepth = 8, kElementsA = 4, kElementsB = 2;
  static int rowA(int group, int i) {
    return i == 0 || i == 2 ? group : group + 8;
  }
  static int columnA(int inGroup, int i) {
    return i == 0 || i == 1 ? inGroup : inGroup + 4;
  }
  static int rowB(int inGroup, int i) { return i == 0 ? inGroup : inGroup + 4; }
  static float element(const void *fragment, int i) {
    return fromTf32(static_cast<const uint32_t *>(fragment)[i]);
  }
};
} // namespace

void sevenfold_emulate_mma_m16n8k16_f16(const uint32_t *a, const uint32_t *b,
                                        float *c) {
  waitForWarp({"mma f16", {a, b}, c, multiply<SixteenBit<fromHalf>>});
}

void sevenfold_emulate_mma_m16n8k16_bf16(const uint32_t *a, const uint32_t *b,
                                         float *c) {
  waitForWarp({"mma bf16", {a, b}, c, multiply<SixteenBit<fromBfloat>>});
}

void sevenfold_emulate_mma_m16n8k8_tf32(const uint32_t *a, const uint32_t *b,
                                        float *c) {
  waitForWarp({"mma tf32", {a, b}, c, multiply<ThirtyTwoBit>});
}

//===----------------------------------------------------------------------===//
// ldmatrix
//===----------------------------------------------------------------------===//

/// Lanes 8 i to 8 i + 7 have the addresses of the rows of matrix i; lane l gets
/// of each matrix two neighbours of row l / 4, or column l / 4.
template <int Count, bool Transposed>
static void loadMatrices(WarpCall *const *lanes) {
  for (int matrix = 0; matrix < Count; ++matrix) {
    uint16_t elements[8][8];
    unsigned groups = 0;
    for (int row = 0; row < 8; ++row) {
      const void *address = lanes[8 * matrix + row]->inputs[0];
      uintptr_t number = reinterpret_cast<uintptr_t>(address);
      if (number % 16 != 0)
        fail("or a lane beside it gives ldmatrix a misaligned row");
      groups |= 1u << (number / 16 % 8);
      std::memcpy(elements[row], address, 16);
    }
    if (groups != 0xFF)
      fail("or a lane beside it has a bank conflict in ldmatrix");
    for (int lane = 0; lane < kWarp; ++lane) {
      int major = lane / 4, minor = lane % 4 * 2;
      uint32_t low =
                   Transposed ? elements[minor][major] : elements[major][minor],
               high = Transposed ? elements[minor + 1][major]
                                 : elements[major][minor + 1];
      static_cast<uint32_t *>(lanes[lane]->output)[matrix] = low | high << 16;
    }
  }
}

void sevenfold_emulate_ldmatrix(uint32_t *registers, const void *row,
                                int32_t count, int32_t transposed) {
  if (count != 4)
    fail("loads another number of matrices than 4");
  if (transposed)
    waitForWarp(
        {"ldmatrix.trans", {row, nullptr}, registers, loadMatrices<4, true>});
  else
    waitForWarp(
        {"ldmatrix", {row, nullptr}, registers, loadMatrices<4, false>});
}

//===----------------------------------------------------------------------===//
// cp.async
//===----------------------------------------------------------------------===//

void sevenfold_emulate_copy_async(void *to, const void *from, int32_t bytes,
                                  int32_t source) {
  if (bytes != 4 && bytes != 8 && bytes != 16)
    fail("copies a number of bytes other than 4, 8 and 16");
  if (reinterpret_cast<uintptr_t>(to) % bytes != 0 ||
      reinterpret_cast<uintptr_t>(from) % bytes != 0)
    fail("copies from or to a misaligned address");
  if (source < 0 || source > bytes)
    fail("copies more than it has room for");
  copiesOfThread().back().push_back({to, from, bytes, source});
}

void sevenfold_emulate_commit_group() { copiesOfThread().emplace_back(); }

void sevenfold_emulate_wait_group(int32_t pending) {
  auto &groups = copiesOfThread();
  // The last group is still open.
  while (int(groups.size()) - 1 > pending) {
    for (const AsyncCopy &copy : groups.front()) {
      std::memset(copy.to, 0, copy.bytes);
      std::memcpy(copy.to, copy.from, copy.source);
    }
    groups.erase(groups.begin());
  }
}
