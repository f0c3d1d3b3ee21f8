/**
 * How a program is entered from JavaScript. `run` gets a context that lies in memory. `entry` gets the words of one,
 * low and high halves, for a hook: where the program only loads from it they stay in locals, and a program that meets
 * nobody else on its way takes nothing from the machine.
 */
import { BPF_CALL, BPF_CLASS, BPF_JMP, BPF_OP, BPF_X } from '@lsmkit/abi'
import { isWide } from '../insn/disasm.ts'
import type { Executable } from '../vm/executable.ts'
import { FAULT } from '../vm/fault.ts'
import { mayCompile } from '../vm/may-compile.ts'
import { Body } from '../wasm/body.ts'
import { I32, I64 } from '../wasm/opcode.ts'
import { contextReads } from './context-use.ts'
import type { Costs } from './cost.ts'
import { TAIL_CALL } from './emit-call.ts'
import { emitBlocks } from './emit-function.ts'
import type { ModuleParts } from './emit-function.ts'
import type { Flow } from './flow.ts'
import { contextOffset, FRAME_SIZE, FrameContext } from './frame.ts'
import { inlineAt } from './inline.ts'
import { knownRegisters, step } from './known.ts'
import type { Registers } from './known.ts'
import { objectFlow } from './object-flow.ts'
import type { Ahead, ObjectFlow, ObjectLoad } from './object-flow.ts'

/** Slots of a program that is emitted into `entry` a second time. */
const MOST_INLINED = 1024

/** The shape of `entry`, for its callers. */
export interface Entry {
  readonly body: Body
  /** Words of the context that it takes, two parameters each. */
  readonly words: number
  /** Those of them that the program reads, as bits. */
  readonly reads: number
  /** It takes nothing from the machine that a fault would have to give back. */
  readonly isLeaf: boolean
  /** The parameters behind the words, one each. */
  readonly ahead: readonly Ahead[]
  /** Loads of members of kernel objects that need no address, by slot. */
  readonly loads: ReadonlyMap<number, ObjectLoad>
  /** It may take handles of objects. */
  readonly meetsObjects: boolean
}

/** `main`: index of the function that goes on from a context in memory. */
export const emitEntry = (
  parts: ModuleParts, plan: EntryPlan | null, flow: Flow, main: number, budget: number,
): Entry => {
  const { program } = parts
  if (plan === null) return entryThroughMemory(parts, main, budget)
  const { known, objects } = plan
  const reads = plan.reads & ~(objects?.unread ?? 0)
  const isLeaf = program.starts.length === 1 && isQuiet(program, flow, known) && !readsObjects(program, objects)
  const words = Math.min(32 - Math.clz32(reads), program.given.length)
  const body = entryInlined(parts, plan, flow, words, isLeaf, budget)
  const loads = objects?.loads ?? new Map<number, ObjectLoad>()
  const meetsObjects = meets(program, reads, loads, objects)
  return { body, words, reads, isLeaf, ahead: objects?.ahead ?? [], loads, meetsObjects }
}

/** Helpers that never come to a kernel object. */
const BLIND: ReadonlySet<string> = new Set([
  'map_lookup_elem', 'map_update_elem', 'map_delete_elem', 'get_current_pid_tgid', 'get_current_uid_gid',
  'get_current_comm', 'ktime_get_ns', 'ktime_get_boot_ns', 'get_smp_processor_id', 'get_prandom_u32', 'strncmp',
  'ringbuf_reserve', 'ringbuf_submit', 'ringbuf_discard',
].map((name) => `bpf_${name}`))

/** Whether handles are taken: for a word or a load, or by whoever is called. */
const meets = (
  { code, given, probes, calls, starts }: Executable, reads: number, loads: ReadonlyMap<number, ObjectLoad>,
  objects: ObjectFlow | null,
): boolean => {
  const hasHandle = objects?.ahead.some(({ as }) => as === 'handle') ?? false
  const takes = [...loads.values()].some((load) => load.by === 'object' && load.as === 'handle')
  const hasWord = given.some((word, at) => word === 'address' && (reads >> at & 1) === 1)
  const byAddress = probes?.some((probe, slot) => probe === 1 && !loads.has(slot)) ?? false
  const isNamed = !code.op.includes(BPF_JMP | BPF_CALL | BPF_X)
  const isBlind = starts.length === 1 && isNamed && [...calls.values()].every(({ name }) => BLIND.has(name))
  return !isBlind || hasHandle || takes || hasWord || byAddress
}

