//===- Elements.h - Numbers as buffers have them ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes elements of every type, for tests that fill and compare
// buffers of the C ABI.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_ELEMENTS_ELEMENTS_H
#define SEVENFOLD_TEST_ELEMENTS_ELEMENTS_H

#include "sevenfold/Plan/Workload.h"

namespace sevenfold {

/// The element at `place`, as it is.
double loadElement(ElementType type, const char *place);

/// Rounds to the nearest, ties to even; integers take any number, a NaN as
/// well.
void storeElement(ElementType type, char *place, double wanted);

} // namespace sevenfold

#endif // SEVENFOLD_TEST_ELEMENTS_ELEMENTS_H
