//===- NarrowFloatsTest.cpp - bf16 and f16 without instructions -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops of one operation, compiled for processors with less than this one and
// run, against LLVM's arithmetic in software.
//
//===----------------------------------------------------------------------===//

#include "Host/HostMachine.h"
#include "ObjectSymbols.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Target/Jit.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SourceMgr.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace sevenfold;
using llvm::APFloat;

namespace {

const llvm::fltSemantics &kBfloat = APFloat::BFloat();
const llvm::fltSemantics &kHalf = APFloat::IEEEhalf();

/// An operation on elements of type `from`; `body` makes %y of %x, or of %x and
/// %w, the element behind it, where there are two.
struct Operation {
  const char *from, *to, *body;
  int operands = 1;
};

/// The loop of an operation over `count` results.
std::string loopOf(const Operation &op, size_t count) {
  return llvm::formatv("define i32 @f(ptr noalias %in, ptr noalias %out) {{\n"
                       "entry:\n  br label %loop\n"
                       "loop:\n"
                       "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]\n"
                       "  %j = mul i64 %i, {4}\n"
                       "  %p = getelementptr {0}, ptr %in, i64 %j\n"
                       "  %x = load {0}, ptr %p\n"
                       "  %k = add i64 %j, {5}\n"
                       "  %s = getelementptr {0}, ptr %in, i64 %k\n"
                       "  %w = load {0}, ptr %s\n"
                       "  {2}\n"
                       "  %q = getelementptr {1}, ptr %out, i64 %i\n"
                       "  store {1} %y, ptr %q\n"
                       "  %next = add i64 %i, 1\n"
                       "  %done = icmp eq i64 %next, {3}\n"
                       "  br i1 %done, label %exit, label %loop\n"
                       "exit:\n  ret i32 0\n}\n",
                       op.from, op.to, op.body, count, op.operands,
                       op.operands - 1)
      .str();
}

/// What the operation compiles to for a processor with these sets.
struct Compiled {
  std::string ir, object;
};

Compiled compile(const std::string &text, const std::string &sets) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(text, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str() << "\n" << text;
  auto machine = llvm::cantFail(createHostMachine());
  module->setDataLayout(machine->createDataLayout());
  module->setTargetTriple(machine->getTargetTriple());
  specializeForHost(*module, {}, llvm::cantFail(describeHost(*machine, sets)));
  optimizeHostModule(*module, *machine);
  Compiled compiled;
  llvm::raw_string_ostream(compiled.ir) << *module;
  compiled.object = llvm::cantFail(emitMachineCode(*module, *machine));
  return compiled;
}

template <typename From, typename To>
std::vector<To> run(const Operation &op, const std::vector<From> &in,
                    const std::string &sets) {
  std::vector<To> out(in.size() / op.operands);
  Compiled compiled = compile(loopOf(op, out.size()), sets);
  EXPECT_EQ(llvm::cantFail(foreignSymbols(compiled.object)), "");
  auto function = llvm::cantFail(loadObject(compiled.object, "f"));
  EXPECT_EQ(function({const_cast<From *>(in.data()), out.data()}), 0);
  return out;
}

APFloat number(const llvm::fltSemantics &semantics, uint64_t bits) {
  return APFloat(semantics,
                 llvm::APInt(APFloat::semanticsSizeInBits(semantics), bits));
}

/// The bits of a number rounded to nearest and even.
uint16_t rounded(APFloat value, const llvm::fltSemantics &semantics) {
  bool isInexact;
  value.convert(semantics, APFloat::rmNearestTiesToEven, &isInexact);
  return value.bitcastToAPInt().getZExtValue();
}

/// Whether a result is the one wanted; one NaN is as good as another if it is
/// quiet.
bool isRight(uint16_t result, uint16_t wanted,
             const llvm::fltSemantics &semantics) {
  if (!number(semantics, wanted).isNaN())
    return result == wanted;
  APFloat value = number(semantics, result);
  return value.isNaN() && !value.isSignaling();
}

/// Counts wrong results and shows the first.
template <typename From, typename Reference>
void expectRounded(const std::vector<From> &in,
                   const std::vector<uint16_t> &out, int operands,
                   const llvm::fltSemantics &semantics, Reference reference) {
  size_t wrong = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    uint16_t wanted = reference(&in[i * operands]);
    if (!isRight(out[i], wanted, semantics) && wrong++ == 0)
      ADD_FAILURE() << llvm::formatv("result {0}: {1:x} instead of {2:x}", i,
                                     out[i], wanted)
                           .str();
  }
  EXPECT_EQ(wrong, 0u);
}