/** The plan of `entry` before anything is emitted; null if it goes through memory. */
export interface EntryPlan {
  readonly known: readonly Registers[]
  /** Words of the context that are loaded, as bits. */
  readonly reads: number
  readonly objects: ObjectFlow | null
}

export const planEntry = (program: Executable, costs: Costs, flow: Flow): EntryPlan | null => {
  const known = knownRegisters(program, flow, true)
  const reads = isInlined(program, costs, flow) ? contextReads(program, flow, known) : null
  if (reads === null) return null
  const objects = program.accessors.size > 0 && mayCompile() ? objectFlow(program, flow, known) : null
  return { known, reads, objects }
}

/** Whatever ends it early returns r0 there; `main` does so with 64 bits. */
const isInlined = (program: Executable, costs: Costs, { blocks }: Flow): boolean =>
  !costs.isRecursive && blocks.at(-1)!.end <= MOST_INLINED && !hasTailCall(program)

/** Members are read while it runs: by JavaScript, and a host's own objects may do anything then. */
const readsObjects = ({ probes }: Executable, objects: ObjectFlow | null): boolean =>
  probes?.some((probe, slot) => {
    const by = objects?.loads.get(slot)?.by
    return probe === 1 && by !== 'ahead' && by !== 'nothing'
  }) ?? false

/** Nothing is called but what is compiled in: nobody asks the machine meanwhile. */
const isQuiet = (program: Executable, flow: Flow, known: readonly Registers[]): boolean => {
  const { code, calls } = program
  for (const block of flow.order) {
    const registers = [...known[block]!]
    const { start, end } = flow.blocks[block]!
    for (let slot = start; slot < end; slot += isWide(code.op[slot]!) ? 2 : 1) {
      const isCall = BPF_CLASS(code.op[slot]!) === BPF_JMP && BPF_OP(code.op[slot]!) === BPF_CALL
      if (isCall && inlineAt(calls.get(slot), registers) === null) return false
      step(program, slot, registers)
    }
  }
  return true
}

const entryInlined = (
  parts: ModuleParts, { known, objects }: EntryPlan, flow: Flow, words: number, isLeaf: boolean, budget: number,
): Body => {
  const { program, places, imports, costs } = parts
  const ahead = (objects?.ahead ?? []).map((_, at) => words * 2 + at)
  const body = new Body(words * 2 + ahead.length)
  const low = body.local(I32)
  const held = isLeaf ? null : takeFrom(body, parts)
  if (held !== null) body.get(held.top).i32(FRAME_SIZE).op('i32_sub').set(low)
  else body.i32(places.leafFrame).set(low)
  const context = Array.from({ length: program.contextSize >> 3 }, (_, at) => (at < words ? body.local(I64) : -1))
  for (let at = 0; at < words; at++) {
    body.get(at * 2).op('i64_extend_i32_u')
    if (program.given[at] === 'number') {
      body.get(at * 2 + 1).op('i64_extend_i32_u').i64(32).op('i64_shl').op('i64_or')
    }
    body.set(context[at]!)
  }
  const f = new FrameContext(program, body, places, imports, {
    registers: [], low, context: -1, words: context, objectFlow: objects, ahead,
  })
  const holdsFuel = costs.usesFuel[0]!
  if (holdsFuel) body.i32(budget).set(f.fuel)
  emitBlocks(f, parts, flow, holdsFuel, known, () => {
    if (held !== null) giveBack(body, parts, held)
    body.get(f.registers[0]!).op('i32_wrap_i64').op('return')
  })
  return body
}

