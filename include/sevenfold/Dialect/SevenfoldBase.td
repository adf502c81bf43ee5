//===- SevenfoldBase.td - Dialect and attributes -----------*- tablegen -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect and its one attribute: the plan of a matmul.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DIALECT_SEVENFOLDBASE
#define SEVENFOLD_DIALECT_SEVENFOLDBASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def Sevenfold_Dialect : Dialect {
  let name = "sevenfold";
  let cppNamespace = "::sevenfold";
  let summary = "Matrix multiplication by recursive bilinear schemes";
  let description = [{
    A matmul that carries a `#sevenfold.plan` is rewritten into
    `sevenfold.combine` operations, which form linear combinations of blocks,
    and smaller named products. After bufferisation, `sevenfold.gemm` is a
    product with everything a vendor library can do in one call.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
    /// Name of the discardable attribute that holds the plan of a matmul.
    static constexpr llvm::StringLiteral kPlanAttrName = "sevenfold.plan";
    /// Name of the unit attribute on matmuls that a plan has produced. They are
    /// never planned again, which is what makes the pipeline idempotent.
    static constexpr llvm::StringLiteral kProductAttrName = "sevenfold.product";
    /// Name of the unit attribute on a combine of C whose blocks are put
    /// together at once rather than one after another (StableHLO).
    static constexpr llvm::StringLiteral kStackedAttrName = "sevenfold.stacked";
    /// Name of the attribute on functions: bytes of workspace a call takes, or
    /// the function that tells, from the dynamic sizes of the arguments.
    static constexpr llvm::StringLiteral kWorkspaceAttrName =
        "sevenfold.workspace_bytes";
    /// Name of the dictionary attribute on functions that run their plans on
    /// one machine only: `hardware`, `instruction_sets`, and the `classical`
    /// function that runs elsewhere.
    static constexpr llvm::StringLiteral kGuardAttrName = "sevenfold.guard";
    /// Name of the unit attribute on such classical functions.
    static constexpr llvm::StringLiteral kClassicalAttrName =
        "sevenfold.classical";
    /// Name of the integer attribute on products that are not for the caller's
    /// stream.
    static constexpr llvm::StringLiteral kStreamAttrName = "sevenfold.stream";
    /// Name of the unit attribute on functions whose products each form their
    /// own operand sums.
    static constexpr llvm::StringLiteral kSeparateSumsAttrName =
        "sevenfold.separate_sums";
    /// Name of the attribute on functions with arguments of dynamic sizes: the
    /// dynamic sizes of the results, in order, an affine map of symbols that
    /// are the arguments'.
    static constexpr llvm::StringLiteral kResultSizesAttrName =
        "sevenfold.result_sizes";
    /// Name of the attribute beside it: what the code takes for granted of the
    /// sizes, an integer set of the same symbols.
    static constexpr llvm::StringLiteral kSizeRulesAttrName =
        "sevenfold.size_rules";
  }];
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

def Sevenfold_PlanAttr : AttrDef<Sevenfold_Dialect, "Plan"> {
  let mnemonic = "plan";
  let summary = "How one matmul is to be carried out";
  let description = [{
    The same as a plan's JSON form: levels from the outermost inwards, the
    provider of the smallest products, and the treatment of ragged edges. A
    level marked `composed` forms one tensor-product scheme with the level after
    it. No levels: the classical algorithm.

    ```mlir
    #sevenfold.plan<[breadth "2x2x2-r7-winograd", depth "2x2x2-r7"],
                    provider = "onednn", ragged = peel>
    #sevenfold.plan<[composed breadth "2x2x2-r7", breadth "2x2x2-r7"]>
    ```
  }];
  let parameters = (ins "::sevenfold::Plan":$value);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// The plan without its first `count` levels.
    PlanAttr dropLevels(unsigned count) const;
  }];
}

#endif // SEVENFOLD_DIALECT_SEVENFOLDBASE
