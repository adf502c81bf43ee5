//===- ModelsTest.cpp - Models of every kind, compiled and called ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each file of test/models/kinds is written as real models are. Every function
// of it compiles with and without a plan, both agree, and neither reads what
// the buffers of results held; or the model is refused in the words that its
// first line gives: "// refused: ..".
//
//===----------------------------------------------------------------------===//

#include "Elements.h"

#include "sevenfold/Support/Random.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>

using namespace sevenfold;

namespace {
using Bytes = std::vector<char>;

/// Small whole numbers, of which sums and products are exact; for what may be
/// an index or a truth 0 or 1.
Bytes drawInput(const BufferShape &shape, uint64_t seed) {
  Random random(seed);
  Bytes bytes(shape.bytes());
  for (int64_t i = 0; i < shape.elements(); ++i) {
    int value = int(random.below(5)) - 2;
    if (shape.type == ElementType::I32)
      value &= 3;
    if (!isInteger(shape.type) && unitRoundoff(shape.type) == 0)
      value &= 1;
    storeElement(shape.type, bytes.data() + i * byteWidth(shape.type), value);
  }
  return bytes;
}

double elementAt(const BufferShape &shape, const Bytes &bytes, int64_t i) {
  return loadElement(shape.type, bytes.data() + i * byteWidth(shape.type));
}

/// What a rounded function, and a plan within a rounded model, may be off by.
double tolerance(ElementType type) { return 256 * unitRoundoff(type); }

/// The results of one call, whose buffers held `filling` in each byte.
struct Results {
  std::vector<Bytes> outputs, written;
};

Results call(const LoadedFunction &function, const FunctionSignature &signature,
             char filling) {
  std::vector<Bytes> inputs;
  std::vector<void *> pointers;
  for (size_t i = 0; i < signature.inputs.size(); ++i) {
    inputs.push_back(drawInput(signature.inputs[i], i + 1));
    pointers.push_back(inputs.back().data());
  }
  std::vector<Bytes> untouched = inputs;
  Results results;
  for (const BufferShape &shape : signature.outputs)
    results.outputs.emplace_back(shape.bytes(), filling);
  for (Bytes &output : results.outputs)
    pointers.push_back(output.data());
  EXPECT_EQ(function(pointers), 0);
  for (size_t i = 0; i < inputs.size(); ++i)
    if (signature.inputs[i].isWritten)
      results.written.push_back(inputs[i]);
    else
      EXPECT_EQ(inputs[i], untouched[i]) << "input " << i << " was written";
  return results;
}

void expectClose(const BufferShape &shape, const Bytes &left,
                 const Bytes &right) {
  double largest = 0, difference = 0;
  for (int64_t i = 0; i < shape.elements(); ++i) {
    double l = elementAt(shape, left, i), r = elementAt(shape, right, i);
    ASSERT_TRUE(std::isfinite(l) && std::isfinite(r)) << "element " << i;
    largest = std::max(largest, std::fabs(l));
    difference = std::max(difference, std::fabs(l - r));
  }
  EXPECT_LE(difference, tolerance(shape.type) * largest);
}

Plan strassen() {
  Plan plan;
  plan.levels.push_back({"2x2x2-r7", Execution::Breadth, false});
  return plan;
}

/// A function of a model, compiled by a plan, and whether any product has it.
struct Compiled {
  LoadedFunction function;
  FunctionSignature signature;
};

llvm::Expected<Compiled> compile(llvm::StringRef path, llvm::StringRef name,
                                 const Plan &plan) {
  auto compiler = ModelCompiler::fromFile(path);
  if (!compiler)
    return compiler.takeError();
  if (llvm::Error error = (*compiler)->keepOnly(name))
    return error;
  auto decisions = (*compiler)->plan(explicitPlan(plan), {});
  if (!decisions)
    return decisions.takeError();
  auto object = hostTarget()->emit(**compiler, kObjectStage, {});
  if (!object)
    return object.takeError();
  auto function = loadObject(*object, name);
  if (!function)
    return function.takeError();
  return Compiled{*function, (*compiler)->functions().front()};
}

std::string refusalIn(llvm::StringRef path) {
  std::ifstream stream(path.str());
  std::string line;
  std::getline(stream, line);
  llvm::StringRef text = line;
  return text.consume_front("// refused: ") ? text.str() : "";
}

void checkFunction(llvm::StringRef path, llvm::StringRef name) {
  SCOPED_TRACE(name.str());
  auto classical = compile(path, name, Plan());
  ASSERT_TRUE(bool(classical)) << llvm::toString(classical.takeError());
  auto planned = compile(path, name, strassen());
  ASSERT_TRUE(bool(planned)) << llvm::toString(planned.takeError());
  const FunctionSignature &signature = classical->signature;
  Results expected = call(classical->function, signature, 0),
          results = call(planned->function, signature, 0);
  for (size_t i = 0; i < signature.outputs.size(); ++i)
    expectClose(signature.outputs[i], expected.outputs[i], results.outputs[i]);
  EXPECT_EQ(call(classical->function, signature, char(0xff)).outputs,
            expected.outputs)
      << "the library's results depend on what the buffers held";
  EXPECT_EQ(call(planned->function, signature, char(0xff)).outputs,
            results.outputs)
      << "the plan's results depend on what the buffers held";
  EXPECT_EQ(results.written, expected.written);
}

/// A refusal is the model's own, or what compiling its functions comes to.
std::string refusalOf(llvm::StringRef path) {
  auto compiler = ModelCompiler::fromFile(path);
  if (!compiler)
    return llvm::toString(compiler.takeError());
  for (const FunctionSignature &function : (*compiler)->functions())
    if (auto compiled = compile(path, function.name, Plan()); !compiled)
      return llvm::toString(compiled.takeError());
  return "";
}

std::vector<std::string> modelFiles() {
  std::vector<std::string> files;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(SEVENFOLD_MODEL_KINDS, error), end;
       it != end && !error; it.increment(error))
    files.push_back(it->path());
  llvm::sort(files);
  return files;
}