/// All upper halves of f32, with lower ones at and beside where bf16 and f16
/// are rounded to the next.
std::vector<float> floats() {
  std::vector<float> all;
  for (uint32_t upper = 0; upper < 1 << 16; ++upper)
    for (uint32_t lower : {0x0, 0x1, 0xfff, 0x1000, 0x1001, 0x2fff, 0x3000,
                           0x3001, 0x7fff, 0x8000, 0x8001, 0xffff})
      all.push_back(llvm::bit_cast<float>(upper << 16 | lower));
  return all;
}

/// All numbers of a narrow type, the middles between neighbours, and what lies
/// just beside these, closer than f32 can tell.
std::vector<double> doubles(const llvm::fltSemantics &semantics) {
  std::vector<double> all = {std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::signaling_NaN(),
                             std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::max()};
  for (uint32_t bits = 0; bits < 1 << 15; ++bits) {
    APFloat value = number(semantics, bits), next = value;
    if (!value.isFinite())
      continue;
    next.next(/*nextDown=*/false);
    double low = value.convertToDouble();
    // Beyond the largest number lies what would be the next one.
    APFloat previous = value;
    previous.next(/*nextDown=*/true);
    double high = next.isFinite() ? next.convertToDouble()
                                  : 2 * low - previous.convertToDouble();
    double middle = low + (high - low) / 2;
    for (double x : {low, middle, std::nextafter(middle, low),
                     std::nextafter(middle, high), std::nextafter(low, high),
                     middle + (high - middle) * 0x1p-25})
      all.push_back(x);
  }
  for (size_t i = 0, n = all.size(); i < n; ++i)
    all.push_back(-all[i]);
  return all;
}

template <typename T> std::vector<T> randomWords(size_t count) {
  Random random(7);
  std::vector<T> words(count);
  for (T &word : words)
    word = static_cast<T>(random.below(uint64_t(1) << 32));
  return words;
}

/// Instruction sets beyond the baseline.
class NarrowFloatsTest : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    if (!runsHere(GetParam()))
      GTEST_SKIP() << "this processor lacks some of them";
  }
};

TEST_P(NarrowFloatsTest, F32IsRoundedToBf16) {
  std::vector<float> in = floats();
  auto out = run<float, uint16_t>(
      {"float", "bfloat", "%y = fptrunc float %x to bfloat"}, in, GetParam());
  expectRounded(in, out, 1, kBfloat,
                [](const float *x) { return rounded(APFloat(*x), kBfloat); });
}

TEST_P(NarrowFloatsTest, F32IsRoundedToF16) {
  std::vector<float> in = floats();
  auto out = run<float, uint16_t>(
      {"float", "half", "%y = fptrunc float %x to half"}, in, GetParam());
  expectRounded(in, out, 1, kHalf,
                [](const float *x) { return rounded(APFloat(*x), kHalf); });
}

TEST_P(NarrowFloatsTest, F64IsRoundedToBf16Once) {
  std::vector<double> in = doubles(kBfloat);
  auto out = run<double, uint16_t>(
      {"double", "bfloat", "%y = fptrunc double %x to bfloat"}, in, GetParam());
  expectRounded(in, out, 1, kBfloat,
                [](const double *x) { return rounded(APFloat(*x), kBfloat); });
}

TEST_P(NarrowFloatsTest, F64IsRoundedToF16Once) {
  std::vector<double> in = doubles(kHalf);
  auto out = run<double, uint16_t>(
      {"double", "half", "%y = fptrunc double %x to half"}, in, GetParam());
  expectRounded(in, out, 1, kHalf,
                [](const double *x) { return rounded(APFloat(*x), kHalf); });
}

