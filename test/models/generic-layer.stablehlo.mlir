// The same product in MLIR's generic form, the attributes of the module behind it.
"builtin.module"() <{sym_name = "jit_layer"}> ({
  "func.func"() <{function_type = (tensor<64x48xf32>, tensor<48x96xf32>) -> tensor<64x96xf32>, sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg0: tensor<64x48xf32>, %arg1: tensor<48x96xf32>):
    %0 = "stablehlo.dot_general"(%arg0, %arg1) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]}> : (tensor<64x48xf32>, tensor<48x96xf32>) -> tensor<64x96xf32>
    %1 = "stablehlo.negate"(%0) : (tensor<64x96xf32>) -> tensor<64x96xf32>
    "func.return"(%1) : (tensor<64x96xf32>) -> ()
  }) : () -> ()
}) {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} : () -> ()