class Models : public testing::TestWithParam<std::string> {};
} // namespace

TEST(ModelsTest, whatIterationsHandOnIsRight) {
  std::string path = std::string(SEVENFOLD_MODEL_KINDS) + "/loop-carried.mlir";
  auto swapped = compile(path, "swapped", strassen());
  ASSERT_TRUE(bool(swapped)) << llvm::toString(swapped.takeError());
  const FunctionSignature &signature = swapped->signature;
  Results results = call(swapped->function, signature, 0);
  // Three exchanges are one.
  EXPECT_EQ(results.outputs[0], drawInput(signature.inputs[1], 2));
  EXPECT_EQ(results.outputs[1], drawInput(signature.inputs[0], 1));

  auto power = compile(path, "power", strassen());
  ASSERT_TRUE(bool(power)) << llvm::toString(power.takeError());
  const BufferShape &shape = power->signature.inputs[0];
  Bytes x = drawInput(shape, 1), w = drawInput(shape, 2);
  const int64_t n = shape.dims[0];
  std::vector<double> y(n * n);
  for (int64_t i = 0; i < n * n; ++i)
    y[i] = elementAt(shape, x, i);
  for (int step = 0; step < 3; ++step) {
    std::vector<double> next(n * n);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t l = 0; l < n; ++l)
        for (int64_t j = 0; j < n; ++j)
          next[i * n + j] += y[i * n + l] * elementAt(shape, w, l * n + j);
    y = next;
  }
  Bytes found = call(power->function, power->signature, 0).outputs[0];
  for (int64_t i = 0; i < n * n; ++i)
    ASSERT_EQ(elementAt(shape, found, i), y[i]) << i;
}

TEST(ModelsTest, branchesGiveWhatTheyYield) {
  std::string path = std::string(SEVENFOLD_MODEL_KINDS) + "/conditional.mlir";
  auto either = compile(path, "either", strassen());
  ASSERT_TRUE(bool(either)) << llvm::toString(either.takeError());
  const BufferShape &shape = either->signature.inputs[0];
  Bytes x = drawInput(shape, 1), w = drawInput(shape, 2), out(shape.bytes());
  for (char chosen : {0, 1}) {
    std::vector<void *> pointers = {x.data(), w.data(), &chosen, out.data()};
    ASSERT_EQ(either->function(pointers), 0);
    const int64_t n = shape.dims[0];
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double expected = chosen ? 0 : elementAt(shape, x, i * n + j);
        for (int64_t l = 0; chosen && l < n; ++l)
          expected +=
              elementAt(shape, x, i * n + l) * elementAt(shape, w, l * n + j);
        ASSERT_EQ(elementAt(shape, out, i * n + j), expected);
      }
  }
}

TEST(ModelsTest, areThere) { EXPECT_GE(modelFiles().size(), 30u); }

TEST_P(Models, agreeWithAndWithoutAPlan) {
  const std::string &path = GetParam();
  std::string refusal = refusalIn(path);
  if (!refusal.empty()) {
    std::string said = refusalOf(path);
    EXPECT_NE(said.find(refusal), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    return;
  }
  auto compiler = ModelCompiler::fromFile(path);
  ASSERT_TRUE(bool(compiler)) << llvm::toString(compiler.takeError());
  for (const FunctionSignature &function : (*compiler)->functions())
    checkFunction(path, function.name);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Models, testing::ValuesIn(modelFiles()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           std::string name =
                               llvm::sys::path::stem(info.param).str();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });
