//===- Sevenfold.td - The sevenfold dialect ----------------*- tablegen -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The linear combination of blocks that a bilinear scheme is made of, the
// product as a library sees it and as a kernel that fuses both does, and a loop
// on all threads.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DIALECT_SEVENFOLD
#define SEVENFOLD_DIALECT_SEVENFOLD

include "sevenfold/Dialect/SevenfoldBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

defvar Sevenfold_Elements = [F32, F64, F16, BF16, I32];

def Sevenfold_Matrix
    : AnyTypeOf<[2DTensorOf<Sevenfold_Elements>,
                 MemRefRankOf<Sevenfold_Elements, [2]>],
                "a matrix of f32, f64, f16, bf16 or i32">;

def Sevenfold_CombineOp : Op<Sevenfold_Dialect, "combine", [
    DestinationStyleOpInterface, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<BufferizableOpInterface, [
      "bufferizesToMemoryRead", "bufferizesToMemoryWrite",
      "getAliasingValues", "bufferize"]>]> {
  let summary = "Linear combinations of the blocks of matrices";
  let description = [{
    Cuts every operand into a grid of blocks, all of one size, and computes for
    each block i of the destination

        out_i  = sum_j c_ij in_j        (overwrite)
        out_i += sum_j c_ij in_j        (accumulate)

    where j runs over the blocks of all inputs in order, row-major in each grid.
    A row of zeros is a block of zeros under overwrite and an untouched block
    under accumulate. `accumulate` lists one flag a destination block.

    The block size is the least that covers every operand with its grid. An
    operand may end inside its last blocks; what lies beyond its end reads as
    zero and is not written. This is how ragged sizes are padded without a
    padded copy. Where a size is dynamic, whole blocks are what the operand has:
    code that makes it sees to that.

    Coefficients are any finite numbers; each is rounded to the type that sums
    are formed in. Sums of f16 and bf16 are formed in f32 and rounded once. Those
    of i32 are exact modulo 2^32; their coefficients are integers.

    On tensors the result is the destination after the update. On memrefs
    destination and inputs must not overlap.

    ```mlir
    // The sums A0+A3, A2+A3 of the four quarters of A.
    %s = sevenfold.combine coefficients [[1, 0, 0, 1], [0, 0, 1, 1]]
           ins(%a grid [2, 2] : tensor<4096x4096xf32>)
           outs(%e grid [2, 1] : tensor<4096x2048xf32>)
           -> tensor<4096x2048xf32>
    ```
  }];
  let arguments = (ins
    Variadic<Sevenfold_Matrix>:$inputs,
    Variadic<Sevenfold_Matrix>:$outputs,
    DenseI64ArrayAttr:$grids,
    DenseF64ArrayAttr:$coefficients,
    DenseBoolArrayAttr:$accumulate);
  let results = (outs Variadic<2DTensorOf<Sevenfold_Elements>>:$results);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    /// `grids` holds rows and columns for each input in order, then for the
    /// destination. The op has a result where `output` is a tensor.
    OpBuilder<(ins "::mlir::ValueRange":$inputs, "::mlir::Value":$output,
                   "::llvm::ArrayRef<int64_t>":$grids,
                   "::llvm::ArrayRef<double>":$coefficients,
                   "::llvm::ArrayRef<bool>":$accumulate)>];
  let extraClassDeclaration = [{
    ::mlir::Value getOutput() { return getOutputs().front(); }
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getOutputsMutable();
    }
    /// Rows and columns of the grid of operand `index` (inputs first).
    std::pair<int64_t, int64_t> getGrid(unsigned index);
    /// Number of blocks of all inputs, and of the destination.
    int64_t getNumInputBlocks();
    int64_t getNumOutputBlocks();
    /// Rows and columns of a block; dynamic where no operand tells.
    std::pair<int64_t, int64_t> getBlockShape();
    /// Coefficient of input block `j` in destination block `i`.
    double getCoefficient(int64_t i, int64_t j);
    ::mlir::Type getElementType();
  }];
}

def Sevenfold_GemmOp : Op<Sevenfold_Dialect, "gemm", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "C = alpha op(A) op(B) + beta C, by a provider";
  let description = [{
    One product as a vendor library sees it: strided operands with unit inner
    stride, transposes, alpha and beta. `beta = 0` does not read C. Formed from
    `linalg.fill` and `linalg.matmul` after bufferisation, so that no product
    pays for a fill. Libraries multiply f32 and f64, and cuBLASLt f16 and bf16 as
    well, rounded once where the result is as narrow. The provider `codegen` is
    code of our own (`sevenfold-lower-gemm`), with alpha 1 and beta 0 or 1, which
    multiplies i32, and f16 and bf16 to f32 and i8 to i32, as well; on the host it
    packs k in slabs of `slab`, or of what suits the caches.

    ```mlir
    sevenfold.gemm "onednn" alpha = 1.0, beta = 0.0
      ins(%a, transposed %b : memref<64x32xf32>, memref<48x32xf32>)
      outs(%c : memref<64x48xf32>)
    ```
  }];
  let arguments = (ins
    MemRefRankOf<[F32, F64, F16, BF16, I8, I32], [2]>:$a,
    MemRefRankOf<[F32, F64, F16, BF16, I8, I32], [2]>:$b,
    Arg<MemRefRankOf<[F32, F64, F16, BF16, I32], [2]>, "", []>:$c,
    F64Attr:$alpha, F64Attr:$beta,
    UnitAttr:$transposeA, UnitAttr:$transposeB,
    StrAttr:$provider, OptionalAttr<I64Attr>:$slab);
  let assemblyFormat = [{
    $provider (`slab` $slab^)? `alpha` `=` $alpha `,` `beta` `=` $beta
    `ins` `(` (`transposed` $transposeA^)? $a `,`
              (`transposed` $transposeB^)? $b `:` type($a) `,` type($b) `)`
    `outs` `(` $c `:` type($c) `)` attr-dict
  }];
  let hasVerifier = 1;
}

