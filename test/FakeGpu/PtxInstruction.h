//===- PtxInstruction.h - Instructions of PTX as closures -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the parts of the interpreter share: a thread, the types that opcodes end
// with, and the instructions that only calculate.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FAKEGPU_PTXINSTRUCTION_H
#define SEVENFOLD_TEST_FAKEGPU_PTXINSTRUCTION_H

#include "Ptx.h"

#include <stdexcept>

namespace sevenfold {
namespace fake {

/// A thread that runs. Registers are 64 bits wide and hold a value's bits.
struct PtxThread {
  std::vector<uint64_t> registers;
  void **arguments;
  unsigned tid[3], block[3], threads[3], blocks[3];
  std::vector<char> *shared; ///< of the block
  size_t next = 0;
  bool isDone = false, isWaiting = false;
  bool isAstray = false; ///< outside of shared memory
  const std::function<bool(const char *, size_t)> *mayTouch;

  /// False ends the thread.
  bool touch(const char *begin, size_t bytes) {
    if (!(*mayTouch)(begin, bytes))
      isDone = true;
    return !isDone;
  }

  /// Where an access of shared memory goes; null ends the thread. As on a GPU,
  /// an access is aligned to its size.
  char *touchShared(uint64_t offset, size_t bytes) {
    isAstray = offset > shared->size() || bytes > shared->size() - offset ||
               offset % bytes != 0;
    isDone = isDone || isAstray;
    return isAstray ? nullptr : shared->data() + offset;
  }
};

namespace ptx {

using Step = std::function<void(PtxThread &)>;
using Read = std::function<uint64_t(PtxThread &)>;

/// What the interpreter does not know.
struct Unknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The type an opcode ends with.
struct Type {
  char kind; ///< 'b', 'u', 's', 'f', 'h' (f16), 'g' (bf16), 'p'
  int bits;  ///< of one number
  int lanes = 1;
  int bytes() const { return bits * lanes / 8; }
  uint64_t mask() const {
    int all = bits * lanes;
    return all >= 64 ? ~uint64_t(0) : (uint64_t(1) << all) - 1;
  }
  bool isFloat() const { return kind == 'f' || kind == 'h' || kind == 'g'; }
};

/// "u32", "f16x2", "pred", ..
Type parseType(const std::string &text);

/// A value of one lane.
double floatOf(const Type &type, uint64_t bits);
/// Rounds; sums and products of narrower floats are exact in double.
uint64_t bitsOf(const Type &type, double value);
int64_t signedOf(const Type &type, uint64_t bits);

/// What an instruction of floats or of integers computes. `opcode`: its parts
/// between dots.
Read calculation(const std::vector<std::string> &opcode, const Type &type,
                 Read a, Read b, Read c);
/// Of setp: "lt", "nan", "gtu", ..
Read comparison(const std::string &how, const Type &type, Read a, Read b);

/// Splits at commas outside braces, without blanks around the parts.
std::vector<std::string> splitOperands(const std::string &text);
std::string trim(const std::string &text);

/// What names in a body stand for.
struct Symbols {
  std::map<std::string, int> parameters; ///< their indices
  std::map<std::string, uint64_t>
      shared; ///< variables in shared memory: offsets
};

/// Adds the variable that `.shared .align 128 .b8 name[16896]` declares, after
/// `bytes`, which grows. Anything else is left alone.
void declareShared(const std::string &statement, Symbols &symbols,
                   size_t &bytes);

/// Fills `kernel` with the statements of a body. Throws `Unknown`.
void translateBody(const std::string &body, Symbols symbols, PtxKernel &kernel);

} // namespace ptx
} // namespace fake
} // namespace sevenfold

#endif // SEVENFOLD_TEST_FAKEGPU_PTXINSTRUCTION_H
