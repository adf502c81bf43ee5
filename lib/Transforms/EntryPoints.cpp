//===- EntryPoints.cpp - C functions of a library -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes the workspace, runs the function, returns the first error; and chooses
// between code with plans and code without.
//
//===----------------------------------------------------------------------===//

#include "EntryPoints.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Transforms/Passes.h"

using namespace mlir;
using namespace sevenfold;

LLVM::LLVMFuncOp sevenfold::runtimeFunction(OpBuilder &builder, ModuleOp module,
                                            StringRef name, Type result,
                                            ArrayRef<Type> inputs) {
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  return LLVM::LLVMFuncOp::create(builder, module.getLoc(), name,
                                  LLVM::LLVMFunctionType::get(result, inputs));
}

namespace {
/// Emits the functions of one entry point.
class EntryEmitter {
public:
  EntryEmitter(ModuleOp module, const EntryPoint &entry)
      : builder(OpBuilder::atBlockEnd(module.getBody())), module(module),
        entry(entry), loc(entry.loc), i32(builder.getI32Type()),
        i64(builder.getI64Type()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())) {}

  void emit() {
    SmallVector<Type> inputs(entry.buffers.size(), pointer);
    auto function =
        LLVM::LLVMFuncOp::create(builder, loc, entry.codeName(),
                                 LLVM::LLVMFunctionType::get(i32, inputs));
    if (entry.guard || entry.isClassical)
      function.setLinkage(LLVM::Linkage::Internal);
    function->setAttr(SevenfoldDialect::kWorkspaceAttrName,
                      builder.getI64IntegerAttr(entry.workspaceBytes));
    Block *body = function.addEntryBlock(builder);
    Block *failed = builder.createBlock(&function.getBody());
    Block *run = builder.createBlock(&function.getBody());

    builder.setInsertionPointToStart(body);
    Value bytes = integer(i64, entry.workspaceBytes);
    Value null = LLVM::ZeroOp::create(builder, loc, pointer);
    Value anyNull = integer(builder.getI1Type(), 0);
    for (auto [argument, type] :
         llvm::zip_equal(body->getArguments(), entry.buffers)) {
      // A buffer of no elements may lie nowhere.
      if (type.getNumElements() == 0)
        continue;
      Value isNull = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq,
                                          argument, null);
      anyNull = LLVM::OrOp::create(builder, loc, anyNull, isNull);
    }
    Block *begin = builder.createBlock(run);
    Block *refused = builder.createBlock(run);
    builder.setInsertionPointToEnd(body);
    LLVM::CondBrOp::create(builder, loc, anyNull, refused, begin);

    builder.setInsertionPointToStart(refused);
    LLVM::ReturnOp::create(builder, loc, integer(i32, SEVENFOLD_NULL_ARGUMENT));

    builder.setInsertionPointToStart(begin);
    Value workspace = entry.sideStreams
                          ? beginOnGpu(bytes)
                          : call("sevenfold_call_begin", pointer, bytes);
    Value noWorkspace = LLVM::ICmpOp::create(
        builder, loc, LLVM::ICmpPredicate::eq, workspace, null);
    LLVM::CondBrOp::create(builder, loc, noWorkspace, failed, run);

    builder.setInsertionPointToStart(run);
    SmallVector<Value> arguments;
    for (auto [argument, type] :
         llvm::zip_equal(body->getArguments(), entry.buffers))
      appendDescriptor(argument, type, arguments);
    if (entry.workspaceBytes > 0)
      arguments.append(
          {workspace, workspace, integer(i64, 0), bytes, integer(i64, 1)});
    LLVM::CallOp::create(builder, loc, TypeRange{}, entry.implementation,
                         arguments);
    LLVM::BrOp::create(builder, loc, ValueRange{}, failed);

