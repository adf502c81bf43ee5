//===- Bytes.cpp - Positions and moves in checkpoints ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes follow from the game and are not written. Entries of a position, of
// which a replay has millions, are a byte each where they fit.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/Bytes.h"

#include "llvm/Support/Base64.h"
#include "llvm/Support/Error.h"

#include <cmath>

using namespace sevenfold;

/// Stands before an entry of four bytes.
static constexpr int8_t kWideEntry = -128;

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void ByteWriter::put(const RankOneTerm &term) {
  for (int8_t entry : term)
    put(entry);
}

void ByteWriter::put(const GamePosition &position) {
  put(uint32_t(position.movesPlayed));
  for (int32_t value : position.residual) {
    bool isWide = value <= kWideEntry || value > 127;
    put(isWide ? kWideEntry : int8_t(value));
    if (isWide)
      put(value);
  }
}

void ByteWriter::put(const TrainingExample &example) {
  put(example.position);
  put(example.value);
  put(uint32_t(example.policy.size()));
  for (const WeightedTerm &move : example.policy) {
    put(move.term);
    put(move.weight);
  }
}

void ByteWriter::put(const BasisChange &basis) {
  for (const auto *matrices : {&basis.matrices(), &basis.inverses()})
    for (const SquareMatrix &matrix : *matrices)
      for (int32_t value : matrix.values)
        put(value);
}

std::string ByteWriter::text() const { return llvm::encodeBase64(bytes); }

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

ByteReader::ByteReader(const TensorGame &game, const std::string &text)
    : game(game) {
  std::vector<char> decoded;
  if (llvm::Error error = llvm::decodeBase64(text, decoded)) {
    llvm::consumeError(std::move(error));
    failed = true;
    return;
  }
  bytes.assign(decoded.begin(), decoded.end());
}

size_t ByteReader::getCount() {
  size_t count = get<uint32_t>();
  if (count > bytes.size() - place)
    failed = true;
  return failed ? 0 : count;
}

RankOneTerm ByteReader::getTerm() {
  RankOneTerm term(game.termSize());
  for (int8_t &entry : term)
    entry = get<int8_t>();
  for (int8_t entry : term)
    if (entry < game.least() || entry > game.largest())
      failed = true;
  RankOneTerm normal = term;
  game.normalize(normal);
  if (game.hasZeroFactor(term) || normal != term)
    failed = true;
  return term;
}

GamePosition ByteReader::getPosition() {
  GamePosition position;
  position.movesPlayed = get<uint32_t>();
  position.residual.resize(game.tensorSize());
  for (int32_t &value : position.residual) {
    value = get<int8_t>();
    if (value == kWideEntry)
      value = get<int32_t>();
    if (game.isBinary() && value != 0 && value != 1)
      failed = true;
  }
  return position;
}

TrainingExample ByteReader::getExample() {
  TrainingExample example;
  example.position = getPosition();
  example.value = get<float>();
  if (!std::isfinite(example.value))
    failed = true;
  for (size_t left = getCount(); left > 0 && !failed; --left) {
    WeightedTerm move;
    move.term = getTerm();
    move.weight = get<float>();
    if (!(move.weight >= 0 && move.weight <= 1))
      failed = true;
    example.policy.push_back(std::move(move));
  }
  return example;
}

BasisChange ByteReader::getBasis() {
  std::array<SquareMatrix, 3> matrices[2];
  for (std::array<SquareMatrix, 3> &side : matrices)
    for (unsigned mode = 0; mode < 3; ++mode) {
      side[mode] = SquareMatrix::identity(game.shape()[mode]);
      for (int32_t &value : side[mode].values) {
        // As drawn; greater ones could overflow what they are applied to.
        value = get<int32_t>();
        if (value < -1 || value > 1)
          failed = true;
      }
    }
  auto basis =
      failed ? std::nullopt : BasisChange::of(game, matrices[0], matrices[1]);
  if (!basis)
    failed = true;
  return basis ? *basis : BasisChange(game);
}
