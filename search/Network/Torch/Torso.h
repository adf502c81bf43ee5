//===- Torso.h - What a network sees of a position --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From positions to features, for networks with factor-wise heads.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_TORCH_TORSO_H
#define SEVENFOLD_SEARCH_NETWORK_TORCH_TORSO_H

#include "search/Network/Torch/TorchNetwork.h"

namespace sevenfold {

class Torso {
public:
  virtual ~Torso() = default;
  /// [N, options.width].
  virtual torch::Tensor forward(PositionShard positions) = 0;
};

/// A residual MLP on the entries of the tensor: for small ones.
std::unique_ptr<Torso> createResidualTorso(const TensorGame &game,
                                           const NetworkOptions &options,
                                           torch::nn::Module &model);

/// Attention between the three views of the tensor, as matrices of vectors
/// along one mode (the attentive modes of Fawzi et al., 2022).
std::unique_ptr<Torso> createAttentiveTorso(const TensorGame &game,
                                            const NetworkOptions &options,
                                            torch::nn::Module &model);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_TORCH_TORSO_H
