/** Tells kinds of instructions apart. */
import {
  BPF_CALL, BPF_DW, BPF_EXIT, BPF_IMM, BPF_JA, BPF_JCOND, BPF_JMP, BPF_JMP32, BPF_LD, BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC,
  BPF_PSEUDO_KFUNC_CALL, BPF_SIZE, BPF_X,
} from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'

/** Codes that are compared whole. */
export const LD_IMM64 = BPF_LD | BPF_IMM | BPF_DW
export const CALL = BPF_JMP | BPF_CALL
export const EXIT = BPF_JMP | BPF_EXIT
export const JUMP = BPF_JMP | BPF_JA
/** A jump to the address in a register. */
export const JUMP_TABLE = JUMP | BPF_X
export const JUMP32 = BPF_JMP32 | BPF_JA
export const JUMP_CONDITION = BPF_JMP | BPF_JCOND

const isCallOf = (code: Code, slot: number, src: number): boolean => code.op[slot] === CALL && code.src[slot] === src

export const isPseudoCall = (code: Code, slot: number): boolean => isCallOf(code, slot, BPF_PSEUDO_CALL)
export const isKfuncCall = (code: Code, slot: number): boolean => isCallOf(code, slot, BPF_PSEUDO_KFUNC_CALL)
export const isHelperCall = (code: Code, slot: number): boolean => isCallOf(code, slot, 0)
export const isPseudoFunc = (code: Code, slot: number): boolean =>
  code.op[slot] === LD_IMM64 && code.src[slot] === BPF_PSEUDO_FUNC
export const isMayGoto = (code: Code, slot: number): boolean => code.op[slot] === JUMP_CONDITION

/** By BPF_SIZE, shifted down: word, half word, byte, double word. */
const SIZES = [4, 2, 1, 8]

/** Bytes that a load or store moves. */
export const sizeOf = (op: number): number => SIZES[BPF_SIZE(op) >> 3]!
