/** One subprogram as a function: its blocks in their structure, each instruction by its class. */
import {
  BPF_ABS, BPF_ALU, BPF_ALU64, BPF_CALL, BPF_CLASS, BPF_DW, BPF_IMM, BPF_IND, BPF_JMP, BPF_JMP32, BPF_LD, BPF_LDX,
  BPF_MODE, BPF_OP, BPF_SIZE, BPF_ST, BPF_STX,
} from '@lsmkit/abi'
import { isWide } from '../insn/disasm.ts'
import type { Executable } from '../vm/executable.ts'
import { FAULT } from '../vm/fault.ts'
import { Body } from '../wasm/body.ts'
import { I32 } from '../wasm/opcode.ts'
import { checkedBehind, checkedRegisters } from './checked.ts'
import { countedLoops } from './counted-loop.ts'
import { roundCost } from './cost.ts'
import type { Costs } from './cost.ts'
import { emitAlu } from './emit-alu.ts'
import { emitCall, giveFuel, takeFuel } from './emit-call.ts'
import type { Callees } from './emit-call.ts'
import { emitCondition } from './emit-jump.ts'
import { emitLoad, emitStore, emitWalk } from './emit-memory.ts'
import { emitMovedObject } from './emit-object.ts'
import type { Flow, FlowBlock } from './flow.ts'
import { FRAME_SIZE, FrameContext } from './frame.ts'
import type { Imports, Places } from './frame.ts'
import { knownRegisters, step } from './known.ts'
import type { Registers } from './known.ts'
import { emitDispatched, emitStructured } from './structure.ts'
import type { BlockEmitter } from './structure.ts'

/** The parts that the functions of a module have in common. */
export interface ModuleParts {
  readonly program: Executable
  readonly places: Places
  readonly imports: Imports
  readonly callees: Callees
  readonly costs: Costs
}

/** Rounds that may_goto allows in one run of a subprogram. */
const MAY_GOTO_ROUNDS = 8 * 1024 * 1024

/** The entry for tail calls and for the program's own module: (context, low) -> r0. */
export const emitMain = (parts: ModuleParts, flow: Flow): Body => {
  const { program, places, imports } = parts
  const body = new Body(2)
  const f = new FrameContext(program, body, places, imports, { registers: [], low: 1, context: 0 })
  body.get(0).op('i64_extend_i32_u').set(f.registers[1]!)
  emitRunning(f, parts, flow, 0, knownRegisters(program, flow, true))
  return body
}

/** (r1 … r5, low) -> r0. */
export const emitSubprogram = (parts: ModuleParts, flow: Flow, at: number): Body => {
  const { program, places, imports } = parts
  const body = new Body(6)
  const registers = [undefined, 0, 1, 2, 3, 4] as unknown as number[]
  const f = new FrameContext(program, body, places, imports, { registers, low: 5, context: -1 })
  emitRunning(f, parts, flow, at, knownRegisters(program, flow, false))
  return body
}

/** The whole of a subprogram that counts in the machine's cell and returns r0. */
const emitRunning = (
  f: FrameContext, parts: ModuleParts, flow: Flow, at: number, known: readonly Registers[],
): void => {
  const { costs } = parts
  const holdsFuel = costs.usesFuel[at]!
  if (holdsFuel) takeFuel(f)
  if (costs.isRecursive) chargeFuel(f, flow.blocks[0]!.start, costs.straight[at]!)
  emitBlocks(f, parts, flow, holdsFuel, known, () => {
    if (holdsFuel) giveFuel(f)
    f.body.get(f.registers[0]!).op('return')
  })
}

