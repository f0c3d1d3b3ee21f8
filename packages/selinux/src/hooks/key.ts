/** Keys and keyrings. */
import {
  EPERM, KEY_AUTHTOKEN_OVERRIDE, KEY_DEFER_PERM_CHECK, KEY_NEED_LINK, KEY_NEED_READ, KEY_NEED_SEARCH, KEY_NEED_SETATTR,
  KEY_NEED_UNLINK, KEY_NEED_VIEW, KEY_NEED_WRITE, KEY_SYSADMIN_OVERRIDE,
} from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { credSid } from '../state.ts'
import type { Selinux } from '../state.ts'

const { key: keyAv } = AV

/** What each need asks for; 0 where the kernel has its own rule. */
const needs = new Map([
  [KEY_NEED_VIEW, keyAv.view], [KEY_NEED_READ, keyAv.read], [KEY_NEED_WRITE, keyAv.write],
  [KEY_NEED_SEARCH, keyAv.search], [KEY_NEED_LINK, keyAv.link], [KEY_NEED_SETATTR, keyAv.setattr],
  [KEY_NEED_UNLINK, 0], [KEY_SYSADMIN_OVERRIDE, 0], [KEY_AUTHTOKEN_OVERRIDE, 0], [KEY_DEFER_PERM_CHECK, 0],
])

export const keyHooks: HookTable<Selinux> = {
  key_alloc(selinux, key, cred) {
    const { sid, keycreate_sid } = selinux.blobs.cred(cred)
    selinux.blobs.key(key).sid = keycreate_sid || sid
    return 0
  },

  key_permission(selinux, { key }, cred, need) {
    const perm = needs.get(need)
    if (perm === undefined) return -EPERM
    if (perm === 0) return 0
    return selinux.avc.hasPerm(credSid(selinux, cred), selinux.blobs.key(key).sid, SECCLASS.key, perm, 'nothing', null)
  },

  /** The length with its NUL. */
  key_getsecurity(selinux, key, buffer) {
    const text = selinux.server.sidToContext(selinux.blobs.key(key).sid)
    if (typeof text === 'number') return text
    buffer.value = `${text}\0`
    return text.length + 1
  },

  watch_key: (selinux, key) => currentHas(selinux, selinux.blobs.key(key).sid, SECCLASS.key, keyAv.view),
}
