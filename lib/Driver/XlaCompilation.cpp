//===- XlaCompilation.cpp - What XLA makes of a program -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes and counts come through the plugin's interface; kernels and copies are
// counted in the text that XLA dumps, as the interface has a protobuf only.
//
//===----------------------------------------------------------------------===//

#include "XlaCompilation.h"

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Size.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>

using namespace sevenfold;
using nlohmann::json;

bool XlaCompilation::fits() const {
  return memoryBytes == 0 ||
         argumentBytes + outputBytes + temporaryBytes <= memoryBytes;
}

json sevenfold::toJson(const XlaCompilation &c) {
  auto known = [](int64_t count) {
    return count < 0 ? json(nullptr) : json(count);
  };
  return {{"topology", c.topology},
          {"kind", c.kind},
          {"compiler", c.compiler},
          {"memory_bytes", c.memoryBytes},
          {"argument_bytes", c.argumentBytes},
          {"output_bytes", c.outputBytes},
          {"temporary_bytes", c.temporaryBytes},
          {"flops", c.flops},
          {"bytes_accessed", c.bytesAccessed},
          {"kernels", known(c.kernels)},
          {"products", known(c.products)},
          {"copies", known(c.copies)},
          {"fits", c.fits()}};
}

std::string sevenfold::describe(const XlaCompilation &c) {
  std::string text =
      fmt::format("{} ({}), compiled only: ", c.topology, c.kind);
  if (c.kernels >= 0)
    text += fmt::format("{} kernels, {} of them products, {} copies, ",
                        c.kernels, c.products, c.copies);
  return text + fmt::format("{} temporary, {} of arguments and results{}; "
                            "{:.4g} flops, {:.3g} GB accessed by the "
                            "compiler's count",
                            formatSize(c.temporaryBytes),
                            formatSize(c.argumentBytes + c.outputBytes),
                            c.memoryBytes ? " in " + formatSize(c.memoryBytes)
                                          : std::string(),
                            c.flops, c.bytesAccessed * 1e-9);
}

/// What an instruction of HLO does: "fusion" of
/// "%x = f32[8,8]{1,0} fusion(%a, %b), kind=..".
static llvm::StringRef operationOf(llvm::StringRef line) {
  llvm::StringRef right = line.split(" = ").second;
  // A tuple's type has blanks; a shape has none.
  if (right.consume_front("("))
    right = right.split(") ").second;
  else
    right = right.split(' ').second;
  return right.take_until([](char c) { return c == '('; }).trim();
}

/// Counts what the entry computation of a dump has.
static void countKernels(llvm::StringRef dump, XlaCompilation &result) {
  size_t entry = dump.find("\nENTRY ");
  if (entry == llvm::StringRef::npos)
    return;
  result.kernels = result.products = result.copies = 0;
  llvm::StringRef body = dump.substr(entry + 1).split('\n').second;
  while (!body.starts_with("}") && !body.empty()) {
    auto [line, rest] = body.split('\n');
    body = rest;
    llvm::StringRef operation = operationOf(line);
    // What starts and ends beside kernels are loads into the chip's own memory.
    static constexpr llvm::StringLiteral free[] = {
        "", "parameter", "constant", "tuple", "bitcast", "get-tuple-element"};
    if (llvm::is_contained(free, operation) || operation.ends_with("-start") ||
        operation.ends_with("-done"))
      continue;
    ++result.kernels;
    result.copies += operation == "copy";
    // A fusion is called by its root: a product is a convolution on a TPU.
    llvm::StringRef name = line.split(" = ").first;
    result.products += operation == "dot" || operation == "convolution" ||
                       name.contains("convolution") || name.contains("dot") ||
                       line.contains("kind=kOutput") ||
                       line.contains("__ynn_fusion");
  }
}

/// The dump of the module after all optimisations, in a folder.
static void readDump(llvm::StringRef folder, XlaCompilation &result) {
  std::error_code code;
  for (llvm::sys::fs::directory_iterator file(folder, code), end;
       file != end && !code; file.increment(code)) {
    if (!llvm::StringRef(file->path()).ends_with("after_optimizations.txt"))
      continue;
    auto text = readFile(file->path(), int64_t(1) << 28);
    if (text)
      countKernels(*text, result);
    else
      llvm::consumeError(text.takeError());
  }
}

llvm::Expected<XlaCompilation>
sevenfold::compileForTopology(const std::string &device,
                              const std::string &topology,
                              const std::string &program) {
  auto plugin = findPjrtPlugin(llvm::StringRef(device).split(':').second);
  if (!plugin)
    return plugin.takeError();
  auto folder = makeTemporaryFolder();
  if (!folder)
    return folder.takeError();
  auto reply = askRunner({{"op", "compile"},
                          {"device", "pjrt:" + *plugin},
                          {"topology", topology},
                          {"program", program},
                          {"dump", **folder}});
  if (!reply)
    return reply.takeError();
  XlaCompilation result;
  result.topology = topology;
  try {
    const json &made = reply->at("made");
    result.kind = made.at("kind");
    result.compiler = made.at("compiler");
    result.memoryBytes = made.at("memory_bytes");
    result.argumentBytes = made.at("argument_bytes");
    result.outputBytes = made.at("output_bytes");
    result.temporaryBytes = made.at("temporary_bytes");
    result.flops = made.at("flops");
    result.bytesAccessed = made.at("bytes_accessed");
  } catch (const json::exception &error) {
    return makeError("the runner's answer is none: {0}", error.what());
  }
  readDump(**folder, result);
  return result;
}
