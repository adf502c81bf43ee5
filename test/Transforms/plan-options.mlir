// Options that cannot be followed are errors; limits are refusals with a reason.
// RUN: split-file %s %t

// RUN: not sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=2x2x2-r7 plan=%t/plan.json" 2>&1 | FileCheck %s --check-prefix=TWO
// TWO: error: sevenfold-plan: {{.*}}'scheme'
// RUN: not sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=2x2x2-r7 levels=4" 2>&1 | FileCheck %s --check-prefix=LEVELS
// LEVELS: error: sevenfold-plan: expected at most 3 levels but got 4
// RUN: not sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=2x2x2-r7 execution=width" 2>&1 | FileCheck %s --check-prefix=EXECUTION
// EXECUTION: error: sevenfold-plan: unknown execution 'width'
// RUN: not sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=2x2x2-r7 ragged=cut" 2>&1 | FileCheck %s --check-prefix=RAGGED
// RAGGED: error: sevenfold-plan: unknown treatment of ragged edges 'cut'
// RUN: not sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/bad.json" 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: error: sevenfold-plan: {{.*}}bad.json: {{.*}}levels[0]
// RUN: not sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/none.json" 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: sevenfold-plan: {{.*}}none.json

// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/plan.json" | FileCheck %s --check-prefix=FILE
// FILE: #sevenfold.plan<[composed breadth "2x2x2-r7", breadth "2x2x2-r7"], provider = "openblas", ragged = pad>

// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=2x2x2-r7 levels=2 composed" | FileCheck %s --check-prefix=COMPOSED
// COMPOSED: #sevenfold.plan<[composed breadth "2x2x2-r7", breadth "2x2x2-r7"]>

// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=2x2x2-r9" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=SCHEME
// SCHEME: remark: {{.*}}no scheme is named '2x2x2-r9'
// SCHEME: linalg.matmul ins
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=3x4x5-r47-z2" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=MODULO
// MODULO: remark: {{.*}}scheme '3x4x5-r47-z2' holds modulo 2 only
// MODULO: linalg.matmul ins
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="scheme=2x2x2-r7 levels=2 max-error-growth=2" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=GROWTH
// GROWTH: remark: {{.*}}error growth {{[0-9.]+}} exceeds the limit 2.0
// GROWTH: linalg.matmul ins
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/fused.json" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=FUSED
// FUSED: remark: {{.*}}execution 'fused' needs provider 'codegen'
// FUSED: linalg.matmul ins
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/fused-codegen.json" | FileCheck %s --check-prefix=ACCEPTED
// ACCEPTED: #sevenfold.plan<[fused "2x2x2-r7"], provider = "codegen">
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/fused-outside.json" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// OUTSIDE: remark: {{.*}}only the innermost level can be fused
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/fused-mixed.json" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=MIXED
// MIXED: remark: {{.*}}a fused level can be composed with fused ones only
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/fused-many.json" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=MANY
// MANY: remark: {{.*}}a fused level of 343 products has more than 64 kernels
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="plan=%t/composed-depth.json" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=DEPTH
// DEPTH: remark: {{.*}}only breadth levels can be composed
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: remark: {{.*}}no plan was asked for

// A database that is not there is a miss, not an error.
// RUN: sevenfold-opt %t/matmul.mlir --sevenfold-plan="db=%t/none.db" --remarks-filter=.* 2>&1 | FileCheck %s --check-prefix=MISS
// MISS: remark:
// MISS: linalg.matmul ins
// RUN: not ls %t/none.db

//--- matmul.mlir
func.func @matmul(%a: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = linalg.matmul ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%a : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
//--- plan.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "breadth", "composed": true},
            {"scheme": "2x2x2-r7", "execution": "breadth"}],
 "kernel": {"provider": "openblas"}, "ragged": "pad"}
//--- bad.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "breadth", "depth": 3}]}
//--- fused.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "fused"}]}
//--- fused-codegen.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "fused"}],
 "kernel": {"provider": "codegen"}}
//--- fused-outside.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "fused"},
            {"scheme": "2x2x2-r7", "execution": "depth"}],
 "kernel": {"provider": "codegen"}}
//--- fused-mixed.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "breadth", "composed": true},
            {"scheme": "2x2x2-r7", "execution": "fused"}],
 "kernel": {"provider": "codegen"}}
//--- fused-many.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "fused", "composed": true},
            {"scheme": "2x2x2-r7", "execution": "fused", "composed": true},
            {"scheme": "2x2x2-r7", "execution": "fused"}],
 "kernel": {"provider": "codegen"}}
//--- composed-depth.json
{"levels": [{"scheme": "2x2x2-r7", "execution": "depth", "composed": true},
            {"scheme": "2x2x2-r7", "execution": "breadth"}]}
