//===- Ptx.cpp - Runs PTX on the host -------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the entries of a module, and runs threads one after the other, from
// barrier to barrier.
//
//===----------------------------------------------------------------------===//

#include "PtxInstruction.h"

#include <sstream>

using namespace sevenfold::fake;
using namespace sevenfold::fake::ptx;

/// A kernel that runs longer than this does not end.
static constexpr uint64_t kMaxSteps = uint64_t(1) << 26;

/// The text without comments.
static std::string withoutComments(const std::string &image) {
  std::string text;
  std::istringstream lines(image);
  for (std::string line; std::getline(lines, line);)
    text += line.substr(0, line.find("//")) + '\n';
  return text;
}

/// ".param .u64 .ptr .align 1 name" to its size.
static std::map<std::string, int> parseParameters(const std::string &text,
                                                  PtxKernel &kernel) {
  std::map<std::string, int> parameters;
  for (const std::string &entry : splitOperands(text)) {
    std::istringstream words(entry);
    std::string word, type;
    words >> word >> type;
    if (word != ".param")
      continue;
    while (words >> word)
      ;
    parameters[word] = int(kernel.sizes.size());
    kernel.sizes.push_back(parseType(type.substr(1)).bytes());
  }
  return parameters;
}

/// The end of the braces that open at `begin`.
static size_t closingBrace(const std::string &text, size_t begin) {
  int depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    depth += (text[i] == '{') - (text[i] == '}');
    if (depth == 0)
      return i;
  }
  return text.size();
}

std::shared_ptr<PtxModule> sevenfold::fake::parsePtx(const char *image) {
  auto module = std::make_shared<PtxModule>();
  bool isText = image && (image[0] == '/' || image[0] == '.');
  std::string text = isText ? withoutComments(image) : "";
  Symbols declared;
  size_t sharedBytes = 0;
  std::istringstream statements(text.substr(0, text.find('{')));
  for (std::string statement; std::getline(statements, statement, ';');)
    declareShared(statement, declared, sharedBytes);
  const std::string kEntry = ".entry ";
  for (size_t at = 0; (at = text.find(kEntry, at)) != std::string::npos;) {
    at += kEntry.size();
    size_t open = text.find('(', at), close = text.find(')', open);
    size_t body = text.find('{', at), end = closingBrace(text, body);
    std::string name = trim(text.substr(at, open - at));
    at = end;
    PtxKernel &kernel = (*module)[name];
    try {
      Symbols symbols = declared;
      kernel.sharedBytes = sharedBytes;
      symbols.parameters =
          parseParameters(text.substr(open + 1, close - open - 1), kernel);
      translateBody(text.substr(body + 1, end - body - 1), std::move(symbols),
                    kernel);
    } catch (const std::exception &error) {
      kernel.problem = std::string("it does not know ") + error.what();
    }
  }
  return module;
}

/// Runs a thread to its end or the next barrier; returns what went wrong, or
/// "".
static const char *advance(const PtxKernel &kernel, PtxThread &thread) {
  thread.isWaiting = false;
  for (uint64_t steps = 0; !thread.isDone && !thread.isWaiting; ++steps) {
    if (steps == kMaxSteps || thread.next >= kernel.code.size())
      return "a thread does not end";
    kernel.code[thread.next++](thread);
  }
  return thread.isAstray ? "it reaches beyond its shared memory" : "";
}

/// Runs a block. Threads take turns in one order and in the other, so that one
/// that does not wait for another is sometimes first.
static std::string runBlock(const PtxKernel &kernel,
                            std::vector<PtxThread> &threads) {
  size_t count = threads.size();
  bool isAnyWaiting = true;
  for (uint64_t phase = 0; isAnyWaiting; ++phase) {
    isAnyWaiting = false;
    for (size_t i = 0; i < count; ++i) {
      PtxThread &thread = threads[phase % 2 ? count - 1 - i : i];
      std::string problem = advance(kernel, thread);
      if (!problem.empty())
        return problem;
      isAnyWaiting |= thread.isWaiting;
    }
  }
  return "";
}

std::string PtxKernel::run(
    void **arguments, const unsigned *launch,
    const std::function<bool(const char *, size_t)> &mayTouch) const {
  if (!problem.empty())
    return problem;
  std::vector<char> shared;
  PtxThread first;
  first.arguments = arguments;
  first.mayTouch = &mayTouch;
  first.shared = &shared;
  for (int axis = 0; axis < 3; ++axis) {
    first.blocks[axis] = launch[axis];
    first.threads[axis] = launch[3 + axis];
  }
  uint64_t blocks = uint64_t(launch[0]) * launch[1] * launch[2],
           count = uint64_t(launch[3]) * launch[4] * launch[5];
  std::vector<PtxThread> threads(count, first);
  for (uint64_t block = 0; block < blocks; ++block) {
    // Floats that are no numbers: what is read before it is written is seen.
    shared.assign(sharedBytes, char(0xFF));
    for (uint64_t number = 0; number < count; ++number) {
      PtxThread &thread = threads[number];
      uint64_t restOfBlock = block, restOfThread = number;
      for (int axis = 0; axis < 3; ++axis) {
        thread.block[axis] = unsigned(restOfBlock % launch[axis]);
        restOfBlock /= launch[axis];
        thread.tid[axis] = unsigned(restOfThread % launch[3 + axis]);
        restOfThread /= launch[3 + axis];
      }
      thread.registers.assign(registers, 0);
      thread.next = 0;
      thread.isDone = thread.isAstray = false;
    }
    std::string wrong = runBlock(*this, threads);
    if (!wrong.empty())
      return wrong;
  }
  return "";
}
