/** The four questions: may the task have these ids, and may it use its capability over ids for anything else? */
import { CAP_OPT_INSETID, CAP_SETGID, CAP_SETUID, EACCES, EPERM, SIGKILL } from '@lsmkit/abi'
import type { Cred, HookGroup } from '@lsmkit/core'
import { INVALID_ID, SIDPOL_CONSTRAINED, SIDPOL_DEFAULT } from './policy.ts'
import type { IdKind, SafeSetId } from './state.ts'

/** As the log prints them: `%d`. */
const signed = (ids: readonly number[]): string => ids.map((id) => id | 0).join(',')

export const setidHooks = (safesetid: SafeSetId): HookGroup => {
  const { ctx, printk } = safesetid

  /** Whether rules of that kind have the id as their source. */
  const isConstrained = (kind: IdKind, id: number): boolean =>
    safesetid[kind].rules.lookup(id, INVALID_ID) !== SIDPOL_DEFAULT

  /** As `id_permitted_for_cred`, with its quirk: rules for groups are looked up by the old real uid, not gid. */
  const mayBecome = (kind: IdKind, old: Cred, own: readonly number[], id: number): boolean =>
    own.includes(id) || safesetid[kind].rules.lookup(old.uid, id) !== SIDPOL_CONSTRAINED

  /** -EACCES, and the process ends: it may have wanted to drop a privilege, and must not go on with it. */
  const kill = (kind: IdKind, own: readonly number[], id: number): number => {
    const text = `${kind.toUpperCase()} transition ((${signed(own)}) -> ${id | 0}) blocked`
    printk(`SafeSetID: ${text}`)
    ctx.host.services?.send_signal(ctx.current.task, SIGKILL, true)
    return ctx.audit.deny(-EACCES, text, { kind, id })
  }

  const checkIds = (kind: IdKind, old: Cred, own: readonly number[], ids: readonly number[]): number => {
    const blocked = ids.find((id) => !mayBecome(kind, old, own, id))
    return blocked === undefined ? 0 : kill(kind, own, blocked)
  }

  return {
    /** The ids themselves are looked at when they change; this is about maps of a user namespace and the like. */
    capable(cred, _ns, cap, opts) {
      if ((cap !== CAP_SETUID && cap !== CAP_SETGID) || (opts & CAP_OPT_INSETID) !== 0) return 0
      const kind = cap === CAP_SETUID ? 'uid' : 'gid'
      const id = cred[kind]
      if (!isConstrained(kind, id)) return 0
      const name = kind.toUpperCase()
      const text = `Operation requires CAP_SET${name}, which is not available to ${name} ${id} for operations ` +
        `besides approved set*${kind} transitions`
      printk(`SafeSetID: ${text}`)
      return ctx.audit.deny(-EPERM, text, { kind, id })
    },

    task_fix_setuid(next, old) {
      if (!isConstrained('uid', old.uid)) return 0
      return checkIds('uid', old, [old.uid, old.euid, old.suid], [next.uid, next.euid, next.suid, next.fsuid])
    },

    task_fix_setgid(next, old) {
      if (!isConstrained('gid', old.gid)) return 0
      return checkIds('gid', old, [old.gid, old.egid, old.sgid], [next.gid, next.egid, next.sgid, next.fsgid])
    },

    task_fix_setgroups(next, old) {
      if (!isConstrained('gid', old.gid)) return 0
      return checkIds('gid', old, [old.gid, old.egid, old.sgid], next.group_info.gid)
    },
  }
}
