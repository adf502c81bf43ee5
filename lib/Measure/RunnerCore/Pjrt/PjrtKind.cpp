//===- PjrtKind.cpp - XLA's devices to the runner -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "pjrt:PLUGIN.so", where it is described, opened, and matched with a bundle.
//
//===----------------------------------------------------------------------===//

#include "PjrtClient.h"

#include "../DeviceKind.h"
#include "../Request.h"
#include "../Sha256.h"

#include "sevenfold/Measure/Processor.h"

#include <chrono>
#include <cstdlib>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

/// A plugin of half a gigabyte is read from a disk, and its device woken.
static constexpr double kPluginSeconds = 180;

static void readTarget(const json &target, Bundle &bundle) {
  bundle.pluginHash = target.at("plugin_sha256");
  bundle.plugin = target.at("plugin");
}

/// A bundle's programs are text that any plugin compiles; what was asked for is
/// that of a certain one.
static std::string checkPlugin(const Bundle &bundle) {
  std::string path = restOfDevice(bundle.device);
  if (path.empty())
    return "the bundle '" + bundle.folder + "' is for the PJRT plugin '" +
           bundle.plugin + "': name it with --plugin";
  std::string hash = sha256OfFile(path);
  if (hash.empty())
    return "cannot read the plugin '" + path + "'";
  if (hash != bundle.pluginHash)
    return "the bundle '" + bundle.folder + "' is for another plugin: '" +
           path + "' has SHA-256 " + hash.substr(0, 12) + "..";
  return "";
}

static json describe(const std::string &path, int threads) {
  XlaDevice device = PjrtClient(path).describe();
  device.plugin = path;
  device.sha256 = sha256OfFile(path);
  if (device.isProcessor())
    device.processor = describeProcessor().fingerprint();
  return {{"fingerprint", device.fingerprint()},
          {"machine",
           device.isProcessor() ? describeProcessor().name : device.kind},
          {"threads", device.isProcessor() ? threads : 1},
          {"driver", device.compiler},
          {"providers", {{"xla", device.sha256.substr(0, 16)}}},
          {"plugin", device.plugin},
          {"plugin_sha256", device.sha256},
          {"platform", device.platform},
          {"kind", device.kind},
          {"api", device.api},
          {"stablehlo", device.stablehlo},
          {"memory_bytes", device.memoryBytes},
          {"cores", device.cores}};
}

/// Compiles the request's "program", for its "topology" where it has one and
/// else for the device that is here. With "dump", a folder, the compiler writes
/// what it made there.
static json compile(const std::string &path, const json &request) {
  std::string file = request.at("program"), text;
  if (!readWholeFile(file, text))
    throw std::runtime_error("cannot read '" + file + "'");
  if (request.contains("dump")) {
    std::string flags = "--xla_dump_to=" + request["dump"].get<std::string>() +
                        " --xla_dump_hlo_as_text";
    // Before the plugin is loaded, which reads it once.
    setenv("XLA_FLAGS", flags.c_str(), /*overwrite=*/1);
  }
  CompiledProgram program;
  XlaDevice device;
  if (request.contains("topology")) {
    PjrtPlugin plugin(path);
    PjrtCompiler compiler(plugin, request["topology"]);
    device = compiler.describe();
    program = compiler.compile(text);
  } else {
    PjrtClient client(path);
    device = client.describe();
    program = client.compile(text)->describe();
  }
  return {{"kind", device.kind},
          {"compiler", device.compiler},
          {"memory_bytes", device.memoryBytes},
          {"argument_bytes", program.argumentBytes},
          {"output_bytes", program.outputBytes},
          {"temporary_bytes", program.temporaryBytes},
          {"code_bytes", program.codeBytes},
          {"flops", program.flops},
          {"bytes_accessed", program.bytesAccessed}};
}

/// The shapes of a request's list, with the files that belong to them.
static std::vector<std::pair<Shape, std::string>> filesOf(const json &request,
                                                          const char *key) {
  std::vector<Shape> shapes = parseShapes(request, key);
  std::vector<std::pair<Shape, std::string>> files;
  for (size_t i = 0; i < shapes.size(); ++i)
    files.push_back({shapes[i], request[key][i].at("file")});
  return files;
}

static json call(const std::string &path, const json &request) {
  std::string text, file = request.at("program");
  if (!readWholeFile(file, text))
    throw std::runtime_error("cannot read '" + file + "'");
  PjrtClient client(path);
  std::unique_ptr<PjrtProgram> program = client.compile(text);
  std::vector<PjrtBuffer> buffers;
  std::vector<PJRT_Buffer *> inputs;
  std::vector<int64_t> kept;
  for (const auto &[shape, name] : filesOf(request, "inputs")) {
    std::string bytes;
    if (!readWholeFile(name, bytes) || int64_t(bytes.size()) != shape.bytes())
      throw std::runtime_error("'" + name + "' has not the bytes of its shape");
    kept.push_back(int64_t(buffers.size()));
    buffers.push_back(client.upload(bytes.data(), shape));
    inputs.push_back(buffers.back().get());
  }
  auto outputs = filesOf(request, "outputs");
  if (program->outputs() != outputs.size())
    throw std::runtime_error(
        "the program has " + std::to_string(program->outputs()) +
        " results, expected " + std::to_string(outputs.size()));
  auto begin = std::chrono::steady_clock::now();
  std::vector<PjrtBuffer> results;
  client.plugin.await(program->start(inputs, kept, results));
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - begin;
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::string bytes(size_t(outputs[i].first.bytes()), '\0');
    client.download(results[i].get(), outputs[i].first, bytes.data());
    if (std::string problem = replaceFile(outputs[i].second, bytes);
        !problem.empty())
      throw std::runtime_error(problem);
  }
  return {{"seconds", elapsed.count()}};
}

namespace sevenfold {
namespace runner {
extern const DeviceKind kPjrtDevice;
const DeviceKind kPjrtDevice = {"pjrt",
                                kPluginSeconds,
                                createPjrtExecutor,
                                readTarget,
                                checkPlugin,
                                describe,
                                compile,
                                call};
} // namespace runner
} // namespace sevenfold
