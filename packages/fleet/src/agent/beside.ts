/** Asks a permissive bundle about an attached stack, while the SELinux of the stack decides. */
import { EACCES } from '@lsmkit/abi'
import type { HookName, Link, Stack, WouldDenyRecord } from '@lsmkit/core'
import type { RefusedBeside, SelinuxLsm } from '@lsmkit/selinux'
import { FleetError, reasonOf } from '../fleet-error.ts'

/** Takes each call that would be refused. */
export type WouldDeny = (record: WouldDenyRecord) => void

const reasons: Readonly<Record<RefusedBeside['reason'], string>> = {
  'no-rule': 'no rule of the bundle that is asked allows it',
  'no-context': 'the bundle that is asked does not know a context of it, so it cannot be asked',
}

const recordOf = (stack: Stack, hook: string, refused: RefusedBeside): WouldDenyRecord => {
  const { scontext, tcontext, tclass, permissions, reason } = refused
  const { pid, tgid, comm, cred } = stack.current.task
  const { uid, gid, euid, egid, fsuid, fsgid } = cred
  return {
    kind: 'would-deny', serial: 0, time: Date.now(), hook, lsm: 'selinux', rc: -EACCES, reason: reasons[reason],
    subject: {
      pid: tgid, tid: pid, comm, uid, gid, euid, egid, fsuid, fsgid, auid: 0xffffffff, ses: 0xffffffff, label: scontext,
    },
    object: null, args: {}, details: { scontext, tcontext, tclass, permissions: permissions.join(' ') },
  }
}

/** A stack that asks a policy beside its own. Nothing of it exists without such a policy. */
export class BesideStack {
  readonly #stack: Stack
  readonly #wouldDeny: WouldDeny
  readonly #stop: () => void
  readonly #links: readonly Link[]
  /** The hook that is called now; '' outside of hooks. */
  #hook = ''
  /** Enforced, a call ends with its first refusal, so it counts once. */
  #isRefused = false

  /** Throws FleetError `not-applied`. */
  constructor(stack: Stack, lsm: Pick<SelinuxLsm, 'compare'>, policy: Uint8Array, wouldDeny: WouldDeny) {
    this.#stack = stack
    this.#wouldDeny = wouldDeny
    try {
      this.#stop = lsm.compare(policy, (refused) => this.#refused(refused))
    } catch (error) {
      throw new FleetError('not-applied', `SELinux cannot ask the policy: ${reasonOf(error)}`, { cause: error })
    }
    const hooks = Object.keys(stack.hooks).filter((hook) => stack.hooks[hook]!.ret === 'int') as HookName[]
    this.#links = hooks.map((hook) => stack.observe(hook, {
      entry: () => this.#begin(hook), exit: () => this.#begin(''),
    }))
  }

  #begin(hook: string): void {
    this.#hook = hook
    this.#isRefused = false
  }

  #refused(refused: RefusedBeside): void {
    if (this.#isRefused) return
    this.#isRefused = this.#hook !== ''
    this.#wouldDeny(recordOf(this.#stack, this.#hook, refused))
  }

  end(): void {
    this.#stop()
    for (const link of this.#links) link.detach()
  }
}
