/** A call that the watch has seen, the model's answer to it, and the kernel's. */
import type { Act, PortNeed } from './needs.ts'
import type { KernelAnswer } from './probe.ts'

/** A call as the watcher reports it: plain data. */
export interface WatchedCall {
  readonly kind: 'call'
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly pid: number
  readonly comm: string
  readonly call: string
  readonly act: Act
  /** The file, where it is about one. */
  readonly path: string | null
  readonly port: number | null
  /** The rights of Landlock that it needed, by place. */
  readonly files: readonly { readonly path: string; readonly rights: number }[]
  /** Those of them that the policy does not grant, and the port. */
  readonly missing: readonly { readonly path: string; readonly rights: number }[]
  readonly missingAtPort: PortNeed | null
  /** The kernel's own answer, where a probe has repeated the question. */
  readonly kernel: KernelAnswer
}

/** Whether the policy's model refuses the call. */
export const isRefusedByModel = ({ missing, missingAtPort }: Pick<WatchedCall, 'missing' | 'missingAtPort'>): boolean =>
  missing.length > 0 || missingAtPort !== null

/** Whether the kernel answers otherwise than the model. */
export const isDifferent = (of: Pick<WatchedCall, 'missing' | 'missingAtPort' | 'kernel'>): boolean =>
  of.kernel !== 'unknown' && (of.kernel === 'refused') !== isRefusedByModel(of)
