//===- PtxArithmetic.cpp - Instructions of PTX that calculate -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PTX ISA, version 7.8 and later: types, numbers, and what is made of them.
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"
#include "PtxInstruction.h"

#include <algorithm>
#include <cstdlib>

using namespace sevenfold::fake;
using namespace sevenfold::fake::ptx;

Type ptx::parseType(const std::string &text) {
  static const std::map<std::string, Type> special = {{"pred", {'p', 1}},
                                                      {"f16", {'h', 16}},
                                                      {"bf16", {'g', 16}},
                                                      {"f16x2", {'h', 16, 2}},
                                                      {"bf16x2", {'g', 16, 2}}};
  auto found = special.find(text);
  if (found != special.end())
    return found->second;
  int bits = text.size() > 1 ? std::atoi(text.c_str() + 1) : 0;
  if (std::string("busf").find(text[0]) == std::string::npos || bits < 8)
    throw Unknown("type '" + text + "'");
  return {text[0], bits};
}

double ptx::floatOf(const Type &type, uint64_t bits) {
  if (type.kind == 'h')
    return halfValue(uint16_t(bits));
  if (type.kind == 'g')
    return bfloatValue(uint16_t(bits));
  return type.bits == 64 ? bitsAs<double>(bits) : bitsAs<float>(uint32_t(bits));
}

uint64_t ptx::bitsOf(const Type &type, double value) {
  if (type.kind == 'h')
    return halfBits(value);
  if (type.kind == 'g')
    return bfloatBits(float(value));
  return type.bits == 64 ? bitsAs<uint64_t>(value)
                         : bitsAs<uint32_t>(float(value));
}

int64_t ptx::signedOf(const Type &type, uint64_t bits) {
  int unused = 64 - type.bits;
  return int64_t(bits << unused) >> unused;
}

template <typename T>
static uint64_t integerResult(const std::string &name, T a, T b) {
  if (name == "min")
    return uint64_t(std::min(a, b));
  if (name == "max")
    return uint64_t(std::max(a, b));
  if (name == "div")
    return b ? uint64_t(a / b) : ~uint64_t(0);
  if (name == "rem")
    return b ? uint64_t(a % b) : uint64_t(a);
  throw Unknown("'" + name + "' of integers");
}

static double floatResult(const std::string &name, double a, double b) {
  if (name == "add")
    return a + b;
  if (name == "sub")
    return a - b;
  if (name == "mul")
    return a * b;
  if (name == "div")
    return a / b;
  if (name == "min")
    return std::fmin(a, b);
  if (name == "max")
    return std::fmax(a, b);
  throw Unknown("'" + name + "' of floats");
}

static bool compare(const std::string &how, double a, double b) {
  bool isUnordered = std::isnan(a) || std::isnan(b);
  if (how == "nan" || how == "num")
    return isUnordered == (how == "nan");
  if (how.size() == 3)
    return isUnordered || compare(how.substr(0, 2), a, b);
  return how == "eq"   ? a == b
         : how == "ne" ? !isUnordered && a != b
         : how == "lt" ? a < b
         : how == "le" ? a <= b
         : how == "gt" ? a > b
                       : a >= b;
}

template <typename T>
static bool compareIntegers(const std::string &how, T a, T b) {
  return how == "eq"   ? a == b
         : how == "ne" ? a != b
         : how == "lt" ? a < b
         : how == "le" ? a <= b
         : how == "gt" ? a > b
                       : a >= b;
}

static Read floats(const std::string &name, const Type &type, Read a, Read b,
                   Read c) {
  if (name == "neg")
    return [=](PtxThread &t) {
      uint64_t sign = uint64_t(1) << (type.bits - 1);
      return a(t) ^ (type.lanes == 2 ? sign | sign << 16 : sign);
    };
  if (name == "fma")
    return [=](PtxThread &t) {
      double x = floatOf(type, a(t)), y = floatOf(type, b(t)),
             z = floatOf(type, c(t));
      return type.bits == 32
                 ? bitsOf(type, std::fmaf(float(x), float(y), float(z)))
                 : bitsOf(type, std::fma(x, y, z));
    };
  floatResult(name, 0, 1);
  return [=](PtxThread &t) {
    uint64_t all = 0, x = a(t), y = b(t);
    for (int lane = 0; lane < type.lanes; ++lane)
      all |= bitsOf(type, floatResult(name, floatOf(type, x >> (16 * lane)),
                                      floatOf(type, y >> (16 * lane))))
             << (16 * lane);
    return all;
  };
}

