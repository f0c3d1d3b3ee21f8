/**
 * The times of other runners, in nanoseconds an instruction: measured once, beside the loop `xorshift`, which every
 * compiler turns into the same instructions. Its time here over its time there scales them: estimates come of it.
 */
import type { Computing } from './kernels.ts'

const XORSHIFT = 0.117

export type Times = Partial<Readonly<Record<Computing, number>>>

export const elsewhere: Readonly<Record<'ubpf' | 'ubpfInterpreter', Times>> = {
  ubpf: { xorshift: 0.118, alu32: 0.225, fnv: 0.151, copy: 0.08, division: 0.746, calls: 0.166 },
  ubpfInterpreter: { xorshift: 3.98, alu32: 4.33, fnv: 4.47, copy: 4.3, division: 4.24, calls: 3.81 },
}

/** A run of an LSM program of 20 instructions, two pointers and a look-up, compiled by rbpf. */
export const RBPF_PROGRAM = 6.3

/** How much slower this machine is than that one. */
export const slowdown = (xorshift: number): number => xorshift / XORSHIFT
