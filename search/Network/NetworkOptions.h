//===- NetworkOptions.h - Sizes of a network --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a network is made of and trained with; AlphaZeroOptions.cpp has the
// names and ranges.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_NETWORKOPTIONS_H
#define SEVENFOLD_SEARCH_NETWORK_NETWORKOPTIONS_H

#include <cstdint>

namespace sevenfold {

/// Moves of a game whose policy is one number for each of them.
constexpr uint64_t kMaxEquivariantMoves = 1 << 16;

struct NetworkOptions {
  /// 1: the network that knows the symmetry of Z2 is used where the game is
  /// small enough for it; 0: never.
  int64_t equivariant = 1;
  /// 1: other games are seen by attention between their three views; 0: by a
  /// residual MLP.
  int64_t attentive = 0;
  /// 1: on a CUDA device, which must be there; 0: on the CPU.
  int64_t cuda = 0;
  /// Layers of the torso; 0: 2 of an equivariant network, else 3.
  int64_t blocks = 0;
  /// Channels of an equivariant or attentive network, width of a residual one;
  /// 0: 8 of an equivariant one, 64 of an attentive one, else 256.
  int64_t width = 0;
  int64_t quantiles = 8;
  /// The value is the mean of the quantiles above this one.
  double valueQuantile = 0;
  /// 0: 0.004 of an equivariant network, else 0.001.
  double learningRate = 0;
  double weightDecay = 1e-4;
  double valueWeight = 0.5; ///< of the value's loss beside the policy's
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_NETWORKOPTIONS_H
