//===- TrainLoop.h - From a configuration to a model ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Trains, keeps what it has in a folder, goes on where it was stopped, and
// writes the model for the compiler:
//
//   metrics.jsonl          a line an epoch
//   checkpoint.json, .pt   where it is; both are of one moment
//   model.mlir             @model of a batch of samples, weights as arguments
//   weights/NAME.npy, tiles/NAME.tile.json
//   arguments.txt          the --weight and --tile options that bind them
//   result.json            losses, accuracy, sizes
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_TRAINLOOP_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_TRAINLOOP_H

#include "search/Tile/Training/TrainConfig.h"
#include "search/Tile/Training/Trainer.h"
#include "sevenfold/Support/Interrupted.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace sevenfold {

/// Samples of the function that is written.
inline constexpr int64_t kExportedSamples = 100;

struct TrainLoopOptions {
  std::string folder;
  unsigned threads = 1;
  std::function<void(const std::string &)> progress;
  StopRequest interrupted;
};

struct TrainResult {
  int64_t epochs = 0;
  double validationLoss = 0, testLoss = 0;
  std::optional<double> accuracy; ///< of test samples with classes
  double multiplyAdds = 0;
  int64_t parameters = 0;
  double seconds = 0;
};

nlohmann::ordered_json toJson(const TrainResult &result);

/// That of a folder where a training of this configuration came to its end;
/// nothing where none did. Fails on files that cannot be read.
llvm::Expected<std::optional<TrainResult>>
readTrainResult(const TrainConfig &config, const std::string &folder);

/// Fails where a folder holds a training of another configuration.
[[nodiscard]] llvm::Error checkTrainFolder(const TrainConfig &config,
                                           const std::string &folder);

/// Trains to the end, or goes on with what the folder holds. Interrupted, it
/// leaves a checkpoint. Fails on a folder of another configuration.
llvm::Expected<TrainResult> train(const TrainConfig &config,
                                  const TrainLoopOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_TRAINLOOP_H
