/**
 * Which words of its context a program reads, when all it does with it is to load from known places: then the words
 * can be handed over as they are, and no context has to lie in memory.
 */
import {
  BPF_ADD, BPF_ALU, BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_EXIT, BPF_IMM, BPF_JA, BPF_JMP, BPF_LD, BPF_LDX,
  BPF_MODE, BPF_MOV, BPF_OP, BPF_PSEUDO_CALL, BPF_SIZE, BPF_SRC, BPF_ST, BPF_STX, BPF_SUB, BPF_X,
} from '@lsmkit/abi'
import { isWide } from '../insn/disasm.ts'
import type { Executable } from '../vm/executable.ts'
import { SIZES } from './emit-memory.ts'
import type { Flow } from './flow.ts'
import { step } from './known.ts'
import type { Registers } from './known.ts'

/** Bits of the words read; null when the context goes anywhere else: to a helper, a subprogram, into memory. */
export const contextReads = (program: Executable, flow: Flow, known: readonly Registers[]): number | null => {
  const holders: (number | undefined)[] = flow.blocks.map(() => undefined)
  const first = flow.order[0]!
  holders[first] = 1 << 1
  const pending = [first]
  let reads = 0
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { start, end, taken, next } = flow.blocks[at]!
    const registers = [...known[at]!]
    let holding = holders[at]!
    for (let slot = start; slot < end; slot += isWide(program.code.op[slot]!) ? 2 : 1) {
      const used = useAt(program, slot, registers, holding)
      if (used === null) return null
      reads |= used.reads
      holding = used.holding
      step(program, slot, registers)
    }
    for (const to of [taken, next]) {
      if (to < 0 || (holders[to] !== undefined && (holders[to] | holding) === holders[to])) continue
      holders[to] = (holders[to] ?? 0) | holding
      pending.push(to)
    }
  }
  return reads
}

interface Use {
  readonly reads: number
  /** Registers that may hold the context afterwards, as bits. */
  readonly holding: number
}

const useAt = (program: Executable, slot: number, registers: Registers, holding: number): Use | null => {
  const { code } = program
  const op = code.op[slot]!
  const [dst, src] = [code.dst[slot]!, code.src[slot]!]
  const holds = (register: number): boolean => (holding >> register & 1) === 1
  const without = (register: number): Use => ({ reads: 0, holding: holding & ~(1 << register) })
  const readsRegister = BPF_SRC(op) === BPF_X
  switch (BPF_CLASS(op)) {
    case BPF_ALU64:
      if (BPF_OP(op) === BPF_MOV && code.off[slot] === 0) {
        const isHeld = readsRegister && holds(src)
        return { reads: 0, holding: isHeld ? holding | 1 << dst : holding & ~(1 << dst) }
      }
      if ((BPF_OP(op) === BPF_ADD || BPF_OP(op) === BPF_SUB) && !readsRegister) return { reads: 0, holding }
      return holds(dst) || (readsRegister && holds(src)) ? null : { reads: 0, holding }
    case BPF_ALU:
      if (readsRegister && holds(src)) return null
      if (BPF_OP(op) === BPF_MOV) return without(dst)
      return holds(dst) ? null : { reads: 0, holding }
    case BPF_LDX: {
      if (!holds(src)) return without(dst)
      const word = wordAt(program, slot, registers)
      return word < 0 ? null : { reads: 1 << word, holding: holding & ~(1 << dst) }
    }
    case BPF_ST:
      return holds(dst) ? null : { reads: 0, holding }
    case BPF_STX:
      // an atomic compare looks at r0 too
      return holds(dst) || holds(src) || (BPF_MODE(op) === BPF_ATOMIC && holds(0)) ? null : { reads: 0, holding }
    case BPF_LD:
      return BPF_MODE(op) === BPF_IMM ? without(dst) : null
    case BPF_JMP:
      if (BPF_OP(op) === BPF_CALL) return called(program, slot, holding)
      if (BPF_OP(op) === BPF_EXIT) return holds(0) ? null : { reads: 0, holding }
      return jumped(op, holds(dst) || (readsRegister && holds(src)), holding)
    default:
      return jumped(op, holds(dst) || (readsRegister && holds(src)), holding)
  }
}

const jumped = (op: number, compares: boolean, holding: number): Use | null =>
  compares && BPF_OP(op) !== BPF_JA ? null : { reads: 0, holding }

/** The word that a load from the context lies in, -1 when that is not known or it lies in two. */
const wordAt = ({ code, contextSize }: Executable, slot: number, registers: Registers): number => {
  const known = registers[code.src[slot]!] ?? null
  if (known?.base !== 'context') return -1
  const at = known.off + code.off[slot]!
  const size = SIZES.get(BPF_SIZE(code.op[slot]!))!
  return at < 0 || at + size > contextSize || (at & 7) + size > 8 ? -1 : at >> 3
}

/** A helper gets as many registers as it has arguments; a subprogram, or one that a register names, all five. */
const called = ({ code, calls }: Executable, slot: number, holding: number): Use | null => {
  const isPseudo = code.src[slot] === BPF_PSEUDO_CALL || BPF_SRC(code.op[slot]!) === BPF_X
  const count = isPseudo ? 5 : (calls.get(slot)?.args.length ?? 5)
  return (holding & ((1 << count) - 1) << 1) === 0 ? { reads: 0, holding: holding & ~0x3f } : null
}
