/** The fate of each program of an object file: opened, verified, translated. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { errnoName } from '@lsmkit/abi'
import type { Btf } from '@lsmkit/bpf/btf'
import { BpfError } from '@lsmkit/bpf/btf'
import { changedObject, openObject, sectionKind, targetHint, variableNames } from '@lsmkit/bpf/object'
import type { BpfObject, ObjectChanges, OpenOptions, ProgramSpec } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import type { Verdict } from '@lsmkit/bpf/verifier'
import { ProgramBuilder } from '@lsmkit/bpf/vm'
import type { OpenedObject } from '@lsmkit/bpf/vm'

/** One line of the suite's output. */
export interface ProgramReport {
  readonly object: string
  readonly program: string
  readonly section: string
  readonly verdict: 'success' | 'failure'
  /** How far it came: linking fails, the verifier refuses, it cannot be translated, or it was `loaded`. */
  readonly stage: 'link' | 'verify' | 'translate' | 'loaded'
  /** Name of the errno of the load, null when it was loaded. */
  readonly errno: string | null
  /** Instructions the verifier walked, and states it kept. */
  readonly processed: number
  readonly states: number
  /** Bytes of WebAssembly; 0 when it was not translated. */
  readonly translated: number
  /** Last line of the verifier's log, or what was wrong before it. */
  readonly log: string
}

export interface ReportOptions {
  readonly kernelBtf: Btf
  /** Text of a kernel's configuration; our kernel's unless given. */
  readonly kconfig: string | undefined
  /** Inner maps, sizes, hooks and variables; those of other objects are left out, for there may be many objects. */
  readonly changes: ObjectChanges
}

/** One report a program; one for the whole file when it cannot be opened. */
export function* reportObject(path: string, options: ReportOptions): Generator<ProgramReport> {
  const name = basename(path)
  const whole = { object: name, program: '', section: '', processed: 0, states: 0, translated: 0 }
  let object: BpfObject
  try {
    object = open(path, name, options)
  } catch (error) {
    yield { ...whole, verdict: 'failure', stage: 'link', ...failure(error) }
    return
  }
  let opened: OpenedObject | Error
  try {
    // a machine for each object, so that a large one leaves no trace in the next
    opened = new ProgramBuilder().open(object, options.kernelBtf)
  } catch (error) {
    opened = error as Error
  }
  for (const program of object.programs) {
    yield {
      ...whole, program: program.name, section: program.section, ...judge(object, program, opened, options.kernelBtf),
    }
  }
}

const open = (path: string, name: string, { kernelBtf, kconfig, changes }: ReportOptions): BpfObject => {
  const bytes = readFileSync(path)
  const opening: OpenOptions = { name, kernelBtf, ...(kconfig === undefined ? {} : { kconfig }) }
  const object = openObject(bytes, opening)
  const maps = object.maps.map(({ symbol }) => symbol)
  const programs = object.programs.flatMap(({ name: program, section }) => [program, section])
  const of = <T>(given: Readonly<Record<string, T>> = {}, known: readonly string[]): Record<string, T> =>
    Object.fromEntries(Object.entries(given).filter(([one]) => known.includes(one)))
  return changedObject(object, {
    innerMaps: of(changes.innerMaps, maps), maps: of(changes.maps, maps), hooks: of(changes.hooks, programs),
    variables: of(changes.variables, object.maps.flatMap((map) => variableNames(object, map))),
  }, kernelBtf)
}

type Judgement = Pick<ProgramReport, 'verdict' | 'stage' | 'errno' | 'processed' | 'states' | 'translated' | 'log'>

const judge = (object: BpfObject, program: ProgramSpec, opened: OpenedObject | Error, kernelBtf: Btf): Judgement => {
  const fail = (stage: 'link' | 'verify', errno: string, log: string, processed = 0, states = 0): Judgement =>
    ({ verdict: 'failure', stage, errno, processed, states, translated: 0, log })
  if (program.broken !== null) return fail('link', 'EINVAL', program.broken)
  const extern = object.externs.find(({ missing: why }) => why !== null)
  if (extern) return fail('link', 'ESRCH', `${extern.name}: ${extern.missing}`)
  if (sectionKind(program.section) === null) {
    return fail('link', 'EINVAL', `no program type has a section \`${program.section}\``)
  }
  let verdict: Verdict
  try {
    verdict = verify(program, { object, kernelBtf })
  } catch (error) {
    return { ...fail('verify', '', ''), ...failure(error) }
  }
  const { ok, errno, processed, states, aux } = verdict
  const last = reasonOf(program, verdict, kernelBtf)
  if (!ok) return fail('verify', errnoName(errno), last, processed, states)
  try {
    if (opened instanceof Error) throw opened
    const runnable = opened.load(program, 4096, aux ?? {})
    const translated = (runnable as { compiled?: { bytes: Uint8Array } }).compiled?.bytes.length ?? 0
    return { verdict: 'success', stage: 'loaded', errno: null, processed, states, translated, log: last }
  } catch (error) {
    return { verdict: 'failure', stage: 'translate', processed, states, translated: 0, ...failure(error) }
  }
}

/** The member or kfunc that a poisoned instruction stands for, or the log's own words. */
const reasonOf = (program: ProgramSpec, { ok, at, log }: Verdict, kernelBtf: Btf): string => {
  const missing = ok ? undefined : program.poisoned.get(at)
  if (missing !== undefined) return `instruction ${at} needs ${missing}`
  const hint = ok ? null : targetHint(program, kernelBtf)
  return `${lastLine(log, ok)}${hint === null ? '' : ` (${hint})`}`
}

/** Of a refusal the reason, not the count of instructions that follows it. */
const lastLine = (log: string, ok: boolean): string =>
  log.trimEnd().split('\n').filter((line) => ok || !line.startsWith('processed ')).at(-1) ?? ''

/** Anything that is not told by the library is a bug of ours: it counts as a failure, and says so. */
const failure = (error: unknown): { errno: string; log: string } => {
  if (error instanceof BpfError) {
    return {
      errno: error.errno === 0 ? 'EINVAL' : errnoName(error.errno), log: error.message,
    }
  }
  return {
    errno: 'EFAULT',
    log: `internal error: ${error instanceof Error ? error.stack?.split('\n').slice(0, 3).join(' ') : String(error)}`,
  }
}
