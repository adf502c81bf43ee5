//===- ObjectSymbols.h - What an object asks of others ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Objects for processors that are not at hand are not run; it is checked that
// they link with what every system has.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_OBJECTSYMBOLS_OBJECTSYMBOLS_H
#define SEVENFOLD_TEST_OBJECTSYMBOLS_OBJECTSYMBOLS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace sevenfold {

/// The names an object refers to that are neither its own, nor the runtime's
/// (or the GPU emulator's), nor among the functions of the C and mathematics
/// libraries that generated code may call; separated by spaces, sorted, "" as
/// it should be. The support library of a compiler is not among them: what LLVM
/// 22 calls of it came with newer ones than there are (`__truncsfbf2`).
llvm::Expected<std::string> foreignSymbols(llvm::StringRef object);

/// Whether this machine has all of the comma-separated instruction sets.
bool runsHere(llvm::StringRef instructionSets);

} // namespace sevenfold

#endif // SEVENFOLD_TEST_OBJECTSYMBOLS_OBJECTSYMBOLS_H
