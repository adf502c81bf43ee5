//===- Interrupted.cpp - Work that the user stopped -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The error and who takes it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Interrupted.h"

#include "llvm/Support/raw_ostream.h"

using namespace sevenfold;

char Interrupted::ID = 0;

void Interrupted::log(llvm::raw_ostream &out) const { out << "interrupted"; }

bool sevenfold::takeInterrupted(llvm::Error &error) {
  if (!error.isA<Interrupted>())
    return false;
  llvm::consumeError(std::move(error));
  return true;
}
