//===- Request.cpp - What a request to the runner says --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fields of requests, checked.
//
//===----------------------------------------------------------------------===//

#include "Request.h"

#include "Library.h"

using namespace sevenfold::runner;
using nlohmann::json;

static constexpr size_t kMaxFunctions = 64, kMaxRuns = 100000;

static Element parseElement(const std::string &name) {
  static constexpr std::pair<const char *, Element> kNames[] = {
      {"f32", Element::F32},   {"f64", Element::F64}, {"f16", Element::F16},
      {"bf16", Element::BF16}, {"i8", Element::I8},   {"i32", Element::I32},
      {"i1", Element::I1},     {"i16", Element::I16}, {"i64", Element::I64}};
  for (auto [known, element] : kNames)
    if (name == known)
      return element;
  throw RequestError("unknown element type '" + name + "'");
}

/// Throws where the dimensions are not those of so many elements.
static void checkDims(const Shape &shape) {
  int64_t elements = 1;
  for (int64_t dim : shape.dims) {
    if (dim < 0 || dim > int64_t(1) << 40)
      throw RequestError("expected dimensions in [0, 2^40] but got " +
                         std::to_string(dim));
    if (__builtin_mul_overflow(elements, dim, &elements))
      elements = -1;
  }
  if (elements != shape.elements)
    throw RequestError("the dimensions of a buffer are not those of its " +
                       std::to_string(shape.elements) + " elements");
}

std::vector<Shape> sevenfold::runner::parseShapes(const json &request,
                                                  const char *key) {
  std::vector<Shape> shapes;
  for (const json &entry : request.at(key)) {
    Shape shape{parseElement(entry.at("type")), entry.at("elements"),
                entry.value("written", false)};
    if (shape.elements < 0 || shape.elements > int64_t(1) << 40)
      throw RequestError("expected a buffer of 0 to 2^40 elements but got " +
                         std::to_string(shape.elements));
    shape.dims = entry.value("dims", std::vector<int64_t>());
    if (!shape.dims.empty())
      checkDims(shape);
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

Signature::Signature(const json &request)
    : inputs(parseShapes(request, "inputs")),
      outputs(parseShapes(request, "outputs")), seed(request.at("seed")) {
  if (outputs.empty() || inputs.size() + outputs.size() > kMaxBuffers)
    throw RequestError("expected at least one output and at most " +
                       std::to_string(kMaxBuffers) + " buffers");
  limits.minSeconds = request.at("min_timeout");
  limits.factor = request.at("timeout_factor");
}

static Matmul parseFields(const json &entry) {
  Matmul matmul;
  matmul.m = entry.at("m");
  matmul.k = entry.at("k");
  matmul.n = entry.at("n");
  matmul.batch = entry.at("batch");
  matmul.element = parseElement(entry.at("type"));
  matmul.result = parseElement(entry.at("result_type"));
  matmul.transposeA = entry.at("transpose_a");
  matmul.transposeB = entry.at("transpose_b");
  matmul.accumulate = entry.at("accumulate");
  return matmul;
}

/// The buffers of a matmul are those its workload implies.
static void checkMatmul(const Matmul &matmul, const Signature &signature) {
  constexpr int64_t kMaxDim = int64_t(1) << 20;
  for (int64_t dim : {matmul.m, matmul.k, matmul.n, matmul.batch})
    if (dim < 1 || dim > kMaxDim)
      throw RequestError("expected dimensions in [1, 2^20] but got " +
                         std::to_string(dim));
  std::vector<Shape> inputs = {
      {matmul.element, matmul.batch * matmul.m * matmul.k},
      {matmul.element, matmul.batch * matmul.k * matmul.n}};
  Shape c{matmul.result, matmul.batch * matmul.m * matmul.n};
  if (matmul.accumulate)
    inputs.push_back(c);
  if (signature.inputs != inputs || signature.outputs != std::vector<Shape>{c})
    throw RequestError("the buffers are not those of the workload");
}

Matmul sevenfold::runner::parseMatmul(const json &request,
                                      const Signature &signature) {
  Matmul matmul = parseFields(request.at("workload"));
  checkMatmul(matmul, signature);
  return matmul;
}

std::vector<size_t> sevenfold::runner::parseOrder(const json &request) {
  size_t functions = request.at("functions").size();
  std::vector<size_t> order = request.at("order").get<std::vector<size_t>>();
  if (functions == 0 || functions > kMaxFunctions || order.empty() ||
      order.size() > kMaxRuns)
    throw RequestError("expected 1 to " + std::to_string(kMaxFunctions) +
                       " functions and 1 to " + std::to_string(kMaxRuns) +
                       " runs");
  for (size_t number : order)
    if (number >= functions)
      throw RequestError("expected an order of " + std::to_string(functions) +
                         " functions but got " + std::to_string(number));
  return order;
}
