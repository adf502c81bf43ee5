//===- ModelScore.cpp - How well a compiled model does --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A batch at a time, of the size that the model was written for.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/ModelScore.h"

#include "search/Tile/Training/TrainLoop.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/Manifest.h"

#include <algorithm>

using namespace sevenfold;

bool sevenfold::isModelOf(llvm::ArrayRef<BufferShape> inputs,
                          llvm::ArrayRef<BufferShape> outputs,
                          const Dataset &data) {
  auto is = [](llvm::ArrayRef<BufferShape> buffers,
               const std::vector<int64_t> &dims) {
    return buffers.size() == 1 && buffers.front().type == ElementType::F32 &&
           buffers.front().dims == dims;
  };
  return is(inputs, {kExportedSamples, data.rows, data.width}) &&
         is(outputs, {kExportedSamples, data.outputs});
}

llvm::Error sevenfold::checkModelOf(const std::string &library,
                                    const Dataset &data) {
  auto manifest = readManifest(manifestPath(library));
  if (!manifest)
    return manifest.takeError();
  for (const FunctionSignature &function : manifest->functions)
    if (function.name == "model" &&
        isModelOf(function.inputs, function.outputs, data))
      return llvm::Error::success();
  return makeError("'{0}': expected a function 'model' of {1}x{2}x{3} f32 to "
                   "{1}x{4}, as 'tile train' writes it for '{5}'",
                   library, kExportedSamples, data.rows, data.width,
                   data.outputs, data.name);
}

/// Adds a batch's outputs, the first sample being `first` of the set.
static void addBatch(ModelScore &score, const std::vector<float> &outputs,
                     const SampleSet &set, int64_t first, int64_t count,
                     int64_t width) {
  for (int64_t i = 0; i < count; ++i) {
    const float *row = outputs.data() + i * width;
    if (!set.classes.empty()) {
      score.correct += std::max_element(row, row + width) - row ==
                       set.classes[size_t(first + i)];
      continue;
    }
    const float *target = set.targets.data() + (first + i) * width;
    for (int64_t j = 0; j < width; ++j)
      score.squares +=
          double(row[j] - target[j]) * (row[j] - target[j]) / double(width);
  }
  score.samples += count;
}

llvm::Expected<ModelScore> sevenfold::scoreLibrary(const std::string &library,
                                                   const Dataset &data) {
  auto model = loadLibrary(library, "model");
  if (!model)
    return model.takeError();
  int64_t size = data.rows * data.width;
  std::vector<float> inputs(size_t(kExportedSamples * size)),
      outputs(size_t(kExportedSamples * data.outputs));
  ModelScore score;
  for (int64_t first = 0; first < data.test.count; first += kExportedSamples) {
    int64_t count = std::min(kExportedSamples, data.test.count - first);
    auto from = data.test.inputs.begin() + first * size;
    std::copy(from, from + count * size, inputs.begin());
    if (int status = (*model)({inputs.data(), outputs.data()}))
      return makeError("'{0}' failed with {1}", library, status);
    addBatch(score, outputs, data.test, first, count, data.outputs);
  }
  return score;
}
