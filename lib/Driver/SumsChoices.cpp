//===- SumsChoices.cpp - Measured choices about operand sums --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Variants of one function against each other, and the file of what won.
//
//===----------------------------------------------------------------------===//

#include "SumsChoices.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Interrupted.h"
#include "sevenfold/Support/Json.h"
#include "sevenfold/Target/Model.h"

#include "llvm/Support/FormatVariadic.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::ordered_json;

static constexpr const char *kFormat = "sevenfold-choices/1";

void sevenfold::addChoicesOptions(CLI::App &command,
                                  ChoicesArguments &arguments) {
  command.add_option("--choices", arguments.file,
                     "after tuning, measure whether sharing and folding "
                     "operand sums pay for a whole function, and write what "
                     "'compile --choices' reads");
  command.add_option("--function", arguments.function,
                     "the function to measure choices with");
  command
      .add_option("--weight", arguments.sums.weights,
                  "an argument that is a constant, as in 'compile'")
      ->type_name("[FUNCTION:]ARGUMENT=FILE");
  command
      .add_option("--fold-weights", arguments.sums.fold,
                  "most bytes of folded sums to try (default: none)")
      ->type_name("LIMIT");
}

llvm::Error sevenfold::checkChoices(const ChoicesArguments &arguments,
                                    llvm::ArrayRef<std::string> models) {
  bool others = !arguments.function.empty() || !arguments.sums.fold.empty() ||
                !arguments.sums.weights.empty();
  if (arguments.file.empty())
    return others ? makeError("expected --choices with --function, --weight or "
                              "--fold-weights")
                  : llvm::Error::success();
  if (models.size() != 1 || arguments.function.empty())
    return makeError("expected one model and its --function with --choices");
  SumsOptions options;
  if (llvm::Error error = readSumsOptions(arguments.sums, options))
    return error;
  return parseWeights(CommonOptions(), arguments.sums).takeError();
}

namespace {
/// Builds and times variants of the function.
class ChoiceMeter {
public:
  ChoiceMeter(const ChoicesArguments &arguments, const std::string &model,
              const MeasuringTools &tools, const PlanSource &plans,
              ModelBuildOptions options, uint64_t seed)
      : arguments(arguments), model(model), tools(tools), plans(plans),
        options(std::move(options)), seed(seed) {}

  /// The speedup of `candidate` over `reference`; its line goes to stderr and
  /// to `log`. Nothing where the candidate has no sums of that `kind`: the
  /// code would be the same.
  llvm::Expected<std::optional<Speedup>> compare(const char *what,
                                                 SumsReport::Kind kind,
                                                 const SumsOptions &reference,
                                                 const SumsOptions &candidate) {
    std::vector<SumsReport> sums;
    auto b = build(candidate, &sums);
    if (!b)
      return b.takeError();
    if (llvm::none_of(sums, [&](const SumsReport &report) {
          return report.kind == kind;
        })) {
      printProgress(llvm::formatv("{0}@{1}: {2}: there are none", model,
                                  arguments.function, what));
      return std::nullopt;
    }
    auto a = build(reference, nullptr);
    if (!a)
      return a.takeError();
    PairSamples samples = tools.runner->measurePairs(*a, *b, kComparisonPairs);
    if (!tools.deviceLost->empty())
      return makeError("the device is gone: {0}", *tools.deviceLost);
    if (interrupted())
      return llvm::make_error<Interrupted>();
    if (samples.status != RunStatus::Ok)
      return makeError("'{0}': {1}: {2}", arguments.function,
                       stringifyRunStatus(samples.status), samples.message);
    Speedup speedup = estimateSpeedup(samples);
    printProgress(llvm::formatv(
        "{0}@{1}: {2}: {3:f3} times as fast as without ({4:f3} to {5:f3})",
        model, arguments.function, what, speedup.median, speedup.low,
        speedup.high));
    log.push_back({{"choice", what},
                   {"function", arguments.function},
                   {"speedup", speedup.median},
                   {"speedup_low", speedup.low},
                   {"speedup_high", speedup.high},
                   {"pairs", speedup.pairs}});
    return speedup;
  }

  ordered_json log = ordered_json::array();

private:
  llvm::Expected<Artefact> build(const SumsOptions &sums,
                                 std::vector<SumsReport> *reports) {
    options.sums = sums;
    return buildModel(model, arguments.function, plans, options, reports);
  }

  const ChoicesArguments &arguments;
  const std::string &model;
  const MeasuringTools &tools;
  const PlanSource &plans;
  ModelBuildOptions options;
  uint64_t seed;
};
} // namespace

llvm::Expected<SumsOptions>
sevenfold::measureChoices(const CommandLine &line,
                          const ChoicesArguments &arguments,
                          const std::string &model, const MeasuringTools &tools,
                          const PlanSource &plans) {
  auto options = modelBuildOptions(line, arguments.sums, tools.target);
  if (!options)
    return options.takeError();
  auto hash = sha256HexOfFile(model);
  if (!hash)
    return hash.takeError();
  SumsOptions limits;
  if (llvm::Error error = readSumsOptions(arguments.sums, limits))
    return error;
  ChoiceMeter meter(arguments, model, tools, plans, std::move(*options),
                    line.common.seed);
  SumsOptions chosen{SumSharing::On, 0};
  auto sharing = meter.compare("sharing sums", SumsReport::Kind::Shared,
                               {SumSharing::Off, 0}, chosen);
  if (!sharing)
    return sharing.takeError();
  if (*sharing && (*sharing)->high < 1)
    chosen.share = SumSharing::Off;
  if (limits.foldBytes > 0) {
    SumsOptions folding{chosen.share, limits.foldBytes};
    auto folded = meter.compare("folding sums of constants",
                                SumsReport::Kind::Folded, chosen, folding);
    if (!folded)
      return folded.takeError();
    if (*folded && (*folded)->low > kWinningLowerBound)
      chosen = folding;
  }
  ordered_json json = {{"format", kFormat},
                       {"model_sha256", *hash},
                       {"device", tools.device.fingerprint()},
                       {"share_sums", chosen.share == SumSharing::On},
                       {"fold_weights", chosen.foldBytes},
                       {"measured", std::move(meter.log)}};
  if (llvm::Error error =
          writeFileAtomically(arguments.file, json.dump(2) + "\n"))
    return error;
  return chosen;
}

llvm::Expected<SumsOptions> sevenfold::readChoices(llvm::StringRef path,
                                                   llvm::StringRef model,
                                                   llvm::StringRef hardware) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, path,
                        {"format", "model_sha256", "device", "share_sums",
                         "fold_weights", "measured"}))
    return error;
  auto hash = sha256HexOfFile(model);
  if (!hash)
    return hash.takeError();
  std::pair<const char *, std::string> expected[] = {
      {"format", kFormat}, {"model_sha256", *hash}, {"device", hardware.str()}};
  for (const auto &[key, value] : expected) {
    auto text = getString(*json, key, path);
    if (!text)
      return text.takeError();
    if (*text != value)
      return makeError("{0}: expected '{1}' to be '{2}' but got '{3}'", path,
                       key, value, *text);
  }
  if (!(*json)["share_sums"].is_boolean())
    return makeError("{0}: expected 'share_sums' to be true or false", path);
  auto bytes = getInteger(*json, "fold_weights", path, 0);
  if (!bytes)
    return bytes.takeError();
  return SumsOptions{(*json)["share_sums"].get<bool>() ? SumSharing::On
                                                       : SumSharing::Off,
                     *bytes};
}
