//===- StableHloWriter.cpp - Operations of StableHLO as text --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A line an operation.
//
//===----------------------------------------------------------------------===//

#include "StableHloWriter.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sevenfold;

std::string StableHloWriter::type(ArrayRef<int64_t> dims, Type element) {
  std::string text = "tensor<";
  llvm::raw_string_ostream stream(text);
  for (int64_t dim : dims)
    stream << dim << "x";
  stream << element << ">";
  return text;
}

/// "[1, 2]".
static std::string listOf(ArrayRef<int64_t> numbers) {
  std::string text = "[";
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(numbers, stream);
  stream << "]";
  return text;
}

/// "(tensor<..>, tensor<..>)".
static std::string typesOf(ArrayRef<HloTensor> operands) {
  return "(" +
         llvm::join(llvm::map_range(operands,
                                    [](const HloTensor &operand) {
                                      return StableHloWriter::type(operand);
                                    }),
                    ", ") +
         ")";
}

static std::string namesOf(ArrayRef<HloTensor> operands) {
  return llvm::join(
      llvm::map_range(operands,
                      [](const HloTensor &operand) { return operand.name; }),
      ", ");
}

HloTensor StableHloWriter::append(const std::string &text,
                                  ArrayRef<int64_t> dims, Type element) {
  HloTensor result{"%" + std::to_string(count++), llvm::to_vector(dims),
                   element};
  body += "    " + result.name + " = stablehlo." + text + "\n";
  return result;
}

HloTensor StableHloWriter::constant(Attribute value, ArrayRef<int64_t> dims,
                                    Type element) {
  std::string text = "constant ";
  llvm::raw_string_ostream(text) << value;
  return append(text, dims, element);
}

HloTensor StableHloWriter::splat(double value, ArrayRef<int64_t> dims,
                                 Type element) {
  Builder builder(element.getContext());
  TypedAttr number = isa<IntegerType>(element)
                         ? TypedAttr(builder.getIntegerAttr(
                               element, static_cast<int64_t>(value)))
                         : TypedAttr(builder.getFloatAttr(element, value));
  auto whole = RankedTensorType::get(dims, element);
  return constant(DenseElementsAttr::get(whole, number), dims, element);
}

HloTensor StableHloWriter::opaqueSplat(double value, ArrayRef<int64_t> dims,
                                       Type element) {
  assert(element.isF32() && "sums that are scaled are formed in f32");
  auto found = opaques.find(value);
  if (found == opaques.end()) {
    HloTensor number = splat(value, {}, element);
    found = opaques
                .emplace(value, append("optimization_barrier " + number.name +
                                           " : " + type(number),
                                       {}, element))
                .first;
  }
  return broadcast(found->second, {}, dims);
}

HloTensor StableHloWriter::elementwise(StringRef operation,
                                       ArrayRef<HloTensor> operands) {
  const HloTensor &first = operands.front();
  return append(
      llvm::formatv("{0} {1} : {2}", operation, namesOf(operands), type(first)),
      first.dims, first.element);
}

HloTensor StableHloWriter::convert(const HloTensor &operand, Type element) {
  if (operand.element == element)
    return operand;
  return append(llvm::formatv("convert {0} : {1} -> {2}", operand.name,
                              typesOf(operand), type(operand.dims, element)),
                operand.dims, element);
}

HloTensor StableHloWriter::compare(StringRef direction, StringRef kind,
                                   const HloTensor &left,
                                   const HloTensor &right) {
  Type truth = IntegerType::get(left.element.getContext(), 1);
  return append(llvm::formatv("compare {0}, {1}, {2}, {3} : {4} -> {5}",
                              direction, left.name, right.name, kind,
                              typesOf({left, right}), type(left.dims, truth)),
                left.dims, truth);
}

HloTensor StableHloWriter::select(const HloTensor &condition,
                                  const HloTensor &yes, const HloTensor &no) {
  return append(llvm::formatv("select {0}, {1}, {2} : {3}, {4}", condition.name,
                              yes.name, no.name, type(condition), type(yes)),
                yes.dims, yes.element);
}

HloTensor StableHloWriter::iota(int64_t dimension, ArrayRef<int64_t> dims,
                                Type element) {
  return append(
      llvm::formatv("iota dim = {0} : {1}", dimension, type(dims, element)),
      dims, element);
}

HloTensor StableHloWriter::slice(const HloTensor &operand,
                                 ArrayRef<int64_t> starts,
                                 ArrayRef<int64_t> sizes,
                                 ArrayRef<int64_t> strides) {
  if (ArrayRef<int64_t>(operand.dims) == sizes)
    return operand;
  std::string ranges;
  for (auto [start, size, stride] : llvm::zip_equal(starts, sizes, strides)) {
    ranges += llvm::formatv("{0}{1}:{2}", ranges.empty() ? "" : ", ", start,
                            size == 0 ? start : start + (size - 1) * stride + 1)
                  .str();
    if (stride != 1)
      ranges += ":" + std::to_string(stride);
  }
  return append(llvm::formatv("slice {0} [{1}] : {2} -> {3}", operand.name,
                              ranges, typesOf(operand),
                              type(sizes, operand.element)),
                sizes, operand.element);
}

const HloTensor &StableHloWriter::index(int64_t value) {
  auto found = indices.find(value);
  if (found != indices.end())
    return found->second;
  std::string text =
      llvm::formatv("constant dense<{0}> : tensor<i32>", value).str();
  return indices.emplace(value, append(text, {}, {})).first->second;
}

