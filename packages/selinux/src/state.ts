/** One SELinux in one stack: its security server, its cache, what it keeps on objects, and who is running. */
import { AUDIT_SELINUX_ERR } from '@lsmkit/abi'
import type { Cred, LsmContext, SuperBlock, Task } from '@lsmkit/core'
import { avcReporter } from './avc/avc-audit.ts'
import { Avc } from './avc/avc.ts'
import { WatchedAvc } from './avc/watched-avc.ts'
import type { Granted } from './avc/watched-avc.ts'
import { KeptByTask } from './avc/kept-decisions.ts'
import type { CredState, SelinuxBlobs } from './blobs.ts'
import { StoredContexts } from './context-text.ts'
import { NetCaches } from './net-caches.ts'
import { releaseOf } from './release.ts'
import type { Release } from './release.ts'
import type { Server } from './server-type.ts'

export interface Selinux {
  readonly ctx: LsmContext
  readonly blobs: SelinuxBlobs
  readonly server: Server
  /** The kernel release of the stack's profile. */
  readonly release: Release
  readonly avc: Avc
  /** Decisions that tasks keep, where the release has them do so. */
  readonly kept: KeptByTask
  /** Labels of ports, interfaces and addresses that were asked before. */
  readonly net: NetCaches
  /** Packet marks are in use: how many rules of the packet filter set some (secmark_refcount). */
  secmarks: number
  /** Packets carry labels (netlabel): off unless asked for, as in the kernel. */
  readonly netlabel: boolean
  /** File systems mounted before there was a policy: labelled when it comes. */
  readonly deferred: Set<SuperBlock>
  /** Bytes of the contexts that new inodes store in their attribute. */
  readonly stored: StoredContexts
  /** Booleans that were written and not committed. */
  readonly pending: Map<string, boolean>
  /**
   * The contents of selinuxfs's status page: twice the number of changes, and the last policy. Null until it is opened.
   */
  status: { sequence: number; policyload: number } | null
  /** Lines of the kernel log. */
  readonly printk: (line: string) => void
}

interface StateOptions {
  readonly enforcing: boolean
  readonly netlabel: boolean
  readonly printk: (line: string) => void
  /** Null: nobody wants to know. */
  readonly granted: Granted | null
}

export const createState = (
  ctx: LsmContext,
  blobs: SelinuxBlobs,
  server: Server,
  { enforcing, netlabel, printk, granted }: StateOptions,
): Selinux => ({
  ctx,
  blobs,
  server,
  release: releaseOf(ctx.profile),
  avc: granted === null ? new Avc(server, avcReporter(server, ctx.audit), enforcing)
    : new WatchedAvc(server, avcReporter(server, ctx.audit), enforcing, granted),
  kept: new KeptByTask(),
  net: new NetCaches(server),
  secmarks: 0,
  netlabel,
  deferred: new Set(),
  stored: new StoredContexts(),
  pending: new Map(),
  status: null,
  printk,
})

/** As `selinux_cred(current_cred())`. */
export const currentState = ({ blobs, ctx }: Selinux): CredState => blobs.cred(ctx.current.task.cred)

/** As `current_sid`. */
export const currentSid = ({ blobs, ctx }: Selinux): number => blobs.cred(ctx.current.task.cred).sid

export const credSid = ({ blobs }: Selinux, cred: Cred): number => blobs.cred(cred).sid

/** As `task_sid_obj`: what others act upon. */
export const taskSid = ({ blobs }: Selinux, task: Task): number => blobs.cred(task.real_cred).sid

/** As `audit_log(…, AUDIT_SELINUX_ERR, …)`. */
export const logError = ({ ctx }: Selinux, text: string): void =>
  ctx.audit.emit({ kind: 'text', type: AUDIT_SELINUX_ERR, text })

/** Drops earlier decisions: a policy was loaded, a boolean committed, enforcing turned on. */
export const resetAvc = (selinux: Selinux): void => {
  selinux.avc.flush()
  selinux.net.flush()
}
