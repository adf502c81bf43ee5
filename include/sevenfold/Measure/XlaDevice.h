//===- XlaDevice.h - What a PJRT plugin says of its device ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device that XLA compiles for, with and without LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_XLADEVICE_H
#define SEVENFOLD_MEASURE_XLADEVICE_H

#include <cstdint>
#include <string>

namespace sevenfold {

struct XlaDevice {
  std::string plugin;      ///< path of the library
  std::string sha256;      ///< of its bytes, in hexadecimal
  std::string platform;    ///< "cpu", "tpu", "cuda"
  std::string kind;        ///< "cpu", "TPU v5 lite", the driver's name
  std::string compiler;    ///< of the platform, in one line
  std::string api;         ///< of PJRT: "0.115"
  std::string stablehlo;   ///< "1.20.0"; empty where it is not told
  int64_t memoryBytes = 0; ///< of the device; 0: untold
  int64_t cores = 0;       ///< of a device of several; 0: untold
  /// Of the processor where the platform is "cpu"; empty on others.
  std::string processor;

  /// The hardware part of the database key: the device, or the processor, and
  /// the compiler's hash, which decides what a plan is worth.
  std::string fingerprint() const;
  bool isProcessor() const { return platform == "cpu"; }
};

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_XLADEVICE_H
