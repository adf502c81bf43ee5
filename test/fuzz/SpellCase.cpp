//===- SpellCase.cpp - One matmul, written in many ways -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits a module whose function takes and returns the buffers of a workload,
// whatever operation multiplies them. An operand is a word of letters, one a
// dimension: "bmk" is a batch of m x k.
//
//===----------------------------------------------------------------------===//

#include "FuzzCase.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace sevenfold;

namespace {
class Speller {
public:
  explicit Speller(const FuzzCase &fuzzCase)
      : workload(fuzzCase.workload), spelling(fuzzCase.spelling),
        start(fuzzCase.start), surroundings(fuzzCase.surroundings),
        siblings(fuzzCase.siblings), anySizes(fuzzCase.anySizes) {}
  std::string spell();

private:
  void split(char letter, const char *parts, int64_t size);
  bool isAny(char letter) const;
  std::string type(const std::string &letters, ElementType element) const;
  void emitSizes(const std::string &a, const std::string &b);
  std::string sizesOf(const std::string &letters) const;
  std::string map(const std::string &letters) const;
  std::string transpose(const std::string &value, const std::string &from,
                        const std::string &to, ElementType element);
  std::string contraction(const std::string &a, const std::string &b,
                          const std::string &c);
  std::string body() const;
  std::string emitStart(const std::string &letters);
  std::string surround(const std::string &operation, const std::string &name,
                       const std::string &carried, const std::string &type);

  const Workload &workload;
  Spelling spelling;
  Start start;
  Surroundings surroundings;
  int siblings;
  std::string anySizes;
  std::map<char, int64_t> sizes;
  std::string loops, text;
  int temporaries = 0;
};
} // namespace

/// Of a dimension, or of its second part.
bool Speller::isAny(char letter) const {
  size_t part = llvm::StringRef("qvs").find(letter);
  if (part != llvm::StringRef::npos)
    letter = "mnk"[part];
  return llvm::is_contained(anySizes, letter);
}

/// Emits the sizes that are not known, %size_m and the like.
void Speller::emitSizes(const std::string &a, const std::string &b) {
  std::string seen;
  for (auto [name, letters] : {std::pair{"%a", a}, std::pair{"%b0", b}})
    for (auto [at, letter] : llvm::enumerate(letters))
      if (isAny(letter) && !llvm::is_contained(seen, letter)) {
        seen += letter;
        text += llvm::formatv("  %at_{0} = arith.constant {1} : index\n"
                              "  %size_{0} = tensor.dim {2}, %at_{0} : {3}\n",
                              letter, at, name, type(letters, workload.type));
      }
}

/// Those that a tensor of these dimensions is made with.
std::string Speller::sizesOf(const std::string &letters) const {
  std::string list;
  for (char letter : letters)
    if (isAny(letter))
      list += (list.empty() ? "%size_" : ", %size_") + std::string(1, letter);
  return list;
}

std::string Speller::type(const std::string &letters,
                          ElementType element) const {
  std::string text = "tensor<";
  for (char letter : letters)
    text += (isAny(letter) ? "?" : std::to_string(sizes.at(letter))) + "x";
  return text + stringifyElementType(element).str() + ">";
}

std::string Speller::map(const std::string &letters) const {
  auto list = [](const std::string &names) {
    std::string text;
    for (char letter : names)
      text += (text.empty() ? "" : ", ") + std::string(1, letter);
    return "(" + text + ")";
  };
  return "affine_map<" + list(loops) + " -> " + list(letters) + ">";
}

/// Emits a transposition where there is something to transpose; the value.
std::string Speller::transpose(const std::string &value,
                               const std::string &from, const std::string &to,
                               ElementType element) {
  if (from == to)
    return value;
  std::string permutation, name = "%t" + std::to_string(temporaries++);
  for (char letter : to)
    permutation +=
        (permutation.empty() ? "" : ", ") + std::to_string(from.find(letter));
  text +=
      llvm::formatv("  {0}e = tensor.empty({5}) : {1}\n"
                    "  {0} = linalg.transpose ins({2} : {3}) outs({0}e : {1}) "
                    "permutation = [{4}]\n",
                    name, type(to, element), value, type(from, element),
                    permutation, sizesOf(to));
  return name;
}

