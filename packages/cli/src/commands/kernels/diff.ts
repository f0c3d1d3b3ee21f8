/** `lsm kernels diff FROM TO`: what another kernel release changes, and what of it is about your own things. */
import type { KernelRelease } from '@lsmkit/bpf/kernels'
import type { Profile } from '@lsmkit/core'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { kernelNames, profileNamed } from '../../module-names.ts'
import { EXIT, printJson } from '../../output.ts'
import type { ReportFlags } from '../../reporter-choice.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { kernelNames as bpfReleases } from '../bpf/release-names.ts'
import { kernelChanges } from './changes.ts'
import type { Impact, Releases } from './impact.ts'
import type { ObjectFlags } from './object-impact.ts'
import { changesLines, impactLines } from './render.ts'

export interface KernelsDiffOptions extends ReportFlags, ObjectFlags {
  readonly policy?: readonly string[]
  readonly stack?: readonly string[]
  /** The same as a stack of modules. */
  readonly lsm?: string
  readonly object?: readonly string[]
}

const rules = {
  'kernels/more': 'The other kernel permits more, or loads what the first refuses.',
  'kernels/less': 'The other kernel permits less, or refuses what the first loads.',
  'kernels/other': 'The other kernel asks or records something else.',
  'kernels/unjudged': 'A program could not be judged for want of the types of a kernel.',
}

const isProfile = (text: string): text is Profile => kernelNames.some((name) => name === text)

/** Objects are judged for older releases too. */
const bpfReleaseNamed = (text: string): KernelRelease => {
  const found = bpfReleases.find((name) => name === text)
  if (found !== undefined) return found
  throw new CommandError('usage', `there are no rules of the kernel \`${text}\``,
    didYouMean(text, bpfReleases) ?? `known for objects: ${bpfReleases.join(', ')}`)
}

const impactsOf = async (
  io: Io, from: string, to: string, { policy = [], stack = [], lsm, object = [], ...flags }: KernelsDiffOptions,
): Promise<Impact[]> => {
  const stacks = lsm === undefined ? stack : [...stack, lsm]
  const releases = (): Releases => ({ from: profileNamed(from), to: profileNamed(to) })
  const impacts: Impact[] = []
  if (policy.length > 0) {
    const { policyImpact } = await import('./policy-impact.ts')
    for (const name of policy) impacts.push(await policyImpact(io, name, releases()))
  }
  if (stacks.length > 0) {
    const { stackImpact } = await import('./stack-impact.ts')
    for (const name of stacks) impacts.push(await stackImpact(name, releases()))
  }
  return object.length === 0 ? impacts : [...impacts, ...await objectImpacts(io, from, to, object, flags)]
}

const objectImpacts = async (
  io: Io, from: string, to: string, objects: readonly string[], flags: ObjectFlags,
): Promise<Impact[]> => {
  const { objectImpact } = await import('./object-impact.ts')
  const signatures = isProfile(from) && isProfile(to) ? kernelChanges(from, to).signatures : []
  const releases = { from: bpfReleaseNamed(from), to: bpfReleaseNamed(to), signatures }
  const impacts: Impact[] = []
  for (const name of objects) impacts.push(await objectImpact(io, name, releases, flags))
  return impacts
}

const codeOf = (isChanged: boolean, isUnjudged: boolean): number =>
  isChanged ? EXIT.denied : isUnjudged ? EXIT.badInput : EXIT.ok

const outcomeOfImpacts = (from: string, to: string, impacts: readonly Impact[]): Outcome => ({
  code: codeOf(impacts.some(({ changes }) => changes.length > 0), impacts.some(({ unjudged }) => unjudged.length > 0)),
  checks: impacts.map(({ name, part, changes, unjudged }) => ({
    name: `${name} from ${from} to ${to}`, ...(part === 'stack' ? {} : { file: name }),
    findings: [
      ...changes.map(({ effect, subject, words, because }) => ({
        rule: `kernels/${effect}`, level: effect === 'less' ? 'warning' as const : 'note' as const,
        message: `${subject}: ${words}`, properties: { because },
      })),
      ...unjudged.map((message) =>
        ({ rule: 'kernels/unjudged', level: 'warning' as const, message, properties: {} })),
    ],
  })),
  rules,
  json: (out) => printJson(out, { from, to, impacts }),
  pretty(out) {
    for (const line of impactLines(out, from, to, impacts)) out.print(line)
  },
})

/** Without anything of yours: the differences of the two tables. */
const outcomeOfReleases = (from: Profile, to: Profile): Outcome => {
  const changes = kernelChanges(from, to)
  return {
    code: codeOf(from !== to, false), checks: [], json: (out) => printJson(out, changes),
    pretty(out) {
      for (const line of changesLines(changes)) out.print(line)
    },
  }
}

/** Ends with 1 when something changes, with 3 when nothing does as far as it could be judged. */
export const kernelsDiffCommand = async (
  io: Io, from: string, to: string, options: KernelsDiffOptions,
): Promise<number> => {
  const { policy, stack, lsm, object } = options
  const idle = (['btf', 'hook', 'map', 'innerMap', 'set'] as const).find((name) => options[name] !== undefined)
  if (idle !== undefined && object === undefined) {
    const flag = idle === 'innerMap' ? 'inner-map' : idle
    throw new CommandError('usage', `\`--${flag}\` is for \`--object\``)
  }
  const isAboutYours = [policy, stack, lsm, object].some((one) => one !== undefined)
  if (!isAboutYours) {
    const [before, after] = [profileNamed(from), profileNamed(to)]
    return reported(io, 'kernels diff', options, () => outcomeOfReleases(before, after))
  }
  const impacts = await impactsOf(io, from, to, options)
  return reported(io, 'kernels diff', options, () => outcomeOfImpacts(from, to, impacts))
}
