//===- DeclaredRanges.cpp - Which sizes a model is for --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads declarations and hands them to the model.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Target/DeclaredRanges.h"

#include "sevenfold/Support/Error.h"

using namespace sevenfold;

llvm::Expected<DeclaredRange> DeclaredRange::parse(llvm::StringRef text) {
  DeclaredRange declared;
  auto [place, range] = text.split('=');
  auto [least, greatest] = range.split(':');
  if (place.contains(':')) {
    declared.function = place.split(':').first.str();
    place = place.split(':').second;
  }
  auto [argument, dimension] = place.split('.');
  if (argument.getAsInteger(10, declared.argument) ||
      dimension.getAsInteger(10, declared.dimension) ||
      least.getAsInteger(10, declared.range.least) ||
      greatest.getAsInteger(10, declared.range.greatest))
    return makeError("expected '[FUNCTION:]ARGUMENT.DIMENSION=LEAST:GREATEST' "
                     "but got '{0}'",
                     text);
  if (declared.range.least < 1 ||
      declared.range.greatest < declared.range.least ||
      declared.range.greatest > kMaxDimension)
    return makeError("expected sizes from 1 to {0}, the lesser one first, but "
                     "got '{1}'",
                     kMaxDimension, text);
  return declared;
}

llvm::Error sevenfold::declareRanges(ModelCompiler &compiler,
                                     llvm::ArrayRef<std::string> texts) {
  for (const std::string &text : texts) {
    auto declared = DeclaredRange::parse(text);
    if (!declared)
      return declared.takeError();
    if (declared->function.empty()) {
      if (compiler.functions().size() != 1)
        return makeError("expected 'FUNCTION:..' in the range '{0}', the model "
                         "has {1} functions",
                         text, compiler.functions().size());
      declared->function = compiler.functions().front().name;
    }
    if (llvm::Error error =
            compiler.declareRange(declared->function, declared->argument,
                                  declared->dimension, declared->range))
      return error;
  }
  return llvm::Error::success();
}
