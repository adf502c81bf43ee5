//===- NvptxChip.cpp - GPUs that code is made for -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The chips LLVM has code for, and the assembler for them.
//
//===----------------------------------------------------------------------===//

#include "NvptxChip.h"
#include "ToolFolder.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Target/Target.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Program.h"

using namespace sevenfold;

/// The first architecture that assemblers of today still know.
static constexpr unsigned kFirstAssembled = 75;

static const NvptxChip kChips[] = {
    {"sm_70", 63, 70},    {"sm_75", 63, 75},   {"sm_80", 71, 80},
    {"sm_86", 71, 86},    {"sm_87", 74, 87},   {"sm_89", 78, 89},
    {"sm_90", 78, 90},    {"sm_90a", 80, 90},  {"sm_100", 86, 100},
    {"sm_100a", 86, 100}, {"sm_103", 88, 103}, {"sm_120", 87, 120}};

llvm::Expected<NvptxChip> NvptxChip::parse(llvm::StringRef device) {
  auto [prefix, name] = device.split(':');
  std::string chips;
  for (const NvptxChip &chip : kChips) {
    if (prefix == kNvptxName && name == chip.name)
      return chip;
    chips += (chips.empty() ? "" : ", ") + chip.name;
  }
  return makeError("expected device {0} but got '{1}', with CHIP one of {2}",
                   targetSpellings(), device, chips);
}

static llvm::ErrorOr<std::string> findAssembler() {
  return llvm::sys::findProgramByName("ptxas");
}

bool sevenfold::canAssemble(const NvptxChip &chip) {
  return chip.architecture >= kFirstAssembled && findAssembler();
}

/// The first line of a log that says more than where it is.
static std::string firstLine(llvm::StringRef log) {
  for (llvm::StringRef line : llvm::split(log, '\n'))
    if (!line.trim().empty())
      return line.trim().str();
  return "no reason given";
}

llvm::Expected<std::string> sevenfold::assemblePtx(llvm::StringRef ptx,
                                                   const NvptxChip &chip) {
  llvm::ErrorOr<std::string> assembler = findAssembler();
  if (!assembler)
    return makeError(
        "no ptxas found in the path, which a cubin needs: expected "
        "'--emit ptx' without a CUDA toolkit");
  auto folder = ToolFolder::create("sevenfold-ptxas");
  if (!folder)
    return folder.takeError();
  std::string source = folder->file("kernels.ptx"),
              cubin = folder->file("kernels.cubin"),
              architecture = "-arch=" + chip.name;
  if (llvm::Error error = writeFileAtomically(source, ptx))
    return error;
  if (auto reason =
          folder->run({*assembler, architecture, "-O3", source, "-o", cubin},
                      /*seconds=*/600, firstLine))
    return makeError("ptxas cannot make code for '{0}': {1}", chip.str(),
                     *reason);
  return readFile(cubin, int64_t(1) << 32);
}
