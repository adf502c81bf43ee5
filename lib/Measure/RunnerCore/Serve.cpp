//===- Serve.cpp - Requests and answers of the runner ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One JSON object a line. Before anything that runs foreign code, an event says
// what is about to run and how long it may take; the parent needs no more to
// tell who crashed or hung. A request's last line is its answer.
//
//===----------------------------------------------------------------------===//

#include "DeviceKind.h"
#include "Library.h"
#include "Request.h"

#include "sevenfold/Measure/RunnerCore.h"
#include "sevenfold/Runtime/Runtime.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

namespace {
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A candidate's failure; `which` tells whose.
json failure(const char *status, const std::string &which,
             const std::string &message) {
  return {{"status", status}, {"which", which}, {"message", message}};
}

/// The runner's own work ends by itself; this only bounds a defect of ours.
constexpr double kOwnWorkSeconds = 3600;

/// A function that is kept open between requests.
struct Loaded {
  json entry; ///< of the request
  FileIdentity file;
  std::unique_ptr<Code> code;
  double seconds = 0; ///< of its latest run
};

class Server {
public:
  explicit Server(int output) : output(output) {}

  /// Answers one request; false when the answer cannot be written, or was the
  /// last one that this process can give.
  bool answer(const std::string &line);

private:
  json dispatch(const json &request);
  json hello(const json &request);
  json describe(const json &request);
  json compile(const json &request);
  json runs(const json &request);
  json productError(const json &request);
  json difference(const json &request);

  /// Where a request's functions run.
  Executor &executorFor(const json &request);

  bool send(const json &message) const;
  void announce(const std::string &which, double seconds) const {
    send({{"event", which}, {"limit", seconds}});
  }
  /// Opens and runs the function once; null, or the failure.
  json runOnce(const json &request, const char *key, const char *which,
               const Arguments &arguments);

  /// Opens the functions of a request; those that the last one has left open
  /// stay as they are. Null, or the failure.
  json openAll(const json &request, const Signature &signature,
               Executor &executor);

  int output;
  /// By their kinds' names. They keep operands between requests about the same
  /// shapes.
  std::map<std::string, std::unique_ptr<Executor>> executors;
  /// The functions of the last request that timed some, loaded and warm.
  std::vector<Loaded> loaded;
};
} // namespace

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

static std::unique_ptr<Code> openCode(Executor &executor, const json &entry,
                                      std::string &message) {
  return executor.open(entry.at("library"), entry.at("function"), message);
}

/// Of a request's device; throws where there is none of that kind.
static const DeviceKind &kindOf(const std::string &device) {
  const DeviceKind *kind = findDeviceKind(device);
  if (!kind)
    throw RequestError("expected device " + deviceKindNames() + " but got '" +
                       device + "'");
  return *kind;
}

Executor &Server::executorFor(const json &request) {
  std::string device = request.value("device", "host");
  const DeviceKind *kind = &kindOf(device);
  std::unique_ptr<Executor> &executor = executors[device];
  if (executor)
    return *executor;
  if (kind->startSeconds > 0)
    announce("", kind->startSeconds);
  std::string message;
  executor = kind->createExecutor(restOfDevice(device), message);
  if (!executor)
    throw DeviceError(message);
  return *executor;
}

json Server::describe(const json &request) {
  std::string device = request.at("device");
  const DeviceKind &kind = kindOf(device);
  if (kind.startSeconds > 0)
    announce("", kind.startSeconds);
  try {
    json described =
        kind.describe(restOfDevice(device), sevenfold_get_threads());
    return {{"status", "ok"}, {"described", described}};
  } catch (const std::runtime_error &error) {
    throw DeviceError(error.what());
  }
}

json Server::compile(const json &request) {
  std::string device = request.at("device");
  const DeviceKind &kind = kindOf(device);
  auto *work = request.at("op") == "call" ? kind.call : kind.compile;
  if (!work)
    throw RequestError("the device '" + device +
                       "' has no compiler of its own");
  announce("", kOwnWorkSeconds);
  return {{"status", "ok"}, {"made", work(restOfDevice(device), request)}};
}

json Server::hello(const json &request) {
  return {{"status", "ok"},
          {"protocol", 2},
          {"device", executorFor(request).name()}};
}

