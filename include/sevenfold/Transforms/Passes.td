//===- Passes.td - Sevenfold's passes ----------------------*- tablegen -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes in the order in which a matmul meets them. Each is one file in
// lib/Transforms and one test in test/Transforms.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TRANSFORMS_PASSES
#define SEVENFOLD_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def ApplyTilePass : Pass<"sevenfold-apply-tile", "::mlir::ModuleOp"> {
  let summary = "Replace products with a weight by a tile operator";
  let description = [{
    In: a function whose `argument` is the right operand of matmuls on tensors.
    Out: the same, where those are computed by the tile operator of `file`
    (docs/StrassenTile.md), approximately: a `sevenfold.combine` that encodes the
    left operand, a `linalg.batch_matmul` of the channels with the encoded
    weight, a constant, and a combine that decodes. The argument stays in the
    signature, without uses. Each product gets a remark with rank, share of the
    multiply-adds and error. The batch is planned as any other matmul.

    ```mlir
    // --sevenfold-apply-tile="function=f argument=1 file=w.tile.json
    //                         max-relative-error=0.7", rank 24 of 4 x 4
    func.func @f(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>,
                 %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
      %r = linalg.matmul ins(%x, %w : tensor<64x64xf32>, tensor<64x64xf32>)
                         outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
      return %r : tensor<64x64xf32>
    }
    ```

    Refuses: operators whose error is above `max-relative-error`, products of
    other sizes or types than the operator is for, batches, rows that are no
    whole samples, and arguments with other uses.
  }];
  let options = [
    Option<"function", "function", "std::string", "", "Name of the function">,
    Option<"argument", "argument", "unsigned", "0",
           "Number of the weight among its arguments">,
    Option<"file", "file", "std::string", "", "The operator's .tile.json">,
    Option<"maxRelativeError", "max-relative-error", "double", "0",
           "Relative error up to which operators are accepted">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::sevenfold::SevenfoldDialect"];
}

def PlanPass : Pass<"sevenfold-plan", "::mlir::ModuleOp"> {
  let summary = "Annotate each matmul with the plan it is to be computed by";
  let description = [{
    In: linalg on tensors. Out: the same, where each contraction of two operands
    that has a plan carries it as `sevenfold.plan`, be it `linalg.matmul`,
    `linalg.batch_matmul`, `linalg.contract` or a `linalg.generic` that
    multiplies and adds. An accumulator of theirs that holds one value
    everywhere becomes a `linalg.fill`, and static sizes come out from behind
    casts that hide them; nothing else changes.

    An accumulator that nothing defines (a `tensor.empty`) is taken for zero: a
    planned matmul overwrites, and its remark says so.

    The plan comes from `scheme` and `levels`, from a `plan` file, or from a
    tuning database `db`; at most one of the three. Exactly one remark is
    emitted for each matmul-like operation: passed with m, k, n, type and plan,
    or missed with the reason it was left alone.

    ```mlir
    // --sevenfold-plan="scheme=2x2x2-r7 levels=1"
    %r = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
           ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>)
           outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
    ```

    Element types are f32, f64, i32, f16 and bf16 (summed up in f32, and f32 or
    rounded once as the result), and i8 with i32 as the result.

    A matmul of dynamic sizes gets a version for each range of m that has a
    plan, behind a guard: other sizes take the operation as it was. One that
    carries `sevenfold.ranges` is planned for the greatest ones. A plan that is
    spelled out is for all sizes that its levels divide.

    Refuses: memref operands, other element types, vectors,
    broadcasting maps, sums over dimensions that do not lie side by side, a
    batch as an operand's last dimension, operands extended without their sign,
    other bodies, sizes that a level does not divide into at least one element,
    schemes with fractions for integers, approximate schemes whose relative error
    is above `max-relative-error`, and plans whose error growth is above
    `max-error-growth`, or range growth above 16 times that. Workspace is limited
    where it is assigned (`sevenfold-assign-workspace`).
  }];
  let options = [
    Option<"scheme", "scheme", "std::string", "",
           "Catalogue scheme for every level">,
    Option<"levels", "levels", "unsigned", "1", "Number of levels of `scheme`">,
    Option<"execution", "execution", "std::string", "\"breadth\"",
           "Execution of the levels of `scheme`: breadth, depth or fused">,
    Option<"composed", "composed", "bool", "false",
           "Compose the levels of `scheme` into one">,
    Option<"ragged", "ragged", "std::string", "\"peel\"",
           "Ragged edges under `scheme`: peel or pad">,
    Option<"provider", "provider", "std::string", "",
           "Provider of the smallest products under `scheme`">,
    Option<"plan", "plan", "std::string", "", "Plan file (JSON)">,
    Option<"db", "db", "std::string", "", "Tuning database">,
    Option<"lowering", "lowering", "std::string", "\"host\"",
           "Lowering whose records are used">,
    Option<"device", "device", "std::string", "\"host\"",
           "Device whose records are used">,
    Option<"threads", "threads", "int", "0",
           "Threads the code will run with (0: all cores)">,
    Option<"maxErrorGrowth", "max-error-growth", "double", "64",
           "Largest error bound as a multiple of the classical one, and a "
           "16th of the largest range growth">,
    Option<"maxRelativeError", "max-relative-error", "double", "0",
           "Largest relative error of plans with approximate schemes">,
  ];
  let dependentDialects = ["::sevenfold::SevenfoldDialect"];
}

