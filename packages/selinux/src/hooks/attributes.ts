/** Contexts of a task as attributes: /proc/PID/attr and the lsm_*_self_attr calls. */
import {
  EINVAL, ENOMEM, EOPNOTSUPP, EPERM, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, LSM_ATTR_FSCREATE, LSM_ATTR_KEYCREATE,
  LSM_ATTR_PREV, LSM_ATTR_SOCKCREATE, LSM_ID_SELINUX, ownValue,
} from '@lsmkit/abi'
import { lsm_fill_user_ctx } from '@lsmkit/core'
import type { Cred, HookTable, Task } from '@lsmkit/core'
import { invalidContextText } from '../avc/mac-text.ts'
import type { CredState } from '../blobs.ts'
import { currentHas, hasMacAdmin, selfHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { contextBytes, contextText, writtenText } from '../context-text.ts'
import { SECSID_NULL } from '../initial-sids.ts'
import { logError, taskSid } from '../state.ts'
import type { Selinux } from '../state.ts'

interface Attribute {
  /** Where the SID is kept. */
  readonly field: Exclude<keyof CredState, 'copy'>
  /** What the task needs in its own domain to set it; null where nobody can. */
  readonly perm: number | null
}

const { process } = AV
const attributes: Readonly<Record<number, Attribute>> = {
  [LSM_ATTR_CURRENT]: { field: 'sid', perm: process.setcurrent },
  [LSM_ATTR_PREV]: { field: 'osid', perm: null },
  [LSM_ATTR_EXEC]: { field: 'exec_sid', perm: process.setexec },
  [LSM_ATTR_FSCREATE]: { field: 'create_sid', perm: process.setfscreate },
  [LSM_ATTR_KEYCREATE]: { field: 'keycreate_sid', perm: process.setkeycreate },
  [LSM_ATTR_SOCKCREATE]: { field: 'sockcreate_sid', perm: process.setsockcreate },
}

/** Their files below /proc/PID/attr. */
const numbers: Readonly<Record<string, number>> = {
  current: LSM_ATTR_CURRENT, prev: LSM_ATTR_PREV, exec: LSM_ATTR_EXEC, fscreate: LSM_ATTR_FSCREATE,
  keycreate: LSM_ATTR_KEYCREATE, sockcreate: LSM_ATTR_SOCKCREATE,
}

/** As `ptrace_parent_sid`: the domain of the task that traces the running one, SECSID_NULL of none. */
export const ptracerSid = (selinux: Selinux): number => {
  const { ptrace, parent } = selinux.ctx.current.task
  return ptrace !== 0 && parent !== null ? taskSid(selinux, parent) : SECSID_NULL
}

/** As `selinux_lsm_getattr`: the context, '' of an attribute that is not set, or -errno. */
const getAttribute = (selinux: Selinux, attr: number, p: Task): string | number => {
  const { task } = selinux.ctx.current
  if (p !== task) {
    const rc = currentHas(selinux, taskSid(selinux, p), SECCLASS.process, process.getattr)
    if (rc !== 0) return rc
  }
  const attribute = attributes[attr]
  if (attribute === undefined) return -EOPNOTSUPP
  const sid = selinux.blobs.cred(p.real_cred)[attribute.field]
  return sid === SECSID_NULL ? '' : selinux.server.sidToContext(sid)
}

/** The SID of a written text: 0 of an empty one, or -errno. */
const parse = (selinux: Selinux, attr: number, value: Uint8Array): number => {
  if (value.length === 0 || value[0] === 0 || value[0] === 0x0a) return SECSID_NULL
  const written = value.at(-1) === 0x0a ? value.subarray(0, -1) : value
  const context = contextText(written)
  const sid = selinux.server.contextToSid(context)
  if (sid !== -EINVAL || attr !== LSM_ATTR_FSCREATE) return sid
  if (!hasMacAdmin(selinux, true)) {
    logError(selinux, invalidContextText('fscreate', selinux.ctx.audit.untrusted(writtenText(written))))
    return sid
  }
  return selinux.server.contextToSidForce(context)
}

/** Into another domain without an execve: 0 or -errno. */
const changeDomain = (selinux: Selinux, task: Task, state: CredState, sid: number): number => {
  if (sid === SECSID_NULL) return -EINVAL
  // other threads share the memory and keep the old domain: the new one must be no more than that
  const isSingle = (task.mm?.users ?? 1) === 1
  if (!isSingle && selinux.server.boundedTransition(state.sid, sid) !== 0) return -EPERM
  const rc = selinux.avc.hasPerm(state.sid, sid, SECCLASS.process, process.dyntransition, 'nothing', null)
  if (rc !== 0) return rc
  const tracer = ptracerSid(selinux)
  if (tracer !== SECSID_NULL) {
    const traced = selinux.avc.hasPerm(tracer, sid, SECCLASS.process, process.ptrace, 'nothing', null)
    if (traced !== 0) return traced
  }
  state.sid = sid
  return 0
}

const apply = (selinux: Selinux, attr: number, field: Attribute['field'], next: Cred, sid: number): number => {
  const state = selinux.blobs.cred(next)
  if (attr === LSM_ATTR_CURRENT) return changeDomain(selinux, selinux.ctx.current.task, state, sid)
  if (attr === LSM_ATTR_KEYCREATE && sid !== SECSID_NULL) {
    const rc = currentHas(selinux, sid, SECCLASS.key, AV.key.create)
    if (rc !== 0) return rc
  }
  state[field] = sid
  return 0
}

/** As `selinux_lsm_setattr`: the length taken, or -errno. */
const setAttribute = (selinux: Selinux, attr: number, value: Uint8Array): number => {
  const attribute = attributes[attr]
  if (attribute === undefined || attribute.perm === null) return -EOPNOTSUPP
  const refused = selfHas(selinux, SECCLASS.process, attribute.perm)
  if (refused !== 0) return refused
  const sid = parse(selinux, attr, value)
  if (sid < 0) return sid
  const { host } = selinux.ctx
  const next = host.prepare_creds()
  if (next === null) return -ENOMEM
  const rc = apply(selinux, attr, attribute.field, next, sid)
  if (rc !== 0) {
    host.abort_creds(next)
    return rc
  }
  host.commit_creds(next)
  return value.length
}

export const attributeHooks: HookTable<Selinux> = {
  getselfattr(selinux, attr, ctx, size) {
    const text = getAttribute(selinux, attr, selinux.ctx.current.task)
    if (typeof text === 'number') return text
    const value = text === '' ? new Uint8Array() : contextBytes(text)
    return lsm_fill_user_ctx(ctx, size, value, LSM_ID_SELINUX, 0) || 1
  },

  setselfattr(selinux, attr, ctx) {
    const rc = setAttribute(selinux, attr, ctx.ctx)
    return Math.min(rc, 0)
  },

  getprocattr(selinux, p, name, value) {
    const attr = ownValue(numbers, name)
    if (attr === undefined) return -EINVAL
    const text = getAttribute(selinux, attr, p)
    if (typeof text === 'number') return text === -EOPNOTSUPP ? -EINVAL : text
    if (text === '') return 0
    value.value = `${text}\0`
    return text.length + 1
  },

  setprocattr(selinux, name, value, size) {
    const attr = ownValue(numbers, name)
    if (attr === undefined) return -EINVAL
    const rc = setAttribute(selinux, attr, value.subarray(0, size))
    return rc === -EOPNOTSUPP ? -EINVAL : rc
  },
}
