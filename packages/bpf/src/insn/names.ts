/** Spelling of operations in the verifier's notation: one table for the disassembler and the assembler. */
import {
  BPF_ADD, BPF_AND, BPF_ARSH, BPF_B, BPF_DIV, BPF_DW, BPF_H, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JLE, BPF_JLT, BPF_JNE,
  BPF_JSET, BPF_JSGE, BPF_JSGT, BPF_JSLE, BPF_JSLT, BPF_LSH, BPF_MOD, BPF_MOV, BPF_MUL, BPF_OR, BPF_RSH, BPF_SUB, BPF_W,
  BPF_XOR,
} from '@lsmkit/abi'

/** `r1 += r2`: operation → sign. */
export const ALU_SIGNS: ReadonlyMap<number, string> = new Map([
  [BPF_ADD, '+='],
  [BPF_SUB, '-='],
  [BPF_MUL, '*='],
  [BPF_DIV, '/='],
  [BPF_OR, '|='],
  [BPF_AND, '&='],
  [BPF_LSH, '<<='],
  [BPF_RSH, '>>='],
  [BPF_MOD, '%='],
  [BPF_XOR, '^='],
  [BPF_MOV, '='],
  [BPF_ARSH, 's>>='],
])

/** Division and remainder with off 1. */
export const SIGNED_ALU_SIGNS: ReadonlyMap<number, string> = new Map([
  [BPF_DIV, 's/='],
  [BPF_MOD, 's%='],
])

/** `if r1 > r2 goto`: operation → sign. */
export const JUMP_SIGNS: ReadonlyMap<number, string> = new Map([
  [BPF_JEQ, '=='],
  [BPF_JGT, '>'],
  [BPF_JLT, '<'],
  [BPF_JGE, '>='],
  [BPF_JLE, '<='],
  [BPF_JSET, '&'],
  [BPF_JNE, '!='],
  [BPF_JSGT, 's>'],
  [BPF_JSLT, 's<'],
  [BPF_JSGE, 's>='],
  [BPF_JSLE, 's<='],
])

/** `*(u32 *)(r1 +0)`: size → type, zero-extended. */
export const SIZE_NAMES: ReadonlyMap<number, string> = new Map([
  [BPF_W, 'u32'],
  [BPF_H, 'u16'],
  [BPF_B, 'u8'],
  [BPF_DW, 'u64'],
])

/** The same of BPF_MEMSX, sign-extended. */
export const SIGNED_SIZE_NAMES: ReadonlyMap<number, string> = new Map([
  [BPF_W, 's32'],
  [BPF_H, 's16'],
  [BPF_B, 's8'],
])

/** `atomic64_fetch_add`: operation → word. */
export const ATOMIC_WORDS: ReadonlyMap<number, string> = new Map([
  [BPF_ADD, 'add'],
  [BPF_AND, 'and'],
  [BPF_OR, 'or'],
  [BPF_XOR, 'xor'],
])
