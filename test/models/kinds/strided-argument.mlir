// refused: expected a contiguous row-major buffer
func.func @main(%x: memref<16x16xf32, strided<[32, 1]>>) {
  return
}