/// A number for each timed run; null where some are unknown.
static json listConditions(const Timings &timings,
                           double Conditions::*quantity) {
  json list = json::array();
  for (const Conditions &conditions : timings.conditions) {
    if (std::isnan(conditions.*quantity))
      return nullptr;
    list.push_back(conditions.*quantity);
  }
  return list;
}

json Server::openAll(const json &request, const Signature &signature,
                     Executor &executor) {
  std::vector<Loaded> wanted;
  for (const json &entry : request.at("functions")) {
    Loaded function{entry, identify(entry.at("library")), nullptr, 0};
    for (Loaded &known : loaded)
      if (known.code && known.entry == entry && known.file == function.file)
        function = std::move(known);
    wanted.push_back(std::move(function));
  }
  // What is not wanted makes room before anything is loaded.
  loaded = std::move(wanted);
  for (size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i].code)
      continue;
    std::string number = std::to_string(i), message;
    // Constructors of a library are foreign code too.
    announce(number, signature.limits.minSeconds);
    loaded[i].code = openCode(executor, loaded[i].entry, message);
    if (!loaded[i].code)
      return failure("failed", number, message);
  }
  return nullptr;
}

json Server::runs(const json &request) {
  Signature signature(request);
  std::vector<size_t> order = parseOrder(request);
  Executor &executor = executorFor(request);
  json failed = openAll(request, signature, executor);
  if (!failed.is_null())
    return failed;
  announce("", kOwnWorkSeconds);
  std::string message;
  if (!executor.prepare(signature.inputs, signature.outputs, Purpose::Timing,
                        signature.seed, message))
    return failure("failed", "", message);
  std::vector<Contestant> contestants;
  for (const Loaded &function : loaded)
    contestants.push_back({function.code.get(), function.seconds});
  announce(std::to_string(order.front()),
           firstRunLimit(signature.inputs, signature.outputs, signature.limits,
                         executor));
  Timings timings = timeRuns(
      contestants, order, executor, signature.limits,
      [this](const std::string &which, double limit) {
        announce(which, limit);
      },
      [this](size_t position, double seconds) {
        send({{"ran", position}, {"seconds", seconds}});
      });
  for (size_t i = 0; i < loaded.size(); ++i)
    loaded[i].seconds = contestants[i].seconds;
  if (!timings.message.empty())
    return failure("failed",
                   timings.failed ? std::to_string(*timings.failed) : "",
                   timings.message);
  json reply = {{"status", "ok"},
                {"seconds", timings.seconds},
                {"starts", timings.starts},
                {"timed_s", timings.timedSeconds},
                {"warm_up_s", timings.warmUpSeconds}};
  if (executor.conditions()) {
    reply["sm_mhz"] = listConditions(timings, &Conditions::smMegahertz);
    reply["power_w"] = listConditions(timings, &Conditions::powerWatts);
  }
  return reply;
}

json Server::runOnce(const json &request, const char *key, const char *which,
                     const Arguments &arguments) {
  Signature signature(request);
  Executor &executor = executorFor(request);
  announce(which, firstRunLimit(signature.inputs, signature.outputs,
                                signature.limits, executor));
  std::string message;
  std::unique_ptr<Code> code = openCode(executor, request.at(key), message);
  if (!code || !executor.run(*code, arguments, message))
    return failure("failed", which, message);
  return nullptr;
}

json Server::productError(const json &request) {
  Signature signature(request);
  Matmul matmul = parseMatmul(request, signature);
  Executor &executor = executorFor(request);
  announce("", kOwnWorkSeconds);
  std::string message;
  if (!executor.prepare(signature.inputs, signature.outputs, Purpose::Checking,
                        signature.seed, message))
    return failure("failed", "", message);
  json failed = runOnce(request, "a", "a", executor.set(0));
  if (!failed.is_null())
    return failed;
  announce("", kOwnWorkSeconds);
  std::vector<const void *> pointers;
  if (!executor.inspect(executor.set(0), signature.inputs.size(), pointers,
                        message))
    return failure("wrong", "a", message);
  Deviation deviation =
      runner::productError(matmul, pointers[0], pointers[1],
                           matmul.accumulate ? pointers[2] : nullptr,
                           pointers.back(), signature.seed);
  if (deviation.firstBadIndex >= 0)
    return failure("wrong", "a",
                   "the result is not finite at row " +
                       std::to_string(deviation.firstBadIndex / matmul.n) +
                       ", column " +
                       std::to_string(deviation.firstBadIndex % matmul.n));
  return {{"status", "ok"},
          {"relative", deviation.relative},
          {"rows", deviation.rows}};
}