/** `known`: registers at the start of each block. `leave`: what `exit` is here. */
export const emitBlocks = (
  f: FrameContext, { callees, costs }: ModuleParts, flow: Flow, holdsFuel: boolean, known: readonly Registers[],
  leave: () => void,
): void => {
  const { program, body } = f
  body.get(f.low).i32(FRAME_SIZE).op('i32_add').op('i64_extend_i32_u').set(f.registers[10]!)
  if (hasMayGoto(program, flow)) body.i32(MAY_GOTO_ROUNDS).set(f.mayGoto)
  const checked = checkedRegisters(program, flow, known)
  const counted = countedLoops(program, flow, known)
  const costOf = (block: number, header: number): number =>
    roundCost(program.code, program.starts, flow, costs, block, header)
  const emit: BlockEmitter = {
    straight(block) {
      f.known = [...known[block.index]!]
      f.checked = checked[block.index]! | (counted.get(block.index)?.checked ?? 0)
      emitStraight(f, block, callees, holdsFuel)
    },
    condition: ({ last }) => emitCondition(f, last),
    enterLoop(header) {
      const loop = counted.get(header)
      if (loop === undefined) return
      chargeFuel(f, flow.blocks[header]!.start, costOf(header, header) * loop.rounds)
      for (const walk of loop.walks) emitWalk(f, walk)
    },
    goRound(block, header) {
      if (!counted.has(header)) chargeFuel(f, flow.blocks[header]!.start, costOf(block, header))
    },
    leave,
    outside: ({ end }) => f.fault(end - 1, FAULT.outside),
  }
  if (flow.isIrreducible) emitDispatched(body, flow, emit, body.local(I32))
  else emitStructured(body, flow, emit)
}

const chargeFuel = (f: FrameContext, slot: number, cost: number): void => {
  f.body.get(f.fuel).i32(cost).op('i32_sub').tee(f.fuel).i32(0).op('i32_lt_s')
  f.faultIf(slot, FAULT.budget)
}

const hasMayGoto = ({ code }: Executable, { blocks }: Flow): boolean =>
  blocks.some(({ last }) => last >= 0 && code.op[last] === 0xe5)

const emitStraight = (f: FrameContext, block: FlowBlock, callees: Callees, holdsFuel: boolean): void => {
  const end = block.last < 0 ? block.end : block.last
  for (let slot = block.start; slot < end; slot += isWide(f.code.op[slot]!) ? 2 : 1) {
    emitSlot(f, slot, callees, holdsFuel)
    f.checked = checkedBehind(f.program, slot, f.known, f.checked)
    step(f.program, slot, f.known)
  }
}

const emitSlot = (f: FrameContext, slot: number, callees: Callees, holdsFuel: boolean): void => {
  const op = f.code.op[slot]!
  if (f.code.dst[slot]! > 10 || f.code.src[slot]! > 10) return f.fault(slot, FAULT.opcode)
  switch (BPF_CLASS(op)) {
    case BPF_ALU:
    case BPF_ALU64:
      emitMovedObject(f, slot)
      return emitAlu(f, slot)
    case BPF_LDX:
      return emitLoad(f, slot)
    case BPF_ST:
    case BPF_STX:
      return emitStore(f, slot)
    case BPF_LD:
      return emitLd(f, slot, holdsFuel)
    case BPF_JMP:
      return BPF_OP(op) === BPF_CALL ? emitCall(f, callees, slot, holdsFuel) : f.fault(slot, FAULT.opcode)
    case BPF_JMP32:
    default:
      return f.fault(slot, FAULT.opcode)
  }
}

/** A 64-bit load, or bytes of the packet in network order; where the packet ends the subprogram ends with 0. */
const emitLd = (f: FrameContext, slot: number, holdsFuel: boolean): void => {
  const { body, code, registers, places } = f
  const op = code.op[slot]!
  if (op === (BPF_LD | BPF_IMM | BPF_DW)) {
    const wide = f.program.wides.get(slot)
    const dst = registers[code.dst[slot]!]
    if (wide === undefined || dst === undefined) return f.fault(slot, FAULT.opcode)
    body.i64(wide.low, wide.high).set(dst)
    return
  }
  const isPacket = (BPF_MODE(op) === BPF_ABS || BPF_MODE(op) === BPF_IND) && BPF_SIZE(op) !== BPF_DW
  if (!isPacket) return f.fault(slot, FAULT.opcode)
  body.get(registers[6]!).op('i32_wrap_i64').i32(code.imm[slot]!)
  if (BPF_MODE(op) === BPF_IND) body.get(registers[code.src[slot]!]!).op('i32_wrap_i64').op('i32_add')
  body.i32(PACKET_SIZES.get(BPF_SIZE(op))!).call(f.imports.packet).op('i64_extend_i32_u').set(registers[0]!)
  body.i32(places.high).memory('i32_load', 0).if()
  if (holdsFuel) giveFuel(f)
  body.i64(0).op('return').end()
}

const PACKET_SIZES: ReadonlyMap<number, number> = new Map([[0x00, 4], [0x08, 2], [0x10, 1]])
