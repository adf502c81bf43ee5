//===- sevenfold.cpp - The sevenfold program ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The main of the one program; lib/Driver has the commands.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Driver/Driver.h"

int main(int argc, char **argv) { return sevenfold::runDriver(argc, argv); }
