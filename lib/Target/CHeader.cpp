//===- CHeader.cpp - C declarations of compiled functions -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the C11 header beside a library.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Target/Manifest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sevenfold;

/// The C11 type of an element; C11 has no name for f16 and bf16.
static const char *typeName(ElementType type) {
  switch (type) {
  case ElementType::F32:
  case ElementType::TF32:
    return "float";
  case ElementType::F64:
    return "double";
  case ElementType::F16:
  case ElementType::BF16:
    return "uint16_t";
  case ElementType::I8:
    return "int8_t";
  case ElementType::I32:
    return "int32_t";
  case ElementType::I1:
    return "uint8_t";
  case ElementType::I16:
    return "int16_t";
  case ElementType::I64:
    return "int64_t";
  }
  llvm_unreachable("all element types are listed");
}

/// " of bf16" where the C type does not tell.
static std::string typeComment(ElementType type) {
  if (type == ElementType::I1)
    return ", each 0 or 1";
  if (type != ElementType::F16 && type != ElementType::BF16)
    return "";
  return " of " + stringifyElementType(type).str() + ", its bits";
}

static std::string shapeText(const BufferShape &shape) {
  if (shape.dims.empty())
    return "1";
  std::string text;
  for (int64_t dim : shape.dims)
    text += (text.empty() ? "" : " x ") + std::to_string(dim);
  return text;
}

/// One declaration with the shapes above it.
static std::string declaration(const FunctionSignature &function,
                               LibraryKind kind) {
  std::string comment =
      kind == LibraryKind::Gpu
          ? "/* Pointers to device memory; buffers are row-major and "
            "contiguous.\n"
          : "/* Buffers are row-major and contiguous.\n";
  std::string parameters;
  auto add = [&](const std::vector<BufferShape> &shapes, const char *prefix,
                 const char *qualifier) {
    for (auto [index, shape] : llvm::enumerate(shapes)) {
      comment +=
          llvm::formatv("   {0}{1}: {2}{3}\n", prefix, index, shapeText(shape),
                        typeComment(shape.type) +
                            (shape.isWritten ? ", may be written" : ""));
      parameters +=
          llvm::formatv("{0}{1}{2} *{3}{4}", parameters.empty() ? "" : ", ",
                        shape.isWritten ? "" : qualifier, typeName(shape.type),
                        prefix, index);
    }
  };
  add(function.inputs, "in", "const ");
  add(function.outputs, "out", "");
  comment += llvm::formatv("   Takes {0} bytes of workspace, kept for later "
                           "calls. */\n",
                           function.workspaceBytes);
  std::string text =
      comment + "int " + function.name + "(" + parameters + ");\n";
  if (kind != LibraryKind::Guarded)
    return text;
  return text + "/* 1 where " + function.name +
         " runs its plans, 0 on machines that they are not for. */\nint " +
         plannedQueryName(function) + "(void);\n";
}

static constexpr const char *kHostPreamble =
    "/* Functions return 0, or a negative code this describes. They never "
    "write "
    "an\n   input and may be called from several threads at once. In a process "
    "forked\n   from one with threads they use the calling thread alone. */\n"
    "const char *sevenfold_error_string(int status);\n\n"
    "/* Workspaces, kept ones included, are not to take more bytes together; "
    "0: "
    "no\n   cap. A call that would need more returns an error. */\n"
    "void sevenfold_set_workspace_cap(int64_t bytes);\n"
    "/* Gives back the workspaces that are kept for later calls. */\n"
    "void sevenfold_release_workspace(void);\n\n";

static constexpr const char *kGpuPreamble =
    "/* Functions return 0, or a negative code this describes. They never "
    "write "
    "an\n   input, do not wait for the device, and may be called from several "
    "threads at\n   once. */\n"
    "const char *sevenfold_error_string(int status);\n\n"
    "/* The stream (a CUstream or cudaStream_t) on which this thread's calls "
    "run. A\n   call can be captured in a CUDA graph after a first one "
    "outside. */\n"
    "void sevenfold_gpu_set_stream(void *stream);\n\n";

std::string sevenfold::emitCHeader(llvm::ArrayRef<FunctionSignature> functions,
                                   llvm::StringRef guardName,
                                   LibraryKind kind) {
  std::string guard;
  for (char c : guardName)
    guard += llvm::isAlnum(c) ? llvm::toUpper(c) : '_';
  guard = "SEVENFOLD_GENERATED_" + guard;
  std::string text =
      "/* Generated by sevenfold compile. */\n#ifndef " + guard + "\n#define " +
      guard +
      "\n\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" "
      "{\n#endif\n\n" +
      std::string(kind == LibraryKind::Gpu ? kGpuPreamble : kHostPreamble);
  for (const FunctionSignature &function : functions)
    text += declaration(function, kind) + "\n";
  return text + "#ifdef __cplusplus\n}\n#endif\n\n#endif /* " + guard + " */\n";
}