HloTensor StableHloWriter::update(const HloTensor &target,
                                  const HloTensor &part,
                                  ArrayRef<int64_t> starts) {
  if (target.dims == part.dims)
    return part;
  std::string places, types;
  for (int64_t start : starts) {
    places += ", " + index(start).name;
    types += ", tensor<i32>";
  }
  return append(
      llvm::formatv("dynamic_update_slice {0}, {1}{2} : ({3}, {4}{5}) -> {3}",
                    target.name, part.name, places, type(target), type(part),
                    types),
      target.dims, target.element);
}

HloTensor StableHloWriter::pad(const HloTensor &operand, const HloTensor &value,
                               ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  SmallVector<int64_t> dims;
  for (auto [dim, before, behind] : llvm::zip_equal(operand.dims, low, high))
    dims.push_back(dim + before + behind);
  if (dims == operand.dims)
    return operand;
  SmallVector<int64_t> interior(dims.size(), 0);
  return append(
      llvm::formatv("pad {0}, {1}, low = {2}, high = {3}, interior = {4} : {5} "
                    "-> {6}",
                    operand.name, value.name, listOf(low), listOf(high),
                    listOf(interior), typesOf({operand, value}),
                    type(dims, operand.element)),
      dims, operand.element);
}

HloTensor StableHloWriter::reshape(const HloTensor &operand,
                                   ArrayRef<int64_t> dims) {
  if (ArrayRef<int64_t>(operand.dims) == dims)
    return operand;
  return append(llvm::formatv("reshape {0} : {1} -> {2}", operand.name,
                              typesOf(operand), type(dims, operand.element)),
                dims, operand.element);
}

HloTensor StableHloWriter::transpose(const HloTensor &operand,
                                     ArrayRef<int64_t> permutation) {
  if (llvm::is_sorted(permutation))
    return operand;
  SmallVector<int64_t> dims;
  for (int64_t source : permutation)
    dims.push_back(operand.dims[source]);
  return append(llvm::formatv("transpose {0}, dims = {1} : {2} -> {3}",
                              operand.name, listOf(permutation),
                              typesOf(operand), type(dims, operand.element)),
                dims, operand.element);
}

HloTensor StableHloWriter::broadcast(const HloTensor &operand,
                                     ArrayRef<int64_t> places,
                                     ArrayRef<int64_t> dims) {
  if (ArrayRef<int64_t>(operand.dims) == dims && llvm::is_sorted(places))
    return operand;
  return append(llvm::formatv("broadcast_in_dim {0}, dims = {1} : {2} -> {3}",
                              operand.name, listOf(places), typesOf(operand),
                              type(dims, operand.element)),
                dims, operand.element);
}

HloTensor StableHloWriter::stack(ArrayRef<HloTensor> operands) {
  SmallVector<HloTensor> slabs;
  SmallVector<int64_t> slab = {1}, dims = {int64_t(operands.size())};
  llvm::append_range(slab, operands.front().dims);
  llvm::append_range(dims, operands.front().dims);
  for (const HloTensor &operand : operands)
    slabs.push_back(reshape(operand, slab));
  Type element = operands.front().element;
  return append(llvm::formatv("concatenate {0}, dim = 0 : {1} -> {2}",
                              namesOf(slabs), typesOf(slabs),
                              type(dims, element)),
                dims, element);
}

static StringRef nameOf(HloPrecision precision) {
  switch (precision) {
  case HloPrecision::Default:
    return "DEFAULT";
  case HloPrecision::High:
    return "HIGH";
  case HloPrecision::Highest:
    return "HIGHEST";
  }
  llvm_unreachable("unknown precision");
}

HloTensor StableHloWriter::dot(const HloTensor &a, const HloTensor &b,
                               const DotDimensions &dimensions, Type element,
                               HloPrecision precision) {
  SmallVector<int64_t> dims;
  for (int64_t batch : dimensions.batchA)
    dims.push_back(a.dims[batch]);
  auto appendRest = [&](const HloTensor &operand, ArrayRef<int64_t> batch,
                        ArrayRef<int64_t> contracted) {
    for (int64_t i = 0; i < operand.rank(); ++i)
      if (!llvm::is_contained(batch, i) && !llvm::is_contained(contracted, i))
        dims.push_back(operand.dims[i]);
  };
  appendRest(a, dimensions.batchA, dimensions.contractedA);
  appendRest(b, dimensions.batchB, dimensions.contractedB);
  std::string batching;
  if (!dimensions.batchA.empty())
    batching =
        llvm::formatv(", batching_dims = {0} x {1}", listOf(dimensions.batchA),
                      listOf(dimensions.batchB));
  return append(
      llvm::formatv("dot_general {0}, {1}{2}, contracting_dims = {3} x {4}, "
                    "precision = [{5}, {5}] : {6} -> {7}",
                    a.name, b.name, batching, listOf(dimensions.contractedA),
                    listOf(dimensions.contractedB), nameOf(precision),
                    typesOf({a, b}), type(dims, element)),
      dims, element);
}

HloTensor StableHloWriter::reduce(StringRef operation, const HloTensor &operand,
                                  const HloTensor &start,
                                  ArrayRef<int64_t> dimensions) {
  SmallVector<int64_t> dims;
  for (int64_t i = 0; i < operand.rank(); ++i)
    if (!llvm::is_contained(dimensions, i))
      dims.push_back(operand.dims[i]);
  return append(
      llvm::formatv("reduce({0} init: {1}) applies stablehlo.{2} across "
                    "dimensions = {3} : {4} -> {5}",
                    operand.name, start.name, operation, listOf(dimensions),
                    typesOf({operand, start}), type(dims, operand.element)),
      dims, operand.element);
}