TEST_P(NarrowFloatsTest, AllNarrowNumbersAreExtendedExactly) {
  std::vector<uint16_t> in(1 << 16);
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = i;
  for (auto [name, semantics] :
       {std::pair{"bfloat", &kBfloat}, std::pair{"half", &kHalf}}) {
    std::string toF32 = llvm::formatv("%y = fpext {0} %x to float", name),
                toF64 = llvm::formatv("%y = fpext {0} %x to double", name);
    auto f32 =
        run<uint16_t, float>({name, "float", toF32.c_str()}, in, GetParam());
    auto f64 =
        run<uint16_t, double>({name, "double", toF64.c_str()}, in, GetParam());
    for (size_t i = 0; i < in.size(); ++i) {
      APFloat value = number(*semantics, i);
      if (value.isNaN()) {
        EXPECT_TRUE(std::isnan(f32[i]) && std::isnan(f64[i])) << name << i;
        continue;
      }
      EXPECT_EQ(llvm::bit_cast<uint64_t>(f64[i]),
                llvm::bit_cast<uint64_t>(value.convertToDouble()));
      EXPECT_EQ(double(f32[i]), f64[i]);
    }
  }
}

TEST_P(NarrowFloatsTest, ArithmeticIsRoundedOnce) {
  std::vector<uint16_t> in = randomWords<uint16_t>(1 << 18);
  constexpr auto kNearest = APFloat::rmNearestTiesToEven;
  using Apply = void (*)(APFloat &, const APFloat &);
  const std::pair<const char *, Apply> operations[] = {
      {"fadd", [](APFloat &a, const APFloat &b) { a.add(b, kNearest); }},
      {"fsub", [](APFloat &a, const APFloat &b) { a.subtract(b, kNearest); }},
      {"fmul", [](APFloat &a, const APFloat &b) { a.multiply(b, kNearest); }},
      {"fdiv", [](APFloat &a, const APFloat &b) { a.divide(b, kNearest); }}};
  for (auto [type, semantics] :
       {std::pair{"bfloat", &kBfloat}, std::pair{"half", &kHalf}})
    for (auto [name, apply] : operations) {
      SCOPED_TRACE(llvm::formatv("{0} {1}", name, type).str());
      std::string body = llvm::formatv("%y = {0} {1} %x, %w", name, type);
      auto out = run<uint16_t, uint16_t>({type, type, body.c_str(), 2}, in,
                                         GetParam());
      expectRounded(in, out, 2, *semantics,
                    [apply = apply, semantics = semantics](const uint16_t *x) {
                      APFloat a = number(*semantics, x[0]);
                      apply(a, number(*semantics, x[1]));
                      return uint16_t(a.bitcastToAPInt().getZExtValue());
                    });
    }
}

TEST_P(NarrowFloatsTest, MultiplyAddsAreRoundedOnce) {
  std::vector<uint16_t> in = randomWords<uint16_t>(1 << 18);
  for (auto [type, mangled, semantics] :
       {std::tuple{"bfloat", "bf16", &kBfloat},
        std::tuple{"half", "f16", &kHalf}}) {
    SCOPED_TRACE(type);
    std::string body = llvm::formatv(
        "%y = call {0} @llvm.fma.{1}({0} %x, {0} %w, {0} %x)", type, mangled);
    auto out =
        run<uint16_t, uint16_t>({type, type, body.c_str(), 2}, in, GetParam());
    expectRounded(
        in, out, 2, *semantics, [semantics = semantics](const uint16_t *x) {
          APFloat a = number(*semantics, x[0]);
          a.fusedMultiplyAdd(number(*semantics, x[1]), number(*semantics, x[0]),
                             APFloat::rmNearestTiesToEven);
          return uint16_t(a.bitcastToAPInt().getZExtValue());
        });
  }
}

