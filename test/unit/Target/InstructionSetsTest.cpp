//===- InstructionSetsTest.cpp - Code for processors elsewhere ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One module with all that is done to narrow floats, compiled for processors by
// what they say of themselves: it must link with what every system has, and
// where this processor can, it is run.
//
//===----------------------------------------------------------------------===//

#include "ObjectSymbols.h"

#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/Support/FormatVariadic.h"

#include <cctype>
#include <gtest/gtest.h>
#include <limits>

using namespace sevenfold;

namespace {

struct Processor {
  const char *name, *sets;
};

#define SEVENFOLD_HASWELL                                                      \
  "sse3,pclmul,ssse3,fma,cx16,sse4.1,sse4.2,movbe,popcnt,aes,avx,f16c,bmi,"    \
  "avx2,bmi2,lzcnt"
#define SEVENFOLD_SKYLAKE                                                      \
  SEVENFOLD_HASWELL ",adx,avx512f,avx512dq,avx512cd,avx512bw,avx512vl"
#define SEVENFOLD_ICE_LAKE                                                     \
  SEVENFOLD_SKYLAKE ",avx512ifma,sha,avx512vbmi,avx512vbmi2,gfni,vaes,"        \
                    "vpclmulqdq,avx512vnni,avx512bitalg,avx512vpopcntdq"

/// As `sevenfold_instruction_sets` lists them there.
const Processor kProcessors[] = {
    {"any x86-64", ""},
    {"Nehalem", "sse3,ssse3,cx16,sse4.1,sse4.2,popcnt"},
    {"Sandy Bridge", "sse3,pclmul,ssse3,cx16,sse4.1,sse4.2,popcnt,aes,avx"},
    {"AVX2 alone, below a hypervisor", "sse3,ssse3,sse4.1,sse4.2,avx,avx2"},
    {"Haswell", SEVENFOLD_HASWELL},
    {"Zen 2 and 3", SEVENFOLD_HASWELL ",adx,sha"},
    {"Skylake-SP", SEVENFOLD_SKYLAKE},
    {"Cooper Lake", SEVENFOLD_SKYLAKE ",avx512vnni,avx512bf16"},
    {"Ice Lake-SP", SEVENFOLD_ICE_LAKE},
    {"Emerald Rapids whose BF16 is hidden", SEVENFOLD_ICE_LAKE ",avxvnni"},
    {"Zen 4", SEVENFOLD_ICE_LAKE ",avx512bf16"},
    {"Zen 5", SEVENFOLD_ICE_LAKE ",avxvnni,avx512bf16"},
    // AMX is no set that code may use.
    {"Sapphire and Granite Rapids",
     SEVENFOLD_ICE_LAKE ",avx512fp16,avxvnni,avx512bf16"},
    {"AVX512-FP16 without BF16", SEVENFOLD_ICE_LAKE ",avx512fp16"},
};

/// A function of one operation on every element; `body` makes %r of %p.
std::string elementwise(const char *name, const char *from, const char *to,
                        const char *body) {
  return llvm::formatv(
      "func.func @{0}(%x: tensor<33x17x{1}>) -> tensor<33x17x{2}> {{\n"
      "  %e = tensor.empty() : tensor<33x17x{2}>\n"
      "  %0 = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, "
      "affine_map<(i, j) -> (i, j)>], iterator_types = [\"parallel\", "
      "\"parallel\"]} ins(%x : tensor<33x17x{1}>) "
      "outs(%e : tensor<33x17x{2}>) {{\n"
      "  ^bb0(%p: {1}, %q: {2}):\n    {3}\n    linalg.yield %r : {2}\n"
      "  } -> tensor<33x17x{2}>\n"
      "  return %0 : tensor<33x17x{2}>\n}\n",
      name, from, to, body);
}

std::string product(const char *name, const char *from, const char *to) {
  Workload workload;
  workload.m = workload.k = workload.n = 40;
  workload.type = llvm::cantFail(parseElementType(from));
  if (std::string(from) != to)
    workload.result = llvm::cantFail(parseElementType(to));
  std::string text = matmulModule(workload);
  return text.replace(text.find("@matmul"), 7, std::string("@") + name);
}

/// Conversions and activations of narrow floats, with every other element type,
/// and a product; the fuzz test has products of the others, and kernels.
std::string everyType() {
  std::string text;
  for (const char *type : {"bf16", "f16"}) {
    std::string t = type;
    auto body = [&](const char *format) {
      return llvm::formatv(format, type).str();
    };
    text += elementwise(("add_" + t).c_str(), type, type,
                        body("%r = arith.addf %p, %p : {0}").c_str());
    text += elementwise(("exp_" + t).c_str(), type, type,
                        body("%r = math.exp %p : {0}").c_str());
    text += elementwise(("tanh_" + t).c_str(), type, type,
                        body("%r = math.tanh %p : {0}").c_str());
    text += elementwise(("largest_" + t).c_str(), type, type,
                        body("%n = arith.negf %p : {0}\n"
                             "    %r = arith.maximumf %p, %n : {0}")
                            .c_str());
    text += elementwise(("fused_" + t).c_str(), type, type,
                        body("%r = math.fma %p, %p, %p : {0}").c_str());
    for (const char *wide : {"f32", "f64"}) {
      std::string w = wide;
      text += elementwise(
          ("round_" + w + t).c_str(), wide, type,
          llvm::formatv("%r = arith.truncf %p : {1} to {0}", type, wide)
              .str()
              .c_str());
      text += elementwise(
          ("extend_" + w + t).c_str(), type, wide,
          llvm::formatv("%r = arith.extf %p : {0} to {1}", type, wide)
              .str()
              .c_str());
    }
    for (const char *whole : {"i8", "i32"}) {
      std::string w = whole;
      text += elementwise(
          ("of_" + w + t).c_str(), whole, type,
          llvm::formatv("%r = arith.sitofp %p : {1} to {0}", type, whole)
              .str()
              .c_str());
      text += elementwise(
          ("to_" + w + t).c_str(), type, whole,
          llvm::formatv("%r = arith.fptosi %p : {0} to {1}", type, whole)
              .str()
              .c_str());
    }
  }
  return text + product("product_bf16", "bf16", "bf16");
}

/// A plan with sums of blocks, whose products are ours.
Plan ownPlan() {
  Plan plan;
  plan.levels.push_back({"2x2x2-r7-winograd", Execution::Breadth});
  plan.provider = "codegen";
  return plan;
}

llvm::Expected<std::string> compileFor(const std::string &text,
                                       const ModelCompilerOptions &options) {
  auto compiler = ModelCompiler::fromText(text, "test");
  if (!compiler)
    return compiler.takeError();
  auto decisions = (*compiler)->plan(explicitPlan(ownPlan()), options);
  if (!decisions)
    return decisions.takeError();
  for (const MatmulDecision &decision : *decisions)
    EXPECT_TRUE(decision.answer.plan) << decision.answer.reason;
  return hostTarget()->emit(**compiler, kObjectStage, options);
}

ModelCompilerOptions anyError() {
  ModelCompilerOptions options;
  options.provider = "codegen";
  options.limits.maxErrorGrowth = std::numeric_limits<double>::infinity();
  return options;
}

ModelCompilerOptions optionsFor(const char *sets) {
  ModelCompilerOptions options = anyError();
  options.instructionSets = sets;
  return options;
}

class InstructionSetsTest : public testing::TestWithParam<Processor> {};

TEST_P(InstructionSetsTest, AGuardedLibraryLinksWithWhatEverySystemHas) {
  ModelCompilerOptions options = anyError();
  options.guard = GuardOptions{"a machine elsewhere", GetParam().sets};
  auto object = compileFor(everyType(), options);
  ASSERT_TRUE(bool(object)) << llvm::toString(object.takeError());
  EXPECT_EQ(llvm::cantFail(foreignSymbols(*object)), "");
}

TEST_P(InstructionSetsTest, CodeRunsWhereTheProcessorCan) {
  if (!runsHere(GetParam().sets))
    GTEST_SKIP() << "this processor lacks some of the sets";
  auto object = compileFor(
      elementwise("add_bf16", "bf16", "bf16", "%r = arith.addf %p, %p : bf16") +
          product("product_bf16", "bf16", "bf16"),
      optionsFor(GetParam().sets));
  ASSERT_TRUE(bool(object)) << llvm::toString(object.takeError());
  EXPECT_EQ(llvm::cantFail(foreignSymbols(*object)), "");
  std::vector<uint16_t> ones(40 * 40, 0x3f80), sums(40 * 40);
  auto multiply = loadObject(*object, "product_bf16");
  ASSERT_TRUE(bool(multiply)) << llvm::toString(multiply.takeError());
  ASSERT_EQ((*multiply)({ones.data(), ones.data(), sums.data()}), 0);
  EXPECT_EQ(sums, std::vector<uint16_t>(40 * 40, 0x4220)); // 40
  auto add = loadObject(*object, "add_bf16");
  ASSERT_TRUE(bool(add)) << llvm::toString(add.takeError());
  std::vector<uint16_t> in(33 * 17, 0x3f80), out(33 * 17);
  ASSERT_EQ((*add)({in.data(), out.data()}), 0);
  EXPECT_EQ(out, std::vector<uint16_t>(33 * 17, 0x4000)); // 1 + 1
}

INSTANTIATE_TEST_SUITE_P(Processors, InstructionSetsTest,
                         testing::ValuesIn(kProcessors), [](const auto &info) {
                           std::string name;
                           for (char letter : std::string(info.param.name))
                             if (isalnum(letter))
                               name += letter;
                           return name;
                         });

} // namespace
