/**
 * Look-up in one hash map as a function `(key) -> value or 0`: hash, bucket, chain. The chain lies in memory that
 * programs cannot write, so it ends. Hash and layout are those of maps/hash-map.ts; a test holds the two together.
 */
import { ENTRY } from '../maps/hash-map.ts'
import { HEADER } from '../maps/bpf-map.ts'
import type { InlineMap } from '../vm/executable.ts'
import { Body } from '../wasm/body.ts'
import { I32 } from '../wasm/opcode.ts'
import type { OpName } from '../wasm/opcode.ts'

type HashMapPlace = Extract<InlineMap, { kind: 'hash' }>

const MULTIPLIER = 0x9e3779b1 | 0

export const emitHashLookup = ({ header, keySize, marks }: HashMapPlace): Body => {
  const body = new Body(1)
  const [hash, entry] = [body.local(I32), body.local(I32)]
  body.i32(keySize).set(hash)
  const mix = (): void => {
    body.get(hash).op('i32_xor').i32(MULTIPLIER).op('i32_mul').tee(hash).i32(15).op('i32_shr_u')
    body.get(hash).op('i32_xor').set(hash)
  }
  const whole = keySize & ~3
  for (let at = 0; at < whole; at += 4) {
    body.get(0).memory('i32_load', at)
    mix()
  }
  if (whole < keySize) {
    for (let at = whole; at < keySize; at++) {
      body.get(0).memory('i32_load8_u', at).i32((at - whole) * 8).op('i32_shl')
      if (at > whole) body.op('i32_or')
    }
    mix()
  }
  body.i32(header).memory('i32_load', HEADER.values)
  body.get(hash).i32(header).memory('i32_load', HEADER.mask).op('i32_and').i32(2).op('i32_shl').op('i32_add')
  body.memory('i32_load', 0).set(entry)
  const end = body.block()
  const next = body.loop()
  body.get(entry).op('i32_eqz').brIf(end)
  const other = body.block()
  body.get(entry).memory('i32_load', ENTRY.hash).get(hash).op('i32_ne').brIf(other)
  for (const [at, op, equal] of comparisons(keySize)) {
    body.get(entry).memory(op, ENTRY.key + at).get(0).memory(op, at).op(equal).brIf(other)
  }
  if (marks) body.get(entry).i32(1).memory('i32_store', ENTRY.used)
  body.get(entry).memory('i32_load', ENTRY.value).op('return').end()
  body.get(entry).memory('i32_load', ENTRY.next).set(entry).br(next).end().end()
  return body.i32(0)
}

/** How a key is compared: 8 bytes at a time, what is left in smaller pieces. */
function* comparisons(size: number): Generator<[at: number, load: OpName, differs: OpName]> {
  for (let at = 0; at < size;) {
    const left = size - at
    if (left >= 8) yield [at, 'i64_load', 'i64_ne']
    else if (left >= 4) yield [at, 'i32_load', 'i32_ne']
    else yield [at, left >= 2 ? 'i32_load16_u' : 'i32_load8_u', 'i32_ne']
    at += left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1
  }
}
