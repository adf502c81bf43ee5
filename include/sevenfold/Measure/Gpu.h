//===- Gpu.h - What the CUDA driver says of a GPU ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The GPUs of this machine, known without measuring, with and without LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_GPU_H
#define SEVENFOLD_MEASURE_GPU_H

#include <cstdint>
#include <string>
#include <vector>

namespace sevenfold {

struct Gpu {
  std::string name;           ///< "NVIDIA H200"
  int major = 0, minor = 0;   ///< compute capability
  int multiprocessors = 0;    ///< SMs
  int64_t memoryBytes = 0;    ///< of the device
  int64_t cacheBytes = 0;     ///< L2
  double clockHertz = 0;      ///< highest clock of the SMs
  double memoryBandwidth = 0; ///< bytes/s by clock and width of the memory bus
  std::string driver;         ///< highest CUDA version it supports: "13.0"
  std::string busId;          ///< PCI: "0000:17:00.0"

  /// "sm_90".
  std::string chip() const;
  /// The hardware part of the database key: "NVIDIA H200 sm_90".
  std::string fingerprint() const;
};

/// The architecture that such a fingerprint ends in, 90 for "sm_90"; 0 where it
/// is no GPU's.
unsigned architectureOf(const std::string &fingerprint);

/// What a library carries its kernels as.
enum class ImageKind { Ptx, Cubin };

/// Whether code for a chip ("sm_90a") runs on a GPU: drivers assemble PTX for
/// later chips too, a cubin runs within its generation, and code of an "a" chip
/// on that alone.
bool runsOn(const Gpu &gpu, const std::string &chip, ImageKind image);

/// The GPUs that the driver sees, in its order; the first one is measured.
/// Without any, `problem` says why: no driver, no device, or what the driver
/// said.
std::vector<Gpu> listGpus(std::string &problem);

/// The version of cuBLASLt here, "13.1.0"; empty with a `problem` where it
/// cannot be loaded.
std::string cublasLtVersion(std::string &problem);

/// The CUDA device that everything runs on. CUDA_VISIBLE_DEVICES makes another
/// GPU the first one.
inline constexpr int kMeasuredGpu = 0;

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_GPU_H
