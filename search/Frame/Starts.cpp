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
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <climits>
#include <map>
#include <optional>
#include <set>

using namespace sevenfold;

/// Starts of a rank so much higher than the least are worth a walk, too: which
/// pieces a walk starts from decides more than its rank does.
static constexpr unsigned kExtendedSlack = 4;

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

/// The scheme and what it is with its dimensions in other orders.
static std::vector<Scheme> ordersOf(Scheme scheme) {
  std::vector<Scheme> orders;
  for (unsigned flipped = 0; flipped < 2; ++flipped) {
    for (unsigned turned = 0; turned < 3; ++turned) {
      orders.push_back(scheme);
      scheme = rotate(scheme);
    }
    scheme = transpose(scheme);
  }
  return orders;
}

namespace {
using Dims = std::array<unsigned, 3>;

class Composer {
public:
  Composer(Ring ring, llvm::ArrayRef<Scheme> more) : ring(ring) {
    for (llvm::ArrayRef<Scheme> list : {catalogue(), more})
      for (const Scheme &scheme : list) {
        std::optional<Scheme> known = inRing(scheme, ring);
        if (known && (ring != Ring::Z || largestCoefficient(*known).isOne()))
          addOrientations(*known);
      }
  }

  const Scheme &best(const Dims &dims);
  /// The products of the best of two smaller formats that both save products;
  /// the others are sums.
  std::vector<Scheme> productsTo(const Dims &dims);
  /// The sums of the best of two smaller formats, one of them at most so thick.
  std::vector<Scheme> sumsTo(const Dims &dims, unsigned thickest);
  /// The best that is known of a format without composing it, or null.
  const Scheme *bestKnown(const Dims &dims) const {
    auto found = known.find(dims);
    return found == known.end() ? nullptr : &found->second;
  }

private:
  void addOrientations(Scheme scheme);

  Ring ring;
  std::map<Dims, Scheme> known, composed;
};
} // namespace

/// A format's rank is that of all its permutations.
void Composer::addOrientations(Scheme scheme) {
  for (Scheme &order : ordersOf(std::move(scheme))) {
    auto [place, isFirst] =
        known.try_emplace({order.m, order.k, order.n}, order);
    if (!isFirst && order.rank() < place->second.rank())
      place->second = std::move(order);
  }
}

static void addWay(llvm::Expected<Scheme> way, std::vector<Scheme> &ways) {
  if (way)
    ways.push_back(std::move(*way));
  else
    llvm::consumeError(way.takeError());
}

std::vector<Scheme> Composer::sumsTo(const Dims &dims, unsigned thickest) {
  constexpr BlockSumAxis kAxes[3] = {BlockSumAxis::M, BlockSumAxis::K,
                                     BlockSumAxis::N};
  std::vector<Scheme> ways;
  for (unsigned axis = 0; axis < 3; ++axis)
    for (unsigned part = 1; part <= thickest && 2 * part <= dims[axis];
         ++part) {
      Dims first = dims, second = dims;
      first[axis] = part;
      second[axis] -= part;
      addWay(blockSum(best(first), best(second), kAxes[axis]), ways);
    }
  return ways;
}

static bool savesProducts(const Scheme &scheme) {
  return scheme.rank() < scheme.m * scheme.k * scheme.n;
}

std::vector<Scheme> Composer::productsTo(const Dims &dims) {
  std::vector<Scheme> ways;
  for (unsigned m = 1; m <= dims[0]; ++m)
    for (unsigned k = 1; k <= dims[1]; ++k)
      for (unsigned n = 1; n <= dims[2]; ++n) {
        Dims outer = {m, k, n}, inner = {dims[0] / m, dims[1] / k, dims[2] / n};
        if (dims[0] % m || dims[1] % k || dims[2] % n || outer == dims ||
            inner == dims)
          continue;
        if (savesProducts(best(outer)) && savesProducts(best(inner)))
          addWay(tensorProduct(best(outer), best(inner)), ways);
      }
  return ways;
}

const Scheme &Composer::best(const Dims &dims) {
  auto done = composed.find(dims);
  if (done != composed.end())
    return done->second;
  Scheme chosen = classicalScheme(dims[0], dims[1], dims[2]);
  chosen.ring = ring;
  auto offer = [&](const Scheme &scheme) {
    if (scheme.rank() < chosen.rank())
      chosen = scheme;
  };
  if (auto found = known.find(dims); found != known.end())
    offer(found->second);
  for (const Scheme &way : productsTo(dims))
    offer(way);
  for (const Scheme &way : sumsTo(dims, /*thickest=*/UINT_MAX))
    offer(way);
  return composed.emplace(dims, std::move(chosen)).first->second;
}

Scheme sevenfold::composedScheme(unsigned m, unsigned k, unsigned n, Ring ring,
                                 llvm::ArrayRef<Scheme> more) {
  return Composer(ring, more).best({m, k, n});
}

/// Those of the least rank and up to kExtendedSlack more, each once, lowest
/// first.
static std::vector<Scheme> lowestOf(std::vector<Scheme> ways) {
  llvm::stable_sort(ways, [](const Scheme &a, const Scheme &b) {
    return a.rank() < b.rank();
  });
  std::vector<Scheme> starts;
  std::set<std::string> hashes;
  for (const Scheme &way : ways)
    if (way.rank() <= ways.front().rank() + kExtendedSlack &&
        hashes.insert(contentHash(way)).second)
      starts.push_back(way);
  return starts;
}