def Sevenfold_FusedOperand
    : AnyTypeOf<[2DTensorOf<[F32, F64, F16, BF16, I8, I32]>,
                 MemRefRankOf<[F32, F64, F16, BF16, I8, I32], [2]>],
                "a matrix of f32, f64, f16, bf16, i8 or i32">;

def Sevenfold_FusedGemmOp : Op<Sevenfold_Dialect, "fused_gemm", [
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<BufferizableOpInterface, [
      "bufferizesToMemoryRead", "bufferizesToMemoryWrite",
      "getAliasingValues", "bufferize"]>]> {
  let summary = "One product of a scheme, from operand blocks to blocks of C";
  let description = [{
    Cuts A, B and C into gm x gk, gk x gn and gm x gn blocks, `grid` being
    [gm, gk, gn], forms one sum of blocks of A and one of B, and adds their
    product to blocks of C:

        C_i (+)= w_i (sum_a u_a A_a) (sum_b v_b B_b)

    Coefficients are in the row-major order of the logical matrices, whatever is
    transposed in memory. A block of C with coefficient 0 is left as it is; each
    of the others is added to where its flag of `accumulate` is true, and
    overwritten elsewhere.

    The block size is the least that covers m, k and n. Operands may end inside
    their last blocks; what lies beyond their end reads as zero and is not
    written.

    Sums are formed where operands are packed (`sevenfold-lower-gemm`), or on
    their way to a GPU's shared memory (`sevenfold-lower-gemm-to-gpu`), in C's
    element type; where tensor cores multiply f16 or bf16 they are rounded once.
    In linalg they are combines of their own. `slab` and `together` are a plan's:
    products of the same operands that follow each other and are marked so are
    multiplied together.

    On tensors the result is C after the update. On memrefs C overlaps neither A
    nor B.

    ```mlir
    // (A0 + A3) (B0 + B3), the first product to reach C0 and C3.
    %r = sevenfold.fused_gemm grid [2, 2, 2]
           ins([1, 0, 0, 1] of %a : tensor<64x64xf32>,
               [1, 0, 0, 1] of %b : tensor<64x64xf32>)
           outs([1, 0, 0, 1] of %c : tensor<64x64xf32>)
           accumulate [false, false, false, false] -> tensor<64x64xf32>
    ```
  }];
  let arguments = (ins
    Sevenfold_FusedOperand:$a, Sevenfold_FusedOperand:$b,
    Sevenfold_FusedOperand:$c,
    DenseI64ArrayAttr:$grid,
    DenseF64ArrayAttr:$coefficientsA, DenseF64ArrayAttr:$coefficientsB,
    DenseF64ArrayAttr:$coefficientsC,
    DenseBoolArrayAttr:$accumulate,
    UnitAttr:$transposeA, UnitAttr:$transposeB,
    OptionalAttr<I64Attr>:$slab, UnitAttr:$together);
  let results = (outs Optional<2DTensorOf<Sevenfold_Elements>>:$result);
  let assemblyFormat = [{
    `grid` $grid (`slab` $slab^)? (`together` $together^)?
    `ins` `(` custom<Coefficients>($coefficientsA) `of`
              (`transposed` $transposeA^)? $a `:` type($a) `,`
              custom<Coefficients>($coefficientsB) `of`
              (`transposed` $transposeB^)? $b `:` type($b) `)`
    `outs` `(` custom<Coefficients>($coefficientsC) `of` $c `:` type($c) `)`
    `accumulate` $accumulate attr-dict (`->` type($result)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getCMutable(); }
    /// Rows, inner size and columns of the whole product, and of a block.
    std::array<int64_t, 3> getSizes();
    std::array<int64_t, 3> getBlockSizes();
  }];
}

def Sevenfold_ParallelOp : Op<Sevenfold_Dialect, "parallel", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Runs a function on a partition of a range, on all threads";
  let description = [{
    Calls `callee(begin, end, arguments..)` for ranges that partition
    [0, count), concurrently, and waits for all of them.

    ```mlir
    sevenfold.parallel @body count %n (%a, %b : memref<8xf32>, memref<8xf32>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Index:$count,
                       Variadic<AnyType>:$arguments);
  let assemblyFormat = [{
    $callee `count` $count `(` ($arguments^ `:` type($arguments))? `)` attr-dict
  }];
}

#endif // SEVENFOLD_DIALECT_SEVENFOLD
