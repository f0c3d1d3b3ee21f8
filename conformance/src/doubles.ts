/**
 * Attribute doubles: LSMs that are not written yet, stood in for by what ordering and the attribute calls show of them:
 * a name, an order, flags, and an attribute text. They decide nothing. Each goes when its package lands.
 */
import { LSM_ID_EVM, LSM_ID_IMA, LSM_ID_IPE, LSM_ID_TOMOYO } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { bpf } from '@lsmkit/bpf'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'

/** A hook of every module, so that it is seen to register: what it answers is its default. */
const presence = { bprm_committed_creds() {} }

const plain = (name: string, id: number, more: object = {}) => (): Lsm =>
  defineLsm({ name, abi: '1.0', id, hooks: presence, ...more })

/**
 * Factories by name, doubles and the real ones, in the link order of a kernel that builds all of them
 * (security/Makefile).
 */
export const doubles: Readonly<Record<string, () => Lsm>> = {
  selinux,
  smack,
  tomoyo: plain('tomoyo', LSM_ID_TOMOYO, { legacyMajor: true }),
  apparmor: () => apparmor(),
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
