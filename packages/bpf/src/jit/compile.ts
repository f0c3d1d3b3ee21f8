/**
 * A program as a WebAssembly module: one function a subprogram, r0 to r10 in i64 locals. Exports: `run(context) -> r0`
 * (low word; the high one in the machine's cell), `main(context, low) -> i64` for tail calls, and `call(subprogram,
 * r1 … r5) -> r0` for callbacks of helpers.
 */
import {
  BPF_ABS, BPF_ALU, BPF_ALU64, BPF_CALL, BPF_CLASS, BPF_DW, BPF_IMM, BPF_IND, BPF_JMP, BPF_JMP32, BPF_LD, BPF_LDX,
  BPF_MODE, BPF_OP, BPF_SIZE, BPF_ST, BPF_STX,
} from '@lsmkit/abi'
import { isWide } from '../insn/disasm.ts'
import type { Executable, Helper, InlineMap } from '../vm/executable.ts'
import { FAULT } from '../vm/fault.ts'
import { Body } from '../wasm/body.ts'
import { ModuleBuilder, func } from '../wasm/module.ts'
import { I32, I64 } from '../wasm/opcode.ts'
import { costsOf, roundCost } from './cost.ts'
import type { Costs } from './cost.ts'
import { emitAlu } from './emit-alu.ts'
import { emitCall, giveFuel, takeFuel } from './emit-call.ts'
import type { Callees } from './emit-call.ts'
import { emitCondition } from './emit-jump.ts'
import { emitLoad, emitStore } from './emit-memory.ts'
import { flowOf } from './flow.ts'
import type { Flow, FlowBlock } from './flow.ts'
import { FRAME_SIZE, FrameContext } from './frame.ts'
import type { Imports, Places } from './frame.ts'
import { emitHashLookup } from './hash-lookup.ts'
import { isAlwaysInline } from './inline.ts'
import { knownRegisters, step } from './known.ts'
import { emitDispatched, emitStructured } from './structure.ts'
import type { BlockEmitter } from './structure.ts'

export interface Compiled {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Helpers in the order of their imports, `h0`, `h1` … */
  readonly helpers: readonly Helper[]
  /** Subprograms whose loops have no structure, so that a dispatcher runs them. */
  readonly dispatched: readonly number[]
}

/** Rounds that may_goto allows in one run of a subprogram. */
const MAY_GOTO_ROUNDS = 8 * 1024 * 1024

/** `budget`: instructions of one run, up to 2^31 - 1. */
export const compile = (program: Executable, places: Places, budget: number): Compiled => {
  const { code, starts } = program
  const module = new ModuleBuilder()
  module.hasTable = true
  const helpers = [...new Set(program.calls.values())]
  const lookups = new Map<InlineMap, number>()
  const imports: Imports = {
    lookups,
    fault: module.import('fault', func('ii', '')),
    tail: module.import('tail', func('iii', 'i')),
    callx: module.import('callx', func('iiiiiiiiiiii', 'i')),
    packet: module.import('packet', func('iii', 'i')),
    helpers: new Map(helpers.map((helper, at) => [helper, module.import(`h${at}`, typeOf(helper))])),
  }
  for (const { map } of program.wides.values()) {
    if (map?.kind === 'hash' && !lookups.has(map)) lookups.set(map, module.declare(func('i', 'i')))
  }
  const flows = starts.map((start, at) => flowOf(code, start, starts[at + 1] ?? code.length))
  const costs = costsOf(program, flows)
  const subprogram = func('IIIIIi', 'I')
  const entry = func('ii', 'I')
  const main = module.declare(entry)
  const functions = starts.map(() => module.declare(subprogram))
  const callees: Callees = {
    functionAt: (slot) => functions[starts.indexOf(slot)],
    entryType: module.type(entry),
    isRecursive: costs.isRecursive,
    usesFuel: (slot) => costs.usesFuel[starts.indexOf(slot)] === true,
  }
  const shared = { program, places, imports, callees, costs }
  module.define(main, emitFunction({ ...shared, flow: flows[0]!, at: 0, isEntry: true }))
  for (const [at, flow] of flows.entries()) {
    // the entry itself is called only by itself
    const body = at === 0 && !costs.isRecursive ? trap() : emitFunction({ ...shared, flow, at, isEntry: false })
    module.define(functions[at]!, body)
  }
  for (const [map, index] of lookups) if (map.kind === 'hash') module.define(index, emitHashLookup(map))
  const run = module.declare(func('i', 'i'))
  const isLeaf = starts.length === 1 && code.length <= MOST_INLINED && isQuiet(program)
  const inRun = isLeaf && !costs.usesFuel[0]
  module.define(run, inRun ? emitLeafRun(shared, flows[0]!) : emitRun(places, imports, costs, main, budget))
  module.export('run', run)
  module.export('main', main)
  const call = module.declare(func('iiiiii', 'i'))
  module.define(call, emitCallback(places, imports, costs, functions))
  module.export('call', call)
  const dispatched = flows.flatMap((flow, at) => (flow.isIrreducible ? [at] : []))
  return { bytes: module.finish(), helpers, dispatched }
}

