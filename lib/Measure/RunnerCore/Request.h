//===- Request.h - What a request to the runner says ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Requests are JSON from another process: everything is checked while it is
// read.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_REQUEST_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_REQUEST_H

#include "Reference.h"
#include "Timing.h"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace sevenfold {
namespace runner {

/// Why a request is refused.
struct RequestError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The buffers of a list of a request. Throws RequestError.
std::vector<Shape> parseShapes(const nlohmann::json &request, const char *key);

/// The buffers and limits that all requests about functions have.
struct Signature {
  /// Throws RequestError.
  explicit Signature(const nlohmann::json &request);

  std::vector<Shape> inputs, outputs;
  uint64_t seed;
  Limits limits;
};

/// The workload of a request, whose buffers must be those of `signature`.
/// Throws RequestError.
Matmul parseMatmul(const nlohmann::json &request, const Signature &signature);

/// The order of a request to time functions. Throws RequestError where it is
/// too long, or names functions that are not there.
std::vector<size_t> parseOrder(const nlohmann::json &request);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_REQUEST_H
