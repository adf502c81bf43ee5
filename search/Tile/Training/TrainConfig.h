//===- TrainConfig.h - Configurations of training ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `tile train` reads: python-free-configs/tile has some, with a schema.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_TRAINCONFIG_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_TRAINCONFIG_H

#include "search/Tile/Training/Dataset.h"
#include "search/Tile/Training/ModelProgram.h"
#include "sevenfold/Support/Options.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// The numbers of a training.
struct TrainOptions {
  int64_t epochs = 5;
  int64_t batch = 128;
  int64_t examples = 0; ///< of the training part that are used; 0: all
  /// Percent of them that are not trained on and decide when to stop.
  int64_t validationPercent = 10;
  /// Epochs without a better validation loss after which it ends; 0: never.
  int64_t patience = 0;
  double learningRate = 1e-3; ///< of AdamW, falling as a cosine
  double weightDecay = 0.05;
  double warmUp = 0.05; ///< share of the steps in which the rate rises
  int64_t seed = 1;
  /// Samples that layers are fitted to where training starts from a model.
  int64_t fitExamples = 512;
  /// Seconds of the search for each rank of tiles.
  double fitSeconds = 10;
};

llvm::ArrayRef<OptionField<TrainOptions>> trainFields();

/// Of the teacher.
struct TeacherOptions {
  int64_t rows = 8, width = 16, outputs = 4, examples = 512, seed = 1;
};

llvm::ArrayRef<OptionField<TeacherOptions>> teacherFields();

struct TrainConfig {
  std::string data = "teacher"; ///< or "fashion-mnist"
  std::string dataFolder = kFashionMnistFolder;
  TeacherOptions teacher;
  std::string layers; ///< the JSON of the layers
  LinearForm linear;  ///< of layers that name none
  double share = 1;   ///< of widths: below 1 a narrower model
  /// Folder of a finished training of the same layers, all dense: weights are
  /// its, and tiles and thin matrices are fitted to them. In a file relative to
  /// the file's folder.
  std::string start;
  TrainOptions training;
  std::string hash; ///< SHA-256 of what decides the run
};

/// A configuration file. Fails, naming the place, on unknown keys and values.
llvm::Expected<TrainConfig> readTrainConfig(llvm::StringRef path);

/// The same of what a file at `path` would hold.
llvm::Expected<TrainConfig> parseTrainConfig(const nlohmann::json &json,
                                             llvm::StringRef path);

/// Its data and its model's steps, which fit each other.
llvm::Expected<Dataset> readDataset(const TrainConfig &config);
llvm::Expected<ModelProgram> makeProgram(const TrainConfig &config,
                                         const Dataset &data);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_TRAINCONFIG_H
