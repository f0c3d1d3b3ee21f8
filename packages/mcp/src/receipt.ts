/** The `_meta` of a result: under which policy the call ran, and what was decided about it. */
import type { Allow, Denial } from '@lsmkit/sandbox'
import type { PathUse } from './open-file.ts'

/** The key in `_meta`. */
export const RECEIPT = 'io.github.lsmkit/receipt'

export interface Denied {
  readonly decision: 'denied'
  /** The module that refused, `hosts`, `mount`, `seccomp` or `mode`. */
  readonly by: string
  /** `read`, `write`, `execute`, `connect`, `listen`, `other`. */
  readonly act: string
  readonly path: string | null
  /** A host of the network, by the name that was asked for. */
  readonly host: string | null
  readonly port: number | null
  readonly errno: string
  /** The system call. */
  readonly call: string
  readonly sentence: string
  /** The rule that would permit it, if `allow` can. */
  readonly rule: Allow | null
}

/** An argument that was declared as a path, and opened. */
export interface Opened {
  readonly decision: 'allowed'
  readonly act: PathUse
  readonly path: string
}

export type ReceiptDecision = Denied | Opened

export interface Receipt {
  readonly version: 1
  readonly tool: string
  /** `sha256:…` of the policy. */
  readonly policy: string
  readonly user: string | number | null
  readonly label: string | null
  /** The role of the policy that the call ran under. */
  readonly role: string | null
  readonly decisions: readonly ReceiptDecision[]
}

export const deniedOf = ({ by, act, path, host, port, errno, call, sentence, permit }: Denial): Denied => ({
  decision: 'denied', by, act, path, host, port, errno, call, sentence, rule: permit?.allow ?? null,
})
