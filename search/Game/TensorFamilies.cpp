//===- TensorFamilies.cpp - Tensors worth decomposing ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Built entry by entry from their definitions.
//
//===----------------------------------------------------------------------===//

#include "search/Game/TensorFamilies.h"

#include "search/Game/BasisChange.h"
#include "search/Game/Demonstrations.h"
#include "sevenfold/Support/File.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static TargetTensor zeroTensor(std::array<unsigned, 3> shape, Ring ring) {
  TargetTensor target;
  target.ring = ring;
  target.shape = shape;
  target.values.resize(size_t(shape[0]) * shape[1] * shape[2]);
  return target;
}

static int64_t &entry(TargetTensor &target, unsigned a, unsigned b,
                      unsigned c) {
  return target.values[(size_t(a) * target.shape[1] + b) * target.shape[2] + c];
}

TargetTensor sevenfold::skewSymmetricTensor(unsigned n, Ring ring) {
  TargetTensor target = zeroTensor({n * (n - 1) / 2, n, n}, ring);
  unsigned pair = 0;
  for (unsigned i = 0; i < n; ++i)
    for (unsigned j = i + 1; j < n; ++j, ++pair) {
      entry(target, pair, j, i) = 1;
      entry(target, pair, i, j) = ring == Ring::Z2 ? 1 : -1;
    }
  return target;
}

TargetTensor sevenfold::gramTensor(unsigned n, unsigned k, Ring ring) {
  TargetTensor target = zeroTensor({n * k, n * k, n * (n + 1) / 2}, ring);
  unsigned pair = 0;
  for (unsigned i = 0; i < n; ++i)
    for (unsigned j = i; j < n; ++j, ++pair)
      for (unsigned l = 0; l < k; ++l)
        entry(target, i * k + l, j * k + l, pair) = 1;
  return target;
}

static TensorGame gameOf(const TargetTensor &target) {
  return TensorGame(target.ring, target.shape, -1, 1, /*moveLimit=*/1);
}

TargetTensor sevenfold::plantedTensor(std::array<unsigned, 3> shape,
                                      unsigned rank, Ring ring,
                                      Random &random) {
  TargetTensor target = zeroTensor(shape, ring);
  TensorGame game = gameOf(target);
  std::vector<int32_t> sum(target.values.size());
  double density = ring == Ring::Z2 ? 0.5 : 0.2;
  for (const RankOneTerm &term : randomTerms(game, rank, density, random))
    game.addTerm(sum, term, 1);
  target.values.assign(sum.begin(), sum.end());
  return target;
}

TargetTensor sevenfold::inRandomBasis(const TargetTensor &target,
                                      Random &random) {
  TensorGame game = gameOf(target);
  BasisChange basis = target.ring == Ring::Z2
                          ? BasisChange::draw(game, random)
                          : BasisChange::drawUnimodular(game, random);
  TargetTensor changed = zeroTensor(target.shape, target.ring);
  std::vector<int32_t> values = basis.apply(game.start(target.values).residual);
  changed.values.assign(values.begin(), values.end());
  return changed;
}

llvm::Error sevenfold::writeTensor(const TargetTensor &target,
                                   llvm::StringRef path) {
  nlohmann::json json = {{"format", "sevenfold-tensor/1"},
                         {"ring", stringifyRing(target.ring).str()},
                         {"shape", target.shape},
                         {"values", target.values}};
  return writeFileAtomically(path, json.dump() + "\n");
}