/** The context goes where it is seen: it is laid out at the place that belongs to the frame. */
const entryThroughMemory = (parts: ModuleParts, main: number, budget: number): Entry => {
  const { program, places } = parts
  const { given, contextSize } = program
  const words = given.length
  const body = new Body(words * 2)
  const [context, r0] = [body.local(I32), body.local(I64)]
  const held = takeFrom(body, parts)
  setBudget(body, parts, budget)
  body.get(held.top).i32(2).op('i32_shr_u').i32(contextOffset(places)).op('i32_add').set(context)
  for (let at = 0; at < contextSize >> 3; at++) {
    for (const half of [0, 1]) {
      const isGiven = at < words && (half === 0 || given[at] === 'number')
      body.get(context)
      if (isGiven) body.get(at * 2 + half)
      else body.i32(0)
      body.memory('i32_store', at * 8 + half * 4)
    }
  }
  body.get(context).get(held.top).i32(FRAME_SIZE).op('i32_sub').call(main).set(r0)
  giveBack(body, parts, held)
  body.get(r0).op('i32_wrap_i64')
  return { body, words, reads: 2 ** words - 1, isLeaf: false, ahead: [], loads: new Map(), meetsObjects: true }
}

/** (context) -> r0: the low word, the high one in the machine's cell. */
export const emitRun = (parts: ModuleParts, main: number, budget: number): Body => {
  const body = new Body(1)
  const r0 = body.local(I64)
  const held = takeFrom(body, parts)
  setBudget(body, parts, budget)
  body.get(0).get(held.top).i32(FRAME_SIZE).op('i32_sub').call(main).set(r0)
  giveBack(body, parts, held)
  return wordsOf(body, parts, r0)
}

/** (subprogram, r1 … r5) -> r0, for a helper: instructions go on being counted. */
export const emitCallback = (parts: ModuleParts, functions: readonly number[]): Body => {
  const { places, imports, costs } = parts
  const body = new Body(6)
  const [top, r0] = [body.local(I32), body.local(I64)]
  takeFrames(body, parts, top)
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
  return wordsOf(body, parts, r0)
}

const wordsOf = (body: Body, { places }: ModuleParts, r0: number): Body => {
  body.i32(places.high).get(r0).i64(32).op('i64_shr_u').memory('i64_store32', 0)
  return body.get(r0).op('i32_wrap_i64')
}

/** Locals with what the machine had before: the place of frames, instructions and tail calls left. */
interface Held {
  readonly top: number
  readonly fuel: number
  readonly tails: number
}

const hasTailCall = ({ code }: Executable): boolean =>
  code.op.some((op, slot) => op === (BPF_JMP | BPF_CALL) && code.src[slot] === 0 && code.imm[slot] === TAIL_CALL)

/** Whether the machine's count of instructions changes: this program counts, or one that it goes on with does. */
const counts = ({ program, costs }: ModuleParts): boolean => costs.usesFuel[0]! || hasTailCall(program)

/** Takes frames, and a new run's counts. */
const takeFrom = (body: Body, parts: ModuleParts): Held => {
  const { places, program } = parts
  const held = { top: body.local(I32), fuel: body.local(I32), tails: body.local(I32) }
  takeFrames(body, parts, held.top)
  if (counts(parts)) body.i32(places.fuel).memory('i32_load', 0).set(held.fuel)
  if (hasTailCall(program)) {
    body.i32(places.tails).memory('i32_load', 0).set(held.tails)
    body.i32(places.tails).i32(0).memory('i32_store', 0)
  }
  return held
}

const setBudget = (body: Body, parts: ModuleParts, budget: number): void => {
  if (counts(parts)) body.i32(parts.places.fuel).i32(budget).memory('i32_store', 0)
}

const giveBack = (body: Body, parts: ModuleParts, { top, fuel, tails }: Held): void => {
  const { places, program } = parts
  body.i32(places.stack).get(top).memory('i32_store', 0)
  if (counts(parts)) body.i32(places.fuel).get(fuel).memory('i32_store', 0)
  if (hasTailCall(program)) body.i32(places.tails).get(tails).memory('i32_store', 0)
}

/** Leaves in `top` where the stack was, and takes as many frames as calls go deep. */
const takeFrames = (body: Body, { places, imports, costs }: ModuleParts, top: number): void => {
  const size = costs.depth * FRAME_SIZE
  body.i32(places.stack).memory('i32_load', 0).tee(top).i32(places.stackLimit + size).op('i32_lt_u').if()
  body.i32(-1).i32(FAULT.stack).call(imports.fault).op('unreachable').end()
  body.i32(places.stack).get(top).i32(size).op('i32_sub').memory('i32_store', 0)
}
