//===- Workload.h - What is to be multiplied --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A workload names one matrix multiplication independently of any module: the
// problem a plan is made for, and the key under which a measurement is filed.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_WORKLOAD_H
#define SEVENFOLD_PLAN_WORKLOAD_H

#include "sevenfold/Support/ElementType.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sevenfold {

/// How an operand lies in memory; both are contiguous.
enum class Layout { RowMajor, Transposed };

/// Whether C is overwritten or added to.
enum class Accumulation { Overwrite, Accumulate };

/// The greatest dimension and batch a workload may have.
inline constexpr int64_t kMaxDimension = int64_t(1) << 20;

/// C (m x n) = A (m x k) * B (k x n), or C += A * B. A transposed A is stored
/// as k x m, a transposed B as n x k. A batch is that many matmuls of the size,
/// one behind the other in memory.
struct Workload {
  int64_t m = 0, k = 0, n = 0;
  int64_t batch = 1;
  ElementType type = ElementType::F32; ///< of A and B
  /// C's type where it is another: f32 for f16 and bf16, i32 for i8.
  std::optional<ElementType> result = std::nullopt;
  Layout layoutA = Layout::RowMajor;
  Layout layoutB = Layout::RowMajor;
  Accumulation accumulation = Accumulation::Overwrite;

  ElementType resultType() const { return result.value_or(storedType(type)); }
  /// What products are summed up in: f32 for tf32, f16 and bf16, i32 for i8.
  ElementType accumulatorType() const;
  /// "f32", or "f16-f32" where the result's type is another.
  std::string typeText() const;

  /// Floating-point operations of the classical algorithm, 2mkn for
  /// each of the batch.
  double flops() const { return 2.0 * m * k * n * batch; }

  /// "MxKxN:TYPE" (`typeText`) followed by ":bN" for a batch of N, ":ta", ":tb"
  /// and ":acc" where they apply; the spelling of `--matmul`, and part of the
  /// database key.
  std::string str() const;

  /// Inverse of `str`. Dimensions and batch must lie in [1, 2^20]; fails with a
  /// one-line message that quotes `text`.
  static llvm::Expected<Workload> parse(llvm::StringRef text);

  bool operator==(const Workload &other) const;
  /// Whether they are the same but for m. Negative sizes, which are not known,
  /// are those of any.
  bool isOfFamily(const Workload &family) const;
};

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_WORKLOAD_H
