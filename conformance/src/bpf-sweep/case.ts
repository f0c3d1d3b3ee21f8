/** One program of the sweep: a line of a table, and what the verifier takes. */
import type { Btf } from '@lsmkit/bpf/btf'
import { decodeCode } from '@lsmkit/bpf/insn'
import type { Code } from '@lsmkit/bpf/insn'
import type { BpfObject, MapSpec, ProgramSpec, Subprogram } from '@lsmkit/bpf/object'
import { functionId, worldBtf, worldMaps } from './world.ts'

export interface SweepCase {
  /** Of what kind of question it is: `helpers`, `compares`. */
  readonly topic: string
  readonly type: number
  readonly attach: number
  /** `bpf_lsm_file_open`, `btf_trace_sys_enter`, …; empty when it has none. */
  readonly target: string
  readonly sleepable: boolean
  readonly isGpl: boolean
  /** Whether the loader has all capabilities, or none of those that count. */
  readonly isRoot: boolean
  /** Functions by the slot where they begin, the entry included; none: the program comes without types. */
  readonly functions: readonly (readonly [start: number, name: string])[]
  /** Kernel functions that calls name, by slot. */
  readonly kfuncs: readonly (readonly [slot: number, name: string])[]
  /** `struct bpf_insn`s in hexadecimal; a map is its number in the world. */
  readonly code: string
}

/** Column titles of a table, with and without answers. */
export const QUESTION = 'topic\tprogram\tloader\tfunctions\tkfuncs\tcode'
export const HEADER = `${QUESTION}\tanswer\tprocessed\tmessage`

const pairs = (list: SweepCase['functions']): string => list.map(([slot, name]) => `${slot}=${name}`).join(' ')
const unpair = (text: string): [number, string][] =>
  text === '' ? [] : text.split(' ').map((one) => {
    const [slot, name] = one.split('=') as [string, string]
    return [Number(slot), name]
  })

export const caseLine = (one: SweepCase): string => [
  one.topic, `${one.type}:${one.attach}${one.target === '' ? '' : `:${one.target}`}${one.sleepable ? ' sleeps' : ''}`,
  `${one.isRoot ? 'root' : 'nobody'}${one.isGpl ? '' : ' MIT'}`, pairs(one.functions), pairs(one.kfuncs), one.code,
].join('\t')

/** Of the first six columns; null for a line that is not a program. */
export const parseCase = (columns: readonly string[]): SweepCase | null => {
  const [topic, program = '', loader = '', functions = '', kfuncs = '', code = ''] = columns
  const found = /^(\d+):(\d+)(?::(\w+))?( sleeps)?$/.exec(program)
  const who = /^(root|nobody)( MIT)?$/.exec(loader)
  const areListed = [functions, kfuncs].every((list) => /^(\d+=\w+( |$))*$/.test(list))
  if (!topic || !found || !who || !areListed || !/^([\da-f]{16})+$/.test(code)) return null
  return {
    topic, type: Number(found[1]), attach: Number(found[2]), target: found[3] ?? '', sleepable: found[4] !== undefined,
    isGpl: who[2] === undefined, isRoot: who[1] === 'root', functions: unpair(functions), kfuncs: unpair(kfuncs), code,
  }
}

export const codeOf = ({ code }: SweepCase): Code => decodeCode(Uint8Array.from(Buffer.from(code, 'hex')))

const LDDW = 0x18
/** The number that the recorder gives for a map that there is not. */
const NO_MAP = 100000
const CALL = 0x85

const targetKind = (name: string): 'func' | 'typedef' | 'struct' =>
  name.startsWith('btf_trace_') ? 'typedef' : name.endsWith('_ops') ? 'struct' : 'func'

/** Id of what it is attached to in the kernel's types; 0 for none. */
export const targetId = ({ target }: SweepCase, kernel: Btf): number =>
  target === '' ? 0 : kernel.find(target, targetKind(target))

/** Calls of kernel functions get their ids. */
export const linkKfuncs = ({ kfuncs }: SweepCase, code: Code, kernel: Btf): void => {
  for (const [slot, name] of kfuncs) if (slot < code.length) code.imm[slot] = kernel.find(name, 'func')
}

/** Maps that it names, in the order of their numbers here. */
const nameMaps = (code: Code): MapSpec[] => {
  const used: number[] = []
  for (let slot = 0; slot < code.length; slot++) {
    if (code.op[slot] !== LDDW) continue
    const [src, imm] = [code.src[slot]!, code.imm[slot]!]
    if ((src === 1 || src === 2) && worldMaps[imm] !== undefined) {
      if (!used.includes(imm)) used.push(imm)
      code.imm[slot] = used.indexOf(imm)
    } else if (src === 1 || src === 2) code.imm[slot] = NO_MAP
    slot++
  }
  return used.map((index) => worldMaps[index]!)
}

/** Where functions begin: what is called, and what a 64-bit load has the address of. */
export const startsOf = (code: Code): number[] => {
  const starts = new Set([0])
  for (let slot = 0; slot < code.length; slot++) {
    const op = code.op[slot]!
    const target = slot + 1 + code.imm[slot]!
    const isPseudo = (op === CALL && code.src[slot] === 1) || (op === LDDW && code.src[slot] === 4)
    if (isPseudo && target > 0 && target < code.length) starts.add(target)
    if (op === LDDW) slot++
  }
  return [...starts].sort((a, b) => a - b)
}

/** Whether the functions that it has types for are those that it has; else it is loaded without any. */
export const typesFit = ({ functions }: SweepCase, code: Code): boolean => {
  const starts = startsOf(code)
  return functions.length === starts.length &&
    functions.every(([start, name], index) => start === starts[index] && functionId(name) !== 0)
}

/** A program of one object, as a loader by hand would make it. */
export const programOf = (one: SweepCase, kernel: Btf): { object: BpfObject, program: ProgramSpec } => {
  const code = codeOf(one)
  linkKfuncs(one, code, kernel)
  const maps = nameMaps(code)
  const hasTypes = typesFit(one, code)
  const subprograms: Subprogram[] = hasTypes
    ? one.functions.map(([start, name]) => ({ name, start, typeId: functionId(name), isGlobal: isGlobal(name) }))
    : startsOf(code).map((start) => ({ name: '', start, typeId: 0, isGlobal: false }))
  const program: ProgramSpec = {
    name: 'sweep', section: 'sweep', type: one.type, expectedAttachType: one.attach, sleepable: one.sleepable, flags: 0,
    attachTo: one.target === '' ? null : one.target, attachBtfId: targetId(one, kernel), autoload: true, code,
    subprograms, lines: [], tags: [], poisoned: new Map(), broken: null,
  }
  const object: BpfObject = {
    name: 'sweep', license: one.isGpl ? 'GPL' : 'MIT', maps, programs: [program],
    btf: hasTypes ? worldBtf : null, externs: [],
  }
  return { object, program }
}

const isGlobal = (name: string): boolean => name === 'entry' || name.startsWith('global_')
