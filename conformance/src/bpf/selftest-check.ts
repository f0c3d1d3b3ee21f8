/** Verifies and runs one program of a selftest, and counts what agrees with what is said of it. */
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import type { Verdict, VerifyOptions } from '@lsmkit/bpf/verifier'
import type { Row } from '../suite.ts'
import { runSelftest } from './run-selftest.ts'
import type { SelftestObjects } from './selftest-objects.ts'
import type { Loader } from './selftest-tags.ts'
import { expectedReturn, loadWish, logHas, USUAL_FLAGS } from './selftest-tags.ts'

const PROG_ARRAY = 3
const PERCPU_CGROUP_STORAGE = 21
const STRICT_ALIGNMENT = 1
const TRACING = 26

export interface Counts {
  falseAccepts: number
  falseRejects: number
  messages: number
  messagesFound: number
  /** Texts asked for in the logs of accepted programs. */
  texts: number
  textsFound: number
  returns: number
  returnsRight: number
}

export const noCounts = (): Counts => ({
  falseAccepts: 0, falseRejects: 0, messages: 0, messagesFound: 0, texts: 0, textsFound: 0, returns: 0, returnsRight: 0,
})

export const countTotals = (counts: Counts): (readonly [key: string, value: string])[] => [
  [`${counts.falseAccepts}`, 'false accepts'],
  [`${counts.falseRejects}`, 'false rejects'],
  ['messages', `${counts.messagesFound}/${counts.messages}`],
  ['texts of accepted', `${counts.textsFound}/${counts.texts}`],
  ['returns', `${counts.returnsRight}/${counts.returns}`],
]

/** The expectations for a program. */
export interface Expectation {
  /** By its tags: `success` or `failure`. */
  readonly expected: string
  /** The result of a kernel with a loader of its own, `-` if none was asked. */
  readonly recorded: string
  readonly messages: readonly string[]
  /** Text of the tag, null without. */
  readonly retval: string | null
  readonly loader: Loader
}

/**
 * The recorded loader loads one program of an object and creates all of its maps. The slots of a PROG_ARRAY that name
 * programs which it does not load cannot be filled, and with them the load fails before the verifier is asked. It gives
 * maps without a size one entry, as veristat does, which per-CPU cgroup storage (always without) refuses: so every
 * program of such an object.
 */
const mapsFailed = (object: BpfObject, program: ProgramSpec): boolean =>
  object.maps.some(({ type, slots, maxEntries }) =>
    (type === PROG_ARRAY && [...slots.values()].some((name) => name !== program.name)) ||
    (type === PERCPU_CGROUP_STORAGE && maxEntries === 0))

type Loading = Pick<VerifyOptions, 'flags' | 'logLevel' | 'errorInjection' | 'rights'>

const load = (objects: SelftestObjects, object: BpfObject, program: ProgramSpec, loading: Loading): Verdict => {
  const broken = program.broken
  if (broken !== null) return { ok: false, errno: -22, log: broken, at: -1, processed: 0, states: 0, aux: null }
  return verify(program, { object, kernelBtf: objects.kernel, kernel: objects.release, ...loading })
}

/** The recorded loads asked for none of the flags that a tag adds, on a kernel without error injection. */
const RECORDED: Loading = { flags: USUAL_FLAGS, logLevel: 0 }

/** How many of them the log has. */
const countMessages = (texts: readonly string[], log: string, id: string, verbose: boolean): number =>
  texts.filter((text) => {
    const isFound = logHas(log, text)
    if (!isFound && verbose) console.error(`${id}: message not found: ${text}`)
    return isFound
  }).length

/** Yields the verdict and counts the rest; `verbose` prints differences. */
export const checkProgram = (
  counts: Counts, objects: SelftestObjects, objectName: string, object: BpfObject, program: ProgramSpec,
  { expected, recorded, messages, retval, loader }: Expectation, verbose: boolean,
): Row => {
  const id = `${objectName} ${program.name}${loader === 'unprivileged' ? ' @unpriv' : ''}`
  const isRoot = loader === 'privileged'
  const wish = loadWish(program)
  const byKernel = recorded !== '-'
  const tagged = load(objects, object, program, {
    flags: wish.flags, logLevel: wish.logLevel || 1, errorInjection: true,
    rights: { bpf: isRoot, perfmon: isRoot, bypass_spec: isRoot },
  })
  const isOther = (wish.flags & STRICT_ALIGNMENT) !== 0 || program.type === TRACING
  const verdict = byKernel && isOther ? load(objects, object, program, RECORDED) : tagged
  const ok = verdict.ok && !(byKernel && mapsFailed(object, program))
  const want = byKernel ? recorded : expected
  if (ok && want === 'failure') counts.falseAccepts++
  if (!ok && want === 'success') counts.falseRejects++
  if (expected === 'failure' && !tagged.ok) {
    counts.messages += messages.length
    counts.messagesFound += countMessages(messages, tagged.log, id, verbose)
  } else if (expected === 'success' && tagged.ok) {
    counts.texts += messages.length
    counts.textsFound += countMessages(messages, tagged.log, id, verbose)
  }
  if (retval !== null && tagged.aux !== null) {
    const number = expectedReturn(retval)
    const got = runSelftest(objectName, object, program, objects.kernel, tagged.aux)
    counts.returns++
    if (typeof got === 'number' && (number === null || got === number)) counts.returnsRight++
    else if (verbose) console.error(`${id}: returned ${got}, expected ${retval}`)
  }
  const lastLine = verdict.log.trimEnd().split('\n').findLast((line) => !line.startsWith('processed ')) ?? ''
  return { id, expected: want, got: ok ? 'success' : want === 'failure' ? 'failure' : `failure: ${lastLine}` }
}
