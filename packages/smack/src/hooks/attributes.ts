/** The label of a task as an attribute: /proc/PID/attr/current and the lsm_*_self_attr calls. */
import {
  CAP_MAC_ADMIN, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, LSM_ATTR_CURRENT, LSM_ID_SMACK,
} from '@lsmkit/abi'
import { lsm_fill_user_ctx } from '@lsmkit/core'
import type { HookTable } from '@lsmkit/core'
import { labelEnd, SMK_LONGLABEL } from '../label.ts'
import { textOf } from '../parse/bytes.ts'
import { currentLabel, currentPrivileged, currentState, taskLabel } from '../state.ts'
import type { Smack } from '../state.ts'

/** Names under /proc/PID/attr; of these Smack has only the first. */
const attributeNames = new Set(['current', 'exec', 'fscreate', 'keycreate', 'prev', 'sockcreate'])

/**
 * As `do_setattr`: the whole text must be a label, and neither `*` nor `@`. Without CAP_MAC_ADMIN it must be one that
 * relabel-self has listed, and that list is then used up. 0 or -errno.
 */
const setLabel = (smack: Smack, text: string): number => {
  const { labels } = smack.policy
  if (text.length === 0 || text.length >= SMK_LONGLABEL) return -EINVAL
  if (labelEnd(text, 0, text.length) !== text.length) return -EINVAL
  if (text === '*' || text === '@') return -EPERM
  if (!currentPrivileged(smack, CAP_MAC_ADMIN)) {
    const known = labels.find(text)
    if (known === 0 || !currentState(smack).relabel.includes(known)) return -EPERM
  }
  const label = labels.intern(text)
  if (label < 0) return label
  const next = smack.ctx.host.prepare_creds()
  if (next === null) return -ENOMEM
  const state = smack.blobs.cred(next)
  state.label = label
  state.relabel = []
  smack.ctx.host.commit_creds(next)
  return 0
}

/** One NUL at the end and then one newline are no part of the label; the other way round they are. */
const withoutTrailer = (text: string): string => text.replace(/\0$/, '').replace(/\n$/, '')

export const attributeHooks: HookTable<Smack> = {
  getselfattr(smack, attr, ctx, size) {
    if (attr !== LSM_ATTR_CURRENT) return -EOPNOTSUPP
    const value = new TextEncoder().encode(`${smack.policy.labels.text(currentLabel(smack))}\0`)
    return lsm_fill_user_ctx(ctx, size, value, LSM_ID_SMACK, 0) || 1
  },

  /** The text must end in a NUL, which counts. */
  setselfattr(smack, attr, ctx) {
    if (attr !== LSM_ATTR_CURRENT) return -EOPNOTSUPP
    if (ctx.flags !== 0 || ctx.ctx.at(-1) !== 0) return -EINVAL
    return setLabel(smack, textOf(ctx.ctx.subarray(0, -1)))
  },

  getprocattr(smack, task, name, value) {
    if (name !== 'current') return -EINVAL
    value.value = smack.policy.labels.text(taskLabel(smack, task))
    return value.value.length
  },

  setprocattr(smack, name, value, size) {
    if (!attributeNames.has(name)) return -EINVAL
    if (name !== 'current') return -EOPNOTSUPP
    return setLabel(smack, withoutTrailer(textOf(value.subarray(0, size)))) || size
  },
}
