// A layer of BERT-large on 8 sequences of 256 tokens: 1024 wide, 16 heads of 64,
// queries, keys and values by products of their own, an MLP of 4096, layer norm
// after each half, weights stored out x in.

#rows = affine_map<(r, c) -> (r)>
#columns = affine_map<(r, c) -> (c)>
#all = affine_map<(r, c) -> (r, c)>
#input = affine_map<(m, n, k) -> (m, k)>
#weights = affine_map<(m, n, k) -> (n, k)>
#output = affine_map<(m, n, k) -> (m, n)>
#queries = affine_map<(h, m, n, k) -> (h, m, k)>
#keys = affine_map<(h, m, n, k) -> (h, n, k)>
#scores = affine_map<(h, m, n, k) -> (h, m, n)>
#lines = affine_map<(h, i, j) -> (h, i)>
#cube = affine_map<(h, i, j) -> (h, i, j)>

!tokens = tensor<2048x1024xf32>
!channels = tensor<1024xf32>
!heads = tensor<128x256x64xf32>

// Every row minus its mean, over its standard deviation, scaled and shifted.
func.func private @layer_norm(%x: !tokens, %scale: !channels,
                              %shift: !channels) -> !tokens {
  %zero = arith.constant 0.0 : f32
  %width = arith.constant 1024.0 : f32
  %epsilon = arith.constant 1.0e-12 : f32
  %vector = tensor.empty() : tensor<2048xf32>
  %cleared = linalg.fill ins(%zero : f32) outs(%vector : tensor<2048xf32>)
      -> tensor<2048xf32>
  %sums = linalg.generic {
      indexing_maps = [#all, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : !tokens) outs(%cleared : tensor<2048xf32>) {
  ^bb0(%value: f32, %sum: f32):
    %next = arith.addf %sum, %value : f32
    linalg.yield %next : f32
  } -> tensor<2048xf32>
  %squares = linalg.generic {
      indexing_maps = [#all, #rows, #rows],
      iterator_types = ["parallel", "reduction"]}
      ins(%x, %sums : !tokens, tensor<2048xf32>)
      outs(%cleared : tensor<2048xf32>) {
  ^bb0(%value: f32, %sum: f32, %square_sum: f32):
    %mean = arith.divf %sum, %width : f32
    %centred = arith.subf %value, %mean : f32
    %square = arith.mulf %centred, %centred : f32
    %next = arith.addf %square_sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<2048xf32>
  %empty = tensor.empty() : !tokens
  %result = linalg.generic {
      indexing_maps = [#all, #rows, #rows, #columns, #columns, #all],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %sums, %squares, %scale, %shift
          : !tokens, tensor<2048xf32>, tensor<2048xf32>, !channels, !channels)
      outs(%empty : !tokens) {
  ^bb0(%value: f32, %sum: f32, %square_sum: f32, %s: f32, %t: f32, %out: f32):
    %mean = arith.divf %sum, %width : f32
    %centred = arith.subf %value, %mean : f32
    %variance = arith.divf %square_sum, %width : f32
    %safe = arith.addf %variance, %epsilon : f32
    %inverse = math.rsqrt %safe : f32
    %normal = arith.mulf %centred, %inverse : f32
    %scaled = arith.mulf %normal, %s : f32
    %shifted = arith.addf %scaled, %t : f32
    linalg.yield %shifted : f32
  } -> !tokens
  return %result : !tokens
}

// One of queries, keys and values: from a row a token to a matrix a head.
func.func private @split_heads(%x: !tokens) -> !heads {
  %split = tensor.expand_shape %x [[0, 1], [2, 3]]
      output_shape [8, 256, 16, 64]
      : !tokens into tensor<8x256x16x64xf32>
  %empty = tensor.empty() : tensor<8x16x256x64xf32>
  %turned = linalg.transpose ins(%split : tensor<8x256x16x64xf32>)
      outs(%empty : tensor<8x16x256x64xf32>) permutation = [0, 2, 1, 3]
  %heads = tensor.collapse_shape %turned [[0, 1], [2], [3]]
      : tensor<8x16x256x64xf32> into !heads
  return %heads : !heads
}

// softmax(queries keys' / sqrt(64)) values, for every head of every sequence.
func.func private @attention(%queries: !heads, %keys: !heads, %values: !heads)
    -> !heads {
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %factor = arith.constant 0.125 : f32
  %square = tensor.empty() : tensor<128x256x256xf32>
  %cleared = linalg.fill ins(%zero : f32)
      outs(%square : tensor<128x256x256xf32>) -> tensor<128x256x256xf32>
  %scores = linalg.batch_matmul indexing_maps = [#queries, #keys, #scores]
      ins(%queries, %keys : !heads, !heads)
      outs(%cleared : tensor<128x256x256xf32>) -> tensor<128x256x256xf32>
  %line = tensor.empty() : tensor<128x256xf32>
  %low = linalg.fill ins(%lowest : f32) outs(%line : tensor<128x256xf32>)
      -> tensor<128x256xf32>
  %none = linalg.fill ins(%zero : f32) outs(%line : tensor<128x256xf32>)
      -> tensor<128x256xf32>
  %largest = linalg.generic {
      indexing_maps = [#cube, #lines],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%scores : tensor<128x256x256xf32>)
      outs(%low : tensor<128x256xf32>) {
  ^bb0(%score: f32, %seen: f32):
    %next = arith.maximumf %score, %seen : f32
    linalg.yield %next : f32
  } -> tensor<128x256xf32>
  %powers = linalg.generic {
      indexing_maps = [#cube, #lines, #cube],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores, %largest : tensor<128x256x256xf32>, tensor<128x256xf32>)
      outs(%square : tensor<128x256x256xf32>) {
  ^bb0(%score: f32, %top: f32, %out: f32):
    %below = arith.subf %score, %top : f32
    %scaled = arith.mulf %below, %factor : f32
    %power = math.exp %scaled : f32
    linalg.yield %power : f32
  } -> tensor<128x256x256xf32>
  %totals = linalg.generic {
      indexing_maps = [#cube, #lines],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%powers : tensor<128x256x256xf32>)
      outs(%none : tensor<128x256xf32>) {
  ^bb0(%power: f32, %sum: f32):
    %next = arith.addf %sum, %power : f32
    linalg.yield %next : f32
  } -> tensor<128x256xf32>
  %shares = linalg.generic {
      indexing_maps = [#cube, #lines, #cube],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%powers, %totals : tensor<128x256x256xf32>, tensor<128x256xf32>)
      outs(%square : tensor<128x256x256xf32>) {
  ^bb0(%power: f32, %total: f32, %out: f32):
    %share = arith.divf %power, %total : f32
    linalg.yield %share : f32
  } -> tensor<128x256x256xf32>
  %empty = tensor.empty() : !heads
  %start = linalg.fill ins(%zero : f32) outs(%empty : !heads) -> !heads
  %mixed = linalg.batch_matmul
      ins(%shares, %values : tensor<128x256x256xf32>, !heads)
      outs(%start : !heads) -> !heads
  return %mixed : !heads
}

// x W' + bias.
func.func private @project(%x: !tokens, %w: tensor<1024x1024xf32>,
                           %bias: !channels) -> !tokens {
  %empty = tensor.empty() : !tokens
  %start = linalg.broadcast ins(%bias : !channels) outs(%empty : !tokens)
      dimensions = [0]
  %y = linalg.matmul indexing_maps = [#input, #weights, #output]
      ins(%x, %w : !tokens, tensor<1024x1024xf32>)
      outs(%start : !tokens) -> !tokens
  return %y : !tokens
}

func.func private @add(%a: !tokens, %b: !tokens) -> !tokens {
  %empty = tensor.empty() : !tokens
  %sum = linalg.add ins(%a, %b : !tokens, !tokens) outs(%empty : !tokens)
      -> !tokens
  return %sum : !tokens
}

func.func @layer(
    %x: !tokens, %query: tensor<1024x1024xf32>, %query_bias: !channels,
    %key: tensor<1024x1024xf32>, %key_bias: !channels,
    %value: tensor<1024x1024xf32>, %value_bias: !channels,
    %proj: tensor<1024x1024xf32>, %proj_bias: !channels,
    %norm1_scale: !channels, %norm1_shift: !channels,
    %expand: tensor<4096x1024xf32>, %expand_bias: tensor<4096xf32>,
    %reduce: tensor<1024x4096xf32>, %reduce_bias: !channels,
    %norm2_scale: !channels, %norm2_shift: !channels) -> !tokens {
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root_half = arith.constant 0.707106781 : f32
  %q_rows = call @project(%x, %query, %query_bias)
      : (!tokens, tensor<1024x1024xf32>, !channels) -> !tokens
  %k_rows = call @project(%x, %key, %key_bias)
      : (!tokens, tensor<1024x1024xf32>, !channels) -> !tokens
  %v_rows = call @project(%x, %value, %value_bias)
      : (!tokens, tensor<1024x1024xf32>, !channels) -> !tokens
  %queries = call @split_heads(%q_rows) : (!tokens) -> !heads
  %keys = call @split_heads(%k_rows) : (!tokens) -> !heads
  %values = call @split_heads(%v_rows) : (!tokens) -> !heads
  %mixed = call @attention(%queries, %keys, %values)
      : (!heads, !heads, !heads) -> !heads
  %sequences = tensor.expand_shape %mixed [[0, 1], [2], [3]]
      output_shape [8, 16, 256, 64]
      : !heads into tensor<8x16x256x64xf32>
  %turned_empty = tensor.empty() : tensor<8x256x16x64xf32>
  %turned = linalg.transpose ins(%sequences : tensor<8x16x256x64xf32>)
      outs(%turned_empty : tensor<8x256x16x64xf32>)
      permutation = [0, 2, 1, 3]
  %mixed_rows = tensor.collapse_shape %turned [[0, 1], [2, 3]]
      : tensor<8x256x16x64xf32> into !tokens
  %projected = call @project(%mixed_rows, %proj, %proj_bias)
      : (!tokens, tensor<1024x1024xf32>, !channels) -> !tokens
  %attended = call @add(%projected, %x) : (!tokens, !tokens) -> !tokens
  %normal1 = call @layer_norm(%attended, %norm1_scale, %norm1_shift)
      : (!tokens, !channels, !channels) -> !tokens

  %wide_empty = tensor.empty() : tensor<2048x4096xf32>
  %wide_start = linalg.broadcast ins(%expand_bias : tensor<4096xf32>)
      outs(%wide_empty : tensor<2048x4096xf32>) dimensions = [0]
  %wide = linalg.matmul indexing_maps = [#input, #weights, #output]
      ins(%normal1, %expand : !tokens, tensor<4096x1024xf32>)
      outs(%wide_start : tensor<2048x4096xf32>) -> tensor<2048x4096xf32>
  %gelu = linalg.generic {
      indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%wide : tensor<2048x4096xf32>)
      outs(%wide_empty : tensor<2048x4096xf32>) {
  ^bb0(%value_in: f32, %out: f32):
    %scaled = arith.mulf %value_in, %root_half : f32
    %error = math.erf %scaled : f32
    %shifted = arith.addf %error, %one : f32
    %halved = arith.mulf %value_in, %half : f32
    %activated = arith.mulf %halved, %shifted : f32
    linalg.yield %activated : f32
  } -> tensor<2048x4096xf32>
  %tokens_empty = tensor.empty() : !tokens
  %narrow_start = linalg.broadcast ins(%reduce_bias : !channels)
      outs(%tokens_empty : !tokens) dimensions = [0]
  %narrow = linalg.matmul indexing_maps = [#input, #weights, #output]
      ins(%gelu, %reduce : tensor<2048x4096xf32>, tensor<1024x4096xf32>)
      outs(%narrow_start : !tokens) -> !tokens
  %sum = call @add(%narrow, %normal1) : (!tokens, !tokens) -> !tokens
  %normal2 = call @layer_norm(%sum, %norm2_scale, %norm2_shift)
      : (!tokens, !channels, !channels) -> !tokens
  return %normal2 : !tokens
}