/// c + a * b, the operands extended where the result is wider.
std::string Speller::body() const {
  std::string from = stringifyElementType(workload.type).str(),
              to = stringifyElementType(workload.resultType()).str();
  bool isWhole = isInteger(workload.resultType());
  std::string text =
      llvm::formatv("  ^bb0(%x: {0}, %y: {0}, %z: {1}):\n", from, to);
  std::string x = "%x", y = "%y";
  if (from != to) {
    for (std::string *operand : {&x, &y}) {
      text += llvm::formatv("    {0}w = arith.{1} {0} : {2} to {3}\n", *operand,
                            isWhole ? "extsi" : "extf", from, to);
      *operand += "w";
    }
  }
  text += llvm::formatv("    %p = arith.mul{0} {1}, {2} : {3}\n"
                        "    %s = arith.add{0} %z, %p : {3}\n"
                        "    linalg.yield %s : {3}\n",
                        isWhole ? "i" : "f", y, x, to);
  return text;
}

/// Emits the operation; its operands are named %pa, %pb and %pc.
std::string Speller::contraction(const std::string &a, const std::string &b,
                                 const std::string &c) {
  std::string maps = "[" + map(a) + ", " + map(b) + ", " + map(c) + "]";
  std::string ta = type(a, workload.type), tb = type(b, workload.type),
              tc = type(c, workload.resultType());
  std::string operands =
      llvm::formatv("ins(%pa, %pb : {0}, {1}) outs(%pc : {2})", ta, tb, tc);
  if (spelling != Spelling::Generic) {
    bool isNamed = spelling == Spelling::Named;
    const char *name = !isNamed             ? "contract"
                       : workload.batch > 1 ? "batch_matmul"
                                            : "matmul";
    return llvm::formatv("linalg.{0} indexing_maps = {1} {2} -> {3}\n", name,
                         maps, operands, tc);
  }
  std::string iterators;
  for (char loop : loops)
    iterators += std::string(iterators.empty() ? "" : ", ") +
                 (loop == 'k' ? "\"reduction\"" : "\"parallel\"");
  return llvm::formatv("linalg.generic {{indexing_maps = {0}, iterator_types = "
                       "[{1}]} {2} {{\n{3}  } -> {4}\n",
                       maps, iterators, operands, body(), tc);
}

/// Emits what a product that overwrites starts from.
std::string Speller::emitStart(const std::string &letters) {
  std::string type = this->type(letters, workload.resultType());
  ElementType result = workload.resultType();
  std::string element = stringifyElementType(result).str();
  const char *zero = isInteger(result) ? "0" : "0.0";
  switch (start) {
  case Start::Fill:
    text += llvm::formatv(
        "  %zero = arith.constant {0} : {1}\n"
        "  %empty = tensor.empty({3}) : {2}\n"
        "  %start = linalg.fill ins(%zero : {1}) outs(%empty : {2}) -> {2}\n",
        zero, element, type, sizesOf(letters));
    break;
  case Start::Constant:
    text += llvm::formatv("  %start = arith.constant dense<{0}> : {1}\n", zero,
                          type);
    break;
  case Start::Generate: {
    std::string indices;
    for (int64_t i = 0, rank = llvm::StringRef(type).count('x'); i < rank; ++i)
      indices += (i ? ", %g" : "%g") + std::to_string(i) + ": index";
    text += llvm::formatv("  %start = tensor.generate {4} {{\n  ^bb0({0}):\n"
                          "    %zero = arith.constant {1} : {2}\n"
                          "    tensor.yield %zero : {2}\n  } : {3}\n",
                          indices, zero, element, type, sizesOf(letters));
    break;
  }
  case Start::Undefined:
    text += llvm::formatv("  %start = tensor.empty({1}) : {0}\n", type,
                          sizesOf(letters));
    break;
  }
  return "%start";
}

