/** A refusal as a value: a sentence for whoever asked, the record, and the rule that would permit it. */
import type { DenialRecord } from '@lsmkit/core'
import type { Allow } from './allow.ts'
import type { HostRule, Protocol } from './hosts/host-rule.ts'

/** The permission that is missing, and the run before which it counts: `box.with(denial.permit)`. */
export interface Permit {
  /** Number of the run that was refused, from 1; 0 for what was asked outside of any. */
  readonly run: number
  readonly allow: Allow
  /** The reason: the sentence of the denial. */
  readonly why: string
  /** The role of the run, which is permitted it too. */
  readonly role?: string
}

/** A refusal without a module: the mount is read-only, the filter of calls, or the mode of the file. */
export interface CallRefusal {
  readonly kind: 'call'
  readonly by: 'mount' | 'seccomp' | 'mode'
  /** Name of the system call. */
  readonly call: string
  /** Negative errno. */
  readonly rc: number
  /** Where the look-up of the name ended. */
  readonly path: string | null
  /** The end of the sentence, where it is not the usual one. */
  readonly why?: string
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** A refusal of a host, after the hooks: by what its name leads to, by what is asked of it, or by a limit. */
export interface HostRefusalRecord {
  readonly kind: 'host'
  readonly host: string
  readonly port: number
  readonly protocol: Protocol
  /** Negative errno. */
  readonly rc: number
  /** The end of the sentence. */
  readonly why: string
  readonly permit: HostRule | null
  /** Milliseconds since the epoch. */
  readonly time: number
}

export type DeniedAct = 'read' | 'write' | 'execute' | 'connect' | 'listen' | 'other'

export interface Denial {
  readonly run: number
  /** A module of the stack by name, `hosts`, `mount`, `seccomp`, or `mode`. */
  readonly by: string
  readonly act: DeniedAct
  /** The file, by where the look-up of the program's name for it ended; null where it is about none. */
  readonly path: string | null
  /** Links that the program's name for it led over. */
  readonly links: readonly string[]
  /** The host of the network by the name that the program has for it, or its address; null where it is about none. */
  readonly host: string | null
  readonly port: number | null
  /** Of the host; null where it is about none. */
  readonly protocol: Protocol | null
  /** `EACCES`: all that the program has learnt. */
  readonly errno: string
  /** The system call. */
  readonly call: string
  /** For people and agents. */
  readonly sentence: string
  /** The same in parts: the module's record, or what was refused without one. */
  readonly record: DenialRecord | CallRefusal | HostRefusalRecord
  /**
   * The permission that would allow it, if `allow` can. Null where only a module could, and where the name led over a
   * link that the program may have made.
   */
  readonly permit: Permit | null
}
