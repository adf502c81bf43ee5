//===- ModelMlir.cpp - Small models as MLIR -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values between steps are [samples, rows, width]. Linear layers see them as
// matrices.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/ModelMlir.h"

#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>

using namespace sevenfold;

std::vector<ModelArgument>
sevenfold::modelArguments(const ModelProgram &program) {
  std::vector<ModelArgument> arguments;
  for (const ModelStep &step : program.steps) {
    if (step.kind == StepKind::Position)
      arguments.push_back({step.name + ".rows", {step.rows, step.width}});
    if (step.kind == StepKind::Norm) {
      arguments.push_back({step.name + ".gain", {step.width}});
      arguments.push_back({step.name + ".shift", {step.width}});
    }
    if (step.kind != StepKind::Linear)
      continue;
    if (step.form.kind == LinearKind::LowRank) {
      int64_t rank = step.form.rank;
      arguments.push_back({step.name + ".left", {step.inputWidth, rank}});
      arguments.push_back({step.name + ".right", {rank, step.width}});
    } else {
      arguments.push_back({step.name + ".weight",
                           {step.inputWidth, step.width},
                           step.form.kind == LinearKind::Tile});
    }
    // Operators have biases of their own.
    if (step.form.kind != LinearKind::Tile)
      arguments.push_back({step.name + ".bias", {step.width}});
  }
  return arguments;
}

using Shape = std::vector<int64_t>;

static std::string tensorType(const Shape &shape) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + "f32>";
}

namespace {
struct TextValue {
  std::string name;
  Shape shape;
};

/// Operands of a linalg.generic: a value and the loops that index it.
struct IndexedValue {
  TextValue value;
  std::string indices; ///< "d0, d2"
};

class ModelWriter {
public:
  ModelWriter(const ModelProgram &program, int64_t samples)
      : program(program), samples(samples) {}

  std::string write();

private:
  std::string fresh() { return "%" + std::to_string(count++); }
  void line(const std::string &text) { body += "  " + text + "\n"; }
  TextValue empty(const Shape &shape);
  TextValue filled(const Shape &shape, const std::string &value);
  TextValue reshape(const TextValue &value, const Shape &shape,
                    const std::string &groups, bool expands);
  /// A generic over loops of `shape`; `statements` compute %r of %a, %b, ..
  /// and, where it reduces over the last loops, %o.
  TextValue generic(const std::vector<IndexedValue> &inputs,
                    const TextValue &destination, const std::string &outIndices,
                    size_t loops, size_t reductions,
                    const std::string &statements);
  TextValue matmul(const TextValue &a, const TextValue &b);
  TextValue transpose(const TextValue &value,
                      const std::vector<int64_t> &order);
  TextValue parameter(const std::string &name) { return parameters.at(name); }

  TextValue patches(const ModelStep &step, const TextValue &x);
  TextValue linear(const ModelStep &step, const TextValue &x);
  TextValue norm(const ModelStep &step, const TextValue &x);
  TextValue attention(const ModelStep &step, const TextValue &x);
  TextValue softmax(const TextValue &scores);
  TextValue mean(const ModelStep &step, const TextValue &x);
  TextValue emit(const ModelStep &step);

  const ModelProgram &program;
  int64_t samples;
  std::map<std::string, TextValue> parameters;
  std::vector<TextValue> values;
  std::string body;
  int count = 0;
};
} // namespace

TextValue ModelWriter::empty(const Shape &shape) {
  TextValue value{fresh(), shape};
  line(fmt::format("{} = tensor.empty() : {}", value.name, tensorType(shape)));
  return value;
}

TextValue ModelWriter::filled(const Shape &shape, const std::string &number) {
  std::string scalar = fresh();
  line(fmt::format("{} = arith.constant {} : f32", scalar, number));
  TextValue target = empty(shape), value{fresh(), shape};
  line(fmt::format("{0} = linalg.fill ins({1} : f32) outs({2} : {3}) -> {3}",
                   value.name, scalar, target.name, tensorType(shape)));
  return value;
}

TextValue ModelWriter::reshape(const TextValue &value, const Shape &shape,
                               const std::string &groups, bool expands) {
  if (value.shape == shape)
    return value;
  TextValue result{fresh(), shape};
  if (expands)
    line(fmt::format("{} = tensor.expand_shape {} {} output_shape [{}] : {} "
                     "into {}",
                     result.name, value.name, groups, fmt::join(shape, ", "),
                     tensorType(value.shape), tensorType(shape)));
  else
    line(fmt::format("{} = tensor.collapse_shape {} {} : {} into {}",
                     result.name, value.name, groups, tensorType(value.shape),
                     tensorType(shape)));
  return result;
}

