//===- TileSearch.cpp - The best factors of a rank ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A chain is one thread's: a few candidates, of which one hops at a time.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/TileSearch.h"

#include "search/Frame/Parallel.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/ErrorHandling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

using namespace sevenfold;

static constexpr std::pair<TileStart, llvm::StringLiteral> kStarts[] = {
    {TileStart::Scheme, "scheme"},
    {TileStart::Polynomial, "polynomial"},
    {TileStart::Random, "random"}};

llvm::StringRef sevenfold::stringifyTileStart(TileStart start) {
  for (const auto &[value, name] : kStarts)
    if (value == start)
      return name;
  return "";
}

std::optional<TileStart> sevenfold::parseTileStart(llvm::StringRef text) {
  for (const auto &[value, name] : kStarts)
    if (name == text)
      return value;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Cutting
//===----------------------------------------------------------------------===//

/// What starts and hops are penalised by, which threads and rounds take in
/// turn: with the first there are few minima, with the second those that the
/// growth allows.
static constexpr TilePenalty kPenalties[] = {{0.01, 0}, {0.003, 0}};
/// Sweeps after each term that is cut, and of a hop.
static constexpr int kCutSweeps = 60, kHopSweeps = 300, kSettleSweeps = 1500;
/// Terms among which the one to be cut is drawn: the smallest ones.
static constexpr unsigned kCutAmong = 5;
static constexpr double kTolerance = 1e-4;

/// Cuts terms; once it is over, without fitting the others.
static void cutTo(TileFactors &factors, unsigned rank, const TileTarget &target,
                  const TilePenalty &penalty, Random &random,
                  const IsOver &isOver) {
  while (factors.rank > rank) {
    factors.remove(factors.smallest(unsigned(random.below(kCutAmong))));
    factors.settle(target, penalty, kCutSweeps, kTolerance, isOver);
  }
}

/// A decomposition that is as good as exact.
static constexpr double kExact = 1e-9;

//===----------------------------------------------------------------------===//
// Starts
//===----------------------------------------------------------------------===//

namespace {
/// What starts are made from: exact factors of the format, and for products of
/// two, exact factors of its divisors, of the catalogue and of the user.
struct Sources {
  std::vector<TileFactors> whole; ///< by rank
  struct Part {
    unsigned tile;
    TileFactors factors;
  };
  std::vector<Part> parts;
};
} // namespace

static llvm::Expected<Sources> findSources(unsigned tile,
                                           const TileSearchOptions &options) {
  Sources sources;
  if (options.scheme) {
    const Scheme &scheme = *options.scheme;
    if (scheme.m != tile || scheme.k != tile || scheme.n != tile)
      return makeError("expected a scheme {0}x{0}x{0} but got {1}x{2}x{3}",
                       tile, scheme.m, scheme.k, scheme.n);
    if (scheme.ring == Ring::Z2)
      return makeError("scheme '{0}' holds modulo 2 only", scheme.name);
    sources.whole.push_back(factorsOf(scheme));
    return sources;
  }
  auto use = [&](const Scheme &scheme) {
    bool isSquare = scheme.m == scheme.k && scheme.k == scheme.n;
    if (!isSquare || scheme.ring == Ring::Z2 || scheme.m < 2)
      return;
    if (scheme.m == tile)
      sources.whole.push_back(factorsOf(scheme));
    else if (tile % scheme.m == 0)
      sources.parts.push_back({scheme.m, factorsOf(scheme)});
  };
  for (const Scheme &scheme : catalogue())
    use(scheme);
  for (const Scheme *scheme : schemeLibrary().added(SchemeOrigin::User))
    use(*scheme);
  // Products of two exact ones are exact.
  for (const Sources::Part &outer : sources.parts)
    for (const Sources::Part &inner : sources.parts)
      if (outer.tile * inner.tile == tile)
        sources.whole.push_back(kroneckerProduct(outer.factors, inner.factors,
                                                 outer.tile, inner.tile));
  sources.whole.push_back(factorsOf(classicalScheme(tile, tile, tile)));
  std::stable_sort(sources.whole.begin(), sources.whole.end(),
                   [](const TileFactors &a, const TileFactors &b) {
                     return a.rank < b.rank;
                   });
  return sources;
}

/// Exact factors of the format with at most `rank` terms and the least growth
/// that is allowed, filled up to the rank with terms of zero; nothing where
/// there are none.
static std::optional<TileFactors> exactFactors(const Sources &sources,
                                               unsigned rank, unsigned tile,
                                               double maxGrowth) {
  TileTarget target(tile);
  double least = maxGrowth;
  TileFactors best;
  for (TileFactors factors : sources.whole) {
    if (factors.rank > rank || factors.residual(target) > kExact)
      continue;
    // What grows too much as it is may do so less in other bases.
    double growth = relativeGrowth(factors, tile);
    if (growth > maxGrowth) {
      reduceGrowth(factors, tile);
      growth = relativeGrowth(factors, tile);
    }
    if (growth > least)
      continue;
    least = growth;
    best = std::move(factors);
  }
  if (best.rank == 0)
    return std::nullopt;
  TileFactors exact = std::move(best);
  Random none(0);
  exact.append(rank - exact.rank, 0, none);
  return exact;
}

namespace {
/// One thread's candidates.
class Chain {
public:
  Chain(const TileTarget &target, const TileSearchOptions &options,
        const Sources &sources, const IsOver &isOver, TileStart from,
        const TilePenalty &penalty, uint64_t seed)
      : target(target), options(options), sources(sources), isOver(isOver),
        from(from), penalty(penalty), random(seed) {}

  /// Makes one more candidate.
  void start();
  /// Tries to leave a minimum, for one whose objective is less, or more by at
  /// most `heat`.
  void hop(bool onlyBest, double heat);
  /// Keeps so many candidates, of different minima.
  void keep(size_t count);

  struct Candidate {
    double objective;
    TileFactors factors;
  };
  std::vector<Candidate> candidates; ///< where hops start, in order
  Candidate best{std::numeric_limits<double>::infinity(), {}};
  int64_t hops = 0;

private:
  TileFactors makeStart();
  TileFactors startOfScheme();
  TileFactors cutPart(const Sources::Part &part, unsigned rank);
  TileFactors mixedProduct(const Sources::Part &outer,
                           const Sources::Part &inner);
  void sort();

  const TileTarget &target;
  const TileSearchOptions &options;
  const Sources &sources;
  const IsOver &isOver;
  TileStart from;
  TilePenalty penalty;
  Random random;
};
} // namespace

/// Noise that keeps cut terms from coming back the way they went.
static constexpr double kNoise = 0.02, kStartDeviation = 0.5,
                        kHopDeviation = 0.3;

/// Factors of a divisor's format, cut to a rank as well as a few attempts find.
TileFactors Chain::cutPart(const Sources::Part &part, unsigned rank) {
  if (rank == part.factors.rank)
    return part.factors;
  TileTarget small(part.tile);
  constexpr int kAttempts = 12;
  Candidate best{std::numeric_limits<double>::infinity(), {}};
  for (int i = 0; i < kAttempts && (i == 0 || !isOver()); ++i) {
    TileFactors factors = part.factors;
    factors.balance();
    factors.perturb(kNoise, random);
    cutTo(factors, rank, small, penalty, random, isOver);
    factors.append(1, kHopDeviation, random);
    factors.settle(small, penalty, kHopSweeps, kTolerance, isOver);
    cutTo(factors, rank, small, penalty, random, isOver);
    double objective =
        factors.settle(small, penalty, kSettleSweeps, kTolerance, isOver);
    if (i == 0 || objective < best.objective)
      best = {objective, std::move(factors)};
  }
  return best.factors;
}

/// The product of a scheme, perhaps cut, and one that is cut by another rank
/// for each of its terms, such that no more is to be cut.
TileFactors Chain::mixedProduct(const Sources::Part &outer,
                                const Sources::Part &inner) {
  unsigned most = inner.factors.rank, a;
  do
    a = 1 + unsigned(random.below(outer.factors.rank));
  while (a * most < options.rank || a > options.rank);
  std::vector<unsigned> ranks(a, options.rank / a);
  for (unsigned c = 0; c < options.rank % a; ++c)
    ++ranks[c];
  for (unsigned draws = unsigned(random.below(2 * a)); draws > 0; --draws) {
    unsigned &from = ranks[random.below(a)], &to = ranks[random.below(a)];
    if (from > 1 && to < most) {
      --from;
      ++to;
    }
  }
  TileFactors cut = cutPart(outer, a), product(target.places, 0);
  std::map<unsigned, TileFactors> parts;
  for (unsigned c = 0; c < a; ++c) {
    if (!parts.count(ranks[c]))
      parts.emplace(ranks[c], cutPart(inner, ranks[c]));
    TileFactors one(cut.places, 1);
    for (unsigned mode = 0; mode < 3; ++mode)
      std::copy_n(cut.term(mode, c), cut.places, one.term(mode, 0));
    TileFactors terms =
        kroneckerProduct(one, parts.at(ranks[c]), outer.tile, inner.tile);
    for (unsigned mode = 0; mode < 3; ++mode)
      product.values[mode].insert(product.values[mode].end(),
                                  terms.values[mode].begin(),
                                  terms.values[mode].end());
    product.rank += terms.rank;
  }
  product.balance();
  product.perturb(kNoise, random);
  return product;
}

TileFactors Chain::startOfScheme() {
  // Products of two cut schemes have the structure that one cut scheme loses.
  std::vector<std::pair<const Sources::Part *, const Sources::Part *>> pairs;
  for (const Sources::Part &outer : sources.parts)
    for (const Sources::Part &inner : sources.parts)
      if (outer.tile * inner.tile == target.tile &&
          outer.factors.rank * inner.factors.rank >= options.rank)
        pairs.push_back({&outer, &inner});
  if (pairs.empty() || random.below(3) == 0) {
    // The lower a rank, the more often: fewer terms are to be cut.
    size_t most = random.below(sources.whole.size()) + 1;
    TileFactors factors = sources.whole[random.below(most)];
    factors.balance();
    factors.perturb(kNoise, random);
    return factors;
  }
  auto [outer, inner] = pairs[random.below(pairs.size())];
  if (random.below(2) == 0)
    return mixedProduct(*outer, *inner);
  // Ranks whose product is a little more, so that few terms are cut from it.
  unsigned outerRank = outer->factors.rank, innerRank = inner->factors.rank,
           rank = options.rank;
  constexpr int kDraws = 100;
  for (int draw = 0; draw < kDraws; ++draw) {
    unsigned a = 1 + unsigned(random.below(outer->factors.rank)),
             b = 1 + unsigned(random.below(inner->factors.rank));
    if (a * b < rank || a * b > rank + rank / 2 + 4)
      continue;
    outerRank = a;
    innerRank = b;
    break;
  }
  TileFactors factors =
      kroneckerProduct(cutPart(*outer, outerRank), cutPart(*inner, innerRank),
                       outer->tile, inner->tile);
  factors.balance();
  factors.perturb(kNoise, random);
  return factors;
}

TileFactors Chain::makeStart() {
  switch (from) {
  case TileStart::Scheme:
    return startOfScheme();
  case TileStart::Polynomial:
    return polynomialStart(target, options.rank, random);
  case TileStart::Random: {
    TileFactors factors(target.places, options.rank);
    factors.perturb(kStartDeviation, random);
    return factors;
  }
  }
  llvm_unreachable("all starts are listed");
}

void Chain::sort() {
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate &a, const Candidate &b) {
              return a.objective < b.objective;
            });
}

