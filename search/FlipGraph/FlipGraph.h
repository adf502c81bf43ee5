//===- FlipGraph.h - Moves between decompositions ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A decomposition as a place in the flip graph (Kauers and Moosbauer, "Flip
// graphs for matrix multiplication", 2022). Where two terms share a factor,
//
//   x (x) y (x) z + x (x) y' (x) z'
//     = x (x) (y + s y') (x) z + x (x) y' (x) (z' - s z),   s = 1 or -1
//
// is a flip: the same tensor in as many terms. Terms that share two factors
// become one, a reduction. A plus transition (Arai, Ichikawa and Hukushima,
// "Adaptive flip graph algorithm for matrix multiplication", 2024) leaves a
// place without a way down by one term more:
//
//   x (x) y (x) z + x' (x) y' (x) z'
//     = x (x) (y + y') (x) z + x (x) y' (x) (z' - z) + (x' - x) (x) y' (x) z'
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_FLIPGRAPH_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_FLIPGRAPH_H

#include "search/FlipGraph/EqualityIndex.h"
#include "search/FlipGraph/Terms.h"
#include "sevenfold/Support/Random.h"

namespace sevenfold {

enum class Move {
  None,     ///< no two terms share a factor
  Rejected, ///< a coefficient would have left the set
  Flipped,
  Reduced, ///< flipped, and the rank fell
};

/// A decomposition into up to 64 W terms over a ring of Rings.h.
template <class RingT, unsigned W> class FlipGraph {
public:
  using Ring = RingT;
  using Word = typename Ring::Word;
  using State = TermSum<Word>;
  static constexpr unsigned kCapacity = 64 * W;

  /// Starts from a decomposition of at most kCapacity terms and no cubes; what
  /// reduces without a flip is reduced.
  void assign(const State &state);
  State state() const;
  unsigned rank() const { return size; }
  static unsigned rankOf(const State &state) {
    return unsigned(state.terms.size());
  }

  /// The orders of what a random choice is made from: with the state, all that
  /// decides how a walk goes on.
  using Orders = std::vector<std::vector<uint16_t>>;
  Orders orders() const {
    Orders result;
    for (const Index &column : index)
      result.push_back(column.order().vec());
    return result;
  }
  /// False where they are not of this state.
  bool reorder(const Orders &orders) {
    return orders.size() == 3 && index[0].reorder(orders[0]) &&
           index[1].reorder(orders[1]) && index[2].reorder(orders[2]);
  }

  /// Does a random flip.
  Move flip(Random &random) {
    return flip(random, [](Word, Word, Word, Word) { return true; });
  }
  /// Does a random flip if accept(y, its new value, z, its new value) says so.
  template <typename AcceptFn> Move flip(Random &random, AcceptFn accept);
  /// Does a random plus transition; whether one was found.
  bool expand(Random &random);

private:
  using Index = EqualityIndex<Word, W, /*GroupSize=*/1>;

  static bool mergeInto(Term<Word> &left, const Term<Word> &right);
  Term<Word> term(unsigned slot) const;
  void setTerm(unsigned slot, const Term<Word> &term);
  void remove(unsigned slot);
  bool sharesTwo(unsigned term, unsigned mode) const;
  bool reduceOnce();
  bool reduce();

  Index index[3];
  bool negative[kCapacity] = {};
  unsigned size = 0;
};

//===----------------------------------------------------------------------===//
// Whole decompositions
//===----------------------------------------------------------------------===//

/// left += right where two factors agree; false where they do not, or where the
/// third leaves the set. The result may be zero.
template <class Ring, unsigned W>
bool FlipGraph<Ring, W>::mergeInto(Term<Word> &left, const Term<Word> &right) {
  for (unsigned mode = 0; mode < 3; ++mode) {
    unsigned y = (mode + 1) % 3, z = (mode + 2) % 3;
    if (left.factor[y] != right.factor[y] || left.factor[z] != right.factor[z])
      continue;
    Word sum;
    if (!Ring::add(left.factor[mode], right.factor[mode],
                   left.negative != right.negative, sum))
      continue;
    left.factor[mode] = sum;
    left.negative ^= Ring::normalize(left.factor[mode]);
    return true;
  }
  return false;
}

template <class Ring, unsigned W>
void FlipGraph<Ring, W>::assign(const State &state) {
  std::vector<Term<Word>> terms = state.terms;
  for (Term<Word> &term : terms)
    for (Word &factor : term.factor)
      term.negative ^= Ring::normalize(factor);
  simplifyTerms(terms, mergeInto);
  assert(terms.size() <= kCapacity && "too many terms");
  size = unsigned(terms.size());
  std::vector<Word> column(size);
  for (unsigned mode = 0; mode < 3; ++mode) {
    for (unsigned t = 0; t < size; ++t)
      column[t] = terms[t].factor[mode];
    index[mode].assign(column);
  }
  for (unsigned t = 0; t < size; ++t)
    negative[t] = terms[t].negative;
}

template <class Ring, unsigned W>
typename FlipGraph<Ring, W>::State FlipGraph<Ring, W>::state() const {
  State result;
  result.terms.resize(size);
  for (unsigned t = 0; t < size; ++t) {
    for (unsigned mode = 0; mode < 3; ++mode)
      result.terms[t].factor[mode] = index[mode][t];
    result.terms[t].negative = negative[t];
  }
  return result;
}

template <class Ring, unsigned W>
Term<typename Ring::Word> FlipGraph<Ring, W>::term(unsigned slot) const {
  return {{index[0][slot], index[1][slot], index[2][slot]}, negative[slot]};
}

template <class Ring, unsigned W>
void FlipGraph<Ring, W>::setTerm(unsigned slot, const Term<Word> &term) {
  for (unsigned mode = 0; mode < 3; ++mode)
    if (index[mode][slot] != term.factor[mode])
      index[mode].set(slot, term.factor[mode]);
  negative[slot] = term.negative;
}

/// Takes a term out; the last one takes its place.
template <class Ring, unsigned W>
void FlipGraph<Ring, W>::remove(unsigned slot) {
  Term<Word> last = term(--size);
  setTerm(size, Term<Word>());
  if (slot != size)
    setTerm(slot, last);
}

/// Takes one term out that is zero or that another one takes up.
template <class Ring, unsigned W> bool FlipGraph<Ring, W>::reduceOnce() {
  for (unsigned t = 0; t < size; ++t) {
    if (index[0][t] == 0 || index[1][t] == 0 || index[2][t] == 0) {
      remove(t);
      return true;
    }
    for (unsigned mode = 0; mode < 3; ++mode) {
      SlotMask<W> shared =
          index[mode].partners(t) & index[(mode + 1) % 3].partners(t);
      bool merged = false;
      unsigned taken = 0;
      Term<Word> sum;
      shared.forEach([&](unsigned other) {
        if (merged)
          return;
        sum = term(t);
        merged = mergeInto(sum, term(other));
        taken = other;
      });
      if (!merged)
        continue;
      setTerm(t, sum);
      remove(taken);
      return true;
    }
  }
  return false;
}

/// Simplifies; whether the rank fell.
template <class Ring, unsigned W> bool FlipGraph<Ring, W>::reduce() {
  unsigned before = size;
  while (reduceOnce()) {
  }
  return size != before;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

/// Whether the factor of a term that has just changed, and another factor of
/// the term, are both those of a second term.
template <class Ring, unsigned W>
bool FlipGraph<Ring, W>::sharesTwo(unsigned term, unsigned mode) const {
  const SlotMask<W> &here = index[mode].partners(term);
  return (here & (index[(mode + 1) % 3].partners(term) |
                  index[(mode + 2) % 3].partners(term)))
      .any();
}

template <class Ring, unsigned W>
template <typename AcceptFn>
Move FlipGraph<Ring, W>::flip(Random &random, AcceptFn accept) {
  unsigned first = index[0].paired(), second = first + index[1].paired();
  unsigned total = second + index[2].paired();
  if (total == 0)
    return Move::None;
  // One draw serves all choices: 32 bits for the term, 16 for its partner.
  uint64_t bits = random.next();
  unsigned pick = unsigned((bits & 0xffffffff) * total >> 32);
  unsigned x = pick < first ? 0 : pick < second ? 1 : 2;
  pick -= x == 0 ? 0 : x == 1 ? first : second;
  unsigned i = index[x].pairedSlot(pick);
  const SlotMask<W> &partners = index[x].partners(i);
  unsigned j =
      partners.select(unsigned((bits >> 32 & 0xffff) * partners.count() >> 16));
  bool swapped = bits >> 48 & 1, subtract = bits >> 49 & 1;
  unsigned y = (x + 1 + swapped) % 3, z = (x + 2 - swapped) % 3;

  Word sumY, sumZ;
  bool opposite = Ring::kSigned && negative[i] != negative[j];
  if (!Ring::add(index[y][i], index[y][j], subtract, sumY) ||
      !Ring::add(index[z][j], index[z][i], subtract == opposite, sumZ) ||
      !accept(index[y][i], sumY, index[z][j], sumZ))
    return Move::Rejected;
  if (Ring::kSigned) {
    negative[i] ^= Ring::normalize(sumY);
    negative[j] ^= Ring::normalize(sumZ);
  }
  index[y].set(i, sumY);
  index[z].set(j, sumZ);
  if (sumY == 0 || sumZ == 0 || sharesTwo(i, y) || sharesTwo(j, z))
    if (reduce())
      return Move::Reduced;
  return Move::Flipped;
}

template <class Ring, unsigned W>
bool FlipGraph<Ring, W>::expand(Random &random) {
  // Most pairs will do; where none of so many does, the walk goes on without.
  constexpr unsigned kAttempts = 64;
  if (size < 2 || size + 1 > kCapacity)
    return false;
  for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
    unsigned i = unsigned(random.below(size)), j = unsigned(random.below(size));
    unsigned x = unsigned(random.below(3));
    bool swapped = random.below(2) != 0;
    unsigned y = (x + 1 + swapped) % 3, z = (x + 2 - swapped) % 3;
    if (i == j)
      continue;
    // Signs move into z.
    bool opposite = Ring::kSigned && negative[i] != negative[j];
    Word sumX, sumY, sumZ;
    if (!Ring::add(index[x][j], index[x][i], /*subtract=*/true, sumX) ||
        !Ring::add(index[y][i], index[y][j], /*subtract=*/false, sumY) ||
        !Ring::add(index[z][j], index[z][i], /*subtract=*/!opposite, sumZ) ||
        sumX == 0 || sumY == 0 || sumZ == 0)
      continue;
    Term<Word> first = term(i), middle = term(j), last = term(j);
    first.factor[y] = sumY;
    middle.factor[x] = first.factor[x];
    middle.factor[z] = sumZ;
    last.factor[x] = sumX;
    first.negative ^= Ring::normalize(first.factor[y]);
    middle.negative ^= Ring::normalize(middle.factor[z]);
    last.negative ^= Ring::normalize(last.factor[x]);
    setTerm(i, first);
    setTerm(j, middle);
    setTerm(size++, last);
    reduce();
    return true;
  }
  return false;
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_FLIPGRAPH_H