TextValue ModelWriter::generic(const std::vector<IndexedValue> &inputs,
                               const TextValue &destination,
                               const std::string &outIndices, size_t loops,
                               size_t reductions,
                               const std::string &statements) {
  std::vector<std::string> dims, maps, kinds, names, types, arguments;
  for (size_t i = 0; i < loops; ++i) {
    dims.push_back(fmt::format("d{}", i));
    kinds.push_back(i + reductions < loops ? "\"parallel\"" : "\"reduction\"");
  }
  std::string all = fmt::format("{}", fmt::join(dims, ", "));
  char letter = 'a';
  for (const IndexedValue &input : inputs) {
    maps.push_back(fmt::format("affine_map<({}) -> ({})>", all, input.indices));
    names.push_back(input.value.name);
    types.push_back(tensorType(input.value.shape));
    arguments.push_back(fmt::format("%{}: f32", letter++));
  }
  maps.push_back(fmt::format("affine_map<({}) -> ({})>", all, outIndices));
  arguments.push_back("%o: f32");
  TextValue result{fresh(), destination.shape};
  line(fmt::format("{} = linalg.generic {{indexing_maps = [{}], "
                   "iterator_types = [{}]}}",
                   result.name, fmt::join(maps, ", "), fmt::join(kinds, ", ")));
  line(fmt::format("    ins({} : {}) outs({} : {}) {{", fmt::join(names, ", "),
                   fmt::join(types, ", "), destination.name,
                   tensorType(destination.shape)));
  line(fmt::format("  ^bb0({}):", fmt::join(arguments, ", ")));
  line("    " + statements);
  line("    linalg.yield %r : f32");
  line("  } -> " + tensorType(destination.shape));
  return result;
}

TextValue ModelWriter::matmul(const TextValue &a, const TextValue &b) {
  Shape shape = {a.shape[0], b.shape[1]};
  TextValue zero = filled(shape, "0.0"), result{fresh(), shape};
  line(fmt::format("{0} = linalg.matmul ins({1}, {2} : {3}, {4}) outs({5} : "
                   "{6}) -> {6}",
                   result.name, a.name, b.name, tensorType(a.shape),
                   tensorType(b.shape), zero.name, tensorType(shape)));
  return result;
}

TextValue ModelWriter::transpose(const TextValue &value,
                                 const std::vector<int64_t> &order) {
  Shape shape;
  for (int64_t dimension : order)
    shape.push_back(value.shape[size_t(dimension)]);
  TextValue target = empty(shape), result{fresh(), shape};
  line(fmt::format("{} = linalg.transpose ins({} : {}) outs({} : {}) "
                   "permutation = [{}]",
                   result.name, value.name, tensorType(value.shape),
                   target.name, tensorType(shape), fmt::join(order, ", ")));
  return result;
}

TextValue ModelWriter::patches(const ModelStep &step, const TextValue &x) {
  int64_t p = step.size, down = step.inputRows / p,
          across = step.inputWidth / p;
  TextValue split = reshape(x, {samples, down, p, across, p},
                            "[[0], [1, 2], [3, 4]]", /*expands=*/true);
  TextValue moved = transpose(split, {0, 1, 3, 2, 4});
  return reshape(moved, {samples, down * across, p * p},
                 "[[0], [1, 2], [3, 4]]", /*expands=*/false);
}

TextValue ModelWriter::linear(const ModelStep &step, const TextValue &x) {
  TextValue matrix = reshape(x, {samples * step.rows, step.inputWidth},
                             "[[0, 1], [2]]", /*expands=*/false);
  TextValue product =
      step.form.kind == LinearKind::LowRank
          ? matmul(matmul(matrix, parameter(step.name + ".left")),
                   parameter(step.name + ".right"))
          : matmul(matrix, parameter(step.name + ".weight"));
  if (step.form.kind != LinearKind::Tile)
    product = generic(
        {{product, "d0, d1"}, {parameter(step.name + ".bias"), "d1"}},
        empty(product.shape), "d0, d1", 2, 0, "%r = arith.addf %a, %b : f32");
  return reshape(product, {samples, step.rows, step.width}, "[[0, 1], [2]]",
                 /*expands=*/true);
}