def NormalizeAccumulatorsPass
    : Pass<"sevenfold-normalize-accumulators", "::mlir::ModuleOp"> {
  let summary = "Bring every accumulator of one value into the form of a fill";
  let description = [{
    In: linalg on tensors. Out: where all elements of an accumulator are visibly
    the same value, it is a `linalg.fill` of a `tensor.empty`: splat constants,
    `tensor.splat`, `tensor.generate`, `linalg.broadcast` and generics that
    yield a constant, and casts, slices and other shapes of them.

    ```mlir
    // %z = arith.constant dense<0.0> : tensor<64x64xf32>
    // linalg.matmul .. outs(%z : ..)
    %e = tensor.empty() : tensor<64x64xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : ..) -> tensor<64x64xf32>
    linalg.matmul .. outs(%f : ..)
    ```

    What an operation reads of a `tensor.empty` becomes zero, so that results do
    not depend on what a buffer held; matmuls are left to `sevenfold-plan` and
    `sevenfold-normalize-contractions`, which overwrite.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
}

def LowerTensorsPass : Pass<"sevenfold-lower-tensors", "::mlir::ModuleOp"> {
  let summary = "Lower what computes on tensors to linalg";
  let description = [{
    In: a model on tensors. Out: the same, where `arith` and `math` on tensors,
    `linalg.softmax`, `linalg.pack`, `linalg.unpack`, `tensor.gather` and
    `tensor.concat` are linalg and tensor operations that can be bufferised.

    ```mlir
    // %r = tensor.gather %x[%i] gather_dims([0]) : ..
    %r = linalg.generic .. outs(%e : tensor<8x64xf32>) {
      %row = linalg.index 0 : index
      %at = tensor.extract %i[%row, %c0] : tensor<8x1xindex>
      %column = linalg.index 1 : index
      %v = tensor.extract %x[%at, %column] : tensor<64x64xf32>
      linalg.yield %v
    }
    ```

    Refuses, by the operation's name and with the pass to run before: whatever
    else has tensors and no way to buffers.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
}

def NormalizeContractionsPass
    : Pass<"sevenfold-normalize-contractions", "::mlir::ModuleOp"> {
  let summary = "Bring every contraction into the form of linalg.matmul";
  let description = [{
    In: linalg on tensors. Out: every contraction of two operands that can be
    one, be it `linalg.batch_matmul`, `linalg.contract` or a `linalg.generic`,
    is a `linalg.matmul` with the same plan. A transposition of an operand,
    however it is spelled, becomes the layout of an indexing map, a broadcast
    one is not copied, neighbouring dimensions of one kind are collapsed, and a
    batch becomes loops around the matmul.

    ```mlir
    // %c = linalg.batch_matmul ins(%a, %b : tensor<8x64x32xf32>, ..) ..
    %c = scf.for %i = %c0 to %c8 step %c1 iter_args(%d = %init) -> .. {
      %ai = tensor.extract_slice %a[%i, 0, 0] [1, 64, 32] [1, 1, 1] : ..
      ..
      %p = linalg.matmul ins(%ai, %bi : tensor<64x32xf32>, ..) outs(..)
      %e = tensor.insert_slice %p into %d[%i, 0, 0] ..
      scf.yield %e
    }
    ```
  }];
  let dependentDialects = [
    "::sevenfold::SevenfoldDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def GuardPass : Pass<"sevenfold-guard", "::mlir::ModuleOp"> {
  let summary = "Give every public function a body for other machines";
  let description = [{
    In: planned functions, a model's own inlined. Out: beside each public
    function `f` a public function `f.classical`, the same without plans, and on
    `f` a `sevenfold.guard` that names the machine the plans are for. The C
    entry point asks the runtime once which of them to run;
    `convert-sevenfold-to-runtime` also emits `int f_planned(void)`, which tells.

    The products of a classical function go to the best library present,
    whatever the plans name.

    Refuses: a model whose names are in the way.
  }];
  let options = [Option<"hardware", "hardware", "std::string", "",
                        "Machine the plans are for">,
                 Option<"instructionSets", "instruction-sets", "std::string",
                        "", "Comma-separated instruction sets the code uses">];
  let dependentDialects = ["::sevenfold::SevenfoldDialect"];
}

def ShareSumsPass : Pass<"sevenfold-share-sums", "::mlir::ModuleOp"> {
  let summary = "Form the operand sums of several products once";
  let description = [{
    In: `sevenfold.combine` on tensors. Out: where two of a block form the same
    sums of the same operand into fresh tensors, as the query, key and value
    projections of one input do, the first one's result serves for both. The
    matmuls must have been planned alike for that side of the scheme; sums that
    differ are left alone.

    Only sums in one function meet: those of a product's own levels are formed
    inside the function of that level. A function with the attribute
    `sevenfold.separate_sums` is left alone.
  }];
}

def FoldWeightsPass : Pass<"sevenfold-fold-weights", "::mlir::ModuleOp"> {
  let summary = "Form the operand sums of constants when compiling";
  let description = [{
    In: `sevenfold.combine` on tensors. Out: where its operand is a constant (or
    a slice of one) and its sums go to a fresh tensor, a constant with the sums,
    computed by the same additions in the same order and precision as the code
    would, bit for bit. In order of appearance, as long as the constants added
    stay within `limit` bytes; one remark for each, passed or missed.
  }];
  let options = [
    Option<"limit", "limit", "int64_t", "0", "Most bytes of constants to add">,
    Option<"group", "group", "unsigned", "8",
           "Output blocks of one sweep, as in sevenfold-lower-combine">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def DecomposePass : Pass<"sevenfold-decompose", "::mlir::ModuleOp"> {
  let summary = "Rewrite planned matmuls into combines and smaller products";
  let description = [{
    In: linalg on tensors with `sevenfold.plan` on matmuls. Out: for each of
    them `sevenfold.combine` operations and `linalg.matmul` products marked
    `sevenfold.product`; no plans are left.

    With `outline`, products that have levels left become calls of one private
    function for each distinct level, so that code size stays flat in depth.

    With `recompute` a pass over each result looks for what is not finite, and
    where something is, an `scf.if` does the matmul again without its plan; what
    is added to stays as it was until then.

    With `store` no product is added to its block in place: a compiler that
    fuses and schedules by itself is given sums of values. Every level is
    decomposed as in breadth then; where it was to be, the combine of C is
    marked `sevenfold.stacked`.

    Temporaries are packed, or with `row-bytes` slices of wider ones whose rows
    start on such boundaries; aligned rows can be written past the caches.

    Breadth, one level of Strassen, C = A B:

    ```mlir
    %s = sevenfold.combine coefficients [..] ins(%a grid [2, 2] ..) outs(..)
    %t = sevenfold.combine coefficients [..] ins(%b grid [2, 2] ..) outs(..)
    %p0 = linalg.matmul {sevenfold.product} ins(%s0, %t0) outs(..)
    ...
    %c = sevenfold.combine coefficients [..] ins(%p0 grid [1, 1] .., ..)
           outs(%c grid [2, 2] ..)
    // Products with one destination are added to their block in place.
    %c11 = linalg.matmul {sevenfold.product} ins(%s5, %t5) outs(%c11)
    ```

    The products of a fused level are `sevenfold.fused_gemm` operations on whole
    operands, without combines.
  }];
  let options = [Option<"outline", "outline", "bool", "false",
                        "Make every distinct level a private function">,
                 Option<"rowBytes", "row-bytes", "int64_t", "0",
                        "Rows of temporaries start on multiples of so many "
                        "bytes (0: packed)">,
                 Option<"recompute", "recompute", "bool", "false",
                        "Do a product again without its plan where the result "
                        "is not finite">,
                 Option<"store", "store", "bool", "false",
                        "Store every product, so that each block of C is "
                        "written once">];
  let dependentDialects = [
    "::sevenfold::SevenfoldDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def ConvertSevenfoldToLinalgPass
    : Pass<"convert-sevenfold-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Lower combines to linalg.generic and strip plans";
  let description = [{
    In: `sevenfold.combine` on tensors. Out: upstream linalg and tensor
    operations only, for anybody's own lowering: one `linalg.generic` with a
    result for each destination block where the destination holds operand sums,
    and one `linalg.generic` for each block where it is part of a larger
    result, a form that bufferises without a copy. Plans and marks are dropped,
    except that products keep the unit attribute `sevenfold.product`, which any
    mlir-opt accepts and which keeps them from being planned again.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
}

def FuseElementwisePass
    : Pass<"sevenfold-fuse-elementwise", "::mlir::ModuleOp"> {
  let summary = "Fuse elementwise operations that only one other uses";
  let description = [{
    An elementwise `linalg.generic` whose one user is another `linalg.generic`
    becomes part of it. Products, named or generic, and reshapes stay as they
    are, unlike under upstream's `linalg-fuse-elementwise-ops`.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def BufferizePass : Pass<"sevenfold-bufferize", "::mlir::ModuleOp"> {
  let summary = "Bufferise with results as arguments and strided levels";
  let description = [{
    One-shot bufferisation of the whole module for the host. Arguments of public
    functions are identity-layout buffers that are never written; their results
    become trailing arguments. Private level functions take strided buffers, so
    that one function serves every view, and update their destination in place.

    What branches yield and iterations hand on gets one place in memory, with a
    copy where it would lie elsewhere. Constants of one value are filled by the
    code where they take more than 4 KiB.

    Refuses: private functions that return buffers of their own (a model's
    functions are inlined before).
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def FormGemmPass : Pass<"sevenfold-form-gemm", "::mlir::ModuleOp"> {
  let summary = "Turn fills and matmuls on buffers into provider calls";
  let description = [{
    In: `linalg.matmul` on memrefs. Out: `sevenfold.gemm`, with beta 0 where the
    destination was filled with zeros just before (the fill goes away) and beta
    1 otherwise. The provider is the one the plan named on the matmul, or else
    the `provider` option, or `codegen` for types that no library multiplies:
    i32, and f16 and bf16 to f32 and i8 to i32. Where a library does multiply
    f16 and bf16, `mixed-provider` names it. A matmul of other types is left for
    loops.
  }];
  let options = [
    Option<"provider", "provider", "std::string", "",
           "Provider of products without one of their own">,
    Option<"mixedProvider", "mixed-provider", "std::string", "\"codegen\"",
           "Provider of products of f16 and bf16">];
  let dependentDialects = ["::sevenfold::SevenfoldDialect"];
}

def LowerGemmPass : Pass<"sevenfold-lower-gemm", "::mlir::ModuleOp"> {
  let summary = "Lower products of our own to packed, blocked, vectorised loops";
  let description = [{
    In: `sevenfold.gemm "codegen"` and `sevenfold.fused_gemm`. Out: calls of one
    private function for each distinct shape, layout, type and sums of blocks.
    It packs slabs of both operands, or of the sums, into panels of the type of
    the products, blocks for the caches, and keeps a tile of C in registers;
    tiles are shared among threads. Products of other providers stay.

    Where B is a constant, its panels become one, as long as they and the sums
    that were folded before stay within `fold-bytes`; one remark for each,
    passed or missed.

    Elementwise work on C that follows a product is done on a few panels at a
    time, while they are in the core's cache.
  }];
  let options = [
    Option<"vectorBytes", "vector-bytes", "unsigned", "64", "Vector width">,
    Option<"cacheBytes", "cache-bytes", "int64_t", "1048576",
           "Second-level cache of a core">,
    Option<"threads", "threads", "int64_t", "1",
           "Threads that tasks are cut for">,
    Option<"foldBytes", "fold-bytes", "int64_t", "0",
           "Most bytes of constants to add, folded sums included">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def LowerCopyPass : Pass<"sevenfold-lower-copy", "::mlir::ModuleOp"> {
  let summary = "Turn copies of buffers into parallel loops";
  let description = [{
    `memref.copy` becomes a `linalg.generic`, which the loop lowering shares
    among threads, rather than a call of a library function on descriptors.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def LowerCombinePass : Pass<"sevenfold-lower-combine", "::mlir::ModuleOp"> {
  let summary = "Lower combines on buffers to vectorised parallel loops";
  let description = [{
    Every distinct combine becomes one private function on strided buffers. Its
    loop nest reads every input block once and writes every output once: rows
    are shared among threads; a row is walked in chunks that keep the input
    blocks in the first-level cache, and within a chunk groups of at most
    `group` outputs are computed by a straight-line program with shared
    sub-sums. Outputs at least `streaming-bytes` large and aligned are written
    past the caches.
  }];
  let options = [
    Option<"vectorBytes", "vector-bytes", "unsigned", "64", "Vector width">,
    Option<"group", "group", "unsigned", "8", "Output blocks of one sweep">,
    Option<"chunkBytes", "chunk-bytes", "unsigned", "16384",
           "First-level cache for the input blocks of a chunk">,
    Option<"streamingBytes", "streaming-bytes", "int64_t", "8388608",
           "Least destination size for non-temporal stores">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def OutlineParallelPass
    : Pass<"sevenfold-outline-parallel", "::mlir::ModuleOp"> {
  let summary = "Outline parallel loops into functions run on all threads";
  let description = [{
    The outermost dimension of every outermost `scf.parallel` without reductions
    becomes `sevenfold.parallel`, which runs a private function on a partition
    of the range; further dimensions become `scf.for`.
  }];
  let dependentDialects = [
    "::sevenfold::SevenfoldDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::scf::SCFDialect"];
}

def AssignWorkspacePass
    : Pass<"sevenfold-assign-workspace", "::mlir::ModuleOp"> {
  let summary = "Lay all temporaries of a function out in one workspace";
  let description = [{
    Every `memref.alloc` becomes a view of a workspace that the function takes
    as a trailing `memref<?xi8>` argument. Offsets come from lifetimes: largest
    first, each at the lowest offset where nothing alive at the same time lies.
    A call is alive as a block of its callee's size. The size a function needs
    is left on it as `sevenfold.workspace_bytes`: a number, or where it depends
    on the dynamic sizes of arguments the function that tells, which takes those
    in order.

    Refuses: sizes that do not follow from those of arguments, allocations
    inside parallel loops or handed from one iteration to the next, recursion.
  }];
  let options = [Option<"limit", "max-workspace", "int64_t", "-1",
                        "Largest workspace in bytes (-1: no limit)">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ConvertToRuntimePass
    : Pass<"convert-sevenfold-to-runtime", "::mlir::ModuleOp"> {
  let summary = "Lower everything that is left to LLVM and runtime calls";
  let description = [{
    In: func, scf, memref, arith, math, vector, `sevenfold.gemm` and
    `sevenfold.parallel`. Out: the LLVM dialect with calls of the runtime
    library, and for each public function a C entry point

        int NAME(const T *in0, .., T *out0, ..)

    that takes the workspace, runs the function and returns the first error. A
    function with a `sevenfold.guard` gets an entry point that chooses between
    it and its classical function, and `int NAME_planned(void)`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def LowerCombineToGpuPass
    : Pass<"sevenfold-lower-combine-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Lower combines on buffers to GPU kernels";
  let description = [{
    In: `sevenfold.combine` on buffers in device memory. Out: launches of one
    kernel for each distinct combine, in the one `gpu.module` of the module.

    A thread computes 16 bytes' worth of neighbouring columns of every output
    block: it loads each input block once, runs the straight-line program with
    shared sub-sums and stores each output once; where there are many streams,
    groups of at most `group` outputs are computed one after the other, so that
    the sums stay in registers. Ragged ends are walked element by element. Sums
    of f16 and bf16 are formed in f32 and rounded once.

    Accesses are as wide as offsets and row strides show them to be aligned. For
    operands of which only the caller knows that, there are two kernels, and the
    host chooses when launching.

    ```mlir
    gpu.launch_func @sevenfold_kernels::@sevenfold_combine
      blocks in (%tiles, %c1, %c1) threads in (%c256, %c1, %c1)
      args(%a : memref<64x64xf32>, %workspace : memref<?xi8>)
    ```
  }];
  let options = [
    Option<"group", "group", "unsigned", "8", "Output blocks of one sweep">,
    Option<"threads", "threads", "unsigned", "256", "Threads of a block">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def LowerGemmToGpuPass
    : Pass<"sevenfold-lower-gemm-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Lower products of our own to GPU kernels";
  let description = [{
    In: `sevenfold.gemm "codegen"` and `sevenfold.fused_gemm` on buffers in device
    memory. Out: launches of one kernel for each distinct product, in the one
    `gpu.module` of the module. Products of other providers stay.

    A block of threads computes one tile of C from tiles of A and B in shared
    memory. From `architecture` 80 on, f16 and bf16, and f32 with `tf32`, are
    multiplied by tensor cores; everything else by fused multiply-adds of the
    type of the sums. Tiles are smaller where large ones would be fewer than the
    `processors` of the device. The kernel of a fused product loads all terms of
    its sums and adds them up on their way to shared memory, and adds its tile to
    all its blocks of C.

    Global memory is read 16 bytes at a time. Where only the caller knows whether
    operands start on 16 bytes there are two kernels, and the host chooses when
    launching; the other one reads element by element.

    ```mlir
    gpu.launch_func @sevenfold_kernels::@sevenfold_product
      blocks in (%tiles, %c1, %c1) threads in (%c256, %c1, %c1)
      args(%a : memref<..>, %b : memref<..>, %c : memref<..>)
    ```
  }];
  let options = [
    Option<"architecture", "architecture", "unsigned", "70",
           "Architecture of the device: 70 for sm_70">,
    Option<"processors", "processors", "unsigned", "108",
           "Multiprocessors of the device">,
    Option<"tf32", "tf32", "bool", "false",
           "Products of f32 may round their operands to tf32">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def LowerLoopsToGpuPass
    : Pass<"sevenfold-lower-loops-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Outline parallel loops into GPU kernels";
  let description = [{
    In: buffers in device memory, linalg and `scf.parallel`. Out: every
    `linalg` operation that is left, and every outermost `scf.parallel` without
    reductions, is a launch of a kernel with one thread for each iteration.
    Copies of rows become calls of `sevenfold_gpu_copy_rows`. Kernels are given
    constants (`memref.get_global`) like other buffers.

    Refuses: what would read or write device memory on the host.
  }];
  let options = [
    Option<"threads", "threads", "unsigned", "256", "Threads of a block">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::gpu::GPUDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def AssignStreamsPass : Pass<"sevenfold-assign-streams", "::mlir::ModuleOp"> {
  let summary = "Spread small products over several streams";
  let description = [{
    Every product of at most `max-product-flops` goes to the stream that comes
    free first, of `side-streams` many beside the caller's; all other work stays
    on the caller's. Where one stream needs what another does, by the bytes and
    rectangles they touch, it waits for it (`sevenfold_gpu_wait`). At calls,
    loops and conditionals, and at the end, the caller's stream waits for all.

    A product too small to fill a GPU gains from a neighbour; large ones only
    contend for caches.
  }];
  let options = [
    Option<"sideStreams", "side-streams", "unsigned", "4",
           "Most streams beside the caller's (0: none)">,
    Option<"maxProductFlops", "max-product-flops", "int64_t", "2147483648",
           "Largest product that shares the device with others">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

def GpuToLoopsPass : Pass<"sevenfold-gpu-to-loops", "::mlir::ModuleOp"> {
  let summary = "Run kernels on the host, thread by thread";
  let description = [{
    Every launch becomes a loop over its blocks, in parallel, and their threads,
    around a call of the kernel's code. This is how kernels are checked without
    a GPU.

    Kernels whose threads share memory or wait for one another become calls of
    an emulator, functions `sevenfold_emulate_..` that tests bring along, which
    runs the threads of a block as fibres.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::sevenfold::SevenfoldDialect"];
}

def ConvertToGpuRuntimePass
    : Pass<"convert-sevenfold-to-gpu-runtime", "::mlir::ModuleOp"> {
  let summary = "Lower the host side of GPU code to LLVM and runtime calls";
  let description = [{
    In: what `convert-sevenfold-to-runtime` takes, with launches, and products
    of the provider `cublaslt`. Out: the LLVM dialect with calls of the GPU
    runtime (Runtime/GpuRuntime.h), beside the `gpu.module`, which stays as it
    is. A constant (`memref.get_global`) is the device's copy of it
    (`sevenfold_gpu_constant`). A public function's C entry point takes pointers
    to device memory,

        int NAME(const T *in0, .., T *out0, ..)

    and refers to the kernels' image as the symbols `sevenfold_gpu_image` and
    `sevenfold_gpu_image_bytes`, which whoever compiles the kernels defines.

    With `tf32`, products of f32 may round their operands to tf32.
  }];
  let options = [Option<"tf32", "tf32", "bool", "false",
                        "Multiply f32 in tf32">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // SEVENFOLD_TRANSFORMS_PASSES
