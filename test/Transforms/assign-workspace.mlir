// Temporaries are laid out in one workspace by their lifetimes.
// RUN: sevenfold-opt %s --sevenfold-assign-workspace -split-input-file -verify-diagnostics | FileCheck %s

// Two buffers that are alive together lie apart; a third one takes the place
// of the first. Each is 4096 bytes.
// CHECK-LABEL: func @reuse
// CHECK-SAME: %[[W:[a-z0-9]+]]: memref<?xi8>) attributes {sevenfold.workspace_bytes = 8192 : i64}
// CHECK-NOT: memref.alloc
// CHECK-DAG: %[[A:.+]] = memref.view %[[W]][%{{c0.*}}][] : memref<?xi8> to memref<1024xf32>
// CHECK-DAG: %[[B:.+]] = memref.view %[[W]][%{{c4096.*}}][] : memref<?xi8> to memref<1024xf32>
// CHECK: %[[C:.+]] = memref.view %[[W]][%{{c0.*}}][] : memref<?xi8> to memref<1024xf32>
func.func @reuse(%x: f32) {
  %a = memref.alloc() : memref<1024xf32>
  %b = memref.alloc() : memref<1024xf32>
  %c = memref.alloc() : memref<1024xf32>
  linalg.fill ins(%x : f32) outs(%a : memref<1024xf32>)
  linalg.fill ins(%x : f32) outs(%b : memref<1024xf32>)
  linalg.add ins(%a, %a : memref<1024xf32>, memref<1024xf32>)
             outs(%b : memref<1024xf32>)
  linalg.add ins(%b, %b : memref<1024xf32>, memref<1024xf32>)
             outs(%c : memref<1024xf32>)
  linalg.add ins(%b, %c : memref<1024xf32>, memref<1024xf32>)
             outs(%b : memref<1024xf32>)
  return
}

// -----

// A view keeps its buffer alive.
// CHECK-LABEL: func @view
// CHECK-SAME: sevenfold.workspace_bytes = 8192 : i64
func.func @view(%x: f32) {
  %a = memref.alloc() : memref<1024xf32>
  %b = memref.alloc() : memref<1024xf32>
  %v = memref.subview %a[0] [16] [1]
         : memref<1024xf32> to memref<16xf32, strided<[1]>>
  linalg.fill ins(%x : f32) outs(%a : memref<1024xf32>)
  linalg.fill ins(%x : f32) outs(%b : memref<1024xf32>)
  linalg.fill ins(%x : f32) outs(%v : memref<16xf32, strided<[1]>>)
  return
}

// -----

// A call is alive as a block of its callee's size.
// CHECK-LABEL: func private @callee
// CHECK-SAME: sevenfold.workspace_bytes = 4096 : i64
func.func private @callee(%x: f32) {
  %a = memref.alloc() : memref<1000xf32>
  linalg.fill ins(%x : f32) outs(%a : memref<1000xf32>)
  return
}
// CHECK-LABEL: func @caller
// CHECK-SAME: sevenfold.workspace_bytes = 8192 : i64
// CHECK: %[[PART:.+]] = memref.view %{{.+}}[%{{.+}}][%{{.+}}] : memref<?xi8> to memref<?xi8>
// CHECK: call @callee(%{{.+}}, %[[PART]])
func.func @caller(%x: f32) {
  %a = memref.alloc() : memref<1024xf32>
  linalg.fill ins(%x : f32) outs(%a : memref<1024xf32>)
  func.call @callee(%x) : (f32) -> ()
  func.call @callee(%x) : (f32) -> ()
  linalg.fill ins(%x : f32) outs(%a : memref<1024xf32>)
  return
}

// -----

// CHECK-LABEL: func @no_temporaries
// CHECK-SAME: (%{{.+}}: f32) attributes {sevenfold.workspace_bytes = 0 : i64}
func.func @no_temporaries(%x: f32) {
  return
}

// -----

func.func @negative_dynamic(%n: index, %x: f32) {
  // expected-error @+1 {{expected sizes that follow from those of the function's arguments}}
  %a = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%x : f32) outs(%a : memref<?xf32>)
  return
}

// -----

// expected-error @+1 {{is recursive and has no bounded workspace}}
func.func private @negative_recursive(%x: f32) {
  func.call @negative_recursive(%x) : (f32) -> ()
  return
}