/// The operation as value `name`, in what is around it.
std::string Speller::surround(const std::string &operation,
                              const std::string &name,
                              const std::string &carried,
                              const std::string &type) {
  std::string inner = "    " + name + "i = " + operation;
  switch (surroundings) {
  case Surroundings::Nothing:
    return "  " + name + " = " + operation;
  case Surroundings::Loop:
    return llvm::formatv("  {0} = scf.for %i = %lower to %upper step %step "
                         "iter_args(%o = {1}) -> ({2}) {{\n{3}"
                         "    scf.yield {0}i : {2}\n  }\n",
                         name, carried, type, inner);
  case Surroundings::Branch:
    return llvm::formatv("  {0} = scf.if %isNumber -> ({2}) {{\n{3}"
                         "    scf.yield {0}i : {2}\n  } else {{\n"
                         "    scf.yield {1} : {2}\n  }\n",
                         name, carried, type, inner);
  }
  llvm_unreachable("all surroundings are listed");
}

static void replaceLetter(std::string &letters, char letter,
                          const char *parts) {
  if (size_t at = letters.find(letter); at != std::string::npos)
    letters.replace(at, 1, parts);
}

/// Makes two dimensions of an even one.
void Speller::split(char letter, const char *parts, int64_t size) {
  if (size % 2 != 0)
    return;
  sizes[parts[0]] = 2;
  sizes[parts[1]] = size / 2;
  replaceLetter(loops, letter, parts);
}

std::string Speller::spell() {
  const Workload &w = workload;
  bool isBatch = w.batch > 1;
  std::string batch = isBatch ? "b" : "";
  sizes = {{'b', w.batch}, {'m', w.m}, {'n', w.n}, {'k', w.k}};
  loops = batch + "mnk";
  std::string a = batch + (w.layoutA == Layout::RowMajor ? "mk" : "km");
  std::string b = batch + (w.layoutB == Layout::RowMajor ? "kn" : "nk");
  std::string c = batch + "mn";
  std::string inA = a, inB = b, inC = c; // as the operation sees them
  switch (spelling) {
  case Spelling::Named:
  case Spelling::Contract:
    break;
  case Spelling::Generic:
    loops = isBatch ? "knbm" : "knm";
    break;
  case Spelling::Transposes:
    inA = batch + "mk";
    inB = batch + "kn";
    break;
  case Spelling::Result:
    inC = batch + "nm";
    break;
  case Spelling::BatchInside:
    // The batch between rows and columns, as heads are in attention.
    if (isBatch) {
      std::swap(inA[0], inA[1]);
      std::swap(inB[0], inB[1]);
      inC = "mbn";
    }
    break;
  case Spelling::Split:
    split('m', "pq", w.m);
    split('n', "uv", w.n);
    split('k', "rs", w.k);
    for (auto [letter, parts, size] :
         {std::tuple{'m', "pq", w.m}, std::tuple{'n', "uv", w.n},
          std::tuple{'k', "rs", w.k}})
      if (size % 2 == 0)
        for (std::string *letters : {&a, &b, &c, &inA, &inB, &inC})
          replaceLetter(*letters, letter, parts);
    break;
  }
  bool accumulates = w.accumulation == Accumulation::Accumulate;
  ElementType result = w.resultType();
  std::string typeB = type(b, w.type), typeC = type(c, result);
  std::string results = typeC;
  text =
      llvm::formatv("func.func @matmul(%a: {0}, %b0: {1}{2}", type(a, w.type),
                    typeB, accumulates ? ", %c: " + typeC : "");
  if (siblings > 1) {
    text += ", %b1: " + typeB;
    results = "(" + typeC + ", " + typeC + ")";
  }
  text += ") -> " + results + " {\n";
  emitSizes(a, b);
  std::string pa = transpose("%a", a, inA, w.type), pc;
  if (accumulates) {
    pc = transpose("%c", c, inC, result);
  } else {
    pc = emitStart(inC);
  }
  if (surroundings == Surroundings::Loop)
    text += "  %lower = arith.constant 0 : index\n"
            "  %upper = arith.constant 2 : index\n"
            "  %step = arith.constant 1 : index\n";
  if (surroundings == Surroundings::Branch) {
    std::string element = stringifyElementType(w.type).str(), first;
    for (size_t i = 0; i < a.size(); ++i)
      first += i ? ", %first" : "%first";
    bool isWhole = isInteger(w.type);
    text += llvm::formatv("  %first = arith.constant 0 : index\n"
                          "  %element = tensor.extract %a[{0}] : {1}\n"
                          "  %isNumber = arith.cmp{2}, %element, %element : "
                          "{3}\n",
                          first, type(a, w.type), isWhole ? "i eq" : "f oeq",
                          element);
  }
  std::string returned, types;
  for (int i = 0; i < siblings; ++i) {
    std::string number = std::to_string(i);
    std::string pb = transpose("%b" + number, b, inB, w.type);
    std::string operation = surround(contraction(inA, inB, inC), "%r" + number,
                                     pc, type(inC, result));
    for (auto [name, value] :
         {std::pair{"%pa", pa}, std::pair{"%pb", pb}, std::pair{"%pc", pc}})
      for (size_t at; (at = operation.find(name)) != std::string::npos;)
        operation.replace(at, 3, value);
    text += operation;
    returned += (i ? ", " : "") + transpose("%r" + number, inC, c, result);
    types += (i ? ", " : "") + typeC;
  }
  return text + "  return " + returned + " : " + types + "\n}\n";
}