    builder.setInsertionPointToStart(failed);
    StringRef end =
        entry.sideStreams ? "sevenfold_gpu_call_end" : "sevenfold_call_end";
    LLVM::ReturnOp::create(builder, loc, call(end, i32, {}));
  }

  /// Emits the entry point that chooses, and the query what it chooses.
  void emitGuard() {
    SmallVector<Type> inputs(entry.buffers.size(), pointer);
    auto function = LLVM::LLVMFuncOp::create(
        builder, loc, entry.name, LLVM::LLVMFunctionType::get(i32, inputs));
    function->setAttr(SevenfoldDialect::kWorkspaceAttrName,
                      builder.getI64IntegerAttr(entry.workspaceBytes));
    Block *body = function.addEntryBlock(builder);
    Block *planned = builder.createBlock(&function.getBody());
    Block *classical = builder.createBlock(&function.getBody());
    builder.setInsertionPointToStart(body);
    Value choice = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                        askGuard(), integer(i32, 0));
    LLVM::CondBrOp::create(builder, loc, choice, planned, classical);
    auto forward = [&](Block *block, StringRef callee) {
      builder.setInsertionPointToStart(block);
      auto call = LLVM::CallOp::create(builder, loc, TypeRange{i32}, callee,
                                       body->getArguments());
      LLVM::ReturnOp::create(builder, loc, call.getResult());
    };
    forward(planned, entry.codeName());
    forward(classical, entry.guard.getAs<StringAttr>("classical").getValue());

    builder.setInsertionPointToEnd(module.getBody());
    auto query = LLVM::LLVMFuncOp::create(
        builder, loc, entry.name + kPlannedQuerySuffix.str(),
        LLVM::LLVMFunctionType::get(i32, {}));
    builder.setInsertionPointToStart(query.addEntryBlock(builder));
    LLVM::ReturnOp::create(builder, loc, askGuard());
  }

private:
  /// Opens a call with the kernels' image.
  Value beginOnGpu(Value workspaceBytes) {
    Value image = external(kGpuImageName, builder.getI8Type());
    Value size = LLVM::LoadOp::create(builder, loc, i64,
                                      external(kGpuImageBytesName, i64));
    return call(
        "sevenfold_gpu_call_begin", pointer,
        {image, size, workspaceBytes, integer(i32, *entry.sideStreams)});
  }

  /// The address of what another part of the library defines.
  Value external(StringRef name, Type type) {
    if (!module.lookupSymbol(name)) {
      OpBuilder::InsertionGuard insertion(builder);
      builder.setInsertionPointToStart(module.getBody());
      LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                             LLVM::Linkage::External, name, Attribute());
    }
    return LLVM::AddressOfOp::create(builder, loc, pointer, name);
  }

  /// The address of a constant text; a module has one of each name.
  Value text(StringRef name, StringRef value) {
    if (!module.lookupSymbol(name)) {
      OpBuilder::InsertionGuard insertion(builder);
      builder.setInsertionPointToStart(module.getBody());
      std::string terminated = value.str() + '\0';
      LLVM::GlobalOp::create(
          builder, loc,
          LLVM::LLVMArrayType::get(builder.getI8Type(), terminated.size()),
          /*isConstant=*/true, LLVM::Linkage::Internal, name,
          builder.getStringAttr(terminated));
    }
    return LLVM::AddressOfOp::create(builder, loc, pointer, name);
  }

  Value askGuard() {
    auto field = [&](StringRef name) {
      return text(("sevenfold_guard." + name).str(),
                  entry.guard.getAs<StringAttr>(name).getValue());
    };
    return call("sevenfold_guard", i32,
                {field("hardware"), field("instruction_sets")});
  }

  Value integer(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type,
                                    builder.getIntegerAttr(type, value));
  }

  Value call(StringRef name, Type result, ValueRange arguments) {
    LLVM::LLVMFuncOp function = runtimeFunction(
        builder, module, name, result, llvm::to_vector(arguments.getTypes()));
    return LLVM::CallOp::create(builder, loc, function, arguments).getResult();
  }

  /// A contiguous row-major buffer as the calling convention passes it.
  void appendDescriptor(Value buffer, MemRefType type,
                        SmallVectorImpl<Value> &arguments) {
    arguments.append({buffer, buffer, integer(i64, 0)});
    for (int64_t size : type.getShape())
      arguments.push_back(integer(i64, size));
    int64_t stride = type.getNumElements();
    for (int64_t size : type.getShape()) {
      stride /= std::max<int64_t>(size, 1);
      arguments.push_back(integer(i64, stride));
    }
  }

  OpBuilder builder;
  ModuleOp module;
  const EntryPoint &entry;
  Location loc;
  Type i32, i64, pointer;
};
} // namespace

void sevenfold::emitEntryPoint(ModuleOp module, const EntryPoint &entry) {
  EntryEmitter(module, entry).emit();
  if (entry.guard)
    EntryEmitter(module, entry).emitGuard();
}
