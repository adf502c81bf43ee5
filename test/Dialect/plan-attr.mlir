// Plans survive printing and parsing; defaults are not printed.
// RUN: sevenfold-opt %s -split-input-file -verify-diagnostics \
// RUN:   | sevenfold-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func private @plans
// CHECK-SAME: classical = #sevenfold.plan<[]>
// CHECK-SAME: composed = #sevenfold.plan<[composed breadth "2x2x2-r7", breadth "3x3x3-r23"]>
// CHECK-SAME: full = #sevenfold.plan<[breadth "2x2x2-r7-winograd", depth "2x2x2-r7"], provider = "onednn", ragged = pad>
// CHECK-SAME: peel = #sevenfold.plan<[fused "2x2x2-r7"]>
// CHECK-SAME: slab = #sevenfold.plan<[], provider = "codegen", slab = 512>
// CHECK-SAME: together = #sevenfold.plan<[fused "2x2x2-r7"], provider = "codegen", together = true>
func.func private @plans() attributes {
  classical = #sevenfold.plan<[]>,
  composed = #sevenfold.plan<[composed breadth "2x2x2-r7",
                              breadth "3x3x3-r23"]>,
  full = #sevenfold.plan<[breadth "2x2x2-r7-winograd", depth "2x2x2-r7"],
                         provider = "onednn", ragged = pad>,
  peel = #sevenfold.plan<[fused "2x2x2-r7"], ragged = peel>,
  slab = #sevenfold.plan<[], provider = "codegen", slab = 512>,
  together = #sevenfold.plan<[fused "2x2x2-r7"], provider = "codegen",
                             together = true>
}

// -----

// expected-error @+2 {{expected 'breadth', 'depth' or 'fused' but got 'width'}}
func.func private @unknown_execution() attributes {
  p = #sevenfold.plan<[width "2x2x2-r7"]>}

// -----

// expected-error @+2 {{expected a slab from 1 to 65536}}
func.func private @no_slab() attributes {
  p = #sevenfold.plan<[], provider = "codegen", slab = 0>}

// -----

// expected-error @+3 {{expected 'true' of a plan with a fused level, or 'false'}}
func.func private @together_with_nobody() attributes {
  p = #sevenfold.plan<[breadth "2x2x2-r7"], provider = "codegen",
                      together = true>}

// -----

// expected-error @+2 {{expected at most 3 levels but got 4}}
func.func private @too_deep() attributes {
  p = #sevenfold.plan<[depth "a", depth "a", depth "a", depth "a"]>}

// -----

// expected-error @+2 {{the last level has no level to be composed with}}
func.func private @composed_with_nothing() attributes {
  p = #sevenfold.plan<[composed breadth "2x2x2-r7"]>}

// -----

// expected-error @+2 {{expected 'provider', 'slab', 'together', 'ragged' or 'scaling' but got 'ragid'}}
func.func private @unknown_key() attributes {
  p = #sevenfold.plan<[], ragid = pad>}

// -----

// expected-error @+2 {{expected 'peel' or 'pad' but got 'cut'}}
func.func private @unknown_ragged() attributes {
  p = #sevenfold.plan<[], ragged = cut>}
