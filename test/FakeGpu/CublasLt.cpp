//===- CublasLt.cpp - cuBLASLt of the fake --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Multiplies with plain loops, column-major as the real one. Its proposals
// differ in what they cost on the fake's clock.
//
//===----------------------------------------------------------------------===//

#include "../../lib/Runtime/Gpu/CublasLt.h"
#include "Model.h"
#include "Numbers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace sevenfold::fake;
using namespace sevenfold::runtime::gpu;

namespace {
struct Description {
  int compute, scale;
  int32_t transposeA = 0, transposeB = 0;
};
struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t ld;
};
struct Preference {
  uint64_t workspaceBytes = 0;
  uint32_t alignments[4] = {256, 256, 256, 256};
};
} // namespace

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static size_t elementBytes(int type) {
  return type == kDataF64 ? 8 : type == kDataF32 ? 4 : 2;
}

static double load(int type, const void *base, size_t index) {
  if (type == kDataF64)
    return static_cast<const double *>(base)[index];
  if (type == kDataF32)
    return static_cast<const float *>(base)[index];
  uint16_t bits = static_cast<const uint16_t *>(base)[index];
  if (type == kDataF16)
    return halfValue(bits);
  return bfloatValue(bits);
}

static void store(int type, void *base, size_t index, double value) {
  if (type == kDataF64) {
    static_cast<double *>(base)[index] = value;
  } else if (type == kDataF32) {
    static_cast<float *>(base)[index] = float(value);
  } else if (type == kDataF16) {
    static_cast<uint16_t *>(base)[index] = halfBits(value);
  } else {
    static_cast<uint16_t *>(base)[index] = bfloatBits(float(value));
  }
}

//===----------------------------------------------------------------------===//
// Descriptions
//===----------------------------------------------------------------------===//

template <typename T> static int make(void **thing, const char *kind, T value) {
  *thing = new T(value);
  countThing(kind, 1);
  return 0;
}

template <typename T> static int destroy(void *thing, const char *kind) {
  delete static_cast<T *>(thing);
  countThing(kind, -1);
  return 0;
}

extern "C" {

int cublasLtCreate(void **handle) {
  return enter("cublasLtCreate", "",
               [&] { return make(handle, "handle", int(0)); });
}

int cublasLtDestroy(void *handle) {
  return enter("cublasLtDestroy", "",
               [&] { return destroy<int>(handle, "handle"); });
}

size_t cublasLtGetVersion() { return 130100; }

const char *cublasLtGetStatusName(int status) {
  return status == 15 ? "CUBLAS_STATUS_NOT_SUPPORTED" : "CUBLAS_STATUS_OTHER";
}

int cublasLtMatmulDescCreate(void **operation, int compute, int scale) {
  return enter(
      "cublasLtMatmulDescCreate", format("%d %d", compute, scale), [&] {
        return make(operation, "description", Description{compute, scale});
      });
}

int cublasLtMatmulDescDestroy(void *operation) {
  return enter("cublasLtMatmulDescDestroy", "",
               [&] { return destroy<Description>(operation, "description"); });
}

int cublasLtMatmulDescSetAttribute(void *operation, int attribute,
                                   const void *value, size_t bytes) {
  return enter("cublasLtMatmulDescSetAttribute", "", [&] {
    auto *target = static_cast<Description *>(operation);
    int32_t number;
    if (bytes != sizeof number)
      return 7;
    std::memcpy(&number, value, bytes);
    if (attribute == kOperationTransposeA)
      target->transposeA = number;
    else if (attribute == kOperationTransposeB)
      target->transposeB = number;
    else
      return 7;
    return 0;
  });
}

int cublasLtMatrixLayoutCreate(void **layout, int type, uint64_t rows,
                               uint64_t columns, int64_t ld) {
  return enter("cublasLtMatrixLayoutCreate", "", [&] {
    if (int64_t(rows) > ld)
      return 7;
    return make(layout, "description", Layout{type, rows, columns, ld});
  });
}

int cublasLtMatrixLayoutDestroy(void *layout) {
  return enter("cublasLtMatrixLayoutDestroy", "",
               [&] { return destroy<Layout>(layout, "description"); });
}

int cublasLtMatmulPreferenceCreate(void **preference) {
  return enter("cublasLtMatmulPreferenceCreate", "",
               [&] { return make(preference, "description", Preference()); });
}

int cublasLtMatmulPreferenceDestroy(void *preference) {
  return enter("cublasLtMatmulPreferenceDestroy", "",
               [&] { return destroy<Preference>(preference, "description"); });
}

int cublasLtMatmulPreferenceSetAttribute(void *preference, int attribute,
                                         const void *value, size_t bytes) {
  return enter("cublasLtMatmulPreferenceSetAttribute", "", [&] {
    auto *target = static_cast<Preference *>(preference);
    if (attribute == kPreferenceWorkspaceBytes && bytes == 8)
      std::memcpy(&target->workspaceBytes, value, 8);
    else if (attribute >= kPreferenceAlignmentA &&
             attribute <= kPreferenceAlignmentD && bytes == 4)
      std::memcpy(&target->alignments[attribute - kPreferenceAlignmentA], value,
                  4);
    else
      return 7;
    return 0;
  });
}

int cublasLtMatmulAlgoGetHeuristic(void *, void *, void *, void *, void *,
                                   void *, void *preference, int requested,
                                   Heuristic *results, int *returned) {
  return enter("cublasLtMatmulAlgoGetHeuristic", std::to_string(requested),
               [&] {
                 const auto &asked = *static_cast<Preference *>(preference);
                 const uint32_t *alignments = asked.alignments;
                 rememberAlignments({int(alignments[0]), int(alignments[1]),
                                     int(alignments[2])});
                 *returned = std::min(requested, int(proposalCosts().size()));
                 for (int i = 0; i < *returned; ++i) {
                   results[i] = Heuristic();
                   results[i].algorithm.data[0] = uint64_t(i);
                   results[i].workspaceBytes = asked.workspaceBytes;
                 }
                 return 0;
               });
}

} // extern "C"

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