void Chain::start() {
  TileFactors factors = makeStart();
  cutTo(factors, options.rank, target, penalty, random, isOver);
  if (factors.rank < options.rank)
    factors.append(options.rank - factors.rank, kHopDeviation, random);
  constexpr int kSweeps = 600;
  double objective =
      factors.settle(target, penalty, kSweeps, kTolerance / 10, isOver);
  candidates.push_back({objective, std::move(factors)});
  sort();
  if (best.factors.rank == 0 || candidates[0].objective < best.objective)
    best = candidates[0];
}

/// Objectives that are nearer are of the same minimum.
static constexpr double kSameMinimum = 0.003;

/// Sorts, and leaves one of each minimum.
static void keepDifferent(std::vector<Chain::Candidate> &candidates) {
  std::sort(
      candidates.begin(), candidates.end(),
      [](const auto &a, const auto &b) { return a.objective < b.objective; });
  candidates.erase(std::unique(candidates.begin(), candidates.end(),
                               [](const auto &a, const auto &b) {
                                 return b.objective - a.objective <
                                        kSameMinimum;
                               }),
                   candidates.end());
}

void Chain::keep(size_t count) {
  keepDifferent(candidates);
  if (candidates.size() > count)
    candidates.resize(count);
}

void Chain::hop(bool onlyBest, double heat) {
  Candidate &candidate =
      candidates[onlyBest ? 0 : random.below(candidates.size())];
  TileFactors factors = candidate.factors;
  constexpr unsigned kMostTerms = 4;
  factors.append(1 + unsigned(random.below(kMostTerms)), kHopDeviation, random);
  factors.settle(target, penalty, 100 + int(random.below(200)), kTolerance,
                 isOver);
  cutTo(factors, options.rank, target, penalty, random, isOver);
  double objective =
      factors.settle(target, penalty, kHopSweeps, kTolerance, isOver);
  // What has come near is worth more sweeps.
  constexpr double kNear = 0.3;
  if (objective < candidate.objective + kNear)
    objective =
        factors.settle(target, penalty, kSettleSweeps, kTolerance / 10, isOver);
  ++hops;
  // At first what is a little worse is accepted as well.
  if (!(objective < candidate.objective - kTolerance + heat * random.uniform()))
    return;
  candidate = {objective, std::move(factors)};
  sort();
  if (candidates[0].objective < best.objective)
    best = candidates[0];
}

