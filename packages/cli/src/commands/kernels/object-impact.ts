/** `lsm kernels diff --object`: whether the programs of a BPF object load and attach on both releases. */
import { verifyOn } from '@lsmkit/bpf/kernels'
import type { KernelRelease, KernelVerdict, ProgramVerdicts } from '@lsmkit/bpf/kernels'
import { changedObject } from '@lsmkit/bpf/object'
import type { ChangeWords } from '@lsmkit/bpf/object'
import type { PolicyChange } from '@lsmkit/core'
import { CommandError } from '../../command-error.ts'
import { readHostFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { readTypes } from '../bpf/kernel-types.ts'
import { changesOf, withFileErrors } from '../bpf/open.ts'
import type { ChangedHook } from './changes.ts'
import type { Impact } from './impact.ts'

/** Releases of the tables of BPF, which begin before those of stacks. */
export interface ObjectReleases {
  readonly from: KernelRelease
  readonly to: KernelRelease
  /** Hooks with other parameters on the second. */
  readonly signatures: readonly ChangedHook[]
}

const refusal = (kernel: string, { reason }: KernelVerdict): string => `Linux ${kernel} refuses it: ${reason}`

/** `lsm/file_open`, `lsm.s/file_open`: the hook; null of a program that is on none. */
const hookOf = (section: string): string | null => /^lsm(?:\.s)?\/(\w+)/.exec(section)?.[1] ?? null

function* programChanges(
  { name, section, kernels }: ProgramVerdicts, { from, to, signatures }: ObjectReleases,
): Generator<PolicyChange> {
  const [was, is] = kernels as readonly [KernelVerdict, KernelVerdict]
  const change = (effect: PolicyChange['effect'], words: string, because: readonly (string | null)[]): PolicyChange =>
    ({ effect, subject: `${name} (${section})`, words, because: because.filter((one) => one !== null) })
  const judged = was.verdict !== 'unknown' && is.verdict !== 'unknown'
  if (judged && was.verdict === 'accepted' && is.verdict === 'refused') {
    yield change('less', refusal(to, is), [is.advice])
  }
  if (judged && was.verdict === 'refused' && is.verdict === 'accepted') {
    yield change('more', `it loads on Linux ${to}; ${refusal(from, was)}`, [])
  }
  if (judged && was.verdict === 'refused' && is.verdict === 'refused' && was.reason !== is.reason) {
    yield change('other', `both refuse it, and ${refusal(to, is)}`, [is.advice])
  }
  const signature = signatures.find(({ hook }) => hook === hookOf(section))
  if (signature !== undefined && is.verdict !== 'refused') {
    yield change('other', `the hook has other parameters on Linux ${to}: see that each is read as what it is`,
      [`- ${signature.before}`, `+ ${signature.after}`])
  }
}

/** Each reason once, with the programs and releases that it is about. */
const unjudgedOf = (verdicts: readonly ProgramVerdicts[]): string[] => {
  const reasons = new Map<string, { programs: Set<string>; kernels: Set<string> }>()
  for (const { name, kernels } of verdicts) {
    for (const { kernel, verdict, reason, advice } of kernels) {
      if (verdict !== 'unknown') continue
      const text = `${reason}${advice === null ? '' : ` (${advice})`}`
      const about = reasons.get(text) ?? { programs: new Set(), kernels: new Set() }
      reasons.set(text, about)
      about.programs.add(name)
      about.kernels.add(kernel)
    }
  }
  return Array.from(reasons, ([text, { programs, kernels }]) =>
    `not judged: ${[...programs].join(', ')} on ${[...kernels].join(', ')}: ${text}`)
}

export interface ObjectFlags extends ChangeWords {
  /** Types of the kernels, for objects that read them. */
  readonly btf?: string
}

/** Throws CommandError for a file that is not an object, and for one without programs. */
export const objectImpact = async (
  io: Io, name: string, releases: ObjectReleases, { btf, ...words }: ObjectFlags,
): Promise<Impact> => {
  const kernels = [releases.from, releases.to]
  const types = btf === undefined ? null : await readTypes(io, btf, kernels)
  const [bytes, changes] = [readHostFile(io, name), changesOf(words)]
  const verdicts = withFileErrors(name, () => verifyOn(bytes, {
    kernels, name: name.replace(/^.*\//, ''), types: (kernel) => types?.get(kernel) ?? null,
    prepare: (object, own) => changedObject(object, changes, own),
  }))
  if (verdicts.length === 0) throw new CommandError('badInput', `\`${name}\` holds no program to judge`)
  return {
    part: 'object', name, kind: 'a BPF object', unjudged: unjudgedOf(verdicts),
    changes: verdicts.flatMap((one) => [...programChanges(one, releases)]),
  }
}
