/**
 * Look-up in one hash map: hash, bucket, chain. The chain lies in memory that programs cannot write, so it ends. Hash
 * and layout are those of maps/hash-map.ts; a test holds the two together.
 */
import { ENTRY } from '../maps/hash-map.ts'
import { HEADER } from '../maps/bpf-map.ts'
import type { InlineMap } from '../vm/executable.ts'
import { Body } from '../wasm/body.ts'
import { I32 } from '../wasm/opcode.ts'
import type { OpName } from '../wasm/opcode.ts'

type HashMapPlace = Extract<InlineMap, { kind: 'hash' }>

const MULTIPLIER = 0x9e3779b1 | 0

/** i32 locals: the key's address, and three to work with; the value's address or 0 is left in `value`. */
export interface HashLocals {
  readonly key: number
  readonly hash: number
  readonly entry: number
  readonly value: number
}

/** As a function `(key) -> value or 0`. */
export const emitHashFunction = (map: HashMapPlace): Body => {
  const body = new Body(1)
  const locals = { key: 0, hash: body.local(I32), entry: body.local(I32), value: body.local(I32) }
  emitHashLookup(body, map, locals)
  return body.get(locals.value)
}

export const emitHashLookup = (
  body: Body, { header, keySize, marks }: HashMapPlace, { key, hash, entry, value }: HashLocals,
): void => {
  body.i32(keySize).set(hash)
  const mix = (): void => {
    body.get(hash).op('i32_xor').i32(MULTIPLIER).op('i32_mul').tee(hash).i32(15).op('i32_shr_u')
    body.get(hash).op('i32_xor').set(hash)
  }
  const whole = keySize & ~3
  for (let at = 0; at < whole; at += 4) {
    body.get(key).memory('i32_load', at)
    mix()
  }
  if (whole < keySize) {
    for (let at = whole; at < keySize; at++) {
      body.get(key).memory('i32_load8_u', at).i32((at - whole) * 8).op('i32_shl')
      if (at > whole) body.op('i32_or')
    }
    mix()
  }
  body.i32(header).memory('i32_load', HEADER.values)
  body.get(hash).i32(header).memory('i32_load', HEADER.mask).op('i32_and').i32(2).op('i32_shl').op('i32_add')
  body.memory('i32_load', 0).set(entry).i32(0).set(value)
  const end = body.block()
  const next = body.loop()
  body.get(entry).op('i32_eqz').brIf(end)
  const other = body.block()
  body.get(entry).memory('i32_load', ENTRY.hash).get(hash).op('i32_ne').brIf(other)
  for (const [at, op, equal] of comparisons(keySize)) {
    body.get(entry).memory(op, ENTRY.key + at).get(key).memory(op, at).op(equal).brIf(other)
  }
  if (marks) body.get(entry).i32(1).memory('i32_store', ENTRY.used)
  body.get(entry).memory('i32_load', ENTRY.value).set(value).br(end).end()
  body.get(entry).memory('i32_load', ENTRY.next).set(entry).br(next).end().end()
}

/**
 * How a key is compared: 8 bytes at a time, what is left in smaller pieces. Keys of one word have nothing in common but
 * their hash when they are the same: each step of it can be undone.
 */
function* comparisons(size: number): Generator<[at: number, load: OpName, differs: OpName]> {
  if (size <= 4) return
  for (let at = 0; at < size;) {
    const left = size - at
    if (left >= 8) yield [at, 'i64_load', 'i64_ne']
    else if (left >= 4) yield [at, 'i32_load', 'i32_ne']
    else yield [at, left >= 2 ? 'i32_load16_u' : 'i32_load8_u', 'i32_ne']
    at += left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1
  }
}
