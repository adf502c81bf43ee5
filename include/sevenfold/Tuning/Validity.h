//===- Validity.h - What a record depends on --------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The versions a measurement depends on, as they are at present.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_VALIDITY_H
#define SEVENFOLD_TUNING_VALIDITY_H

#include "sevenfold/Database/Database.h"
#include "sevenfold/Measure/Device.h"
#include "sevenfold/Measure/RunnerCore.h"

#include "llvm/ADT/ArrayRef.h"

#include <string>
#include <vector>

namespace sevenfold {

/// Versions of the code generator and of the measurement protocol. Raised where
/// a change makes earlier measurements untrue; all records are then stale.
inline constexpr const char *kCodegenVersion = "5";

/// Everything a record could ask for: "codegen", "protocol", "provider:NAME"
/// for each provider found, and "driver" on a GPU.
Validity presentValidity(const Device &device);

/// The part of `present` that a measurement with these providers depends on.
Validity recordValidity(const Validity &present,
                        llvm::ArrayRef<std::string> providers);

/// The providers that a record is known to have measured: those it names.
std::vector<std::string> measuredProviders(const Record &record);

/// The providers found at present, "NAME VERSION", that are not among the
/// `measured`, of which such a record therefore says nothing.
std::vector<std::string>
unmeasuredProviders(const Validity &present,
                    llvm::ArrayRef<std::string> measured);

/// A query about this device at present.
QueryContext queryContext(const Device &device);

/// A query about a device that need not be at hand, by its lowering and its
/// fingerprint: of versions those of code generator and protocol are known. Its
/// calls are made by one thread of the host.
QueryContext absentContext(const std::string &lowering,
                           const std::string &hardware);

/// What a record keeps of a race (kRaceKey): the seconds of libraries, by names
/// and present versions.
std::string describeRace(const std::map<std::string, double> &seconds,
                         const Device &device);

/// The seconds, by name, of the newest of `records` that knows a race of all
/// `names` in their present versions; empty without one.
std::map<std::string, double> knownRaceOf(llvm::ArrayRef<Record> records,
                                          llvm::ArrayRef<std::string> names,
                                          const Device &device);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_VALIDITY_H
