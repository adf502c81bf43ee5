//===- PrecompiledHeaders.cpp - A target to precompile headers for --------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Empty: the target exists for its precompiled header.
//
//===----------------------------------------------------------------------===//
