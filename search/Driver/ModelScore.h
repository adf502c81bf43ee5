//===- ModelScore.h - How well a compiled model does ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a library that `tile train`'s model was compiled to on test samples.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_MODELSCORE_H
#define SEVENFOLD_SEARCH_DRIVER_MODELSCORE_H

#include "search/Tile/Training/Dataset.h"
#include "sevenfold/Measure/Artefact.h"

#include <string>

namespace sevenfold {

struct ModelScore {
  int64_t samples = 0, correct = 0;
  double squares = 0; ///< mean squares over outputs, added up over samples

  double accuracy() const { return double(correct) / double(samples); }
  double loss() const { return squares / double(samples); }
};

/// Of the library's `model` on all test samples. Fails where the library cannot
/// be loaded or its function returns an error; its buffers have to be those of
/// the data.
llvm::Expected<ModelScore> scoreLibrary(const std::string &library,
                                        const Dataset &data);

/// Whether a function takes and returns what the data have, a batch at a time.
bool isModelOf(llvm::ArrayRef<BufferShape> inputs,
               llvm::ArrayRef<BufferShape> outputs, const Dataset &data);

/// Fails unless the manifest beside the library says so of its `model`.
[[nodiscard]] llvm::Error checkModelOf(const std::string &library,
                                       const Dataset &data);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_MODELSCORE_H
