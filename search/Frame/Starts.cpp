//===- Starts.cpp - Where a search starts from ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Composition goes through all formats that fit into the wanted one, smallest
// first; each is made of the best of those before it.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/Starts.h"

#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"

#include <map>
#include <optional>

using namespace sevenfold;

/// The scheme in another ring; nothing where a coefficient has no place there.
static std::optional<Scheme> inRing(Scheme scheme, Ring ring) {
  if (scheme.ring == ring)
    return scheme;
  if (scheme.ring == Ring::Z2 || scheme.ring == Ring::R)
    return std::nullopt;
  for (Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned e = 0; e < factor->columns(); ++e) {
        Rational &value = factor->at(t, e);
        if (ring == Ring::Z2) {
          if (value.denominator % 2 == 0)
            return std::nullopt;
          value = Rational{value.numerator % 2 != 0 ? 1 : 0, 1};
        } else if (ring == Ring::Z && value.denominator != 1) {
          return std::nullopt;
        }
      }
  scheme.ring = ring;
  return scheme;
}

namespace {
using Dims = std::array<unsigned, 3>;

class Composer {
public:
  Composer(Ring ring, llvm::ArrayRef<Scheme> more) : ring(ring) {
    for (llvm::ArrayRef<Scheme> list : {catalogue(), more})
      for (const Scheme &scheme : list)
        if (std::optional<Scheme> known = inRing(scheme, ring))
          addOrientations(*known);
  }

  const Scheme &best(const Dims &dims);

private:
  void addOrientations(Scheme scheme);
  void offer(std::optional<Scheme> &chosen, Scheme scheme);
  void offerSums(std::optional<Scheme> &chosen, const Dims &dims);
  void offerProducts(std::optional<Scheme> &chosen, const Dims &dims);

  Ring ring;
  std::map<Dims, Scheme> known, composed;
};
} // namespace

/// A format's rank is that of all its permutations.
void Composer::addOrientations(Scheme scheme) {
  for (unsigned flipped = 0; flipped < 2; ++flipped) {
    for (unsigned turned = 0; turned < 3; ++turned) {
      auto [place, isFirst] =
          known.try_emplace({scheme.m, scheme.k, scheme.n}, scheme);
      if (!isFirst && scheme.rank() < place->second.rank())
        place->second = scheme;
      scheme = rotate(scheme);
    }
    scheme = transpose(scheme);
  }
}

void Composer::offer(std::optional<Scheme> &chosen, Scheme scheme) {
  if (!chosen || scheme.rank() < chosen->rank())
    chosen = std::move(scheme);
}

void Composer::offerSums(std::optional<Scheme> &chosen, const Dims &dims) {
  constexpr BlockSumAxis kAxes[3] = {BlockSumAxis::M, BlockSumAxis::K,
                                     BlockSumAxis::N};
  for (unsigned axis = 0; axis < 3; ++axis)
    for (unsigned part = 1; 2 * part <= dims[axis]; ++part) {
      Dims first = dims, second = dims;
      first[axis] = part;
      second[axis] -= part;
      auto sum = blockSum(best(first), best(second), kAxes[axis]);
      if (sum)
        offer(chosen, std::move(*sum));
      else
        llvm::consumeError(sum.takeError());
    }
}

void Composer::offerProducts(std::optional<Scheme> &chosen, const Dims &dims) {
  for (unsigned m = 1; m <= dims[0]; ++m)
    for (unsigned k = 1; k <= dims[1]; ++k)
      for (unsigned n = 1; n <= dims[2]; ++n) {
        Dims outer = {m, k, n}, inner = {dims[0] / m, dims[1] / k, dims[2] / n};
        if (dims[0] % m || dims[1] % k || dims[2] % n || outer == dims ||
            inner == dims)
          continue;
        auto product = tensorProduct(best(outer), best(inner));
        if (product)
          offer(chosen, std::move(*product));
        else
          llvm::consumeError(product.takeError());
      }
}

const Scheme &Composer::best(const Dims &dims) {
  auto done = composed.find(dims);
  if (done != composed.end())
    return done->second;
  std::optional<Scheme> chosen;
  if (auto found = known.find(dims); found != known.end())
    chosen = found->second;
  Scheme classical = classicalScheme(dims[0], dims[1], dims[2]);
  classical.ring = ring;
  offer(chosen, std::move(classical));
  offerProducts(chosen, dims);
  offerSums(chosen, dims);
  return composed.emplace(dims, std::move(*chosen)).first->second;
}

Scheme sevenfold::composedScheme(unsigned m, unsigned k, unsigned n, Ring ring,
                                 llvm::ArrayRef<Scheme> more) {
  return Composer(ring, more).best({m, k, n});
}

llvm::Expected<std::vector<Scheme>>
sevenfold::resolveStarts(const TargetTensor &target, llvm::StringRef name,
                         llvm::ArrayRef<Scheme> more) {
  if (name == "symmetric")
    return std::vector<Scheme>();
  if (name == "classical")
    return std::vector<Scheme>{fibreDecomposition(target)};
  if (name == "composed") {
    if (!target.isMatmul())
      return makeError("expected a matrix multiplication for a composed start");
    auto [m, k, n] = target.dims;
    return std::vector<Scheme>{composedScheme(m, k, n, target.ring, more)};
  }
  auto read = readScheme(name);
  if (!read)
    return read.takeError();
  std::optional<Scheme> scheme = inRing(std::move(*read), target.ring);
  if (!scheme)
    return makeError("{0}: cannot be brought to ring {1}", name,
                     stringifyRing(target.ring));
  Dims dims = {scheme->m, scheme->k, scheme->n};
  if (dims != target.dims)
    return makeError("{0}: expected a scheme of {1} but got {2}x{3}x{4}", name,
                     target.str(), dims[0], dims[1], dims[2]);
  std::string wrong = findWrongEntry(target, *scheme);
  if (!wrong.empty())
    return makeError("{0}: is not exact: {1}", name, wrong);
  return std::vector<Scheme>{std::move(*scheme)};
}

llvm::Expected<SearchTask> sevenfold::makeTask(TargetTensor target,
                                               const std::string &start,
                                               llvm::ArrayRef<Scheme> more) {
  auto starts = resolveStarts(target, start, more);
  if (!starts)
    return starts.takeError();
  SearchTask task;
  task.target = std::move(target);
  task.starts = std::move(*starts);
  task.startName = start;
  return task;
}
