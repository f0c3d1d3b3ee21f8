/**
 * Random programs, most of them damaged: the verifier answers each, and one that it accepts runs to its end on both
 * engines without a fault, and alike.
 */
import { BPF_MAP_TYPE_ARRAY, BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_SOCKET_FILTER } from '@lsmkit/abi'
import { BpfError } from '../error.ts'
import type { Code } from '../insn/code.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../object/bpf-object.ts'
import { ProgramBuilder } from '../run/program-builder.ts'
import { mutate } from '../testing/mutate.ts'
import { MEMORY_SIZE, randomProgram } from '../testing/random-program.ts'
import { Random } from '../testing/random.ts'
import { verify } from '../verifier/index.ts'
import type { Aux } from '../verifier/index.ts'
import { BpfFault } from '../vm/fault.ts'
import type { Engine } from '../vm/link.ts'

export interface ProgramOutcome {
  readonly accepted: boolean
  /** How a loader without rights may more than root; null when it may not. */
  readonly wrongAllow: string | null
  /** The fault of the run; null if there was none. */
  readonly fault: string | null
}

/** What programs work in: the value at r1. */
const value: MapSpec = {
  name: 'value', symbol: 'value', type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: MEMORY_SIZE, maxEntries: 1, flags: 0,
  extra: 0n, pinning: 0, keyTypeId: 0, valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(),
  structOpsTypeId: 0,
}

const CALL = 0x85
/** BPF_F_TEST_REG_INVARIANTS. */
const INVARIANTS = 128
const ARGUMENTS = 96

const objectOf = (code: Code): BpfObject => ({
  name: 'random', license: 'GPL', maps: [value], btf: null, externs: [],
  programs: [{
    name: 'random', section: 'raw_tp', type: BPF_PROG_TYPE_RAW_TRACEPOINT, expectedAttachType: 0, sleepable: false,
    flags: 0, attachTo: null, attachBtfId: 0, autoload: true, code, lines: [], tags: [], poisoned: new Map(),
    broken: null, subprograms: subprogramsOf(code),
  }],
})

/** The entry and what is called. */
const subprogramsOf = (code: Code): ProgramSpec['subprograms'] => {
  const starts = new Set([0])
  for (let slot = 0; slot < code.length; slot++) {
    const target = slot + 1 + code.imm[slot]!
    if (code.op[slot] === CALL && code.src[slot] === 1 && target > 0 && target < code.length) starts.add(target)
  }
  return [...starts].sort((a, b) => a - b).map((start) => ({ name: `f${start}`, start, typeId: 1, isGlobal: false }))
}

const hasCall = ({ op, src }: Code): boolean => op.some((one, slot) => one === CALL && src[slot] !== 1)

/** What it answers and leaves, null when it calls what does not run here; throws what it is stopped by. */
const outcomeOf = (engine: Engine, object: BpfObject, aux: Aux): string | null => {
  const programBuilder = new ProgramBuilder({
    engine, budget: 1 << 24, memory: { readOnly: 1 << 20, data: 1 << 20 }, host: { now: () => 0 },
  })
  const { machine } = programBuilder
  const opened = programBuilder.open(object, null)
  if (opened.missing(object.programs[0]!).size > 0) return null
  const map = opened.maps[0] as unknown as { values: number }
  for (let at = 0; at < MEMORY_SIZE; at++) machine.memory.u8[map.values + at] = at * 37
  const program = opened.load(object.programs[0]!, ARGUMENTS, aux)
  const low = program.run(machine.memory.alloc(ARGUMENTS))
  return `${machine.high} ${low} ${machine.memory.u8.subarray(map.values, map.values + MEMORY_SIZE).join()}`
}

const NOBODY = { bpf: false, perfmon: false, bypass_spec: false }

/** As a socket filter, which everybody may load: a loader without rights may what root may not. */
const mayMore = (object: BpfObject, flags: number): boolean => {
  const filter = { ...object.programs[0]!, type: BPF_PROG_TYPE_SOCKET_FILTER }
  return verify(filter, { object, kernelBtf: null, flags, rights: NOBODY }).ok &&
    !verify(filter, { object, kernelBtf: null, flags }).ok
}

/** Null when all is well. */
const faultOf = (object: BpfObject, aux: Aux): string | null => {
  try {
    const [compiled, interpreted] = [outcomeOf('jit', object, aux), outcomeOf('interpreter', object, aux)]
    // what helpers answer may be another thing each time
    if (compiled === interpreted || hasCall(object.programs[0]!.code)) return null
    return `${compiled} compiled, ${interpreted} interpreted`
  } catch (error) {
    if (!(error instanceof BpfFault)) throw error
    return error.kind === 'budget' ? null : `accepted, and stopped: ${error.message}`
  }
}

/** The program of a seed, verified, and run if it was accepted. */
export const programAttempt = (seed: number): ProgramOutcome => {
  const random = new Random(seed)
  const code = randomProgram(random, { aligned: true, behindMap: 0 })
  // one in four as it is
  mutate(code, random, random.below(4))
  const object = objectOf(code)
  const flags = random.pick([0, INVARIANTS])
  const { ok, aux } = verify(object.programs[0]!, { object, kernelBtf: null, flags })
  const wrongAllow = mayMore(object, flags) ? 'refused to root, and accepted of nobody' : null
  return { accepted: ok, wrongAllow, fault: ok ? faultOf(object, aux!) : null }
}

/**
 * The program of a seed, changed after it was verified: it may answer anything, but it is stopped where it goes wrong.
 * Throws what is neither a fault of the program nor an error of its author.
 */
export const changedAttempt = (seed: number): void => {
  const random = new Random(seed)
  const object = objectOf(randomProgram(random, { aligned: true, behindMap: 0 }))
  const { ok, aux } = verify(object.programs[0]!, { object, kernelBtf: null, flags: 0 })
  if (!ok) return
  mutate(object.programs[0]!.code, random, 1 + random.below(8))
  for (const engine of ['jit', 'interpreter'] as const) {
    try {
      outcomeOf(engine, object, aux!)
    } catch (error) {
      if (!(error instanceof BpfFault || error instanceof BpfError)) throw error
    }
  }
}
