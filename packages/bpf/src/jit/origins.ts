/** Which registers of a program point to kernel objects, and where those pointers were loaded, on all ways. */
import {
  BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_CMPXCHG, BPF_DW, BPF_EXIT, BPF_FETCH, BPF_IMM, BPF_JA, BPF_JEQ,
  BPF_JMP, BPF_JMP32, BPF_JNE, BPF_LD, BPF_LDX, BPF_MEM, BPF_MODE, BPF_MOV, BPF_OP, BPF_PSEUDO_CALL, BPF_SRC, BPF_ST,
  BPF_STX, BPF_X,
} from '@lsmkit/abi'
import { isWide } from '../insn/disasm.ts'
import type { Executable } from '../vm/executable.ts'
import type { Accessor } from '../vm/object-space.ts'
import type { Flow } from './flow.ts'
import { step } from './known.ts'
import type { Registers } from './known.ts'

/** Pointers that are followed up, at most. */
const MOST_POINTERS = 400

/** Where a pointer is made: the load of an argument, or of a member. */
export interface Source {
  readonly slot: number
  readonly accessor: Accessor | null
  readonly argument: number
}

/** The use that an instruction makes of a register. */
export type Use = 'base' | 'zero' | 'any'

/** Bit 0: something other than a pointer of these; the others by number of the source, from 1. */
export type Origins = bigint
export const OTHER: Origins = 1n

const bit = (source: number): Origins => 1n << BigInt(source + 1)

/** Slots of a block's instructions. */
export function* slotsOf(program: Executable, { start, end }: { start: number; end: number }): Generator<number> {
  for (let slot = start; slot < end; slot += isWide(program.code.op[slot]!) ? 2 : 1) yield slot
}

/** The argument that a load takes whole from the context, -1 when it takes none. */
const argumentAt = (program: Executable, slot: number, registers: Registers): number => {
  const { code, given } = program
  const op = code.op[slot]!
  const from = registers[code.src[slot]!] ?? null
  if (op !== (BPF_LDX | BPF_MEM | BPF_DW) || from?.base !== 'context') return -1
  const at = from.off + code.off[slot]!
  return at >= 0 && (at & 7) === 0 && given[at >> 3] === 'address' ? at >> 3 : -1
}

export const sourcesOf = (program: Executable, flow: Flow, known: readonly Registers[]): Source[] | null => {
  const sources: Source[] = []
  for (const block of flow.order) {
    const registers = [...known[block]!]
    for (const slot of slotsOf(program, flow.blocks[block]!)) {
      const argument = argumentAt(program, slot, registers)
      const accessor = program.accessors.get(slot) ?? null
      if (argument >= 0) sources.push({ slot, accessor: null, argument })
      else if (accessor?.form === 'pointer') sources.push({ slot, accessor, argument: -1 })
      step(program, slot, registers)
    }
  }
  return sources.length > MOST_POINTERS ? null : sources
}

/** Numbers of the sources among origins. */
export const sourcesAmong = (origins: Origins): number[] => {
  const found: number[] = []
  for (let at = 0, rest = origins >> 1n; rest !== 0n; at++, rest >>= 1n) if ((rest & 1n) === 1n) found.push(at)
  return found
}

/** By slot, where the registers at it came from. `sourceAt`: by slot of its load, the number of a source. */
export const originsOf = (
  program: Executable, { blocks, order }: Flow, sourceAt: ReadonlyMap<number, number>,
): ReadonlyMap<number, readonly Origins[]> => {
  const found = new Map<number, readonly Origins[]>()
  const at: (Origins[] | undefined)[] = blocks.map(() => undefined)
  at[order[0]!] = Array.from({ length: 11 }, () => OTHER)
  const pending = [order[0]!]
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    const origins = [...at[block]!]
    for (const slot of slotsOf(program, blocks[block]!)) {
      found.set(slot, [...origins])
      stepOrigins(program, slot, origins, sourceAt)
    }
    const { taken, next } = blocks[block]!
    for (const to of [taken, next]) if (to >= 0 && join(at, to, origins)) pending.push(to)
  }
  return found
}

