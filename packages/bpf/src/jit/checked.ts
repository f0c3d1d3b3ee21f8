/**
 * Which registers hold an address that was checked already on every way here. An access at or above its register's
 * address is checked by that address alone: what lies behind the end of memory traps. So the next access through the
 * same register needs no check of its own.
 */
import {
  BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_CMPXCHG, BPF_FETCH, BPF_JMP, BPF_JMP32, BPF_LD, BPF_LDX, BPF_MODE,
  BPF_MOV, BPF_OP, BPF_SRC, BPF_ST, BPF_STX, BPF_IMM, BPF_X, BPF_ALU,
} from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { isWide } from '../insn/disasm.ts'
import type { Executable } from '../vm/executable.ts'
import type { Flow } from './flow.ts'
import { step } from './known.ts'
import type { Known, Registers } from './known.ts'

/** Bits 0 to 10: registers that may be read through. Bits 16 to 26: those that may be written through as well. */
export type Checked = number

const WRITE = 16

export const isChecked = (checked: Checked, register: number, isStore: boolean): boolean =>
  (checked >> (isStore ? register + WRITE : register) & 1) === 1

/** Whether the access at `slot` is checked by its register's address, not by its own. */
export const checksBase = ({ code, probes }: Executable, slot: number): boolean =>
  code.off[slot]! >= 0 && probes?.[slot] !== 1

/**
 * At the start of each block; `known` is what its registers are there. More is taken for granted at first and taken
 * back until nothing changes.
 */
export const checkedRegisters = (
  program: Executable, flow: Flow, known: readonly Registers[],
): readonly Checked[] => {
  const at: (Checked | undefined)[] = flow.blocks.map(() => undefined)
  at[flow.order[0]!] = 0
  const pending = [flow.order[0]!]
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    const { start, end, taken, next } = flow.blocks[block]!
    const registers = [...known[block]!]
    let checked = at[block]!
    for (let slot = start; slot < end; slot += isWide(program.code.op[slot]!) ? 2 : 1) {
      checked = checkedBehind(program, slot, registers, checked)
      step(program, slot, registers)
    }
    for (const to of [taken, next]) {
      if (to < 0) continue
      const both = at[to] === undefined ? checked : at[to] & checked
      if (both === at[to]) continue
      at[to] = both
      pending.push(to)
    }
  }
  return at.map((checked) => checked ?? 0)
}

/** The effect of the instruction at `slot` on it. */
export const checkedBehind = (
  program: Executable, slot: number, registers: Registers, checked: Checked,
): Checked => {
  const { code } = program
  const op = code.op[slot]!
  const [dst, src] = [code.dst[slot]!, code.src[slot]!]
  if (dst > 10 || src > 10) return checked
  switch (BPF_CLASS(op)) {
    case BPF_ALU64:
      if (BPF_OP(op) !== BPF_MOV || BPF_SRC(op) !== BPF_X || code.off[slot] !== 0) return without(checked, dst)
      return without(checked, dst) | (checked >> src & bits(0)) << dst
    case BPF_ALU:
      return without(checked, dst)
    case BPF_LDX:
      return without(checksBase(program, slot) && !hasPlace(registers[src]) ? checked | 1 << src : checked, dst)
    case BPF_ST:
    case BPF_STX:
      return without(
        checksBase(program, slot) && !hasPlace(registers[dst]) ? checked | bits(dst) : checked, fetched(code, slot),
      )
    case BPF_LD:
      return BPF_MODE(op) === BPF_IMM ? without(checked, dst) : checked & ~CALLER_SAVED
    case BPF_JMP:
      return BPF_OP(op) === BPF_CALL ? checked & ~CALLER_SAVED : checked
    case BPF_JMP32:
    default:
      return checked
  }
}

/** Accesses at known places are not checked, so nothing is learned from them. */
export const hasPlace = (known: Known | undefined): boolean => known !== null && known?.base !== 'wide'

export const bits = (register: number): Checked => 1 << register | 1 << register + WRITE
const without = (checked: Checked, register: number): Checked => (register < 0 ? checked : checked & ~bits(register))
/** r0 to r5, either way. */
const CALLER_SAVED = 0x3f << WRITE | 0x3f

/** The register that an instruction changes, -1 when none; not for calls. */
export const writtenBy = (code: Code, slot: number): number => {
  const cls = BPF_CLASS(code.op[slot]!)
  if (cls === BPF_ST || cls === BPF_STX) return fetched(code, slot)
  return cls === BPF_JMP || cls === BPF_JMP32 ? -1 : code.dst[slot]!
}

/** The register that an atomic operation loads, -1 when the store loads none. */
const fetched = (code: Code, slot: number): number => {
  if (BPF_CLASS(code.op[slot]!) !== BPF_STX || BPF_MODE(code.op[slot]!) !== BPF_ATOMIC) return -1
  if (code.imm[slot] === BPF_CMPXCHG) return 0
  return code.imm[slot]! & BPF_FETCH ? code.src[slot]! : -1
}
