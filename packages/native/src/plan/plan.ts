/** A policy compiled for one host: what each wall is given, and which wall holds each line of the policy. */
import type { NetworkLimits } from '@lsmkit/sandbox/hosts'
import type { WholeAllow } from '@lsmkit/sandbox/policy-parts'
import type { FilterStep } from '../sys/seccomp.ts'
import type { GapId } from './gaps.ts'
import type { HostPlace } from './mapping.ts'

export type Wall = 'landlock' | 'seccomp' | 'rlimit' | 'cgroup' | 'start' | 'keeper' | 'proxy' | 'neither'

/** A line of the policy, or what the policy leaves out and a box refuses. */
export interface Line {
  /** `allow.read: /usr`, `limits.memory: 64 MiB`, `everything else: signals`. */
  readonly line: string
  /** None for a line that has no wall. */
  readonly walls: readonly Wall[]
  /** How, or why not, as the end of a sentence; empty where there is nothing to add. */
  readonly note: string
  /** The id of the part that is not held. */
  readonly gap: GapId | null
}

export interface PathRule {
  readonly place: HostPlace
  /** LANDLOCK_ACCESS_FS_*, as this kernel knows them. */
  readonly rights: number
}

export interface LandlockPlan {
  readonly fs: number
  readonly net: number
  readonly scope: number
  readonly paths: readonly PathRule[]
  readonly ports: readonly (readonly [port: number, rights: number])[]
  /** LANDLOCK_RESTRICT_SELF_* */
  readonly flags: number
  /** Places whose refusals the kernel does not log (ABI 10). */
  readonly quiet: readonly HostPlace[]
}

export interface CgroupPlan {
  readonly parent: string
  readonly memory: number | null
  readonly pids: number | null
}

export interface HostsPlan {
  readonly allow: WholeAllow
  readonly limits: NetworkLimits
}

export interface Plan {
  readonly landlock: LandlockPlan | null
  readonly filter: readonly FilterStep[] | null
  /** RLIMIT_* and the limit. */
  readonly limits: readonly (readonly [resource: number, value: number])[]
  readonly cgroup: CgroupPlan | null
  /** Milliseconds; Infinity for no limit. */
  readonly time: number
  /** Bytes to stdout and stderr together; Infinity for no limit. */
  readonly output: number
  readonly env: Readonly<Record<string, string>>
  readonly user: { readonly uid: number; readonly gid: number } | null
  /** Names of the policy may lead over links. */
  readonly resolve: boolean
  /** Paths of the box for which a private folder is made. */
  readonly privates: readonly string[]
  /** The hosts and limits of the program's proxy; null where there is none. */
  readonly hosts: HostsPlan | null
  readonly lines: readonly Line[]
  /** Lines that this kernel does not hold, and nobody has accepted. Nothing starts while there are any. */
  readonly gaps: readonly GapId[]
}
