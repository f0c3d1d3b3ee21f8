/**
 * One Smack in one stack: its policy, what it keeps on objects, and who is running. Hooks take it as their first
 * argument.
 */
import { PF_KTHREAD } from '@lsmkit/abi'
import { cap_capable, init_user_ns_of } from '@lsmkit/core'
import type { BlobAccessor, Blocks, Cred, Current, LsmContext, Task } from '@lsmkit/core'
import type { CredState, SmackBlobs } from './blobs.ts'
import type { Label } from './label.ts'
import type { Policy } from './policy.ts'
import { PortTable } from './ports.ts'
import { privileged } from './privilege.ts'
import type { Actor } from './privilege.ts'
import { releaseOf } from './release.ts'
import type { Release } from './release.ts'

/** Options of the kernel's build. */
export interface Build {
  /** CONFIG_SECURITY_SMACK_NETFILTER: labels of packets come by secmark, and IPv6 ports are not labelled. */
  readonly netfilter: boolean
  /** CONFIG_SECURITY_SMACK_APPEND_SIGNALS: a signal needs `a`, not `w`. */
  readonly appendSignals: boolean
  /** NetLabel's setting, on at boot: packets without a label are taken. */
  readonly acceptUnlabeled: boolean
}

export interface Smack {
  readonly policy: Policy
  readonly build: Build
  readonly blobs: SmackBlobs
  readonly ctx: LsmContext
  /** The kernel release of the stack's profile. */
  readonly release: Release
  /** The running task, as somebody who may be privileged. */
  readonly current: Actor
  readonly ports: PortTable
  /** Whether there has been an untrusted super block: until then no check of an inode looks at its own. */
  readonly seen: { untrusted: boolean }
  /** Until then, too, each walk that must not block is sent away unheard. */
  readonly blocks: Blocks
  /** Whether inodes keep the last grants; tests ask the same without. */
  readonly remembers: boolean
  /** Lines of the kernel log: bring-up rules in use, and the like. */
  readonly printk: (line: string) => void
}

/** The task that runs when it is asked. */
class CurrentActor implements Actor {
  readonly #cell: Current
  readonly #cred: BlobAccessor<Cred, CredState>

  constructor(cell: Current, cred: BlobAccessor<Cred, CredState>) {
    this.#cell = cell
    this.#cred = cred
  }

  get kernelThread(): boolean {
    return (this.#cell.task.flags & PF_KTHREAD) !== 0
  }

  get label(): Label {
    return this.#cred(this.#cell.task.cred).label
  }

  holds(cap: number): boolean {
    return holds(this.#cell.task.cred, cap)
  }
}

const holds = (cred: Cred, cap: number): boolean => cap_capable(cred, init_user_ns_of(cred.user_ns), cap) === 0

export const createState = (
  ctx: LsmContext,
  blobs: SmackBlobs,
  policy: Policy,
  build: Build,
  remembers: boolean,
  printk: (line: string) => void,
  seen = { untrusted: false },
): Smack => {
  const current = new CurrentActor(ctx.current, blobs.cred)
  const blocks = { always: true }
  const release = releaseOf(ctx.profile)
  return { ctx, release, blobs, policy, build, remembers, printk, current, ports: new PortTable(), seen, blocks }
}

/** From now on super blocks are looked at. */
export const meetUntrusted = ({ seen, blocks }: Smack): void => {
  seen.untrusted = true
  blocks.always = false
}

/** As `smack_cred(current_cred())`. */
export const currentState = ({ blobs, ctx }: Smack): CredState => blobs.cred(ctx.current.task.cred)

/** As `smk_of_current`. */
export const currentLabel = (smack: Smack): Label => currentState(smack).label

/** As `smk_of_task_struct_obj`: what others see of the task. */
export const taskLabel = ({ blobs }: Smack, task: Task): Label => blobs.cred(task.real_cred).label

/** As `smack_privileged`: of the running task. */
export const currentPrivileged = ({ policy, current }: Smack, cap: number): boolean => privileged(policy, current, cap)

/** As `smack_privileged_cred`: kernel threads have no advantage. */
export const credPrivileged = ({ policy, blobs }: Smack, cred: Cred, cap: number): boolean =>
  privileged(policy, { kernelThread: false, label: blobs.cred(cred).label, holds: (which) => holds(cred, which) }, cap)
