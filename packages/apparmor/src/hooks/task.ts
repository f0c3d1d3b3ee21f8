/** Tasks: their labels and what is kept with them, capabilities, tracing, signals, limits, namespaces, io_uring. */
import { PTRACE_MODE_READ } from '@lsmkit/abi'
import type { CapSet } from '@lsmkit/abi'
import type { Cred, HookGroup, Task } from '@lsmkit/core'
import { newest } from '../domain/label.ts'
import type { Label } from '../domain/objects.ts'
import { capable } from '../mediate/capability.ts'
import { AA_PTRACE_READ, AA_PTRACE_TRACE, mayPtrace } from '../mediate/ptrace.ts'
import { maySetRlimit } from '../mediate/rlimit.ts'
import { maySignal } from '../mediate/signal.ts'
import { mayCreateUserNs, mayOverrideCreds, maySqpoll } from '../mediate/single.ts'
import { credLabel, currentLabel, isMode, refreshCurrent, taskLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'

export const credHooks = (aa: Apparmor): HookGroup => {
  const { cred, task } = aa.blobs
  const inherit = (next: Cred, old: Cred): void => {
    cred(next).label = newest(cred(old).label)
  }
  return {
    cred_alloc_blank: () => 0,
    cred_free() {},
    cred_prepare(next, old) {
      inherit(next, old)
      return 0
    },
    cred_transfer: inherit,

    /** As `aa_dup_task_ctx`. */
    task_alloc(child) {
      const from = task(aa.ctx.current.task)
      const to = task(child)
      to.nnp = from.nnp === null ? null : newest(from.nnp)
      to.previous = from.previous === null ? null : newest(from.previous)
      to.onexec = from.onexec === null ? null : newest(from.onexec)
      to.token = from.token
      return 0
    },
    task_free() {},
  }
}

const LOW = 0xffffffffn

/** A set cut to what a profile allows. */
const cut = (set: CapSet, allow: bigint): void => {
  set.lo = (set.lo & Number(allow & LOW)) >>> 0
  set.hi = (set.hi & Number((allow >> 32n) & LOW)) >>> 0
}

/**
 * The other side of tracing is asked with the label that its credentials hold, as in Linux: rules that have been
 * replaced count until that task is asked for something itself.
 */
const keptLabel = ({ blobs }: Apparmor, task: Task): Label => blobs.cred(task.real_cred).label

export const taskHooks = (aa: Apparmor): HookGroup => ({
  ptrace_access_check: (child, mode) =>
    mayPtrace(aa, currentLabel(aa), keptLabel(aa, child), mode & PTRACE_MODE_READ ? AA_PTRACE_READ : AA_PTRACE_TRACE),
  ptrace_traceme: (parent) => mayPtrace(aa, keptLabel(aa, parent), currentLabel(aa), AA_PTRACE_TRACE),

  /** A confined task sees the capabilities that its profiles leave of its sets. */
  capget(target, effective, _inheritable, permitted) {
    for (const profile of taskLabel(aa, target).profiles) {
      if (profile.isUnconfined || isMode(aa, profile, 'complain')) continue
      cut(effective, profile.caps.allow)
      cut(permitted, profile.caps.allow)
    }
    return 0
  },

  capable(cred, _ns, cap, opts) {
    const label = credLabel(aa, cred)
    return label.unconfined ? 0 : capable(aa, cred, label, cap, opts)
  },

  task_setrlimit(task, resource, limit) {
    const label = currentLabel(aa)
    return label.unconfined ? 0 : maySetRlimit(aa, label, task, resource, limit)
  },

  task_kill: (target, _info, signal, cred) =>
    maySignal(aa, cred === null ? currentLabel(aa) : credLabel(aa, cred), taskLabel(aa, target), signal),

  userns_create() {
    const label = refreshCurrent(aa)
    return label.unconfined ? 0 : mayCreateUserNs(aa, label)
  },

  uring_override_creds: (next) => mayOverrideCreds(aa, currentLabel(aa), aa.blobs.cred(next).label),
  uring_sqpoll: () => maySqpoll(aa, currentLabel(aa)),
})