const stepOrigins = (
  program: Executable, slot: number, origins: Origins[], sourceAt: ReadonlyMap<number, number>,
): void => {
  const { code } = program
  const op = code.op[slot]!
  const [dst, src] = [code.dst[slot]!, code.src[slot]!]
  if (dst > 10 || src > 10) return
  switch (BPF_CLASS(op)) {
    case BPF_LDX: {
      const source = sourceAt.get(slot)
      origins[dst] = source === undefined ? OTHER : bit(source)
      return
    }
    case BPF_ALU64:
      origins[dst] = isMove(program, slot) ? origins[src]! : OTHER
      return
    case BPF_STX:
      if (BPF_MODE(op) !== BPF_ATOMIC) return
      if (code.imm[slot] === BPF_CMPXCHG) origins[0] = OTHER
      else if (code.imm[slot]! & BPF_FETCH) origins[src] = OTHER
      return
    case BPF_JMP:
      if (BPF_OP(op) === BPF_CALL) origins.fill(OTHER, 0, 6)
      return
    case BPF_JMP32: return
    case BPF_LD:
      if (op === (BPF_LD | BPF_IMM | BPF_DW)) origins[dst] = OTHER
      else origins.fill(OTHER, 0, 6)
      return
    default:
      if (BPF_CLASS(op) !== BPF_ST) origins[dst] = OTHER
  }
}

const join = (at: (Origins[] | undefined)[], to: number, from: readonly Origins[]): boolean => {
  const into = at[to]
  if (into === undefined) {
    at[to] = [...from]
    return true
  }
  let changed = false
  for (const [register, origins] of from.entries()) {
    const both = into[register]! | origins
    if (both === into[register]) continue
    into[register] = both
    changed = true
  }
  return changed
}

export const isMove = ({ code }: Executable, slot: number): boolean => {
  const op = code.op[slot]!
  return BPF_CLASS(op) === BPF_ALU64 && BPF_OP(op) === BPF_MOV && BPF_SRC(op) === BPF_X && code.off[slot] === 0
}

/** Registers that an instruction looks at, and how; a move alone is not a look. */
export const usesOf = (program: Executable, slot: number): readonly (readonly [register: number, use: Use])[] => {
  const { code, accessors } = program
  const op = code.op[slot]!
  const [dst, src] = [code.dst[slot]!, code.src[slot]!]
  const isRegister = BPF_SRC(op) === BPF_X
  switch (BPF_CLASS(op)) {
    case BPF_LDX: {
      const form = accessors.get(slot)?.form ?? 'bytes'
      return [[src, form === 'bytes' || BPF_MODE(op) !== BPF_MEM ? 'any' : 'base']]
    }
    case BPF_LD:
      return op === (BPF_LD | BPF_IMM | BPF_DW) ? [] : [[src, 'any'], [6, 'any']]
    case BPF_STX:
      return [[dst, 'any'], [src, 'any'], ...(BPF_MODE(op) === BPF_ATOMIC ? [[0, 'any'] as const] : [])]
    case BPF_JMP: {
      const operation = BPF_OP(op)
      if (operation === BPF_CALL) return argumentsOf(program, slot).map((register) => [register, 'any'])
      if (operation === BPF_EXIT) return [[0, 'any']]
      if (operation === BPF_JA) return []
      const isZero = (operation === BPF_JEQ || operation === BPF_JNE) && !isRegister && code.imm[slot] === 0
      return isZero ? [[dst, 'zero']] : [[dst, 'any'], ...(isRegister ? [[src, 'any'] as const] : [])]
    }
    default:
      if (isMove(program, slot)) return []
      return [
        ...(BPF_CLASS(op) !== BPF_ST && BPF_OP(op) === BPF_MOV ? [] : [[dst, 'any'] as const]),
        ...(isRegister && BPF_CLASS(op) !== BPF_ST ? [[src, 'any'] as const] : []),
      ]
  }
}

/** A helper gets as many registers as it has arguments; a subprogram, or one that a register names, all five. */
const argumentsOf = ({ code, calls }: Executable, slot: number): number[] => {
  const isAny = code.src[slot] === BPF_PSEUDO_CALL || BPF_SRC(code.op[slot]!) === BPF_X
  const count = isAny ? 5 : (calls.get(slot)?.args.length ?? 5)
  return Array.from({ length: count + (isAny ? 1 : 0) }, (_, at) => (at === 5 ? code.dst[slot]! : at + 1))
}
