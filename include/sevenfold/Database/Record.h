//===- Record.h - One measured answer ---------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A record: device + lowering + workload + plan, or function + choice, + every
// sample + error + provenance. Key, validity and value are kept apart, because
// they answer different questions: is it about this problem, is it still true,
// what is it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_RECORD_H
#define SEVENFOLD_DATABASE_RECORD_H

#include "sevenfold/Database/FunctionChoice.h"

#include <map>

namespace sevenfold {

/// What a record is about; equality of all fields is what a lookup asks for.
struct RecordKey {
  std::string hardware; ///< Device::fingerprint()
  std::string lowering = "host";
  Workload workload; ///< of a product; nothing where `function` is set
  int threads = 0;
  /// Of a whole function: the hash of what it computes (docs/Database.md).
  /// Empty for a product.
  std::string function{};

  bool isFunction() const { return !function.empty(); }
  /// What records are filed under: `Workload::str()`, or "function:HASH".
  std::string subject() const;
  bool operator==(const RecordKey &other) const;
};

/// What must still hold for a record to be used: builds of the libraries the
/// plan and the baseline use, the code generator's and the protocol's version.
/// Keys: "provider:onednn", "codegen", "protocol", ..; a record is stale where
/// one of its keys is missing from the present or has another value.
using Validity = std::map<std::string, std::string>;

/// Whether a measurement ended in a plan, the baseline, or a failure.
enum class Verdict {
  Plan,     ///< confirmed faster than the baseline
  Baseline, ///< measured, and nothing better was found
  Failed    ///< the candidate crashed, hung, answered wrongly, ..
};
llvm::StringRef stringifyVerdict(Verdict verdict);

/// Keys of a record's provenance: the seconds of every library that was raced,
/// as a JSON object by "NAME VERSION"; and that nothing else was decided.
inline constexpr char kRaceKey[] = "race", kRaceOnlyKey[] = "race_only";

struct Record {
  RecordKey key;
  Validity validity;
  Verdict verdict = Verdict::Baseline;
  Plan plan;                ///< of a product
  std::string schemeHashes; ///< content hashes of the plan's schemes, ","
  std::optional<FunctionChoice> choice; ///< of a function, and only there
  std::string baselineProvider;
  /// Confirmation samples in seconds, pair i being (baseline[i], planned[i]).
  std::vector<double> baselineSeconds, plannedSeconds;
  double speedup = 1, speedupLow = 1, speedupHigh = 1;
  double relativeError = 0, errorBound = 0, errorGrowth = 0;
  int64_t workspaceBytes = 0;
  std::string message; ///< of a failure
  /// Seed, tool version, options, machine, date (RFC 3339).
  std::map<std::string, std::string> provenance;

  /// What it is about, as people know it: the workload, or the function's name.
  std::string name() const;
  /// The plan, or the choices of a function, in one line.
  std::string decision() const;
  /// Whether it only says which library is fastest: no plan was decided about,
  /// for noise or for time. It answers where nothing else does.
  bool isRaceOnly() const;
  /// The date of the provenance; "" where there is none.
  std::string date() const;
  /// SHA-256 over the canonical JSON of everything above, hex.
  std::string id() const;
};

nlohmann::json toJson(const Record &record);
/// Strict; errors name the field.
llvm::Expected<Record> recordFromJson(const nlohmann::json &json);
/// The same of text; errors begin with `where`.
llvm::Expected<Record> parseRecord(llvm::StringRef text,
                                   const std::string &where);

} // namespace sevenfold

#endif // SEVENFOLD_DATABASE_RECORD_H
