//===- BasisChange.cpp - The same game in other coordinates ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrices are drawn with their inverses: by elementary operations, each of
// which is undone on the inverse.
//
//===----------------------------------------------------------------------===//

#include "search/Game/BasisChange.h"

using namespace sevenfold;

SquareMatrix SquareMatrix::identity(unsigned size) {
  SquareMatrix matrix;
  matrix.size = size;
  matrix.values.assign(size_t(size) * size, 0);
  for (unsigned i = 0; i < size; ++i)
    matrix.at(i, i) = 1;
  return matrix;
}

BasisChange::BasisChange(const TensorGame &game)
    : isBinary(game.isBinary()), shape(game.shape()) {
  for (unsigned mode = 0; mode < 3; ++mode)
    forward[mode] = inverse[mode] = SquareMatrix::identity(shape[mode]);
}

//===----------------------------------------------------------------------===//
// Drawing
//===----------------------------------------------------------------------===//

/// Row `to` += factor * row `from`, and the inverse's column the other way.
static void addRow(SquareMatrix &matrix, SquareMatrix &inverse, unsigned to,
                   unsigned from, int factor) {
  for (unsigned i = 0; i < matrix.size; ++i) {
    matrix.at(to, i) += factor * matrix.at(from, i);
    inverse.at(i, from) -= factor * inverse.at(i, to);
  }
}

static void reduceModulo2(SquareMatrix &matrix) {
  for (int32_t &value : matrix.values)
    value &= 1;
}

/// The inverse modulo 2; false where there is none.
static bool invertModulo2(SquareMatrix matrix, SquareMatrix &inverse) {
  inverse = SquareMatrix::identity(matrix.size);
  for (unsigned column = 0; column < matrix.size; ++column) {
    unsigned pivot = column;
    while (pivot < matrix.size && matrix.at(pivot, column) == 0)
      ++pivot;
    if (pivot == matrix.size)
      return false;
    for (unsigned i = 0; i < matrix.size; ++i) {
      std::swap(matrix.at(pivot, i), matrix.at(column, i));
      std::swap(inverse.at(pivot, i), inverse.at(column, i));
    }
    for (unsigned row = 0; row < matrix.size; ++row) {
      if (row == column || matrix.at(row, column) == 0)
        continue;
      for (unsigned i = 0; i < matrix.size; ++i) {
        matrix.at(row, i) ^= matrix.at(column, i);
        inverse.at(row, i) ^= inverse.at(column, i);
      }
    }
  }
  return true;
}

BasisChange BasisChange::draw(const TensorGame &game, Random &random) {
  BasisChange change(game);
  for (unsigned mode = 0; mode < 3; ++mode) {
    SquareMatrix &matrix = change.forward[mode], &back = change.inverse[mode];
    if (game.isBinary()) {
      // Of all matrices, 29 in 100 are invertible.
      do {
        for (int32_t &value : matrix.values)
          value = int32_t(random.below(2));
      } while (!invertModulo2(matrix, back));
      continue;
    }
    std::vector<unsigned> place(matrix.size);
    for (unsigned i = 0; i < matrix.size; ++i)
      place[i] = i;
    for (unsigned i = matrix.size; i > 1; --i)
      std::swap(place[i - 1], place[random.below(i)]);
    matrix.values.assign(matrix.values.size(), 0);
    back.values = matrix.values;
    for (unsigned i = 0; i < matrix.size; ++i)
      matrix.at(place[i], i) = back.at(i, place[i]) = random.below(2) ? 1 : -1;
  }
  return change;
}

BasisChange BasisChange::drawUnimodular(const TensorGame &game,
                                        Random &random) {
  BasisChange change(game);
  for (unsigned mode = 0; mode < 3; ++mode) {
    SquareMatrix &matrix = change.forward[mode], &back = change.inverse[mode];
    // As many operations as there are rows: entries stay small.
    for (unsigned i = 0; i < matrix.size && matrix.size > 1; ++i) {
      unsigned to = unsigned(random.below(matrix.size));
      unsigned from = unsigned(random.below(matrix.size - 1));
      from += from >= to;
      addRow(matrix, back, to, from, random.below(2) ? 1 : -1);
    }
    if (game.isBinary()) {
      reduceModulo2(matrix);
      reduceModulo2(back);
    }
  }
  return change;
}

std::optional<BasisChange>
BasisChange::of(const TensorGame &game,
                const std::array<SquareMatrix, 3> &forward,
                const std::array<SquareMatrix, 3> &inverse) {
  BasisChange change(game);
  change.forward = forward;
  change.inverse = inverse;
  for (unsigned mode = 0; mode < 3; ++mode)
    for (unsigned i = 0; i < game.shape()[mode]; ++i)
      for (unsigned j = 0; j < game.shape()[mode]; ++j) {
        int64_t sum = 0;
        for (unsigned l = 0; l < game.shape()[mode]; ++l)
          sum += int64_t(forward[mode].at(i, l)) * inverse[mode].at(l, j);
        if ((game.isBinary() ? sum & 1 : sum) != (i == j))
          return std::nullopt;
      }
  return change;
}

//===----------------------------------------------------------------------===//
// Applying
//===----------------------------------------------------------------------===//

std::vector<int32_t>
BasisChange::apply(const std::vector<int32_t> &tensor) const {
  std::vector<int32_t> now = tensor;
  const size_t strides[3] = {size_t(shape[1]) * shape[2], shape[2], 1};
  for (unsigned mode = 0; mode < 3; ++mode) {
    std::vector<int32_t> next(now.size());
    for (size_t i = 0; i < now.size(); ++i) {
      unsigned row = unsigned(i / strides[mode] % shape[mode]);
      size_t base = i - row * strides[mode];
      int32_t sum = 0;
      for (unsigned j = 0; j < shape[mode]; ++j)
        sum += forward[mode].at(row, j) * now[base + j * strides[mode]];
      next[i] = isBinary ? sum & 1 : sum;
    }
    now = std::move(next);
  }
  return now;
}

RankOneTerm BasisChange::map(const std::array<SquareMatrix, 3> &by,
                             const RankOneTerm &term) const {
  RankOneTerm result(term.size());
  unsigned offset = 0;
  for (unsigned mode = 0; mode < 3; ++mode) {
    for (unsigned row = 0; row < shape[mode]; ++row) {
      int32_t sum = 0;
      for (unsigned j = 0; j < shape[mode]; ++j)
        sum += by[mode].at(row, j) * term[offset + j];
      result[offset + row] = int8_t(isBinary ? sum & 1 : sum);
    }
    offset += shape[mode];
  }
  return result;
}

RankOneTerm BasisChange::apply(const RankOneTerm &term) const {
  return map(forward, term);
}

RankOneTerm BasisChange::back(const RankOneTerm &term) const {
  return map(inverse, term);
}