namespace {
/// Everything of a product, copied when it is asked for.
struct Multiplication {
  Description operation;
  Layout a, b, c;
  double alpha, beta;
  const void *dataA, *dataB, *dataC;
  void *dataD;

  /// An operand as numbers, column-major without gaps. Products of tf32 cut
  /// operands off, as tensor cores may.
  std::vector<double> read(const Layout &layout, const void *data) const {
    std::vector<double> values;
    values.reserve(layout.rows * layout.columns);
    for (uint64_t column = 0; column < layout.columns; ++column)
      for (uint64_t row = 0; row < layout.rows; ++row) {
        double value = load(layout.type, data, column * layout.ld + row);
        values.push_back(operation.compute == kComputeF32ByTf32
                             ? cutToTF32(float(value))
                             : value);
      }
    return values;
  }

  void run() const {
    uint64_t depth = operation.transposeA ? a.rows : a.columns;
    std::vector<double> left = read(a, dataA), right = read(b, dataB);
    std::vector<double> sums(c.rows);
    for (uint64_t column = 0; column < c.columns; ++column) {
      std::fill(sums.begin(), sums.end(), 0);
      for (uint64_t i = 0; i < depth; ++i) {
        double factor = right[operation.transposeB ? i * b.rows + column
                                                   : column * b.rows + i];
        if (operation.transposeA)
          for (uint64_t row = 0; row < c.rows; ++row)
            sums[row] += left[row * a.rows + i] * factor;
        else
          for (uint64_t row = 0; row < c.rows; ++row)
            sums[row] += left[i * a.rows + row] * factor;
      }
      for (uint64_t row = 0; row < c.rows; ++row) {
        size_t inC = column * c.ld + row;
        double before = beta == 0 ? 0 : beta * load(c.type, dataC, inC);
        store(c.type, dataD, inC, alpha * sums[row] + before);
      }
    }
  }
};
} // namespace

static Range rangeOf(const void *base, const Layout &layout) {
  return {static_cast<const char *>(base),
          ((layout.columns - 1) * layout.ld + layout.rows) *
              elementBytes(layout.type)};
}

static bool fits(const Multiplication &m) {
  const Description &o = m.operation;
  uint64_t rows = o.transposeA ? m.a.columns : m.a.rows;
  uint64_t depth = o.transposeA ? m.a.rows : m.a.columns;
  uint64_t depthB = o.transposeB ? m.b.columns : m.b.rows;
  uint64_t columns = o.transposeB ? m.b.rows : m.b.columns;
  return rows == m.c.rows && columns == m.c.columns && depth == depthB &&
         m.a.type == m.b.type;
}

extern "C" int cublasLtMatmul(void *handle, void *operation, const void *alpha,
                              const void *a, void *layoutA, const void *b,
                              void *layoutB, const void *beta, const void *c,
                              void *layoutC, void *d, void *,
                              const Algorithm *algorithm, void *workspace,
                              size_t workspaceBytes, Stream stream) {
  Multiplication m = {*static_cast<Description *>(operation),
                      *static_cast<Layout *>(layoutA),
                      *static_cast<Layout *>(layoutB),
                      *static_cast<Layout *>(layoutC),
                      0,
                      0,
                      a,
                      b,
                      c,
                      d};
  std::string detail = format(
      "%llux%llux%llu proposal %llu", (unsigned long long)m.c.columns,
      (unsigned long long)(m.operation.transposeA ? m.a.rows : m.a.columns),
      (unsigned long long)m.c.rows, (unsigned long long)algorithm->data[0]);
  return enter("cublasLtMatmul", detail, [&] {
    m.alpha = load(m.operation.scale, alpha, 0);
    m.beta = load(m.operation.scale, beta, 0);
    sevenfold::fake::StreamHandle *target = findStream(stream);
    if (!handle || !target || !fits(m) || (workspaceBytes && !workspace))
      return 7;
    auto work = std::make_shared<sevenfold::fake::Operation>();
    work->name = "cublasLtMatmul";
    work->touched = {rangeOf(a, m.a), rangeOf(b, m.b), rangeOf(c, m.c),
                     rangeOf(d, m.c)};
    if (workspaceBytes)
      work->touched.push_back({static_cast<char *>(workspace), workspaceBytes});
    work->run = [m] { m.run(); };
    double multiplications =
        double(m.c.rows) * double(m.c.columns) *
        double(m.operation.transposeA ? m.a.rows : m.a.columns);
    enqueue(target, work,
            productCost(proposalCosts()[algorithm->data[0]], multiplications));
    return 0;
  });
}
