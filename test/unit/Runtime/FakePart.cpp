//===- FakePart.cpp - Stands in for a part of MKL -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only its file is looked for.
//
//===----------------------------------------------------------------------===//

extern "C" void fakePart() {}
