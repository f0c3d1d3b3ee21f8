/** The LSMs that a scenario may name, with the options it gives them. */
import { dirname, isAbsolute, join } from 'node:path'
import { apparmor } from '@lsmkit/apparmor'
import type { BpfOptions } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { landlock } from '@lsmkit/landlock'
import type { LandlockOptions } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { selinux } from '@lsmkit/selinux'
import type { SelinuxOptions } from '@lsmkit/selinux'
import { readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import { smack } from '@lsmkit/smack'
import type { SmackOptions } from '@lsmkit/smack'
import type { LsmFactories, StartedLsm } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { loadedProfiles } from '../../run/apparmor-profiles.ts'
import { attachObjects, bpfModule } from '../../run/bpf-objects.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { policyOf } from '../selinux/inputs.ts'
import type { RunCoverage } from './coverage.ts'

/** Makes the LSMs of the scenarios in one file: the files that they name are found beside it. */
export type FactoriesFor = (file: string) => LsmFactories

/** A file as a scenario names it: beside the scenario's own file; where that is stdin, from the working directory. */
const beside = (file: string, name: string): string =>
  file === '-' || isAbsolute(name) ? name : join(dirname(file), name)

/**
 * SELinux's policy is a file: binary, or CIL. Every scenario of a run may name the same one: it is read once. With
 * `coverage`, what the LSMs use of their rules is gathered there.
 */
export const factoriesOf = (io: Io, coverage: RunCoverage | null = null): FactoriesFor => {
  const policies = new Map<string, Uint8Array>()
  const binary = (name: string, local?: readonly string[]): Uint8Array => {
    const key = JSON.stringify([name, local])
    const bytes = policies.get(key) ?? withCommandErrors(() => writePolicy(policyOf(io, name, local)))
    policies.set(key, bytes)
    return bytes
  }
  return (file) => factoriesBeside(io, file, coverage, binary)
}

/** SELinux's options, with names of files for the policy and its local changes. */
type PolicyFiles = Omit<SelinuxOptions, 'policy'> & { readonly policy?: unknown; readonly local?: unknown }

const LOCAL_HINT = '{ selinux: { policy: FILE, local: [FILE] } }'

const factoriesBeside = (
  io: Io, file: string, coverage: RunCoverage | null, binary: (name: string, local?: readonly string[]) => Uint8Array,
): LsmFactories => {
  const filesIn = (names: unknown, what: string, hint: string): string[] => {
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) {
      return names.map((name) => beside(file, name))
    }
    throw new CommandError('badInput', `the ${what} are names of files`, hint)
  }
  return {
    capability,
    loadpin,
    lockdown,
    safesetid,
    selinux: ({ policy, local, ...options }: PolicyFiles) => {
      if (policy === undefined) return selinux(options)
      if (typeof policy !== 'string') {
        throw new CommandError('badInput', 'the `policy` of selinux is the name of a file')
      }
      const name = beside(file, policy)
      const changes = local === undefined ? undefined : filesIn(local, '`local` of selinux', LOCAL_HINT)
      const bytes = binary(name, changes)
      const watch = coverage?.selinux([name, ...changes ?? []].join(' '), () => readPolicy(bytes))
      const watching = watch === undefined ? {} : { granted: watch.note, transitioned: watch.noteTransition }
      return selinux({ ...options, policy: bytes, ...watching })
    },
    smack: ({ bringup, maxLabels, maxRules, maxSelfRules, ...options }: SmackOptions) => {
      const limits = { bringup, maxLabels, maxRules, maxSelfRules }
      return coverage === null ? smack({ ...limits, ...options })
        : smack({ ...options, policy: coverage.smack.policy(limits), remembers: false })
    },
    yama,
    apparmor: ({ profiles = [] }: ProfileOptions) => {
      const names = typeof profiles === 'string' ? [profiles] : profiles
      const files = filesIn(names, '`profiles` of apparmor', '{ apparmor: { profiles: [FILE] } }')
      return apparmor({ policy: loadedProfiles(io, files) })
    },
    bpf: ({ objects = [], ...options }: ProgramOptions) =>
      withPrograms(io, filesIn(objects, '`objects` of bpf', '{ bpf: { objects: [FILE.o] } }'), options, coverage),
    landlock: (options: LandlockOptions) =>
      landlock(coverage === null ? options : { ...options, watch: coverage.landlock }),
  }
}

/** Names of files, as a scenario gives them. */
interface ProfileOptions {
  readonly profiles?: unknown
}

type ProgramOptions = BpfOptions & { readonly objects?: unknown }

/** Object files are loaded and attached when the scenario is set up. */
const withPrograms = (
  io: Io, objects: readonly string[], options: BpfOptions, coverage: RunCoverage | null,
): StartedLsm => {
  const lsm = bpfModule(io, { ...options, ...coverage === null ? {} : { coverage: coverage.bpf } })
  return { lsm, start: (stack) => void attachObjects(io, lsm, stack, objects) }
}