std::vector<Scheme> sevenfold::extendedSchemes(unsigned m, unsigned k,
                                               unsigned n, Ring ring,
                                               llvm::ArrayRef<Scheme> more) {
  Composer composer(ring, more);
  std::vector<Scheme> ways = composer.sumsTo({m, k, n}, /*thickest=*/1);
  llvm::append_range(ways, composer.productsTo({m, k, n}));
  return lowestOf(std::move(ways));
}

namespace {
/// A row of a scheme that can be cut off, and what is left then.
struct Cut {
  std::vector<int> h, d; ///< see cutRows
  unsigned rank = 0;
};
} // namespace

/// Every cut along m, lowest rank first.
static std::vector<Cut> cutsOf(const Scheme &scheme) {
  auto bitsOf = [&](unsigned code) {
    std::vector<int> bits(scheme.m);
    for (unsigned i = 0; i < scheme.m; ++i)
      bits[i] = code >> i & 1;
    return bits;
  };
  std::vector<Cut> cuts;
  for (unsigned h = 1; h < 1u << scheme.m; ++h)
    for (unsigned d = 1; d < 1u << scheme.m; ++d) {
      unsigned product = llvm::popcount(h & d);
      if (scheme.ring == Ring::Z2 ? product % 2 == 0 : product != 1)
        continue;
      Cut cut{bitsOf(h), bitsOf(d)};
      cut.rank = rankOfCut(scheme, cut.h, cut.d);
      cuts.push_back(std::move(cut));
    }
  llvm::stable_sort(cuts,
                    [](const Cut &a, const Cut &b) { return a.rank < b.rank; });
  return cuts;
}

std::vector<Scheme> sevenfold::projectedSchemes(unsigned m, unsigned k,
                                                unsigned n, Ring ring,
                                                llvm::ArrayRef<Scheme> more) {
  constexpr unsigned kMostRows = 8, kMostCuts = 64;
  Composer composer(ring, more);
  Dims dims = {m, k, n};
  std::vector<Scheme> ways;
  for (unsigned axis = 0; axis < 3; ++axis) {
    // The dimension comes first, and goes back to its place in the end.
    const Scheme *larger = composer.bestKnown(
        {dims[axis] + 1, dims[(axis + 1) % 3], dims[(axis + 2) % 3]});
    if (!larger || larger->m > kMostRows)
      continue;
    std::vector<Cut> cuts = cutsOf(*larger);
    for (const Cut &cut : llvm::ArrayRef(cuts).take_front(kMostCuts)) {
      auto scheme = cutRows(*larger, cut.h, cut.d);
      if (!scheme) {
        llvm::consumeError(scheme.takeError());
        continue;
      }
      if (ring == Ring::Z && !largestCoefficient(*scheme).isOne())
        continue;
      for (unsigned turn = axis; turn % 3 != 0; ++turn)
        *scheme = rotate(*scheme);
      ways.push_back(std::move(*scheme));
    }
  }
  ways = lowestOf(std::move(ways));
  if (ways.size() > kMostCuts)
    ways.resize(kMostCuts);
  return ways;
}

std::vector<Scheme> sevenfold::knownSchemes(const TargetTensor &target,
                                            unsigned rank) {
  auto [m, k, n] = target.dims;
  std::vector<Scheme> orders, found;
  std::set<std::string> hashes;
  auto keep = [&](Scheme scheme) {
    if (scheme.rank() == rank && hashes.insert(contentHash(scheme)).second)
      found.push_back(std::move(scheme));
  };
  for (const Scheme &scheme : catalogue())
    if (scheme.ring == Ring::Z && largestCoefficient(scheme).isOne())
      llvm::append_range(orders, ordersOf(scheme));
  for (const Scheme &outer : orders) {
    if (outer.m == m && outer.k == k && outer.n == n)
      keep(outer);
    for (const Scheme &inner : orders) {
      if (outer.m * inner.m != m || outer.k * inner.k != k ||
          outer.n * inner.n != n || outer.rank() * inner.rank() != rank)
        continue;
      auto product = tensorProduct(outer, inner);
      if (product)
        keep(std::move(*product));
      else
        llvm::consumeError(product.takeError());
    }
  }
  return found;
}

bool sevenfold::isMadeOfKnownSchemes(llvm::StringRef name) {
  return name == "composed" || name == "extended" || name == "projected";
}

llvm::Expected<std::vector<Scheme>>
sevenfold::resolveStarts(const TargetTensor &target, llvm::StringRef name,
                         llvm::ArrayRef<Scheme> more) {
  if (name == "symmetric")
    return std::vector<Scheme>();
  if (name == "classical")
    return std::vector<Scheme>{fibreDecomposition(target)};
  if (isMadeOfKnownSchemes(name)) {
    if (!target.isMatmul())
      return makeError("expected a matrix multiplication for the start '{0}'",
                       name);
    auto [m, k, n] = target.dims;
    if (name == "composed")
      return std::vector<Scheme>{composedScheme(m, k, n, target.ring, more)};
    if (name == "projected") {
      std::vector<Scheme> starts = projectedSchemes(m, k, n, target.ring, more);
      if (starts.empty())
        return makeError("no scheme is known of a format larger than {0} by "
                         "one in a dimension",
                         target.str());
      return starts;
    }
    if (m * k * n == 1)
      return makeError("expected more than one entry to extend to");
    return extendedSchemes(m, k, n, target.ring, more);
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
