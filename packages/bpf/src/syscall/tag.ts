/** A program's tag: the first eight bytes of SHA-1 over its instructions, maps left out (`bpf_prog_calc_tag`). */
import type { Code } from '../insn/code.ts'
import { encodeCode } from '../insn/code.ts'

const LDDW = 0x18
const PSEUDO_MAP_FD = 1
const PSEUDO_MAP_VALUE = 2
const TAG_SIZE = 8

export const tagOf = (code: Code): Uint8Array => {
  const imm = code.imm.slice()
  for (let slot = 0; slot < code.length; slot++) {
    const namesMap = code.src[slot] === PSEUDO_MAP_FD || code.src[slot] === PSEUDO_MAP_VALUE
    if (code.op[slot] !== LDDW || !namesMap) continue
    imm[slot] = 0
    imm[slot + 1] = 0
  }
  return sha1(encodeCode({ ...code, imm })).slice(0, TAG_SIZE)
}

const BLOCK = 64
const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** FIPS 180-4. */
const sha1 = (message: Uint8Array): Uint8Array => {
  const blocks = Math.ceil((message.length + 9) / BLOCK)
  const padded = new Uint8Array(blocks * BLOCK)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(message.length / 0x2000_0000))
  view.setUint32(padded.length - 4, message.length << 3)
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  const words = new Int32Array(80)
  for (let at = 0; at < padded.length; at += BLOCK) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4)
    for (let i = 16; i < 80; i++) words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1)
    mix(state, words)
  }
  const digest = new DataView(new ArrayBuffer(20))
  for (const [i, word] of state.entries()) digest.setInt32(i * 4, word)
  return new Uint8Array(digest.buffer)
}

const mix = (state: Int32Array, words: Int32Array): void => {
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number]
  for (let i = 0; i < 80; i++) {
    const [f, k] = i < 20 ? [(b & c) | (~b & d), 0x5a827999]
      : i < 40 ? [b ^ c ^ d, 0x6ed9eba1]
        : i < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
          : [b ^ c ^ d, 0xca62c1d6]
    const next = (rotate(a, 5) + f + e + k + words[i]!) | 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  for (const [i, word] of [a, b, c, d, e].entries()) state[i] = (state[i]! + word) | 0
}
