// refused: expected a buffer in the default memory space
func.func @main(%x: memref<16x16xf32, 1>) {
  return
}