static Read product(const std::vector<std::string> &opcode, const Type &type,
                    Read a, Read b) {
  const std::string &how = opcode[1];
  if (how == "hi" && type.bits == 64 && type.kind == 'u')
    return [=](PtxThread &t) {
      return uint64_t((unsigned __int128)(a(t)) * b(t) >> 64);
    };
  bool isSigned = type.kind == 's';
  auto whole = [=](PtxThread &t) {
    return isSigned ? uint64_t(signedOf(type, a(t)) * signedOf(type, b(t)))
                    : (a(t) & type.mask()) * (b(t) & type.mask());
  };
  if (how == "wide")
    return [=](PtxThread &t) {
      return whole(t) & Type{'u', 2 * type.bits}.mask();
    };
  if (how == "lo")
    return [=](PtxThread &t) { return whole(t) & type.mask(); };
  if (how == "hi" && type.bits < 64)
    return [=](PtxThread &t) { return whole(t) >> type.bits & type.mask(); };
  throw Unknown("'" + opcode[0] + "." + how + "'");
}

static Read integers(const std::vector<std::string> &opcode, const Type &type,
                     Read a, Read b, Read c) {
  const std::string &name = opcode[0];
  uint64_t mask = type.mask();
  int bits = type.bits;
  if (name == "mul")
    return product(opcode, type, a, b);
  if (name == "mad") {
    Read whole = product(opcode, type, a, b);
    uint64_t wide =
        opcode[1] == "wide" ? Type{'u', 2 * bits}.mask() : type.mask();
    return [=](PtxThread &t) { return (whole(t) + c(t)) & wide; };
  }
  if (name == "add")
    return [=](PtxThread &t) { return (a(t) + b(t)) & mask; };
  if (name == "sub")
    return [=](PtxThread &t) { return (a(t) - b(t)) & mask; };
  if (name == "neg")
    return [=](PtxThread &t) { return (0 - a(t)) & mask; };
  if (name == "and")
    return [=](PtxThread &t) { return a(t) & b(t) & mask; };
  if (name == "or")
    return [=](PtxThread &t) { return (a(t) | b(t)) & mask; };
  if (name == "xor")
    return [=](PtxThread &t) { return (a(t) ^ b(t)) & mask; };
  if (name == "not")
    return [=](PtxThread &t) { return ~a(t) & mask; };
  if (name == "shl")
    return [=](PtxThread &t) {
      uint64_t by = b(t) & 0xffffffff;
      return by >= uint64_t(bits) ? 0 : a(t) << by & mask;
    };
  if (name == "shr")
    return [=](PtxThread &t) {
      uint64_t by = std::min<uint64_t>(b(t) & 0xffffffff, uint64_t(bits));
      if (type.kind == 's')
        return uint64_t(signedOf(type, a(t)) >> std::min<uint64_t>(by, 63)) &
               mask;
      return by >= uint64_t(bits) ? 0 : (a(t) & mask) >> by;
    };
  if (name == "bfe" && type.kind == 'u')
    return [=](PtxThread &t) {
      uint64_t length = c(t) & 255, from = b(t) & 255;
      uint64_t field = from >= 64 ? 0 : (a(t) & mask) >> from;
      return length >= 64 ? field : field & ((uint64_t(1) << length) - 1);
    };
  if (name == "prmt" && opcode.size() == 2)
    return [=](PtxThread &t) {
      uint64_t bytes = (a(t) & 0xffffffff) | b(t) << 32, selector = c(t),
               out = 0;
      for (int i = 0; i < 4; ++i) {
        uint64_t pick = selector >> (4 * i) & 15;
        uint64_t byte = bytes >> (8 * (pick & 7)) & 255;
        out |= (pick & 8 ? (byte >> 7) * 255 : byte) << (8 * i);
      }
      return out;
    };
  bool isSigned = type.kind == 's';
  integerResult<uint64_t>(name, 1, 1);
  return [=](PtxThread &t) {
    return (isSigned
                ? integerResult<int64_t>(name, signedOf(type, a(t)),
                                         signedOf(type, b(t)))
                : integerResult<uint64_t>(name, a(t) & mask, b(t) & mask)) &
           mask;
  };
}

Read ptx::calculation(const std::vector<std::string> &opcode, const Type &type,
                      Read a, Read b, Read c) {
  return type.isFloat() ? floats(opcode[0], type, a, b, c)
                        : integers(opcode, type, a, b, c);
}

Read ptx::comparison(const std::string &how, const Type &type, Read a, Read b) {
  return [=](PtxThread &t) -> uint64_t {
    uint64_t x = a(t) & type.mask(), y = b(t) & type.mask();
    if (type.isFloat())
      return compare(how, floatOf(type, x), floatOf(type, y));
    return type.kind == 's'
               ? compareIntegers(how, signedOf(type, x), signedOf(type, y))
               : compareIntegers(how, x, y);
  };
}
