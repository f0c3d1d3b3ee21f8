/**
 * Attribute doubles: LSMs that are not written yet, stood in for by what ordering and the attribute calls show of them:
 * a name, an order, flags, and an attribute text. They decide nothing. Each goes when its package lands.
 */
import {
  EINVAL, ENOENT, EOPNOTSUPP, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, LSM_ATTR_PREV, LSM_FLAG_SINGLE, LSM_ID_APPARMOR,
  LSM_ID_EVM, LSM_ID_IMA, LSM_ID_IPE, LSM_ID_TOMOYO,
} from '@lsmkit/abi'
import { defineLsm, lsm_fill_user_ctx } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { bpf } from '@lsmkit/bpf'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'

const encode = (text: string) => new TextEncoder().encode(text)

/** A hook of every module, so that it is seen to register: what it answers is its default. */
const presence = { bprm_committed_creds() {} }

const plain = (name: string, id: number, more: object = {}) => (): Lsm =>
  defineLsm({ name, abi: '1.0', id, hooks: presence, ...more })

/** AppArmor without a profile: `unconfined`, no transition pending, and no profile to change to. */
const apparmor = (): Lsm =>
  defineLsm({
    name: 'apparmor',
    abi: '1.0',
    id: LSM_ID_APPARMOR,
    legacyMajor: true,
    exclusive: true,
    enabled: true,
    hooks: {
      getselfattr(attr, ctx, size, flags) {
        if (attr === LSM_ATTR_PREV || attr === LSM_ATTR_EXEC) return -ENOENT
        if (attr !== LSM_ATTR_CURRENT) return -EOPNOTSUPP
        const rc = lsm_fill_user_ctx(ctx, size, encode('unconfined\0'), LSM_ID_APPARMOR, flags & ~LSM_FLAG_SINGLE)
        return rc < 0 ? rc : 1
      },
      setselfattr: (attr) => (attr === LSM_ATTR_CURRENT || attr === LSM_ATTR_EXEC ? -EINVAL : -EOPNOTSUPP),
      getprocattr(_task, name, value) {
        if (name === 'prev' || name === 'exec') return -ENOENT
        if (name !== 'current') return -EINVAL
        value.value = 'unconfined\n'
        return value.value.length
      },
    },
  })

/**
 * Factories by name, doubles and the real ones, in the link order of a kernel that builds all of them
 * (security/Makefile).
 */
export const doubles: Readonly<Record<string, () => Lsm>> = {
  selinux,
  smack,
  tomoyo: plain('tomoyo', LSM_ID_TOMOYO, { legacyMajor: true }),
  apparmor,
  yama,
  loadpin: () => loadpin(),
  safesetid: () => safesetid(),
  lockdown: () => lockdown(),
  bpf: () => bpf(),
  landlock: () => landlock(),
  ima: plain('ima', LSM_ID_IMA, { order: 'last' }),
  evm: plain('evm', LSM_ID_EVM, { order: 'last' }),
  ipe: plain('ipe', LSM_ID_IPE),
}
