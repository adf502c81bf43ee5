//===- Dataset.h - What small models are trained on -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Samples of rows x width floats with a class or target values each, in a
// training and a test part.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_TILE_TRAINING_DATASET_H
#define SEVENFOLD_SEARCH_TILE_TRAINING_DATASET_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sevenfold {

struct SampleSet {
  int64_t count = 0;
  std::vector<float> inputs;    ///< count x rows x width
  std::vector<int64_t> classes; ///< count, or none
  std::vector<float> targets;   ///< count x outputs, where there are no classes
};

struct Dataset {
  std::string name;
  int64_t rows = 0, width = 0, outputs = 0;
  SampleSet training, test;

  bool hasClasses() const { return !training.classes.empty(); }
};

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr const char *kFashionMnistFolder =
    "/usr/share/datasets/fashion-mnist";

/// Fashion-MNIST (Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image
/// dataset for benchmarking machine learning algorithms", arXiv 1708.07747):
/// 60,000 and 10,000 images of 28 x 28 pixels of ten kinds of clothes, from the
/// four idx files, gzipped or not, of a folder. Pixels are shifted and scaled
/// to mean 0 and deviation 1 over the training images. Fails, saying which
/// package to install, where the folder has none, and on files that are
/// something else.
llvm::Expected<Dataset> readFashionMnist(const std::string &folder);

/// A made-up regression for tests: N(0,1) inputs, and what a network with one
/// hidden layer of random weights makes of each row, averaged over the rows.
Dataset makeTeacher(int64_t rows, int64_t width, int64_t outputs,
                    int64_t examples, uint64_t seed);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_TILE_TRAINING_DATASET_H
