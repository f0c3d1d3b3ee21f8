/** Instructions changed at random: what a verifier would refuse, mostly. */
import type { Code } from '../insn/code.ts'
import type { Random } from './random.ts'

/** Stores, loads, atomics, calls, jumps, sums. */
const OFTEN = [0x7b, 0x63, 0x73, 0x79, 0x61, 0xdb, 0xc3, 0x85, 0x8d, 0x05, 0x0f, 0xbf, 0x72]

export const mutate = (code: Code, random: Random, changes: number): void => {
  for (let change = 0; change < changes; change++) {
    const slot = random.below(code.length)
    switch (random.below(6)) {
      case 0: code.op[slot] = random.below(256); break
      case 1: code.dst[slot] = random.below(12); break
      case 2: code.src[slot] = random.below(12); break
      case 3: code.off[slot] = random.pick([0, 1, -1, 8, random.below(65536) - 32768, random.below(64) - 32]); break
      case 4: code.imm[slot] = random.constant(); break
      default: code.op[slot] = random.pick(OFTEN)
    }
  }
}
