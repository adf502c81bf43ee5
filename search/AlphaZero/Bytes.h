//===- Bytes.h - Positions and moves in checkpoints -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thousands of positions are too many for JSON numbers: they are written as
// little-endian bytes in base 64. Readers trust nothing: what is cut off or out
// of range makes them fail, once and for all that follows.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_ALPHAZERO_BYTES_H
#define SEVENFOLD_SEARCH_ALPHAZERO_BYTES_H

#include "search/Game/BasisChange.h"
#include "search/Network/Network.h"

#include <cstring>
#include <string>

namespace sevenfold {

class ByteWriter {
public:
  template <typename T> void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    bytes.append(raw, sizeof(T));
  }
  void put(const RankOneTerm &term);
  void put(const GamePosition &position);
  void put(const TrainingExample &example);
  void put(const BasisChange &basis);

  /// In base 64.
  std::string text() const;

private:
  std::string bytes;
};

/// Reads what a writer for the same game wrote.
class ByteReader {
public:
  ByteReader(const TensorGame &game, const std::string &text);

  template <typename T> T get() {
    static_assert(std::is_arithmetic_v<T>);
    T value{};
    if (bytes.size() - place < sizeof(T)) {
      failed = true;
      return value;
    }
    std::memcpy(&value, bytes.data() + place, sizeof(T));
    place += sizeof(T);
    return value;
  }
  /// A number of things that take at least a byte each.
  size_t getCount();
  RankOneTerm getTerm();
  GamePosition getPosition();
  TrainingExample getExample();
  BasisChange getBasis();

  void fail() { failed = true; }
  bool ok() const { return !failed; }
  /// Nothing was wrong, and nothing is left.
  bool finished() const { return !failed && place == bytes.size(); }

private:
  const TensorGame &game;
  std::string bytes;
  size_t place = 0;
  bool failed = false;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_ALPHAZERO_BYTES_H
