//===- Trainer.h - A model that is trained ----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the loop asks of LibTorch, without it: steps, evaluations, parameters.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_TRAINER_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_TRAINER_H

#include "search/Tile/Training/Dataset.h"
#include "search/Tile/Training/ModelProgram.h"

#include <memory>

namespace sevenfold {

/// A parameter by name: of a Linear step "NAME.weight" (inner x width) and
/// "NAME.bias" (width), or "NAME.left", "NAME.right" and "NAME.bias", or
/// "NAME.encoder" (rank x t^2), "NAME.encoded" (rank x K x M), "NAME.decoder"
/// (rank x t^2) and "NAME.bias" (t x width); "NAME.gain", "NAME.shift",
/// "NAME.rows".
struct NamedTensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

/// Samples by their numbers in a set.
using SampleIndices = std::vector<int64_t>;

struct LossSum {
  double loss = 0;     ///< added up over samples
  int64_t correct = 0; ///< of samples with classes
  int64_t count = 0;

  void add(const LossSum &other) {
    loss += other.loss;
    correct += other.correct;
    count += other.count;
  }
};

/// A model with an optimiser. Losses are cross entropy for classes, the mean
/// square over outputs for targets. What LibTorch throws is an error, after
/// which the model is of no use. Not thread-safe.
class Trainer {
public:
  virtual ~Trainer() = default;

  /// One step of AdamW on the mean loss of a batch; the sum before it.
  virtual llvm::Expected<LossSum> step(const SampleSet &set,
                                       const SampleIndices &batch,
                                       double learningRate) = 0;
  virtual llvm::Expected<LossSum> evaluate(const SampleSet &set,
                                           const SampleIndices &samples) = 0;
  /// What value `number` of the program (0: the input) is for samples:
  /// [samples, rows, width].
  virtual llvm::Expected<std::vector<float>>
  valueOf(size_t number, const SampleSet &set,
          const SampleIndices &samples) = 0;

  virtual std::vector<NamedTensor> parameters() = 0;
  /// False where there is no such parameter of that shape.
  virtual bool setParameter(const NamedTensor &parameter) = 0;

  /// Parameters and optimiser, as bytes; false where those are of something
  /// else.
  virtual llvm::Expected<std::string> save() = 0;
  virtual bool restore(const std::string &bytes) = 0;
};

struct TrainerOptions {
  double weightDecay = 0;
  uint64_t seed = 0;
  /// Each of which has a part of every batch. One number of them gives one
  /// result.
  unsigned threads = 1;
};

/// What the learning library exports as "sevenfoldCreateTrainer"; null with an
/// error.
using TrainerFactory = Trainer *(const ModelProgram &program,
                                 const TrainerOptions &options,
                                 std::string &error);

/// Loads the library.
llvm::Expected<std::unique_ptr<Trainer>>
createTrainer(const ModelProgram &program, const TrainerOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_TRAINER_H