const typeOf = ({ args }: Helper): ReturnType<typeof func> =>
  func([...args].map((letter) => (letter === 'l' ? 'ii' : 'i')).join(''), 'i')

const trap = (): Body => new Body(6).op('unreachable')

interface FunctionParts {
  readonly program: Executable
  readonly places: Places
  readonly imports: Imports
  readonly callees: Callees
  readonly costs: Costs
  readonly flow: Flow
  readonly at: number
  readonly isEntry: boolean
}

/** Entry: (context, low). Others: (r1 … r5, low). */
const emitFunction = ({ program, places, imports, callees, costs, flow, at, isEntry }: FunctionParts): Body => {
  const body = new Body(isEntry ? 2 : 6)
  const params = isEntry
    ? { registers: [], low: 1, context: 0 }
    : { registers: [undefined, 0, 1, 2, 3, 4] as unknown as number[], low: 5, context: -1 }
  const f = new FrameContext(program, body, places, imports, params)
  const holdsFuel = costs.usesFuel[at]!
  if (isEntry) body.get(0).op('i64_extend_i32_u').set(f.registers[1]!)
  body.get(f.low).i32(FRAME_SIZE).op('i32_add').op('i64_extend_i32_u').set(f.registers[10]!)
  if (holdsFuel) takeFuel(f)
  if (costs.isRecursive) chargeFuel(f, flow.blocks[0]!.start, costs.straight[at]!)
  if (hasMayGoto(program, flow)) body.i32(MAY_GOTO_ROUNDS).set(f.mayGoto)
  emitBlocks(f, flow, { callees, costs, holdsFuel, hasContext: isEntry }, () => {
    if (holdsFuel) giveFuel(f)
    body.get(f.registers[0]!).op('return')
  })
  return body
}

interface BlockParts {
  readonly callees: Callees
  readonly costs: Costs
  readonly holdsFuel: boolean
  readonly hasContext: boolean
}