TEST_P(NarrowFloatsTest, ComparisonsAndIntrinsicsSeeTheNumbers) {
  std::vector<uint16_t> in = randomWords<uint16_t>(1 << 16);
  for (auto [type, mangled, semantics] :
       {std::tuple{"bfloat", "bf16", &kBfloat},
        std::tuple{"half", "f16", &kHalf}}) {
    SCOPED_TRACE(type);
    std::string less = llvm::formatv("%c = fcmp olt {0} %x, %w\n"
                                     "  %y = zext i1 %c to i16",
                                     type);
    auto isLess =
        run<uint16_t, uint16_t>({type, "i16", less.c_str(), 2}, in, GetParam());
    std::string root =
        llvm::formatv("%y = call {0} @llvm.sqrt.{1}({0} %x)", type, mangled);
    std::string moved = llvm::formatv(
        "%c = fcmp uno {0} %x, %w\n"
        "  %n = fneg {0} %w\n  %a = call {0} @llvm.fabs.{1}({0} %n)\n"
        "  %v0 = insertelement <2 x {0}> poison, {0} %a, i32 0\n"
        "  %v1 = insertelement <2 x {0}> %v0, {0} %x, i32 1\n"
        "  %z = zext i1 %c to i32\n"
        "  %y = extractelement <2 x {0}> %v1, i32 %z",
        type, mangled);
    auto chosen =
        run<uint16_t, uint16_t>({type, type, moved.c_str(), 2}, in, GetParam());
    for (size_t i = 0; i < chosen.size(); ++i) {
      uint16_t x = in[2 * i], w = in[2 * i + 1];
      bool isUnordered =
          number(*semantics, x).isNaN() || number(*semantics, w).isNaN();
      EXPECT_EQ(chosen[i], isUnordered ? x : w & 0x7fff);
    }
    auto roots =
        run<uint16_t, uint16_t>({type, type, root.c_str()}, in, GetParam());
    for (size_t i = 0; i < isLess.size(); ++i)
      EXPECT_EQ(isLess[i],
                number(*semantics, in[2 * i])
                        .compare(number(*semantics, in[2 * i + 1])) ==
                    APFloat::cmpLessThan);
    expectRounded(in, roots, 1, *semantics,
                  [semantics = semantics](const uint16_t *x) {
                    double value = number(*semantics, *x).convertToDouble();
                    return rounded(APFloat(std::sqrt(value)), *semantics);
                  });
  }
}