TextValue ModelWriter::norm(const ModelStep &step, const TextValue &x) {
  Shape rows = {samples, step.rows};
  std::string scale = fmt::format("{:.9e}", 1.0 / double(step.width));
  std::string shareOf = "%s = arith.constant " + scale +
                        " : f32\n      %p = arith.mulf %a, %s : f32\n      ";
  TextValue mean = generic({{x, "d0, d1, d2"}}, filled(rows, "0.0"), "d0, d1",
                           3, 1, shareOf + "%r = arith.addf %p, %o : f32");
  TextValue centred =
      generic({{x, "d0, d1, d2"}, {mean, "d0, d1"}}, empty(x.shape),
              "d0, d1, d2", 3, 0, "%r = arith.subf %a, %b : f32");
  TextValue variance = generic(
      {{centred, "d0, d1, d2"}}, filled(rows, "0.0"), "d0, d1", 3, 1,
      "%q = arith.mulf %a, %a : f32\n      %s = arith.constant " + scale +
          " : f32\n      %p = arith.mulf %q, %s : f32\n      %r = arith.addf "
          "%p, %o : f32");
  return generic({{centred, "d0, d1, d2"},
                  {variance, "d0, d1"},
                  {parameter(step.name + ".gain"), "d2"},
                  {parameter(step.name + ".shift"), "d2"}},
                 empty(x.shape), "d0, d1, d2", 3, 0,
                 "%e = arith.constant 1.0e-05 : f32\n      %v = arith.addf "
                 "%b, %e : f32\n      %w = math.rsqrt %v : f32\n      %p = "
                 "arith.mulf %a, %w : f32\n      %q = arith.mulf %p, %c : "
                 "f32\n      %r = arith.addf %q, %d : f32");
}

TextValue ModelWriter::softmax(const TextValue &scores) {
  Shape rows = {scores.shape[0], scores.shape[1]};
  TextValue largest =
      generic({{scores, "d0, d1, d2"}}, filled(rows, "0xFF800000"), "d0, d1", 3,
              1, "%r = arith.maximumf %a, %o : f32");
  TextValue powers =
      generic({{scores, "d0, d1, d2"}, {largest, "d0, d1"}},
              empty(scores.shape), "d0, d1, d2", 3, 0,
              "%p = arith.subf %a, %b : f32\n      %r = math.exp %p : f32");
  TextValue total = generic({{powers, "d0, d1, d2"}}, filled(rows, "0.0"),
                            "d0, d1", 3, 1, "%r = arith.addf %a, %o : f32");
  return generic({{powers, "d0, d1, d2"}, {total, "d0, d1"}},
                 empty(scores.shape), "d0, d1, d2", 3, 0,
                 "%r = arith.divf %a, %b : f32");
}

TextValue ModelWriter::attention(const ModelStep &step, const TextValue &x) {
  int64_t heads = step.size, width = step.width / heads, rows = step.rows;
  TextValue split = reshape(x, {samples, rows, 3, heads, width},
                            "[[0], [1], [2, 3, 4]]", /*expands=*/true);
  // [3, n, heads, rows, width].
  TextValue moved = transpose(split, {2, 0, 3, 1, 4});
  int64_t batch = samples * heads;
  TextValue joined = reshape(moved, {3, batch, rows, width},
                             "[[0], [1, 2], [3], [4]]", /*expands=*/false);
  auto part = [&](int64_t index) {
    TextValue value{fresh(), {batch, rows, width}};
    line(fmt::format("{} = tensor.extract_slice {}[{}, 0, 0, 0] [1, {}, {}, "
                     "{}] [1, 1, 1, 1] : {} to {}",
                     value.name, joined.name, index, batch, rows, width,
                     tensorType(joined.shape), tensorType(value.shape)));
    return value;
  };
  auto products = [&](const TextValue &a, const TextValue &b,
                      const Shape &shape) {
    TextValue zero = filled(shape, "0.0"), result{fresh(), shape};
    line(fmt::format("{0} = linalg.batch_matmul ins({1}, {2} : {3}, {4}) "
                     "outs({5} : {6}) -> {6}",
                     result.name, a.name, b.name, tensorType(a.shape),
                     tensorType(b.shape), zero.name, tensorType(shape)));
    return result;
  };
  TextValue queries = part(0), keys = part(1), contents = part(2);
  TextValue scores =
      products(queries, transpose(keys, {0, 2, 1}), {batch, rows, rows});
  TextValue scaled = generic(
      {{scores, "d0, d1, d2"}}, empty(scores.shape), "d0, d1, d2", 3, 0,
      fmt::format("%s = arith.constant {:.9e} : f32\n      %r = arith.mulf "
                  "%a, %s : f32",
                  1 / std::sqrt(double(width))));
  TextValue seen = products(softmax(scaled), contents, {batch, rows, width});
  TextValue apart = reshape(seen, {samples, heads, rows, width},
                            "[[0, 1], [2], [3]]", /*expands=*/true);
  return reshape(transpose(apart, {0, 2, 1, 3}), {samples, rows, step.width},
                 "[[0], [1], [2, 3]]", /*expands=*/false);
}

