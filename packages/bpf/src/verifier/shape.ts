/** What an instruction is, told from its columns. */
import type { Code } from '../insn/code.ts'

export const LD_IMM64 = 0x18

export const classOf = (op: number): number => op & 7

export const isPseudoCall = (code: Code, slot: number): boolean => code.op[slot] === 0x85 && code.src[slot] === 1
export const isKfuncCall = (code: Code, slot: number): boolean => code.op[slot] === 0x85 && code.src[slot] === 2
export const isHelperCall = (code: Code, slot: number): boolean => code.op[slot] === 0x85 && code.src[slot] === 0
export const isPseudoFunc = (code: Code, slot: number): boolean => code.op[slot] === LD_IMM64 && code.src[slot] === 4
export const isMayGoto = (code: Code, slot: number): boolean => code.op[slot] === 0xe5

/** Bytes of a load or store. */
export const sizeOf = (op: number): number => [4, 2, 1, 8][(op >> 3) & 3]!
