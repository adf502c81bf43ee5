//===- EntryPoints.cpp - C functions of a library -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks sizes, takes the workspace, runs the function, returns the first
// error; and chooses between code with plans and code without.
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
    auto function = LLVM::LLVMFuncOp::create(
        builder, loc, entry.codeName(),
        LLVM::LLVMFunctionType::get(i32, parameters()));
    if (entry.guard || entry.isClassical)
      function.setLinkage(LLVM::Linkage::Internal);
    markWorkspace(function);
    Block *body = function.addEntryBlock(builder);
    builder.setInsertionPointToStart(body);
    readParameters(body);
    if (!symbols.empty() || llvm::any_of(entry.buffers, isStrided))
      refuseIf(haveWrongSizes(), SEVENFOLD_WRONG_SIZE);
    refuseIf(isAnyNull(), SEVENFOLD_NULL_ARGUMENT);

    Block *failed = builder.createBlock(&function.getBody());
    Block *run = builder.createBlock(failed);
    builder.setInsertionPointToEnd(run->getPrevNode());
    Value bytes = workspaceBytes();
    Value workspace = entry.sideStreams
                          ? beginOnGpu(bytes)
                          : call("sevenfold_call_begin", pointer, bytes);
    Value noWorkspace = LLVM::ICmpOp::create(
        builder, loc, LLVM::ICmpPredicate::eq, workspace, null());
    LLVM::CondBrOp::create(builder, loc, noWorkspace, failed, run);

    builder.setInsertionPointToStart(run);
    SmallVector<Value> arguments;
    for (const Buffer &buffer : buffers)
      appendDescriptor(buffer, arguments);
    if (hasWorkspace())
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
    auto function = LLVM::LLVMFuncOp::create(
        builder, loc, entry.name,
        LLVM::LLVMFunctionType::get(i32, parameters()));
    markWorkspace(function);
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
  /// A buffer and the sizes of its dimensions.
  struct Buffer {
    Value pointer;
    Type element;
    SmallVector<Value> sizes, strides;
  };

  /// Whether all strides but the last are parameters.
  static bool isStrided(MemRefType type) {
    return !type.getLayout().isIdentity();
  }

  //===--------------------------------------------------------------------===//
  // Parameters and sizes
  //===--------------------------------------------------------------------===//

  /// How many buffers are inputs whose sizes are parameters, and no results.
  size_t countInputs() {
    int64_t sizes = entry.resultSizes ? entry.resultSizes.getNumSymbols() : 0;
    size_t count = 0;
    for (; count < entry.buffers.size() && sizes > 0; ++count)
      sizes -= entry.buffers[count].getNumDynamicDims();
    return count;
  }

  SmallVector<Type> parameters() {
    SmallVector<Type> types;
    size_t inputs = countInputs();
    for (auto [number, buffer] : llvm::enumerate(entry.buffers)) {
      types.push_back(pointer);
      if (number < inputs)
        types.append(buffer.getNumDynamicDims(), i64);
      if (isStrided(buffer))
        types.append(buffer.getRank() - 1, i64);
    }
    return types;
  }

  void readParameters(Block *body) {
    size_t inputs = countInputs();
    auto next = body->args_begin();
    SmallVector<Value> results;
    unsigned nextResult = 0;
    for (auto [number, type] : llvm::enumerate(entry.buffers)) {
      Buffer buffer{*next++, type.getElementType(), {}, {}};
      for (int64_t size : type.getShape()) {
        if (!ShapedType::isDynamic(size)) {
          buffer.sizes.push_back(integer(i64, size));
        } else if (number < inputs) {
          buffer.sizes.push_back(*next++);
          symbols.push_back(buffer.sizes.back());
        } else {
          // Inputs come first: all symbols are there.
          buffer.sizes.push_back(
              evaluate(entry.resultSizes.getResult(nextResult++)));
        }
      }
      if (isStrided(type)) {
        for (int64_t i = 1, rank = type.getRank(); i < rank; ++i)
          buffer.strides.push_back(*next++);
        buffer.strides.push_back(integer(i64, 1));
      } else {
        buffer.strides = contiguousStrides(buffer.sizes);
      }
      buffers.push_back(std::move(buffer));
    }
  }

  /// The strides of a row-major buffer without gaps.
  SmallVector<Value> contiguousStrides(ArrayRef<Value> sizes) {
    SmallVector<Value> strides;
    Value stride = integer(i64, 1);
    for (Value size : llvm::reverse(sizes)) {
      strides.push_back(stride);
      stride = LLVM::MulOp::create(builder, loc, stride, size);
    }
    return llvm::to_vector(llvm::reverse(strides));
  }

  /// An expression of the symbols. Divisors are positive constants.
  Value evaluate(AffineExpr expr) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return integer(i64, constant.getValue());
    if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
      return symbols[symbol.getPosition()];
    auto binary = cast<AffineBinaryOpExpr>(expr);
    Value left = evaluate(binary.getLHS()), right = evaluate(binary.getRHS());
    switch (expr.getKind()) {
    case AffineExprKind::Add:
      return LLVM::AddOp::create(builder, loc, left, right);
    case AffineExprKind::Mul:
      return LLVM::MulOp::create(builder, loc, left, right);
    case AffineExprKind::FloorDiv:
      return LLVM::SDivOp::create(builder, loc, left, right);
    case AffineExprKind::Mod:
      return LLVM::SRemOp::create(builder, loc, left, right);
    case AffineExprKind::CeilDiv: {
      Value less = LLVM::SubOp::create(builder, loc, right, integer(i64, 1));
      left = LLVM::AddOp::create(builder, loc, left, less);
      return LLVM::SDivOp::create(builder, loc, left, right);
    }
    default:
      llvm_unreachable("sizes are made of sums, products and quotients");
    }
  }

  Value either(Value left, Value right) {
    return LLVM::OrOp::create(builder, loc, left, right);
  }
  Value compare(LLVM::ICmpPredicate predicate, Value left, Value right) {
    return LLVM::ICmpOp::create(builder, loc, predicate, left, right);
  }
  Value null() { return LLVM::ZeroOp::create(builder, loc, pointer); }

  /// Whether so many elements are more than any memory holds.
  Value areTooMany(ArrayRef<Value> factors) {
    constexpr double kMostBytes = 0x1p47;
    Type f64 = builder.getF64Type();
    auto real = [&](double value) -> Value {
      return LLVM::ConstantOp::create(builder, loc, f64,
                                      builder.getF64FloatAttr(value));
    };
    Value bytes = real(8);
    for (Value factor : factors)
      bytes = LLVM::FMulOp::create(
          builder, loc, bytes,
          LLVM::SIToFPOp::create(builder, loc, f64, factor));
    return LLVM::FCmpOp::create(builder, loc, LLVM::FCmpPredicate::oge, bytes,
                                real(kMostBytes));
  }

  /// Whether the parts of a dimension would overlap, or lie too far apart.
  /// (What overflows is too much.)
  Value areWrongStrides(const Buffer &buffer) {
    Value wrong = integer(builder.getI1Type(), 0);
    for (size_t i = 0; i + 1 < buffer.strides.size(); ++i) {
      Value part = LLVM::MulOp::create(builder, loc, buffer.sizes[i + 1],
                                       buffer.strides[i + 1]);
      wrong = either(
          wrong, compare(LLVM::ICmpPredicate::slt, buffer.strides[i], part));
      wrong = either(wrong, areTooMany({buffer.sizes[i], buffer.strides[i]}));
    }
    return wrong;
  }

  /// Whether a size is negative, a buffer larger than any memory, or what the
  /// code takes for granted is not so.
  Value haveWrongSizes() {
    Value zero = integer(i64, 0);
    Value wrong = integer(builder.getI1Type(), 0);
    for (const auto &[buffer, type] : llvm::zip_equal(buffers, entry.buffers)) {
      for (Value size : buffer.sizes)
        wrong = either(wrong, compare(LLVM::ICmpPredicate::slt, size, zero));
      wrong = either(wrong, areTooMany(buffer.sizes));
      if (isStrided(type))
        wrong = either(wrong, areWrongStrides(buffer));
    }
    IntegerSet rules = entry.sizeRules;
    if (!rules)
      return wrong;
    for (auto [number, rule] : llvm::enumerate(rules.getConstraints())) {
      auto predicate = rules.isEq(number) ? LLVM::ICmpPredicate::ne
                                          : LLVM::ICmpPredicate::slt;
      wrong = either(wrong, compare(predicate, evaluate(rule), zero));
    }
    return wrong;
  }

  /// Whether a buffer is null. One of no elements may lie nowhere.
  Value isAnyNull() {
    Value any = integer(builder.getI1Type(), 0);
    for (const auto &[buffer, type] : llvm::zip_equal(buffers, entry.buffers)) {
      if (type.hasStaticShape() && type.getNumElements() == 0)
        continue;
      Value isNull = compare(LLVM::ICmpPredicate::eq, buffer.pointer, null());
      for (auto [size, known] : llvm::zip_equal(buffer.sizes, type.getShape()))
        if (ShapedType::isDynamic(known))
          isNull = LLVM::AndOp::create(
              builder, loc, isNull,
              compare(LLVM::ICmpPredicate::ne, size, integer(i64, 0)));
      any = either(any, isNull);
    }
    return any;
  }

  /// Returns `status` where `condition` holds, and goes on elsewhere.
  void refuseIf(Value condition, int32_t status) {
    Block *here = builder.getBlock();
    Region *region = here->getParent();
    Block *refused = builder.createBlock(region, region->end());
    LLVM::ReturnOp::create(builder, loc, integer(i32, status));
    Block *next = builder.createBlock(region, region->end());
    builder.setInsertionPointToEnd(here);
    LLVM::CondBrOp::create(builder, loc, condition, refused, next);
    builder.setInsertionPointToStart(next);
  }

  //===--------------------------------------------------------------------===//
  // The workspace
  //===--------------------------------------------------------------------===//

  bool hasWorkspace() {
    return entry.workspaceBytes > 0 || !entry.workspaceFunction.empty();
  }

  Value workspaceBytes() {
    if (entry.workspaceFunction.empty())
      return integer(i64, entry.workspaceBytes);
    SmallVector<Value> sizes;
    for (const auto &[buffer, type] : llvm::zip_equal(buffers, entry.buffers))
      for (auto [size, known] : llvm::zip_equal(buffer.sizes, type.getShape()))
        if (ShapedType::isDynamic(known))
          sizes.push_back(size);
    return LLVM::CallOp::create(builder, loc, TypeRange{i64},
                                entry.workspaceFunction, sizes)
        .getResult();
  }

  void markWorkspace(LLVM::LLVMFuncOp function) {
    if (entry.workspaceFunction.empty())
      function->setAttr(SevenfoldDialect::kWorkspaceAttrName,
                        builder.getI64IntegerAttr(entry.workspaceBytes));
  }

  //===--------------------------------------------------------------------===//
  // Calls
  //===--------------------------------------------------------------------===//

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

  /// A buffer as the calling convention passes it.
  void appendDescriptor(const Buffer &buffer,
                        SmallVectorImpl<Value> &arguments) {
    arguments.append({buffer.pointer, buffer.pointer, integer(i64, 0)});
    llvm::append_range(arguments, buffer.sizes);
    llvm::append_range(arguments, buffer.strides);
  }

  OpBuilder builder;
  ModuleOp module;
  const EntryPoint &entry;
  Location loc;
  Type i32, i64, pointer;
  SmallVector<Buffer> buffers;
  SmallVector<Value> symbols; ///< dynamic sizes of inputs
};
} // namespace

void sevenfold::emitEntryPoint(ModuleOp module, const EntryPoint &entry) {
  EntryEmitter(module, entry).emit();
  if (entry.guard)
    EntryEmitter(module, entry).emitGuard();
}
