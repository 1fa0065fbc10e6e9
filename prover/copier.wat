;; Moves arrays between this module's memory and a circom witness calculator, which takes one 32-bit limb a call.
;; Values are eight limbs, the least significant first; they pass through the calculator's shared buffer.
(module
  (import "circuit" "writeSharedRWMemory" (func $put (param i32 i32)))
  (import "circuit" "readSharedRWMemory" (func $take (param i32) (result i32)))
  (import "circuit" "setInputSignal" (func $set (param i32 i32 i32)))
  (import "circuit" "getWitness" (func $get (param i32)))
  (memory (export "memory") 0)
  (func (export "set") (param $high i32) (param $low i32) (param $count i32)
    (local $index i32) (local $limb i32)
    (if (i32.eqz (local.get $count)) (then return))
    (loop $values
      (local.set $limb (i32.const 0))
      (loop $limbs
        (call $put (local.get $limb)
          (i32.load (i32.add (i32.shl (local.get $index) (i32.const 5)) (i32.shl (local.get $limb) (i32.const 2)))))
        (local.set $limb (i32.add (local.get $limb) (i32.const 1)))
        (br_if $limbs (i32.lt_u (local.get $limb) (i32.const 8))))
      (call $set (local.get $high) (local.get $low) (local.get $index))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $values (i32.lt_u (local.get $index) (local.get $count)))))
  (func (export "read") (param $count i32)
    (local $wire i32) (local $limb i32)
    (loop $values
      (call $get (local.get $wire))
      (local.set $limb (i32.const 0))
      (loop $limbs
        (i32.store (i32.add (i32.shl (local.get $wire) (i32.const 5)) (i32.shl (local.get $limb) (i32.const 2)))
          (call $take (local.get $limb)))
        (local.set $limb (i32.add (local.get $limb) (i32.const 1)))
        (br_if $limbs (i32.lt_u (local.get $limb) (i32.const 8))))
      (local.set $wire (i32.add (local.get $wire) (i32.const 1)))
      (br_if $values (i32.lt_u (local.get $wire) (local.get $count))))))
