/** Facts about registers without any verifier: constants, the frame, the context, maps; through all paths. */
import {
  BPF_ADD, BPF_ALU, BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_CMPXCHG, BPF_DW, BPF_FETCH, BPF_IMM, BPF_JMP,
  BPF_LD, BPF_LDX, BPF_MODE, BPF_MOV, BPF_OP, BPF_SRC, BPF_STX, BPF_SUB, BPF_X,
} from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { isWide } from '../insn/disasm.ts'
import type { Executable, Wide } from '../vm/executable.ts'
import type { Flow } from './flow.ts'

/** A register's value: a number, an offset from the frame pointer or the context, a 64-bit load; null: anything. */
export type Known =
  | { readonly base: 'number' | 'frame' | 'context'; readonly off: number }
  | { readonly base: 'wide'; readonly off: number; readonly wide: Wide }
  | null

/** By register, 0 to 10. */
export type Registers = Known[]

/** At the entry of a subprogram; only the program's own has a context. */
const entryRegisters = (hasContext: boolean): Registers => {
  const registers: Registers = Array.from({ length: 11 }, () => null)
  if (hasContext) registers[1] = { base: 'context', off: 0 }
  registers[10] = { base: 'frame', off: 0 }
  return registers
}

/** Registers at the start of each reachable block. */
export const knownRegisters = (program: Executable, flow: Flow, hasContext: boolean): readonly Registers[] => {
  const at: (Registers | undefined)[] = flow.blocks.map(() => undefined)
  at[flow.order[0]!] = entryRegisters(hasContext)
  const pending = [flow.order[0]!]
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    const { start, end, taken, next } = flow.blocks[block]!
    const registers = [...at[block]!]
    for (let slot = start; slot < end; slot += isWide(program.code.op[slot]!) ? 2 : 1) step(program, slot, registers)
    for (const to of [taken, next]) if (to >= 0 && join(at, to, registers)) pending.push(to)
  }
  return at.map((registers) => registers ?? entryRegisters(false))
}

/** Whether something is less known at `to` than before. */
const join = (at: (Registers | undefined)[], to: number, from: Registers): boolean => {
  const into = at[to]
  if (into === undefined) {
    at[to] = [...from]
    return true
  }
  let changed = false
  for (const [register, known] of into.entries()) {
    if (known === null || same(known, from[register]!)) continue
    into[register] = null
    changed = true
  }
  return changed
}

const same = (one: Known, other: Known): boolean =>
  one === other || (one !== null && other !== null && one.base === other.base && one.off === other.off
    && (one.base !== 'wide' || one.wide === (other as { wide: Wide }).wide))

/** The effect of the instruction at `slot` on the registers. */
export const step = ({ code, wides }: Executable, slot: number, registers: Registers): void => {
  const op = code.op[slot]!
  // no such register: the program is stopped here
  if (code.dst[slot]! > 10 || code.src[slot]! > 10) return
  switch (BPF_CLASS(op)) {
    case BPF_ALU64:
      registers[code.dst[slot]!] = alu64(code, slot, registers)
      return
    case BPF_ALU:
      registers[code.dst[slot]!] = isMove(op) && BPF_SRC(op) !== BPF_X ? number(code.imm[slot]! >>> 0) : null
      return
    case BPF_LDX:
      registers[code.dst[slot]!] = null
      return
    case BPF_LD:
      if (op !== (BPF_LD | BPF_IMM | BPF_DW)) registers.fill(null, 0, 6)
      else registers[code.dst[slot]!] = ofWide(wides.get(slot))
      return
    case BPF_STX:
      if (BPF_MODE(op) !== BPF_ATOMIC) return
      if (code.imm[slot] === BPF_CMPXCHG) registers[0] = null
      else if (code.imm[slot]! & BPF_FETCH) registers[code.src[slot]!] = null
      return
    case BPF_JMP:
      if (BPF_OP(op) === BPF_CALL) registers.fill(null, 0, 6)
  }
}

const alu64 = (code: Code, slot: number, registers: Registers): Known => {
  const op = code.op[slot]!
  const left = registers[code.dst[slot]!]!
  const right: Known = BPF_SRC(op) === BPF_X ? registers[code.src[slot]!]! : number(code.imm[slot]!)
  if (code.off[slot] !== 0) return null
  if (isMove(op)) return right
  if (left === null || right?.base !== 'number') return null
  if (BPF_OP(op) !== BPF_ADD && BPF_OP(op) !== BPF_SUB) return null
  const off = BPF_OP(op) === BPF_ADD ? left.off + right.off : left.off - right.off
  return off === (off | 0) ? { ...left, off } : null
}

const isMove = (op: number): boolean => BPF_OP(op) === BPF_MOV
const number = (off: number): Known => ({ base: 'number', off })

const ofWide = (wide: Wide | undefined): Known => {
  if (wide === undefined) return null
  if (wide.map !== undefined || wide.subprogram !== undefined) return { base: 'wide', off: 0, wide }
  return wide.high === 0 ? number(wide.low >>> 0) : null
}