TextValue ModelWriter::mean(const ModelStep &step, const TextValue &x) {
  TextValue sum = generic(
      {{x, "d0, d2, d1"}}, filled({samples, step.width}, "0.0"), "d0, d1", 3, 1,
      fmt::format("%s = arith.constant {:.9e} : f32\n      %p = arith.mulf %a, "
                  "%s : f32\n      %r = arith.addf %p, %o : f32",
                  1.0 / double(step.inputRows)));
  return reshape(sum, {samples, 1, step.width}, "[[0], [1, 2]]",
                 /*expands=*/true);
}

TextValue ModelWriter::emit(const ModelStep &step) {
  const TextValue x = values[step.input];
  auto elementwise = [&](const std::string &statements) {
    return generic({{x, "d0, d1, d2"}}, empty(x.shape), "d0, d1, d2", 3, 0,
                   statements);
  };
  switch (step.kind) {
  case StepKind::Patches:
    return patches(step, x);
  case StepKind::Linear:
    return linear(step, x);
  case StepKind::Position:
    return generic(
        {{x, "d0, d1, d2"}, {parameter(step.name + ".rows"), "d1, d2"}},
        empty(x.shape), "d0, d1, d2", 3, 0, "%r = arith.addf %a, %b : f32");
  case StepKind::Norm:
    return norm(step, x);
  case StepKind::Gelu:
    return elementwise(fmt::format(
        "%s = arith.constant {:.9e} : f32\n      %p = arith.mulf %a, %s : "
        "f32\n      %q = math.erf %p : f32\n      %n = arith.constant 1.0 : "
        "f32\n      %t = arith.addf %q, %n : f32\n      %h = arith.constant "
        "0.5 : f32\n      %u = arith.mulf %a, %h : f32\n      %r = arith.mulf "
        "%u, %t : f32",
        std::sqrt(0.5)));
  case StepKind::Relu:
    return elementwise("%z = arith.constant 0.0 : f32\n      %r = "
                       "arith.maximumf %a, %z : f32");
  case StepKind::Attention:
    return attention(step, x);
  case StepKind::Mean:
    return mean(step, x);
  case StepKind::Add:
    return generic({{x, "d0, d1, d2"}, {values[step.second], "d0, d1, d2"}},
                   empty(x.shape), "d0, d1, d2", 3, 0,
                   "%r = arith.addf %a, %b : f32");
  }
  llvm_unreachable("all kinds are listed");
}

std::string ModelWriter::write() {
  Shape input = {samples, program.rows, program.width};
  std::string signature = "%x: " + tensorType(input);
  values.push_back({"%x", input});
  int number = 1;
  for (const ModelArgument &argument : modelArguments(program)) {
    std::string name = fmt::format("%p{}", number++);
    parameters[argument.name] = {name, argument.shape};
    signature += fmt::format(",\n    {}: {}", name, tensorType(argument.shape));
  }
  for (const ModelStep &step : program.steps)
    values.push_back(emit(step));
  Shape output = {samples, program.outputWidth()};
  TextValue result = values.back();
  // Where rows are left, the first dimension holds them all.
  output[0] *= result.shape[1];
  result = reshape(result, output, "[[0, 1], [2]]", /*expands=*/false);
  return fmt::format("func.func @model({}) -> {} {{\n{}  return {} : {}\n}}\n",
                     signature, tensorType(output), body, result.name,
                     tensorType(output));
}

std::string sevenfold::modelToMlir(const ModelProgram &program,
                                   int64_t samples) {
  return ModelWriter(program, samples).write();
}
