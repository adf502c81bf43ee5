//===- XlaProgram.cpp - A program of StableHLO run once -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers go to the child and come back as files.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/XlaProgram.h"

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Support/File.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

llvm::Expected<ProgramResult>
sevenfold::runXlaProgram(const std::string &plugin, llvm::StringRef text,
                         llvm::ArrayRef<ProgramInput> inputs,
                         llvm::ArrayRef<BufferShape> outputs) {
  auto folder = makeTemporaryFolder();
  if (!folder)
    return folder.takeError();
  Artefact buffers;
  for (const ProgramInput &input : inputs)
    buffers.inputs.push_back(input.shape);
  buffers.outputs = outputs;
  json request = describeOperands(buffers);
  for (const char *key : {"inputs", "outputs"})
    for (size_t i = 0; i < request[key].size(); ++i)
      request[key][i]["file"] = **folder + "/" + key + std::to_string(i);
  auto fileOf = [&](const char *key, size_t i) {
    return request[key][i]["file"].get<std::string>();
  };
  std::string program = **folder + "/main.stablehlo.mlir";
  if (llvm::Error error = writeFileAtomically(program, text))
    return error;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (llvm::Error error =
            writeFileAtomically(fileOf("inputs", i), {inputs[i].bytes.data(),
                                                      inputs[i].bytes.size()}))
      return error;
  request["op"] = "call";
  request["device"] = "pjrt:" + plugin;
  request["program"] = program;
  auto reply = askRunner(request);
  if (!reply)
    return reply.takeError();
  ProgramResult result;
  result.seconds = (*reply)["made"].value("seconds", 0.0);
  for (size_t i = 0; i < outputs.size(); ++i) {
    auto bytes = readFile(fileOf("outputs", i), outputs[i].bytes());
    if (!bytes)
      return bytes.takeError();
    result.outputs.push_back(std::move(*bytes));
  }
  return result;
}
