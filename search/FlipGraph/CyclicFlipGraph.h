//===- CyclicFlipGraph.h - Moves that keep a symmetry -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Multiplication of square matrices, with C transposed, is the tensor of
// trace(A B C): it does not change when its three modes are cycled. Here it is
// a sum over Z2 of orbits
//
//   [x, y, z] = x (x) y (x) z + y (x) z (x) x + z (x) x (x) y
//
// and cubes a (x) a (x) a. A flip of two orbits that share a factor, after
// turning one of them, is three flips at once and keeps the symmetry; the space
// left to search is a third as large (Moosbauer and Poole, "Flip graphs with
// symmetry and new matrix multiplication schemes", 2025). Cubes stay as they
// are: their number decides the rank modulo 3.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FLIPGRAPH_CYCLICFLIPGRAPH_H
#define SEVENFOLD_SEARCH_FLIPGRAPH_CYCLICFLIPGRAPH_H

#include "search/FlipGraph/FlipGraph.h"

#include <numeric>

namespace sevenfold {

/// Up to 64 W / 3 orbits over Z2, and any number of cubes. Slot 3 o + p of the
/// index holds factor p of orbit o.
template <typename WordT, unsigned W> class CyclicFlipGraph {
public:
  using Ring = BinaryRing<WordT>;
  using Word = WordT;
  using State = TermSum<Word>;
  static constexpr unsigned kCapacity = 64 * W / 3;

  void assign(const State &state);
  State state() const;
  unsigned rank() const { return 3 * size + unsigned(cubes.size()); }
  /// An orbit [a, a, a] is a cube.
  static unsigned rankOf(const State &state);

  using Orders = std::vector<std::vector<uint16_t>>;
  Orders orders() const { return {index.order().vec()}; }
  bool reorder(const Orders &orders) {
    return orders.size() == 1 && index.reorder(orders[0]);
  }

  Move flip(Random &random);
  bool expand(Random &random);

private:
  static bool mergeInto(Term<Word> &left, const Term<Word> &right);
  bool sharesTwo(unsigned slot) const;
  bool reduce();
  static unsigned turned(unsigned slot, unsigned by) {
    return slot / 3 * 3 + (slot % 3 + by) % 3;
  }

  EqualityIndex<Word, W, /*GroupSize=*/3> index;
  std::vector<Word> cubes;
  unsigned size = 0;
};

/// The terms of the whole, cubes and rotations written out, with the third
/// factor transposed as schemes have it. `n`: the size of the matrices.
template <typename Word>
std::vector<Term<Word>> unfold(const TermSum<Word> &sum, unsigned n);

/// trace(A B C) of n x n matrices. The n places of the diagonal are divided
/// into classes of these sizes, whose sum is n, and each of them gives the cube
/// of its part of the unit matrix; orbits make up for what that has beyond the
/// cubes of its entries.
template <typename Word>
TermSum<Word> symmetricStart(llvm::ArrayRef<unsigned> classes);

//===----------------------------------------------------------------------===//
// Whole decompositions
//===----------------------------------------------------------------------===//

template <typename Word, unsigned W>
unsigned CyclicFlipGraph<Word, W>::rankOf(const State &state) {
  unsigned rank = unsigned(state.cubes.size());
  for (const Term<Word> &orbit : state.terms)
    rank +=
        orbit.factor[0] == orbit.factor[1] && orbit.factor[1] == orbit.factor[2]
            ? 1
            : 3;
  return rank;
}

/// left += right where they agree in two factors after turning right.
template <typename Word, unsigned W>
bool CyclicFlipGraph<Word, W>::mergeInto(Term<Word> &left,
                                         const Term<Word> &right) {
  for (unsigned p = 0; p < 3; ++p)
    for (unsigned q = 0; q < 3; ++q) {
      if (left.factor[p] != right.factor[q] ||
          left.factor[(p + 1) % 3] != right.factor[(q + 1) % 3])
        continue;
      left.factor[(p + 2) % 3] ^= right.factor[(q + 2) % 3];
      return true;
    }
  return false;
}

template <typename Word, unsigned W>
void CyclicFlipGraph<Word, W>::assign(const State &state) {
  std::vector<Term<Word>> orbits = state.terms;
  simplifyTerms(orbits, mergeInto);
  assert(orbits.size() <= kCapacity && "too many orbits");
  size = unsigned(orbits.size());
  cubes = state.cubes;
  std::vector<Word> slots;
  for (const Term<Word> &orbit : orbits)
    slots.insert(slots.end(), orbit.factor.begin(), orbit.factor.end());
  index.assign(slots);
}

template <typename Word, unsigned W>
typename CyclicFlipGraph<Word, W>::State
CyclicFlipGraph<Word, W>::state() const {
  State result;
  result.cubes = cubes;
  result.terms.resize(size);
  for (unsigned slot = 0; slot < 3 * size; ++slot)
    result.terms[slot / 3].factor[slot % 3] = index[slot];
  return result;
}

template <typename Word, unsigned W> bool CyclicFlipGraph<Word, W>::reduce() {
  State now = state();
  if (!simplifyTerms(now.terms, mergeInto))
    return false;
  assign(now);
  return true;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

/// Whether the orbit of a slot that has just changed agrees with another one in
/// that factor and a neighbour of it.
template <typename Word, unsigned W>
bool CyclicFlipGraph<Word, W>::sharesTwo(unsigned slot) const {
  bool found = false;
  index.partners(slot).forEach([&](unsigned other) {
    for (unsigned by = 1; by <= 2; ++by)
      found |= index[turned(slot, by)] == index[turned(other, by)];
  });
  return found;
}

template <typename Word, unsigned W>
Move CyclicFlipGraph<Word, W>::flip(Random &random) {
  unsigned total = index.paired();
  if (total == 0)
    return Move::None;
  uint64_t bits = random.next();
  unsigned x = index.pairedSlot(unsigned((bits & 0xffffffff) * total >> 32));
  const SlotMask<W> &partners = index.partners(x);
  unsigned other =
      partners.select(unsigned((bits >> 32 & 0xffff) * partners.count() >> 16));
  unsigned toY = 1 + (bits >> 48 & 1), toZ = 3 - toY;
  unsigned y = turned(x, toY), z = turned(other, toZ);
  Word sumY = index[y] ^ index[turned(other, toY)];
  Word sumZ = index[z] ^ index[turned(x, toZ)];
  index.set(y, sumY);
  index.set(z, sumZ);
  if (sumY == 0 || sumZ == 0 || sharesTwo(y) || sharesTwo(z))
    if (reduce())
      return Move::Reduced;
  return Move::Flipped;
}

template <typename Word, unsigned W>
bool CyclicFlipGraph<Word, W>::expand(Random &random) {
  constexpr unsigned kAttempts = 64;
  if (size < 2 || size + 1 > kCapacity)
    return false;
  for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
    unsigned i = unsigned(random.below(size)), j = unsigned(random.below(size));
    unsigned turn = unsigned(random.below(3));
    bool swapped = random.below(2) != 0;
    if (i == j)
      continue;
    // x, y, z of either orbit; the second one is turned.
    unsigned steps[3] = {0, 1u + swapped, 2u - swapped};
    State now = state();
    Term<Word> first = now.terms[i], second;
    for (unsigned p = 0; p < 3; ++p)
      second.factor[p] = now.terms[j].factor[(p + turn) % 3];
    Word sums[3];
    for (unsigned p = 0; p < 3; ++p)
      sums[p] = first.factor[steps[p]] ^ second.factor[steps[p]];
    if (sums[0] == 0 || sums[1] == 0 || sums[2] == 0)
      continue;
    Term<Word> middle = second, last = second;
    middle.factor[steps[0]] = first.factor[steps[0]];
    middle.factor[steps[2]] = sums[2];
    last.factor[steps[0]] = sums[0];
    now.terms[i].factor[steps[1]] = sums[1];
    now.terms[j] = middle;
    now.terms.push_back(last);
    assign(now);
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// From and to the whole
//===----------------------------------------------------------------------===//

template <typename Word>
std::vector<Term<Word>> unfold(const TermSum<Word> &sum, unsigned n) {
  auto transposed = [&](Word word) {
    Word result = 0;
    for (unsigned i = 0; i < n; ++i)
      for (unsigned j = 0; j < n; ++j)
        result |= Word(word >> (i * n + j) & 1) << (j * n + i);
    return result;
  };
  std::vector<Term<Word>> terms;
  auto add = [&](Word x, Word y, Word z) {
    terms.push_back({{x, y, transposed(z)}, false});
  };
  for (Word cube : sum.cubes)
    add(cube, cube, cube);
  for (const Term<Word> &orbit : sum.terms) {
    auto [x, y, z] = orbit.factor;
    add(x, y, z);
    if (x == y && y == z)
      continue; // three times the same is once, modulo 2
    add(y, z, x);
    add(z, x, y);
  }
  return terms;
}

template <typename Word>
TermSum<Word> symmetricStart(llvm::ArrayRef<unsigned> classes) {
  unsigned n = std::accumulate(classes.begin(), classes.end(), 0u);
  assert(n * n <= 8 * sizeof(Word) && "a start that is too large");
  auto unit = [&](unsigned i, unsigned j) { return Word(1) << (i * n + j); };
  TermSum<Word> sum;
  unsigned place = 0;
  for (unsigned size : classes) {
    Word part = unit(place, place);
    for (unsigned last = place + size; ++place < last;) {
      // (s + a)^3 = s^3 + a^3 + [s, a, s + a]
      Word next = unit(place, place);
      sum.terms.push_back({{part, next, part ^ next}, false});
      part ^= next;
    }
    sum.cubes.push_back(part);
  }
  // One of the three rotations of (i, j, k) stands for its orbit.
  for (unsigned i = 0; i < n; ++i)
    for (unsigned j = 0; j < n; ++j)
      for (unsigned k = 0; k < n; ++k) {
        unsigned code = (i * n + j) * n + k;
        if (code < (j * n + k) * n + i && code < (k * n + i) * n + j)
          sum.terms.push_back({{unit(i, j), unit(j, k), unit(k, i)}, false});
      }
  return sum;
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FLIPGRAPH_CYCLICFLIPGRAPH_H