/** `leave`: what `exit` is here. */
const emitBlocks = (
  f: FrameContext, flow: Flow, { callees, costs, holdsFuel, hasContext }: BlockParts, leave: () => void,
): void => {
  const { program, body } = f
  const known = knownRegisters(program, flow, hasContext)
  const emit: BlockEmitter = {
    straight(block) {
      f.known = [...known[block.index]!]
      emitStraight(f, block, callees, holdsFuel)
    },
    condition: ({ last }) => emitCondition(f, last),
    goRound(block, header) {
      const { start } = flow.blocks[header]!
      chargeFuel(f, start, roundCost(program.code, program.starts, flow, costs, block, header))
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
    step(f.program, slot, f.known)
  }
}

const emitSlot = (f: FrameContext, slot: number, callees: Callees, holdsFuel: boolean): void => {
  const op = f.code.op[slot]!
  if (f.code.dst[slot]! > 10 || f.code.src[slot]! > 10) return f.fault(slot, FAULT.opcode)
  switch (BPF_CLASS(op)) {
    case BPF_ALU:
    case BPF_ALU64:
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

/** Slots of a program that is emitted into `run` a second time, so that nothing is called on the way. */
const MOST_INLINED = 256

/** Nothing is called but what is compiled in: nobody asks the machine meanwhile, and no other program goes on. */
const isQuiet = ({ code, calls }: Executable): boolean => {
  for (let slot = 0; slot < code.length; slot++) {
    const op = code.op[slot]!
    if (isWide(op)) slot++
    else if (BPF_CLASS(op) === BPF_LD) return false
    else if (BPF_CLASS(op) === BPF_JMP && BPF_OP(op) === BPF_CALL) {
      if (!isAlwaysInline(calls.get(slot))) return false
    }
  }
  return true
}

/** `run` of a program that calls nothing and has no loop: its frame is checked, not taken, and nothing is counted. */
const emitLeafRun = (
  { program, places, imports, callees, costs }: Omit<FunctionParts, 'flow' | 'at' | 'isEntry'>, flow: Flow,
): Body => {
  const body = new Body(1)
  const low = body.local(I32)
  body.i32(places.stack).memory('i32_load', 0).i32(FRAME_SIZE).op('i32_sub').tee(low).i32(places.stackLimit)
  body.op('i32_lt_u').if()
  body.i32(-1).i32(FAULT.stack).call(imports.fault).op('unreachable').end()
  const f = new FrameContext(program, body, places, imports, { registers: [], low, context: 0 })
  body.get(0).op('i64_extend_i32_u').set(f.registers[1]!)
  body.get(low).i32(FRAME_SIZE).op('i32_add').op('i64_extend_i32_u').set(f.registers[10]!)
  emitBlocks(f, flow, { callees, costs, holdsFuel: false, hasContext: true }, () => {
    body.i32(places.high).get(f.registers[0]!).i64(32).op('i64_shr_u').memory('i64_store32', 0)
    body.get(f.registers[0]!).op('i32_wrap_i64').op('return')
  })
  return body
}

/** Takes frames from the machine's stack, runs the entry and gives them back. */
const emitRun = (places: Places, imports: Imports, costs: Costs, main: number, budget: number): Body => {
  const body = new Body(1)
  const [top, left, r0] = [body.local(I32), body.local(I32), body.local(I64)]
  takeFrames(body, places, imports, costs, top)
  body.i32(places.fuel).memory('i32_load', 0).set(left)
  body.i32(places.fuel).i32(budget).memory('i32_store', 0)
  body.get(0).get(top).i32(FRAME_SIZE).op('i32_sub').call(main).set(r0)
  body.i32(places.stack).get(top).memory('i32_store', 0)
  body.i32(places.fuel).get(left).memory('i32_store', 0)
  body.i32(places.high).get(r0).i64(32).op('i64_shr_u').memory('i64_store32', 0)
  return body.get(r0).op('i32_wrap_i64')
}

const emitCallback = (places: Places, imports: Imports, costs: Costs, functions: readonly number[]): Body => {
  const body = new Body(6)
  const [top, r0] = [body.local(I32), body.local(I64)]
  takeFrames(body, places, imports, costs, top)
  const done = body.block()
  const outside = body.block()
  const labels = functions.map(() => body.block()).reverse()
  body.get(0).brTable([...labels, outside])
  for (const [at, index] of functions.entries()) {
    body.end()
    body.i32(places.fuel).i32(places.fuel).memory('i32_load', 0).i32(costs.straight[at]!).op('i32_sub')
    body.memory('i32_store', 0).i32(places.fuel).memory('i32_load', 0).i32(0).op('i32_lt_s').if()
    body.i32(-1).i32(FAULT.budget).call(imports.fault).op('unreachable').end()
    for (let register = 1; register <= 5; register++) body.get(register).op('i64_extend_i32_u')
    body.get(top).i32(FRAME_SIZE).op('i32_sub').call(index).set(r0).br(done)
  }
  body.end().i32(-1).i32(FAULT.outside).call(imports.fault).op('unreachable').end()
  body.i32(places.stack).get(top).memory('i32_store', 0)
  body.i32(places.high).get(r0).i64(32).op('i64_shr_u').memory('i64_store32', 0)
  return body.get(r0).op('i32_wrap_i64')
}

/** Leaves in `top` where the stack was, and takes as many frames as calls go deep. */
const takeFrames = (body: Body, places: Places, imports: Imports, { depth }: Costs, top: number): void => {
  const size = depth * FRAME_SIZE
  body.i32(places.stack).memory('i32_load', 0).tee(top).i32(places.stackLimit + size).op('i32_lt_u').if()
  body.i32(-1).i32(FAULT.stack).call(imports.fault).op('unreachable').end()
  body.i32(places.stack).get(top).i32(size).op('i32_sub').memory('i32_store', 0)
}