//===----------------------------------------------------------------------===//
// The end
//===----------------------------------------------------------------------===//

/// Growth of factors as a scheme, in the least of the bases where that leaves
/// the residual alone.
static double settledGrowth(TileFactors &factors, const TileTarget &target) {
  if (target.isWhite) {
    reduceGrowth(factors, target.tile);
    return relativeGrowth(factors, target.tile);
  }
  return relativeGrowth(factorsOf(schemeOf(factors, target)), target.tile);
}

/// Lets the penalty go as far as the growth allows, or time. It is one of
/// products of lengths: at the same growth it leaves less of a residual than
/// one of lengths does (docs/Rationale-strassen-tile.md).
static TileFactors release(TileFactors factors, const TileTarget &target,
                           double maxGrowth, const IsOver &isOver) {
  constexpr double kFirst = 0.003, kFactor = 0.7, kLastFactor = 0.97,
                   kLeast = 1e-7, kMost = 64;
  constexpr double kMostOfLengths = 1e-4;
  constexpr int kSweeps = 3000;
  auto settle = [&](double products, double tolerance) {
    factors.settle(target, {std::min(products, kMostOfLengths), products},
                   isOver() ? kCutSweeps : kSweeps, tolerance);
  };
  double products = kFirst;
  settle(products, kTolerance / 100);
  // Where even that is too much growth, more of it first, whatever it takes:
  // a large one leaves nothing.
  while (products < kMost && settledGrowth(factors, target) > maxGrowth) {
    products /= kFactor;
    settle(products, kTolerance / 100);
  }
  TileFactors best = factors;
  // Ever smaller steps at the end, so that the growth is used up.
  double factor = kFactor;
  while (products > kLeast && factor < kLastFactor && !isOver()) {
    TileFactors before = factors;
    settle(products * factor, kTolerance / 1000);
    TileFactors turned = factors;
    if (settledGrowth(turned, target) > maxGrowth) {
      factors = std::move(before);
      factor = std::sqrt(factor);
      continue;
    }
    products *= factor;
    best = std::move(turned);
    if (best.residual(target) < kExact)
      break;
  }
  return best;
}

