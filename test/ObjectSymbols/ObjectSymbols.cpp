//===- ObjectSymbols.cpp - What an object asks of others ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the symbol table of an object in memory.
//
//===----------------------------------------------------------------------===//

#include "ObjectSymbols.h"

#include "sevenfold/Runtime/Runtime.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"

#include <set>

using namespace sevenfold;

/// The linker's own, memory, and what loops of a model may call one element at
/// a time.
static constexpr llvm::StringLiteral kProvided[] = {"_GLOBAL_OFFSET_TABLE_",
                                                    "aligned_alloc",
                                                    "free",
                                                    "malloc",
                                                    "memcpy",
                                                    "memmove",
                                                    "memset",
                                                    "erf",
                                                    "erff",
                                                    "exp",
                                                    "expf",
                                                    "fma",
                                                    "fmaf",
                                                    "fmod",
                                                    "fmodf",
                                                    "log",
                                                    "logf",
                                                    "pow",
                                                    "powf",
                                                    "tanh",
                                                    "tanhf",
                                                    "ceil",
                                                    "ceilf",
                                                    "floor",
                                                    "floorf",
                                                    "rint",
                                                    "rintf",
                                                    "round",
                                                    "roundf",
                                                    "roundeven",
                                                    "roundevenf",
                                                    "trunc",
                                                    "truncf"};

llvm::Expected<std::string> sevenfold::foreignSymbols(llvm::StringRef object) {
  auto file = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(object, "object"));
  if (!file)
    return file.takeError();
  std::set<std::string> foreign;
  for (const llvm::object::SymbolRef &symbol : (*file)->symbols()) {
    llvm::Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & llvm::object::BasicSymbolRef::SF_Undefined))
      continue;
    llvm::Expected<llvm::StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (!name->empty() && !name->starts_with("sevenfold_") &&
        !llvm::is_contained(kProvided, *name))
      foreign.insert(name->str());
  }
  return llvm::join(foreign, " ");
}

bool sevenfold::runsHere(llvm::StringRef instructionSets) {
  auto here = llvm::split(sevenfold_instruction_sets(), ',');
  return llvm::all_of(llvm::split(instructionSets, ','),
                      [&](llvm::StringRef set) {
                        return set.empty() || llvm::is_contained(here, set);
                      });
}
