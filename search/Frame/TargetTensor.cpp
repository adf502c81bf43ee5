//===- TargetTensor.cpp - What is to be decomposed ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensors from dimensions and files, their obvious decompositions, and whether
// a decomposition is one.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/TargetTensor.h"

#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace sevenfold;

std::string TargetTensor::str() const {
  const std::array<unsigned, 3> &numbers = isMatmul() ? dims : shape;
  return llvm::formatv("{0}{1}x{2}x{3}", isMatmul() ? "" : "tensor ",
                       numbers[0], numbers[1], numbers[2]);
}

TargetTensor sevenfold::matmulTensor(unsigned m, unsigned k, unsigned n,
                                     Ring ring) {
  TargetTensor target;
  target.ring = ring;
  target.dims = {m, k, n};
  target.shape = {m * k, k * n, m * n};
  target.values.resize(size_t(m) * k * k * n * m * n);
  for (unsigned i = 0; i < m; ++i)
    for (unsigned j = 0; j < k; ++j)
      for (unsigned l = 0; l < n; ++l)
        target.values[(size_t(i * k + j) * (k * n) + j * n + l) * (m * n) +
                      i * n + l] = 1;
  return target;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

llvm::Expected<TargetTensor> sevenfold::readTensor(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, path, {"format", "ring", "shape", "values"}))
    return error;
  auto format = getString(*json, "format", path);
  if (!format)
    return format.takeError();
  if (*format != "sevenfold-tensor/1")
    return makeError("{0}: expected format 'sevenfold-tensor/1' but got '{1}'",
                     path, *format);
  auto ringName = getString(*json, "ring", path);
  if (!ringName)
    return ringName.takeError();
  std::optional<Ring> ring = parseRing(*ringName);
  if (!ring || (*ring != Ring::Z && *ring != Ring::Z2))
    return makeError("{0}: expected ring 'Z' or 'Z2' but got '{1}'", path,
                     *ringName);
  TargetTensor target;
  target.ring = *ring;
  auto shape = getArray(*json, "shape", path);
  if (!shape)
    return shape.takeError();
  if ((*shape)->size() != 3)
    return makeError("{0}: expected a shape of 3 sizes but got {1}", path,
                     (*shape)->size());
  size_t count = 1;
  for (unsigned mode = 0; mode < 3; ++mode) {
    const nlohmann::json &size = (**shape)[mode];
    if (!size.is_number_integer() || size < 1 || size > kMaxSchemeBlocks)
      return makeError("{0}: shape[{1}]: expected an integer from 1 to {2}",
                       path, mode, kMaxSchemeBlocks);
    target.shape[mode] = size.get<unsigned>();
    count *= target.shape[mode];
  }
  auto values = getArray(*json, "values", path);
  if (!values)
    return values.takeError();
  if ((*values)->size() != count)
    return makeError("{0}: expected {1} values but got {2}", path, count,
                     (*values)->size());
  // Walks work with entries far smaller still.
  constexpr int64_t kLargest = 1 << 20;
  for (size_t i = 0; i < count; ++i) {
    const nlohmann::json &value = (**values)[i];
    if (!value.is_number_integer() || value > kLargest || value < -kLargest ||
        (*ring == Ring::Z2 && value != 0 && value != 1))
      return makeError("{0}: values[{1}]: expected an integer of ring {2}",
                       path, i, *ringName);
    target.values.push_back(value.get<int64_t>());
  }
  return target;
}

//===----------------------------------------------------------------------===//
// Decompositions
//===----------------------------------------------------------------------===//

Scheme sevenfold::fibreDecomposition(const TargetTensor &target) {
  std::vector<std::array<unsigned, 2>> fibres;
  for (unsigned a = 0; a < target.shape[0]; ++a)
    for (unsigned b = 0; b < target.shape[1]; ++b)
      for (unsigned c = 0; c < target.shape[2]; ++c)
        if (target.at(a, b, c) != 0) {
          fibres.push_back({a, b});
          break;
        }
  Scheme scheme;
  scheme.m = target.dims[0], scheme.k = target.dims[1],
  scheme.n = target.dims[2];
  scheme.ring = target.ring;
  unsigned rank = unsigned(fibres.size());
  scheme.u = Factor(rank, target.shape[0]);
  scheme.v = Factor(rank, target.shape[1]);
  scheme.w = Factor(rank, target.shape[2]);
  for (unsigned t = 0; t < rank; ++t) {
    auto [a, b] = fibres[t];
    scheme.u.at(t, a) = Rational{1, 1};
    scheme.v.at(t, b) = Rational{1, 1};
    for (unsigned c = 0; c < target.shape[2]; ++c)
      scheme.w.at(t, c) = Rational{target.at(a, b, c), 1};
  }
  return scheme;
}

std::string sevenfold::findWrongEntry(const TargetTensor &target,
                                      const Scheme &scheme) {
  if (scheme.ring != target.ring)
    return llvm::formatv("holds over {0}, expected {1}",
                         stringifyRing(scheme.ring),
                         stringifyRing(target.ring));
  if (target.isMatmul())
    return verify(scheme).reason;
  std::vector<int64_t> left = target.values;
  for (unsigned t = 0; t < scheme.rank(); ++t)
    for (unsigned a = 0; a < target.shape[0]; ++a)
      for (unsigned b = 0; b < target.shape[1]; ++b)
        for (unsigned c = 0; c < target.shape[2]; ++c)
          left[(size_t(a) * target.shape[1] + b) * target.shape[2] + c] -=
              scheme.u.at(t, a).numerator * scheme.v.at(t, b).numerator *
              scheme.w.at(t, c).numerator;
  for (size_t i = 0; i < left.size(); ++i)
    if (target.ring == Ring::Z2 ? left[i] % 2 != 0 : left[i] != 0) {
      size_t c = i % target.shape[2], rest = i / target.shape[2];
      return llvm::formatv("entry ({0},{1},{2}) is off by {3}",
                           rest / target.shape[1], rest % target.shape[1], c,
                           -left[i]);
    }
  return "";
}

unsigned sevenfold::rankLowerBound(const TargetTensor &target) {
  if (!target.isMatmul())
    return llvm::any_of(target.values, [](int64_t v) { return v != 0; });
  std::array<unsigned, 3> d = target.dims;
  std::sort(d.begin(), d.end());
  auto [a, b, c] = d;
  if (a == 1)
    return b * c;
  unsigned bound = b * c;
  // A format contains every smaller one: <2,2,c> and, of three, <a,m,a>.
  if (a == 2)
    return std::max(bound, (7 * c + 1) / 2);
  for (unsigned m : {b, c})
    bound = std::max(bound, 2 * m * a + 2 * a - m - 2);
  return bound;
}