/// The error of rounded factors, and their growth.
static TileSearchResult resultOf(const TileFactors &factors,
                                 const TileTarget &target) {
  TileSearchResult result;
  result.scheme = schemeOf(factors, target);
  TileFactors rounded = factorsOf(result.scheme);
  result.growth = relativeGrowth(rounded, target.tile);
  unsigned places = target.places;
  for (unsigned mode = 0; mode < 2 && !target.isWhite; ++mode)
    for (unsigned c = 0; c < rounded.rank; ++c) {
      std::vector<double> scaled(places);
      for (unsigned e = 0; e < places; ++e)
        for (unsigned f = 0; f < places; ++f)
          scaled[e] += target.roots[mode][size_t(e) * places + f] *
                       rounded.term(mode, c)[f];
      std::copy(scaled.begin(), scaled.end(), rounded.term(mode, c));
    }
  result.squaredError = rounded.residual(target) / target.squaredNorm;
  return result;
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

namespace {
/// The threads' chains, which begin anew some times: a chain that has settled
/// finds nothing any more, and another one may find something better.
class TileSearch {
public:
  TileSearch(const TileTarget &target, const TileSearchOptions &options,
             const Sources &sources, Budget &budget)
      : target(target), options(options), sources(sources), budget(budget),
        isTimed(budget.kind() != BudgetKind::Steps), seeds(options.seed),
        threads(std::max(options.threads, 1u)), found(threads) {}

  TileSearchResult run();

private:
  /// Starts and hops of fresh chains until so much is spent; false where
  /// something exact was found.
  bool runChains(size_t round, double until);
  /// Where a chain starts. Hops turn random numbers into something that schemes
  /// do not lead to (docs/Rationale-strassen-tile.md), so that one chain in
  /// three starts from them, unless one scheme alone is asked for.
  TileStart startOf(size_t chain) const {
    bool isMixed = options.start == TileStart::Scheme && !options.scheme;
    return isMixed && chain % 3 == 2 ? TileStart::Random : options.start;
  }
  void advance(Chain &chain, double share) const;
  void tell() const;
  TileSearchResult releaseAll();

  const TileTarget &target;
  const TileSearchOptions &options;
  const Sources &sources;
  Budget &budget;
  bool isTimed;
  Random seeds;
  size_t threads;
  /// What each thread's chains came to.
  std::vector<std::vector<Chain::Candidate>> found;
  double least = std::numeric_limits<double>::infinity(); ///< residual so far
  int64_t hops = 0;
};
} // namespace

void TileSearch::advance(Chain &chain, double share) const {
  // A fifth of the time for starts, then hops of all, then of the best ones.
  constexpr double kStartShare = 0.2, kPoolShare = 0.6, kCoolShare = 0.8;
  constexpr unsigned kPool = 4, kMostStarts = 64;
  if (share < kStartShare && chain.candidates.size() < kMostStarts)
    return chain.start();
  chain.keep(kPool);
  constexpr double kHeat = 0.3;
  chain.hop(/*onlyBest=*/share > kPoolShare,
            kHeat * std::max(0.0, 1 - share / kCoolShare));
}

void TileSearch::tell() const {
  if (options.progress && isTimed)
    options.progress(fmt::format("rank {}: squared error {:.4f} ({})",
                                 options.rank, least / target.squaredNorm,
                                 budget.describeRemaining()));
}

bool TileSearch::runChains(size_t round, double until) {
  double begin = budget.spent();
  IsOver isOver = [&] {
    return budget.spent() >= until || options.interrupted();
  };
  // Steps have no ends within them.
  IsOver isCut = [&] { return (isTimed && isOver()) || options.interrupted(); };
  auto share = [&] { return (budget.spent() - begin) / (until - begin); };
  std::vector<Chain> chains;
  for (size_t i = 0; i < threads; ++i)
    chains.emplace_back(target, options, sources, isCut, startOf(round + i),
                        kPenalties[(round + i) % std::size(kPenalties)],
                        seeds.next());
  forEachInParallel(threads, [&](size_t i) { chains[i].start(); });
  auto look = [&] {
    for (const Chain &chain : chains)
      least = std::min(least, chain.best.factors.residual(target));
    return least < kExact;
  };
  // Chains wait for each other once a second, or after every step.
  while (!look() && !isOver()) {
    constexpr double kSlice = 1;
    double sliceEnd = budget.wallSeconds() + kSlice;
    forEachInParallel(threads, [&](size_t i) {
      do
        advance(chains[i], share());
      while (isTimed && !isOver() && budget.wallSeconds() < sliceEnd);
    });
    budget.addSteps(int64_t(threads));
    tell();
  }
  for (size_t i = 0; i < threads; ++i) {
    // A hop may have left the best for something a little worse.
    found[i].push_back(chains[i].best);
    for (Chain::Candidate &candidate : chains[i].candidates)
      found[i].push_back(std::move(candidate));
    hops += chains[i].hops;
  }
  return least >= kExact;
}

/// All that was found is let go, as far as time allows, the best first: which
/// one gains most is not known before.
TileSearchResult TileSearch::releaseAll() {
  IsOver isOver = [&] {
    return (isTimed && budget.exhausted()) || options.interrupted();
  };
  std::vector<TileSearchResult> released(threads);
  forEachInParallel(threads, [&](size_t i) {
    keepDifferent(found[i]);
    for (size_t k = 0; k < found[i].size() && (k == 0 || !isOver()); ++k) {
      TileSearchResult own =
          resultOf(release(std::move(found[i][k].factors), target,
                           options.maxGrowth, isOver),
                   target);
      if (k == 0 || own.squaredError < released[i].squaredError)
        released[i] = std::move(own);
    }
  });
  TileSearchResult result = *std::min_element(
      released.begin(), released.end(),
      [](const TileSearchResult &a, const TileSearchResult &b) {
        return a.squaredError < b.squaredError;
      });
  result.hops = hops;
  return result;
}

TileSearchResult TileSearch::run() {
  // A fifth is left for the release at the end.
  constexpr double kReleaseShare = 0.2, kChainSeconds = 15, kMostChains = 8;
  double begin = budget.spent(), end = budget.limit();
  double time = (isTimed ? 1 - kReleaseShare : 1) * (end - begin);
  int rounds =
      isTimed ? int(std::clamp(time / kChainSeconds, 1.0, kMostChains)) : 1;
  for (int round = 1; round <= rounds && !options.interrupted(); ++round)
    if (!runChains(size_t(round - 1), begin + time * round / rounds))
      break;
  return releaseAll();
}

llvm::Expected<TileSearchResult>
sevenfold::searchTile(const TileTarget &target,
                      const TileSearchOptions &options, Budget &budget) {
  auto sources = findSources(target.tile, options);
  if (!sources)
    return sources.takeError();
  if (options.start == TileStart::Scheme)
    if (auto exact = exactFactors(*sources, options.rank, target.tile,
                                  options.maxGrowth)) {
      if (!target.isWhite)
        return resultOf(*exact, TileTarget(target.tile));
      return resultOf(*exact, target);
    }
  return TileSearch(target, options, *sources, budget).run();
}
