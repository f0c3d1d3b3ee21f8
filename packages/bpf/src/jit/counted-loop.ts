/**
 * Loops of one block that go round a known number of times: a register steps from a constant to another. The counting
 * and checking of each round is done once before the first, because no round can be left out. A loop that would run out
 * of memory or of instructions is stopped there, before it has done anything.
 */
import {
  BPF_ADD, BPF_ALU64, BPF_CLASS, BPF_JLT, BPF_JMP, BPF_JNE, BPF_LDX, BPF_OP, BPF_SRC, BPF_ST, BPF_STX, BPF_SUB, BPF_X,
} from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { isWide } from '../insn/disasm.ts'
import type { Executable } from '../vm/executable.ts'
import { bits, checksBase, hasPlace, writtenBy } from './checked.ts'
import type { Checked } from './checked.ts'
import { predecessorsOf } from './flow.ts'
import type { Flow, FlowBlock } from './flow.ts'
import { step } from './known.ts'
import type { Registers } from './known.ts'

/** A register that the loop reads or writes through: all its addresses lie between its first and its last. */
export interface Walk {
  readonly register: number
  /** From the first address to that of the last round. */
  readonly span: number
  readonly isStore: boolean
  /** Slot of the access that is stopped when they do not fit. */
  readonly slot: number
}

export interface CountedLoop {
  readonly rounds: number
  readonly walks: readonly Walk[]
  /** Accesses that need no check in it. */
  readonly checked: Checked
}

/** Of all its rounds. */
const MOST_INSTRUCTIONS = 1 << 30
/** Furthest that a register walks. */
const LONGEST = 1 << 30

/** By block; `known`: registers at the start of each. */
export const countedLoops = (
  program: Executable, flow: Flow, known: readonly Registers[],
): ReadonlyMap<number, CountedLoop> => {
  const found = new Map<number, CountedLoop>()
  if (flow.isIrreducible || !flow.isLoop.includes(1)) return found
  const into = predecessorsOf(flow.blocks, flow.order)
  for (const at of flow.order) {
    const block = flow.blocks[at]!
    const before = into[at]!.filter((from) => from !== at)
    // whoever comes to it comes from above, and nobody from outside of the graph
    const isEntered = at !== flow.order[0] && before.every((from) => flow.place[from]! < flow.place[at]!)
    if (block.taken !== at || block.next === at || !isEntered) continue
    const writes = writesOf(program, block)
    if (writes === null) continue
    const entering = before.map((from) => registersBehind(program, flow, known, from))
    const rounds = roundsOf(program.code, block, writes, entering)
    if (rounds === 0 || rounds * (block.end - block.start + 1) > MOST_INSTRUCTIONS) continue
    found.set(at, { rounds, ...walksOf(program, block, writes, rounds, known[at]!) })
  }
  return found
}

/** Slots that write a register, by register; null when more happens than arithmetic, loads and stores. */
const writesOf = (program: Executable, { start, last }: FlowBlock): readonly number[][] | null => {
  const writes: number[][] = Array.from({ length: 11 }, () => [])
  for (let slot = start; slot < last; slot += isWide(program.code.op[slot]!) ? 2 : 1) {
    const op = program.code.op[slot]!
    const isPlain = BPF_CLASS(op) !== BPF_JMP && (isWide(op) || BPF_CLASS(op) !== 0)
    if (!isPlain || program.code.dst[slot]! > 10 || program.code.src[slot]! > 10) return null
    const register = writtenBy(program.code, slot)
    if (register >= 0) writes[register]!.push(slot)
  }
  return writes
}

const registersBehind = (program: Executable, flow: Flow, known: readonly Registers[], block: number): Registers => {
  const registers = [...known[block]!]
  const { start, end } = flow.blocks[block]!
  for (let slot = start; slot < end; slot += isWide(program.code.op[slot]!) ? 2 : 1) step(program, slot, registers)
  return registers
}

/** What the only write of a register adds to it in each round; 0 when it is something else. */
const strideOf = (code: Code, [slot, ...others]: readonly number[]): number => {
  if (slot === undefined || others.length > 0) return 0
  const op = code.op[slot]!
  if (BPF_CLASS(op) !== BPF_ALU64 || BPF_SRC(op) === BPF_X) return 0
  return BPF_OP(op) === BPF_ADD ? code.imm[slot]! : BPF_OP(op) === BPF_SUB ? -code.imm[slot]! : 0
}

/** How often the loop goes round; 0 when that is not known. */
const roundsOf = (
  code: Code, { last }: FlowBlock, writes: readonly number[][], entering: readonly Registers[],
): number => {
  const op = code.op[last]!
  const register = code.dst[last]!
  if (BPF_CLASS(op) !== BPF_JMP || BPF_SRC(op) === BPF_X || register > 9) return 0
  const stride = strideOf(code, writes[register]!)
  const [first] = entering.map((registers) => registers[register] ?? null)
  const isSame = entering.every((registers) => registers[register]?.off === first?.off)
  if (stride === 0 || first?.base !== 'number' || first.off !== (first.off | 0) || !isSame) return 0
  if (entering.some((registers) => registers[register]?.base !== 'number')) return 0
  const end = code.imm[last]!
  const rounds = (end - first.off) / stride
  if (BPF_OP(op) === BPF_JNE) return Number.isInteger(rounds) && rounds > 0 ? rounds : 0
  const isBelow = BPF_OP(op) === BPF_JLT && stride > 0 && first.off >= 0 && end > 0
  return isBelow ? Math.max(Math.ceil(rounds), 1) : 0
}

const walksOf = (
  program: Executable, { start, last }: FlowBlock, writes: readonly number[][], rounds: number, known: Registers,
): Pick<CountedLoop, 'walks' | 'checked'> => {
  const walks = new Map<number, Walk>()
  let checked = 0
  for (let slot = start; slot < last; slot += isWide(program.code.op[slot]!) ? 2 : 1) {
    const { code } = program
    const cls = BPF_CLASS(code.op[slot]!)
    if ((cls !== BPF_LDX && cls !== BPF_ST && cls !== BPF_STX) || !checksBase(program, slot)) continue
    const isStore = cls !== BPF_LDX
    const register = isStore ? code.dst[slot]! : code.src[slot]!
    const span = strideOf(code, writes[register]!) * (rounds - 1)
    const isSteady = writes[register]!.length === 0 || (span !== 0 && slot < writes[register]![0]!)
    if (!isSteady || hasPlace(known[register]) || Math.abs(span) > LONGEST) continue
    const before = walks.get(register)
    walks.set(register, { register, span, isStore: isStore || before?.isStore === true, slot: before?.slot ?? slot })
    checked |= isStore ? bits(register) : 1 << register
  }
  return { walks: [...walks.values()], checked }
}
