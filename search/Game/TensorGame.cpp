//===- TensorGame.cpp - Decomposition as a game ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moves, their end, and terms.
//
//===----------------------------------------------------------------------===//

#include "search/Game/TensorGame.h"

#include "search/Frame/ModularRank.h"
#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cassert>

using namespace sevenfold;

TensorGame::TensorGame(Ring ring, std::array<unsigned, 3> shape, int least,
                       int largest, unsigned moveLimit)
    : gameRing(ring), gameShape(shape),
      leastCoefficient(ring == Ring::Z2 ? 0 : least),
      largestCoefficient(ring == Ring::Z2 ? 1 : largest), limit(moveLimit) {
  assert((ring == Ring::Z2 || ring == Ring::Z) && "a ring without a game");
}

GamePosition TensorGame::start(llvm::ArrayRef<int64_t> tensor) const {
  GamePosition position;
  position.residual.reserve(tensor.size());
  for (int64_t value : tensor)
    position.residual.push_back(int32_t(isBinary() ? value & 1 : value));
  return position;
}

void TensorGame::addTerm(std::vector<int32_t> &tensor, const RankOneTerm &term,
                         int factor) const {
  auto [size0, size1, size2] = gameShape;
  const int8_t *u = term.data(), *v = u + size0, *w = v + size1;
  for (unsigned a = 0; a < size0; ++a)
    for (unsigned b = 0; b < size1; ++b) {
      int pair = u[a] * v[b];
      if (pair == 0)
        continue;
      int32_t *row = tensor.data() + (size_t(a) * size1 + b) * size2;
      if (isBinary())
        for (unsigned c = 0; c < size2; ++c)
          row[c] ^= w[c];
      else
        for (unsigned c = 0; c < size2; ++c)
          row[c] += factor * pair * w[c];
    }
}

void TensorGame::play(GamePosition &position, const RankOneTerm &term) const {
  addTerm(position.residual, term, -1);
  ++position.movesPlayed;
}

bool TensorGame::isSolved(const GamePosition &position) {
  return std::all_of(position.residual.begin(), position.residual.end(),
                     [](int32_t value) { return value == 0; });
}

//===----------------------------------------------------------------------===//
// Ranks
//===----------------------------------------------------------------------===//

/// The ranks of the first `count` matrices of `rows` x `columns`, one after
/// another, added up.
static unsigned sumOfRanks(const std::vector<int64_t> &matrices, size_t count,
                           size_t rows, size_t columns, int64_t prime) {
  unsigned sum = 0;
  size_t size = rows * columns;
  for (size_t i = 0; i < count; ++i)
    sum += rankModulo({matrices.begin() + ptrdiff_t(i * size),
                       matrices.begin() + ptrdiff_t((i + 1) * size)},
                      rows, columns, prime);
  return sum;
}

unsigned TensorGame::rankBound(const std::vector<int32_t> &tensor) const {
  int64_t prime = isBinary() ? 2 : kLargePrime;
  const size_t strides[3] = {size_t(gameShape[1]) * gameShape[2], gameShape[2],
                             1};
  unsigned best = ~0u;
  for (unsigned mode = 0; mode < 3; ++mode) {
    size_t count = gameShape[mode], rows = gameShape[(mode + 1) % 3],
           columns = gameShape[(mode + 2) % 3];
    std::vector<int64_t> slices;
    for (size_t slice = 0; slice < count; ++slice)
      for (size_t r = 0; r < rows; ++r)
        for (size_t c = 0; c < columns; ++c)
          slices.push_back(
              tensor[slice * strides[mode] + r * strides[(mode + 1) % 3] +
                     c * strides[(mode + 2) % 3]]);
    best = std::min(best, sumOfRanks(slices, count, rows, columns, prime));
    // Others that span the same are often fewer, as where a term has been put
    // into all of them.
    unsigned independent =
        eliminateModulo(slices, count, rows * columns, prime);
    best =
        std::min(best, sumOfRanks(slices, independent, rows, columns, prime));
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

PositionKey TensorGame::key(const GamePosition &position) const {
  PositionKey key{splitMix64(position.movesPlayed), 0x9e3779b97f4a7c15ull};
  for (int32_t value : position.residual) {
    key.first = splitMix64(key.first ^ uint32_t(value));
    key.second = (key.second ^ uint32_t(value)) * 0xff51afd7ed558ccdull;
    key.second ^= key.second >> 29;
  }
  return key;
}

bool TensorGame::hasZeroFactor(const RankOneTerm &term) const {
  const int8_t *entry = term.data();
  for (unsigned size : gameShape) {
    if (std::all_of(entry, entry + size, [](int8_t e) { return e == 0; }))
      return true;
    entry += size;
  }
  return false;
}

void TensorGame::normalize(RankOneTerm &term) const {
  if (isBinary())
    return;
  int8_t *entry = term.data(), *last = entry + gameShape[0] + gameShape[1];
  for (unsigned mode = 0; mode < 2; ++mode) {
    int8_t *end = entry + gameShape[mode];
    int8_t *first = std::find_if(entry, end, [](int8_t e) { return e != 0; });
    if (first != end && *first < 0) {
      for (int8_t *e = entry; e != end; ++e)
        *e = int8_t(-*e);
      for (unsigned c = 0; c < gameShape[2]; ++c)
        last[c] = int8_t(-last[c]);
    }
    entry = end;
  }
}

Scheme TensorGame::scheme(llvm::ArrayRef<RankOneTerm> terms,
                          std::array<unsigned, 3> dims) const {
  Scheme scheme;
  scheme.m = dims[0], scheme.k = dims[1], scheme.n = dims[2];
  scheme.ring = gameRing;
  unsigned offset = 0;
  for (auto [factor, size] :
       {std::pair{&scheme.u, gameShape[0]}, std::pair{&scheme.v, gameShape[1]},
        std::pair{&scheme.w, gameShape[2]}}) {
    *factor = Factor(unsigned(terms.size()), size);
    for (unsigned t = 0; t < terms.size(); ++t)
      for (unsigned e = 0; e < size; ++e)
        factor->at(t, e) = Rational{terms[t][offset + e], 1};
    offset += size;
  }
  return scheme;
}
