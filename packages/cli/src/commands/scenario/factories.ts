/** The LSMs that a scenario may name, with the options it gives them. */
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

/**
 * SELinux's policy is a file: binary, or CIL. Every scenario of a run may name the same one: it is read once. With
 * `coverage`, what the LSMs use of their rules is gathered there.
 */
export const factoriesOf = (io: Io, coverage: RunCoverage | null = null): LsmFactories => {
  const policies = new Map<string, Uint8Array>()
  const binary = (name: unknown): Uint8Array => {
    if (typeof name !== 'string') throw new CommandError('badInput', 'the `policy` of selinux is the name of a file')
    const bytes = policies.get(name) ?? withCommandErrors(() => writePolicy(policyOf(io, name)))
    policies.set(name, bytes)
    return bytes
  }
  return {
    capability,
    loadpin,
    lockdown,
    safesetid,
    selinux: ({ policy, ...options }: Omit<SelinuxOptions, 'policy'> & { readonly policy?: unknown }) => {
      if (policy === undefined) return selinux(options)
      const bytes = binary(policy)
      const watch = coverage?.selinux(policy as string, () => readPolicy(bytes))
      const watching = watch === undefined ? {} : { granted: watch.note, transitioned: watch.noteTransition }
      return selinux({ ...options, policy: bytes, ...watching })
    },
    smack: ({ bringup, maxLabels, maxRules, maxSelfRules, ...options }: SmackOptions) => {
      const limits = { bringup, maxLabels, maxRules, maxSelfRules }
      return coverage === null ? smack({ ...limits, ...options })
        : smack({ ...options, policy: coverage.smack.policy(limits), remembers: false })
    },
    yama,
    apparmor: ({ profiles = [] }: ProfileOptions) => apparmor({ policy: loadedProfiles(io, fileNames(profiles)) }),
    bpf: (options: ProgramOptions) => withPrograms(io, options, coverage),
    landlock: (options: LandlockOptions) =>
      landlock(coverage === null ? options : { ...options, watch: coverage.landlock }),
  }
}

/** Names of files, as a scenario gives them. */
interface ProfileOptions {
  readonly profiles?: unknown
}

const fileNames = (profiles: unknown): string[] => {
  const names = typeof profiles === 'string' ? [profiles] : profiles
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names
  const hint = '{ apparmor: { profiles: [FILE] } }'
  throw new CommandError('badInput', 'the `profiles` of apparmor are names of files', hint)
}

type ProgramOptions = BpfOptions & { readonly objects?: unknown }

/** Object files are loaded and attached when the scenario is set up. */
const withPrograms = (
  io: Io, { objects = [], ...options }: ProgramOptions, coverage: RunCoverage | null,
): StartedLsm => {
  if (!Array.isArray(objects) || !objects.every((name) => typeof name === 'string')) {
    throw new CommandError('badInput', 'the `objects` of bpf are names of files', '{ bpf: { objects: [FILE.o] } }')
  }
  const lsm = bpfModule(io, { ...options, ...coverage === null ? {} : { coverage: coverage.bpf } })
  return { lsm, start: (stack) => void attachObjects(io, lsm, stack, objects as string[]) }
}
