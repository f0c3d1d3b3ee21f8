/** A loop whose speed shows the machine's: 64 rounds of xorshift. Absolute times are printed beside it. */
import { timedPass } from './cell.ts'
import type { Cell } from './cell.ts'

const spin = (count: number): number => {
  let x = 0x2545f491
  for (let i = 0; i < count * 64; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
  }
  return x
}

export const cell = (): Cell => ({ pass: timedPass(2000, spin) })

export const calibration = { name: 'calibration (64 xorshift)', module: import.meta.url, args: null }
