//===- PlantedArtefact.h - What the planted libraries compute ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The matmul that all functions of Planted.cpp and PlantedGpu.cpp claim to be,
// 48 x 40 by 40 x 56 in f32.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_MEASURE_PLANTEDARTEFACT_H
#define SEVENFOLD_TEST_UNIT_MEASURE_PLANTEDARTEFACT_H

#include "sevenfold/Measure/Artefact.h"
#include "sevenfold/Plan/Workload.h"

namespace sevenfold {

inline Artefact plantedArtefact(const std::string &library,
                                const std::string &function) {
  Artefact artefact;
  artefact.library = library;
  artefact.function = function;
  artefact.inputs = {{ElementType::F32, {48, 40}},
                     {ElementType::F32, {40, 56}}};
  artefact.outputs = {{ElementType::F32, {48, 56}}};
  return artefact;
}

inline Workload plantedWorkload() {
  Workload workload;
  workload.m = 48;
  workload.k = 40;
  workload.n = 56;
  return workload;
}

/// Of the relative error of a function that is right.
inline constexpr double kPlantedBound = 1e-5;

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_MEASURE_PLANTEDARTEFACT_H