llvm::StringRef sevenfold::stringifySpelling(Spelling spelling) {
  static constexpr const char *names[] = {"named",      "contract", "generic",
                                          "transposes", "result",   "inside",
                                          "split"};
  return names[static_cast<int>(spelling)];
}

std::string sevenfold::spellCase(const FuzzCase &fuzzCase) {
  return Speller(fuzzCase).spell();
}

llvm::StringRef sevenfold::stringifyStart(Start start) {
  static constexpr const char *names[] = {"a fill", "a splat", "generated",
                                          "nothing"};
  return names[static_cast<int>(start)];
}

llvm::StringRef sevenfold::stringifySurroundings(Surroundings surroundings) {
  static constexpr const char *names[] = {"straight", "in a loop",
                                          "in a branch"};
  return names[static_cast<int>(surroundings)];
}

llvm::StringRef sevenfold::stringifyWeights(Weights weights) {
  static constexpr const char *names[] = {"argument", "constant", "folded"};
  return names[static_cast<int>(weights)];
}

llvm::StringRef sevenfold::stringifyValues(Values values) {
  static constexpr const char *names[] = {"normal", "large", "graded rows",
                                          "graded inner", "subnormal"};
  return names[static_cast<int>(values)];
}

std::string sevenfold::describeCase(const FuzzCase &fuzzCase) {
  return llvm::formatv(
      "{0} {1} {8} from {7}, {9} any, {2} weights, {3} of one operand, {6} "
      "values, by {4}, {5} threads",
      stringifySpelling(fuzzCase.spelling), fuzzCase.workload.str(),
      stringifyWeights(fuzzCase.weights), fuzzCase.siblings,
      fuzzCase.plan.str(), fuzzCase.threads, stringifyValues(fuzzCase.values),
      stringifyStart(fuzzCase.start),
      stringifySurroundings(fuzzCase.surroundings),
      fuzzCase.anySizes.empty() ? "no size" : fuzzCase.anySizes);
}
