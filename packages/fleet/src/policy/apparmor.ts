/** Profiles of AppArmor: texts with what they include, or binaries. */
import { isPolicyBinary, readPolicy, writePolicy } from '@lsmkit/apparmor/policydb'
import type { PolicyBinary } from '@lsmkit/apparmor/policydb'
import { compileProfiles, kernelFeatures } from '@lsmkit/apparmor/profile'
import type { ProfileFiles } from '@lsmkit/apparmor/profile'
import { decidersOf, policyChanges, policyExcess, questionOf } from '@lsmkit/apparmor/query'
import { aString, checkOptions, listOf, required } from '@lsmkit/core/option-rules'
import { FleetError } from '../fleet-error.ts'
import type { Answer, CompiledPolicy, PartFiles, PolicyKind } from './kind.ts'
import { reading } from './kind.ts'

const FOLDER = 'apparmor'

export interface CompiledApparmor extends CompiledPolicy {
  readonly kind: 'apparmor'
  readonly policy: PolicyBinary
  /** As a kernel loads it. */
  readonly binary: Uint8Array
}

interface Ask {
  readonly profile: string
  /** As `lsm apparmor access` takes them: `file`, and the words of that class. */
  readonly class: string
  readonly words: readonly string[]
}

const rules = { profile: required(aString), class: required(aString), words: required(listOf(aString)) }

const filesOf = (files: PartFiles): ProfileFiles => ({
  read: (path) => files.get(path) ?? null,
  list: (path) => {
    const names = [...files.keys()].filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1)).filter((name) => !name.includes('/'))
    return names.length === 0 ? null : names
  },
})

const binaryOf = (name: string, bytes: Uint8Array, files: PartFiles): PolicyBinary => reading(name, () => {
  if (isPolicyBinary(bytes)) return readPolicy(bytes)
  return compileProfiles(name, {
    files: filesOf(files), include: [FOLDER], features: kernelFeatures('6.12'),
  }).binary
})

/** Files of the folder itself are policy; those of folders below are what it includes. */
const compile = (files: PartFiles): CompiledApparmor => {
  const all = [...files].filter(([name]) => name.split('/').length === 2)
    .map(([name, bytes]) => binaryOf(name, bytes, files))
  const profiles = all.flatMap((one) => one.profiles)
  const twice = profiles.find(({ name }, at) => profiles.findIndex((other) => other.name === name) !== at)
  if (twice !== undefined) throw new FleetError('bad-policy', `the profile \`${twice.name}\` is there twice`)
  const [first] = all
  if (first === undefined) throw new FleetError('bad-policy', 'there are no profiles', { place: FOLDER })
  const policy: PolicyBinary = { ...first, profiles }
  const binary = reading(FOLDER, () => writePolicy(policy))
  return {
    kind: 'apparmor', policy, binary,
    answer: (ask, place): Answer => reading(place, () => {
      checkOptions(ask, rules, place)
      const { profile, class: name, words } = ask as Ask
      const decider = decidersOf(policy).get(profile)
      if (decider === undefined) throw new FleetError('bad-policy', `there is no profile \`${profile}\``, { place })
      const { allowed, complain, reason } = decider(questionOf(name, words))
      return { allowed: allowed || complain, why: complain ? 'the profile only complains' : reason }
    }),
  }
}

export const apparmorKind: PolicyKind<CompiledApparmor> = {
  compile,
  changes: (before, after) => [...policyChanges(before.policy, after.policy)]
    .map(({ profile, effect, text, example }) =>
      ({ effect, subject: profile, words: example === null ? text : `${text}, as ${example}`, because: [] })),
  within: ({ policy }, max) => ({
    wider: policyExcess(policy, max.policy).map(({ profile, text, example }) =>
      ({ kind: 'apparmor', place: profile, text: example === null ? text : `${text}, as ${example}` })),
    unproved: [],
  }),
}