TEST_P(NarrowFloatsTest, IntegersAreRoundedOnce) {
  std::vector<int32_t> in = randomWords<int32_t>(1 << 16);
  // A tie of bf16 that f32 cannot tell from what lies above it.
  for (int32_t bits = 8; bits < 30; ++bits)
    for (int32_t offset = -1; offset <= 1; ++offset)
      in.push_back((1 << bits) + (1 << (bits - 8)) + offset);
  for (auto [type, semantics] :
       {std::pair{"bfloat", &kBfloat}, std::pair{"half", &kHalf}}) {
    std::string body = llvm::formatv("%y = sitofp i32 %x to {0}", type);
    auto out =
        run<int32_t, uint16_t>({"i32", type, body.c_str()}, in, GetParam());
    expectRounded(in, out, 1, *semantics,
                  [semantics = semantics](const int32_t *x) {
                    return rounded(APFloat(double(*x)), *semantics);
                  });
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sets, NarrowFloatsTest,
    testing::Values("", "avx", "avx,avx2,fma", "avx,avx2,fma,f16c",
                    "avx,avx2,fma,f16c,avx512f,avx512dq,avx512bw,avx512vl",
                    "avx,avx2,fma,f16c,avx512f,avx512dq,avx512bw,avx512vl,"
                    "avx512bf16",
                    "avx,avx2,fma,f16c,avx512f,avx512dq,avx512bw,avx512vl,"
                    "avx512bf16,avx512fp16"));

//===----------------------------------------------------------------------===//
// What is generated
//===----------------------------------------------------------------------===//

TEST(NarrowFloatsCodeTest, RoundingsStayVectorised) {
  for (auto [sets, vector] :
       {std::pair{"", "<4 x i32>"}, std::pair{"avx,avx2,fma", "<8 x i32>"}})
    for (const char *type : {"bfloat", "half"}) {
      SCOPED_TRACE(llvm::formatv("{0} for '{1}'", type, sets).str());
      std::string body = llvm::formatv("%y = fptrunc float %x to {0}", type);
      Compiled compiled =
          compile(loopOf({"float", type, body.c_str()}, 4096), sets);
      EXPECT_NE(compiled.ir.find(std::string("lshr ") + vector),
                std::string::npos)
          << compiled.ir;
    }
}

// As LLVM does where they come from another block.
TEST(NarrowFloatsCodeTest, MovingBf16IntoVectorsCallsNoLibrary) {
  std::string text =
      "define i32 @f(ptr %in, ptr %out) {\n"
      "entry:\n"
      "  %c = load i1, ptr %in\n"
      "  br i1 %c, label %a, label %b\n"
      "a:\n"
      "  %x = load bfloat, ptr %in\n"
      "  %v = load <8 x bfloat>, ptr %in\n"
      "  br label %b\n"
      "b:\n"
      "  %y = phi bfloat [ %x, %a ], [ 0xR0000, %entry ]\n"
      "  %w = phi <8 x bfloat> [ %v, %a ], [ zeroinitializer, %entry ]\n"
      "  %u = insertelement <8 x bfloat> %w, bfloat %y, i64 1\n"
      "  store <8 x bfloat> %u, ptr %out\n"
      "  ret i32 0\n}\n";
  for (const char *sets : {"", "avx,avx2,f16c,fma", "avx512f,avx512vl"})
    EXPECT_EQ(llvm::cantFail(foreignSymbols(compile(text, sets).object)), "");
}

TEST(NarrowFloatsCodeTest, MaskedAccessesOfBf16CallNoLibrary) {
  std::string text =
      "declare <8 x bfloat> @llvm.masked.load.v8bf16.p0(ptr, <8 x i1>, "
      "<8 x bfloat>)\n"
      "declare void @llvm.masked.store.v8bf16.p0(<8 x bfloat>, ptr, "
      "<8 x i1>)\n"
      "define i32 @f(ptr %in, ptr %out) {\n"
      "  %m = load <8 x i1>, ptr %in\n"
      "  %x = call <8 x bfloat> @llvm.masked.load.v8bf16.p0(ptr %in, "
      "<8 x i1> %m, <8 x bfloat> zeroinitializer)\n"
      "  call void @llvm.masked.store.v8bf16.p0(<8 x bfloat> %x, ptr %out, "
      "<8 x i1> %m)\n"
      "  ret i32 0\n}\n";
  for (const char *sets : {"", "avx,avx2,f16c,fma", "avx512f,avx512vl"})
    EXPECT_EQ(llvm::cantFail(foreignSymbols(compile(text, sets).object)), "");
}

TEST(NarrowFloatsCodeTest, F16cIsUsedWhereItIs) {
  Operation op{"float", "half", "%y = fptrunc float %x to half"};
  EXPECT_NE(compile(loopOf(op, 4096), "avx,f16c").ir.find("fptrunc <"),
            std::string::npos);
  EXPECT_EQ(compile(loopOf(op, 4096), "avx").ir.find("fptrunc"),
            std::string::npos);
}

TEST(NarrowFloatsCodeTest, VectorsOfTheSourceAreExpandedAsVectors) {
  std::string text = "define i32 @f(ptr %in, ptr %out) {\n"
                     "  %x = load <8 x float>, ptr %in\n"
                     "  %y = fptrunc <8 x float> %x to <8 x bfloat>\n"
                     "  store <8 x bfloat> %y, ptr %out\n  ret i32 0\n}\n";
  Compiled compiled = compile(text, "avx,avx2,fma");
  EXPECT_EQ(llvm::cantFail(foreignSymbols(compiled.object)), "");
  EXPECT_NE(compiled.ir.find("lshr <8 x i32>"), std::string::npos)
      << compiled.ir;
}

// Those of AVX512-BF16 take subnormal numbers for zero.
TEST(NarrowFloatsCodeTest, NoInstructionForBf16IsUsed) {
  Operation op{"float", "bfloat", "%y = fptrunc float %x to bfloat"};
  Compiled compiled =
      compile(loopOf(op, 4096), "avx512f,avx512bw,avx512vl,avx512bf16");
  EXPECT_EQ(compiled.ir.find("fptrunc"), std::string::npos);
}

TEST(NarrowFloatsCodeTest, AMultiplyAddWithoutTheInstructionIsNoCall) {
  std::string text =
      "define i32 @f(ptr %in, ptr %out) {\n"
      "  %x = load float, ptr %in\n"
      "  %y = call float @llvm.fma.f32(float %x, float %x, float %x)\n"
      "  store float %y, ptr %out\n  ret i32 0\n}\n";
  auto object = [&](const char *sets) { return compile(text, sets).object; };
  EXPECT_EQ(object("avx").find("fmaf"), std::string::npos);
  EXPECT_EQ(object("avx,fma").find("fmaf"), std::string::npos);
}

TEST(NarrowFloatsCodeTest, UnknownInstructionSetsAreRefused) {
  auto machine = llvm::cantFail(createHostMachine());
  auto processor = describeHost(*machine, "avx2,avx9");
  ASSERT_FALSE(processor);
  EXPECT_EQ(llvm::toString(processor.takeError()),
            "'avx9' is no instruction set of 'x86_64'");
}

} // namespace
