//===- Ptx.cpp - Runs PTX on the host -------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the entries of a module, and runs threads one after the other.
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
  const std::string kEntry = ".entry ";
  for (size_t at = 0; (at = text.find(kEntry, at)) != std::string::npos;) {
    at += kEntry.size();
    size_t open = text.find('(', at), close = text.find(')', open);
    size_t body = text.find('{', at), end = closingBrace(text, body);
    std::string name = trim(text.substr(at, open - at));
    at = end;
    PtxKernel &kernel = (*module)[name];
    try {
      translateBody(
          text.substr(body + 1, end - body - 1),
          parseParameters(text.substr(open + 1, close - open - 1), kernel),
          kernel);
    } catch (const std::exception &error) {
      kernel.problem = std::string("it does not know ") + error.what();
    }
  }
  return module;
}

/// Lets the threads of a block run in turn, each to the next barrier or its
/// end; false where one does not end.
static bool runBlock(const PtxKernel &kernel, std::vector<PtxThread> &threads) {
  for (bool goesOn = true; goesOn;) {
    goesOn = false;
    for (PtxThread &thread : threads) {
      thread.isWaiting = false;
      for (uint64_t steps = 0; !thread.isDone && !thread.isWaiting; ++steps) {
        if (steps == kMaxSteps || thread.next >= kernel.code.size())
          return false;
        kernel.code[thread.next++](thread);
      }
      goesOn |= !thread.isDone;
    }
  }
  return true;
}

std::string PtxKernel::run(
    void **arguments, const unsigned *launch,
    const std::function<bool(const char *, size_t)> &mayTouch) const {
  if (!problem.empty())
    return problem;
  uint64_t blocks = uint64_t(launch[0]) * launch[1] * launch[2];
  std::vector<PtxThread> threads(uint64_t(launch[3]) * launch[4] * launch[5]);
  std::vector<char> shared;
  for (uint64_t index = 0; index < blocks; ++index) {
    // What an earlier block has left there is not what a later one finds.
    shared.assign(sharedBytes, char(0xff));
    for (uint64_t number = 0; number < threads.size(); ++number) {
      PtxThread &thread = threads[number];
      thread.arguments = arguments;
      thread.mayTouch = &mayTouch;
      thread.shared = &shared;
      uint64_t block = index, inBlock = number;
      for (int axis = 0; axis < 3; ++axis) {
        thread.blocks[axis] = launch[axis];
        thread.threads[axis] = launch[3 + axis];
        thread.block[axis] = unsigned(block % launch[axis]);
        block /= launch[axis];
        thread.tid[axis] = unsigned(inBlock % launch[3 + axis]);
        inBlock /= launch[3 + axis];
      }
      thread.registers.assign(registers, 0);
      thread.next = 0;
      thread.isDone = false;
    }
    if (!runBlock(*this, threads))
      return "a thread does not end";
  }
  return "";
}
