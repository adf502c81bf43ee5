//===- Manifest.h - What a compiled library was made of ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The JSON beside a library: its functions, and plan, hashes, device, error and
// record of each matmul, so that it can be rebuilt to the same numerics
// whatever the database has learned since.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_MANIFEST_H
#define SEVENFOLD_TARGET_MANIFEST_H

#include "sevenfold/Target/Weights.h"

#include <map>

namespace sevenfold {

/// Where the choices for a function of a manifest come from.
struct FunctionOrigin {
  std::string record; ///< of the function; empty where it has none
  std::string reason; ///< why it has none, or why its choices have no plans
  /// Whether its products share sums, where sums are shared at all.
  SumSharing share = SumSharing::On;
};

/// One matmul of a manifest.
struct ManifestMatmul {
  std::string function; ///< the public one it is in, or ""
  std::string location;
  std::string workload; ///< Workload::str(), empty where it is none of ours
  std::optional<Plan> plan;
  /// Where m is known only at a call: the sizes of m that the plan is for; the
  /// workload is at the greatest.
  std::optional<SizeRange> range;
  std::string reason; ///< why no plan was chosen
  std::string record;
  std::vector<std::string> schemeHashes;
  double errorBound = 0, errorGrowth = 1;
};

struct Manifest {
  std::string model, modelHash;  ///< file name and SHA-256
  std::string tool;              ///< version of the compiler
  std::string device;            ///< hardware fingerprint, or "nvptx:sm_90"
  std::string lowering = "host"; ///< or "nvptx"
  std::string provider;          ///< of products whose plan names none
  /// Instruction sets the code uses, beside `device` what the guard asks for.
  std::string instructionSets;
  SumsOptions sums;
  F32Products f32Products = F32Products::F32;
  NonFinite nonFinite = NonFinite::Propagate;
  std::vector<BoundWeight> weights;
  std::vector<FunctionSignature> functions;
  /// Of functions whose plans come from a database, by their names.
  std::map<std::string, FunctionOrigin> origins;
  std::vector<ManifestMatmul> matmuls;
};

/// Fills in hashes and error bounds of the plans.
llvm::Expected<ManifestMatmul> describeMatmul(const MatmulDecision &decision);

/// Pretty JSON, "format": "sevenfold-manifest/1".
std::string manifestToJson(const Manifest &manifest);
/// Strict; errors name the file and the field.
llvm::Expected<Manifest> readManifest(llvm::StringRef path);

/// Fails, in one line, where the file at `model` is not the one the manifest
/// was written for.
llvm::Error checkModel(const Manifest &manifest, llvm::StringRef model);

/// Fails where other weights are bound than the manifest was written with.
llvm::Error checkWeights(const Manifest &manifest,
                         llvm::ArrayRef<BoundWeight> weights);

/// Where the manifest of a library lies: lib.so -> lib.manifest.json.
std::string manifestPath(llvm::StringRef library);

/// Plans exactly as in the manifest. Fails where a scheme has another hash now.
llvm::Expected<FunctionPlans> manifestPlans(const Manifest &manifest);

/// A C11 header that declares the functions of a library.
std::string emitCHeader(llvm::ArrayRef<FunctionSignature> functions,
                        llvm::StringRef guardName, const LibraryForm &form,
                        PlanQueries queries);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_MANIFEST_H
