/** The message to the watching thread when a program is there: its listener, its policy's rules, its user. */
import type { FilterStep } from '../sys/seccomp.ts'
import type { HostRules } from './host-rules.ts'

/** Ids of a program, where they are others than this process's. */
export interface HostUser {
  readonly uid: number
  readonly gid: number
}

export interface WatchStart {
  readonly listener: number
  readonly rules: HostRules
  readonly user: HostUser | null
  /** The policy's filter, whose refusals are asked about; null: they are not. */
  readonly filter: readonly FilterStep[] | null
  /** A descriptor of this process that leads to a probe; -1 without one. */
  readonly probe: number
}
