//===- DeviceKinds.h - The kinds of devices of this build -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Their names, with and without LLVM (SEVENFOLD_TARGETS).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_MEASURE_DEVICEKINDS_H
#define SEVENFOLD_MEASURE_DEVICEKINDS_H

#include <string>
#include <vector>

namespace sevenfold {

/// Of this machine's processors.
inline constexpr const char *kHostKind = "host";

/// "host", which comes first, "nvptx", ..: as records name their lowering.
std::vector<std::string> deviceKinds();

} // namespace sevenfold

#endif // SEVENFOLD_MEASURE_DEVICEKINDS_H
