// refused: global 'w' has no value
memref.global "private" @w : memref<4xf32>
func.func @main(%i: index) -> f32 {
  %w = memref.get_global @w : memref<4xf32>
  %r = memref.load %w[%i] : memref<4xf32>
  return %r : f32
}