json Server::difference(const json &request) {
  Signature signature(request);
  Executor &executor = executorFor(request);
  announce("", kOwnWorkSeconds);
  // The candidate gets the reference's inputs and outputs of its own.
  std::vector<Shape> twice = signature.outputs;
  twice.insert(twice.end(), signature.outputs.begin(), signature.outputs.end());
  std::string message;
  if (!executor.prepare(signature.inputs, twice, Purpose::Checking,
                        signature.seed, message))
    return failure("failed", "", message);
  const std::vector<void *> &own = executor.set(0).pointers;
  size_t inputs = signature.inputs.size(), outputs = signature.outputs.size();
  Arguments a, b;
  a.pointers.assign(own.begin(), own.end() - outputs);
  b.pointers.assign(own.begin(), own.begin() + inputs);
  b.pointers.insert(b.pointers.end(), own.end() - outputs, own.end());
  json failed = runOnce(request, "a", "a", a);
  if (failed.is_null())
    failed = runOnce(request, "b", "b", b);
  if (!failed.is_null())
    return failed;

  announce("", kOwnWorkSeconds);
  std::vector<const void *> pointers;
  if (!executor.inspect(executor.set(0), inputs, pointers, message))
    return failure("wrong", "", message);
  double error = 0, norm = 0;
  for (size_t index = 0; index < outputs; ++index) {
    const Shape &shape = signature.outputs[index];
    const void *expected = pointers[inputs + index];
    const void *actual = pointers[inputs + outputs + index];
    if (firstNotFinite(shape, expected) >= 0)
      return failure("wrong", "a",
                     "output " + std::to_string(index) + " is not finite");
    Difference part = bufferDifference(shape, expected, actual);
    if (part.firstBadIndex >= 0)
      return failure("wrong", "b",
                     "output " + std::to_string(index) +
                         " is not finite at element " +
                         std::to_string(part.firstBadIndex));
    error += part.squaredError;
    norm += part.squaredNorm;
  }
  return {{"status", "ok"},
          {"relative", std::sqrt(norm > 0 ? error / norm : error)},
          {"rows", 0}};
}

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

bool Server::send(const json &message) const {
  std::string line =
      message.dump(-1, ' ', true, json::error_handler_t::replace);
  line += '\n';
  size_t sent = 0;
  while (sent < line.size()) {
    ssize_t count = write(output, line.data() + sent, line.size() - sent);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

json Server::dispatch(const json &request) {
  const std::string operation = request.at("op");
  if (operation == "runs")
    return runs(request);
  if (operation == "error")
    return productError(request);
  if (operation == "difference")
    return difference(request);
  if (operation == "hello")
    return hello(request);
  if (operation == "describe")
    return describe(request);
  if (operation == "compile" || operation == "call")
    return compile(request);
  throw RequestError("unknown operation '" + operation + "'");
}

bool Server::answer(const std::string &line) {
  json reply;
  try {
    reply = dispatch(json::parse(line));
  } catch (const DeviceError &error) {
    reply = failure("device", "", error.what());
  } catch (const std::exception &error) {
    reply = failure("failed", "", error.what());
  }
  // After an error of a kernel nothing runs in this process any more.
  bool isLast =
      reply["status"] != "ok" &&
      std::any_of(executors.begin(), executors.end(), [](const auto &entry) {
        return entry.second && !entry.second->isUsable();
      });
  if (isLast)
    reply["last"] = true;
  return send(reply) && !isLast;
}

int sevenfold::serveRunner(int input, int output) {
  Server server(output);
  std::string pending;
  char chunk[4096];
  while (true) {
    ssize_t count = read(input, chunk, sizeof chunk);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return count == 0 ? 0 : 2;
    pending.append(chunk, static_cast<size_t>(count));
    for (size_t end; (end = pending.find('\n')) != std::string::npos;) {
      std::string line = pending.substr(0, end);
      pending.erase(0, end + 1);
      if (!line.empty() && !server.answer(line))
        return 1;
    }
  }
}
