/** Keys, and watching them. */
import {
  CAP_MAC_OVERRIDE, EACCES, EINVAL, KEY_AUTHTOKEN_OVERRIDE, KEY_DEFER_PERM_CHECK, KEY_NEED_LINK, KEY_NEED_READ,
  KEY_NEED_SEARCH, KEY_NEED_SETATTR, KEY_NEED_UNLINK, KEY_NEED_UNSPECIFIED, KEY_NEED_VIEW, KEY_NEED_WRITE,
  KEY_SYSADMIN_OVERRIDE, MAY_READ, MAY_WRITE,
} from '@lsmkit/abi'
import type { HookTable, Key } from '@lsmkit/core'
import { noteLabels } from '../bringup.ts'
import { errnoOf, rawCheck } from '../checks.ts'
import type { Label } from '../label.ts'
import { credPrivileged, currentLabel, currentPrivileged } from '../state.ts'
import type { Smack } from '../state.ts'

/** Notifications about the queue itself are always let through. */
const WATCH_TYPE_META = 0

/** Modes, 0 for what is not asked about, -EINVAL for what nobody knows. */
const requestOf = (need: number): number => {
  switch (need) {
    case KEY_NEED_READ:
    case KEY_NEED_SEARCH:
    case KEY_NEED_VIEW:
      return MAY_READ
    case KEY_NEED_WRITE:
    case KEY_NEED_LINK:
    case KEY_NEED_SETATTR:
      return MAY_WRITE
    case KEY_NEED_UNSPECIFIED:
    case KEY_NEED_UNLINK:
    case KEY_SYSADMIN_OVERRIDE:
    case KEY_AUTHTOKEN_OVERRIDE:
    case KEY_DEFER_PERM_CHECK:
      return 0
    default:
      return -EINVAL
  }
}

const check = (smack: Smack, subject: Label, target: Key, request: number, fn: string, note: string): number => {
  const object = smack.blobs.key(target).label
  const decision = rawCheck(smack, subject, object, request, fn, 'key', target)
  noteLabels(smack, note, subject, object, request, decision)
  return errnoOf(smack, decision, subject, object, request)
}

export const keyHooks: HookTable<Smack> = {
  key_alloc(smack, target, maker) {
    smack.blobs.key(target).label = smack.blobs.cred(maker).label
    return 0
  },

  /** A key without a label is still being made. */
  key_permission(smack, { key: target }, asker, need) {
    const request = requestOf(need)
    if (request <= 0) return request
    if (smack.blobs.key(target).label === 0) return 0
    const subject = smack.blobs.cred(asker).label
    if (subject === 0) return -EACCES
    if (currentPrivileged(smack, CAP_MAC_OVERRIDE)) return 0
    return check(smack, subject, target, request, 'smack_key_permission', 'key access')
  },

  key_getsecurity(smack, target, buffer) {
    const { label } = smack.blobs.key(target)
    if (label === 0) {
      buffer.value = null
      return 0
    }
    buffer.value = smack.policy.labels.text(label)
    return buffer.value.length + 1
  },

  watch_key(smack, target) {
    const subject = currentLabel(smack)
    if (subject === 0) return -EACCES
    if (credPrivileged(smack, smack.ctx.current.task.cred, CAP_MAC_OVERRIDE)) return 0
    return check(smack, subject, target, MAY_READ, 'smack_watch_key', 'key watch')
  },

  /** The task whose act is reported writes to the watcher. */
  post_notification(smack, watcher, sender: typeof watcher | null, { type }) {
    if (type === WATCH_TYPE_META || sender === null) return 0
    const subject = smack.blobs.cred(sender).label
    const object = smack.blobs.cred(watcher).label
    const decision = rawCheck(smack, subject, object, MAY_WRITE, 'smack_post_notification', 'nothing', null)
    noteLabels(smack, 'notification', subject, object, MAY_WRITE, decision)
    return errnoOf(smack, decision, subject, object, MAY_WRITE)
  },
}
