// refused: expected a buffer in the default memory space
func.func @main(%a: memref<4x8xf32, #gpu.address_space<workgroup>>) {
  return
}
