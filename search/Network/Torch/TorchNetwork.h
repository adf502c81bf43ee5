//===- TorchNetwork.h - What all networks do alike --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The value head with its loss, the optimiser, threads and saving. Kinds of
// networks differ in how they see a position and in how they say a move.
//
// Batches are cut into shards of a fixed size, which threads share: activations
// stay in the caches, and the number of threads changes nothing but the time.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_TORCH_TORCHNETWORK_H
#define SEVENFOLD_SEARCH_NETWORK_TORCH_TORCHNETWORK_H

#include "search/Network/Network.h"

#include <torch/torch.h>

#include <functional>
#include <memory>

namespace sevenfold {

using PositionShard = llvm::ArrayRef<const GamePosition *>;
using ExampleShard = llvm::ArrayRef<TrainingExample>;

/// A network of layers registered in `model`.
class TorchNetwork : public Network {
public:
  std::vector<Evaluation>
  evaluate(const std::vector<const GamePosition *> &positions,
           unsigned candidates, Random &random) final;
  TrainingLoss train(const std::vector<TrainingExample> &examples) final;
  std::string save() final;
  bool restore(const std::string &bytes) final;

  /// At least 1.
  void setThreads(unsigned count) { threads = std::max(1u, count); }

protected:
  TorchNetwork(const TensorGame &game, const NetworkOptions &options);

  /// Registers the value head on `features` features; then the optimiser is
  /// made. To be called last by constructors.
  void finish(int64_t features);

  virtual std::vector<Evaluation> evaluateShard(PositionShard positions,
                                                unsigned candidates,
                                                Random &random) = 0;
  /// Means over a shard, as one number each.
  struct Losses {
    torch::Tensor policy, value;
  };
  virtual Losses losses(ExampleShard examples) = 0;

  /// [N, features] -> [N, quantiles].
  torch::Tensor quantiles(const torch::Tensor &features);
  /// The mean of the quantiles the options ask for; [N].
  torch::Tensor actingValue(const torch::Tensor &quantiles) const;
  /// Quantile regression with a Huber loss (Dabney et al., "Distributional
  /// reinforcement learning with quantile regression", 2018).
  torch::Tensor valueLoss(const torch::Tensor &quantiles,
                          ExampleShard examples) const;
  int64_t parameterCount() const;
  /// Positions of a shard on the CPU.
  virtual size_t shardSize() const { return 16; }
  /// The tensor where the network is. Inputs are filled on the CPU.
  torch::Tensor placed(const torch::Tensor &tensor) const {
    return tensor.to(device);
  }

  TensorGame game;
  NetworkOptions options;
  torch::Device device;
  torch::nn::Module model;

private:
  /// A GPU takes a batch whole.
  size_t shardOf(size_t items) const {
    return device.is_cpu() ? shardSize() : std::max<size_t>(items, 1);
  }
  void forEachShard(size_t items,
                    const std::function<void(size_t shard, size_t first,
                                             size_t count)> &work);

  unsigned threads = 1;
  torch::nn::Linear valueHidden{nullptr}, valueOut{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer;
};

/// What a kind of network is made of where the options leave it open.
struct DefaultSizes {
  int64_t blocks, width;
  double learningRate;
};
NetworkOptions sized(NetworkOptions options, const DefaultSizes &defaults);

std::unique_ptr<TorchNetwork>
createEquivariantNetwork(const TensorGame &game, const NetworkOptions &options);
std::unique_ptr<TorchNetwork>
createFactoredNetwork(const TensorGame &game, const NetworkOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_TORCH_TORCHNETWORK_H
