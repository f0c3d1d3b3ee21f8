/** /proc/keys and /proc/key-users (security/keys/proc.c). */
import {
  KEY_FLAG_DEAD, KEY_FLAG_IN_QUOTA, KEY_FLAG_INVALIDATED, KEY_FLAG_REVOKED, KEY_FLAG_USER_CONSTRUCT, KEY_NEED_VIEW,
  KEY_POS_VIEW,
} from '@lsmkit/abi'
import { from_kgid_munged, from_kuid_munged, kuid_has_mapping } from '@lsmkit/core'
import type { Cred } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { KEY_IS_UNINSTANTIATED, keyRef } from '../state/keys/key.ts'
import type { KernelKey } from '../state/keys/key.ts'
import { keySeconds, key_task_permission } from './permission.ts'
import { request_key_auth } from '../state/keys/types.ts'
import { search_cred_keyrings } from './search-task.ts'
import { allKeys } from './store.ts'
import { allKeyUsers, maxKeysOf, maxKeyBytesOf } from './users.ts'

/** From the longest to the shortest. */
const UNITS = [[604800, 'w'], [86400, 'd'], [3600, 'h'], [60, 'm'], [1, 's']] as const

const timeLeft = (key: KernelKey, now: number): string => {
  if (key.expiry === Infinity) return 'perm'
  const left = key.expiry - now
  if (left <= 0) return 'expd'
  const [seconds, letter] = UNITS.find(([size]) => left >= size)!
  return `${Math.floor(left / seconds)}${letter}`
}

/** The part of a line that depends on the type of the key. */
const about = (key: KernelKey): string => {
  const isPositive = key.state > KEY_IS_UNINSTANTIATED
  if (key.type === request_key_auth) {
    const { auth, description } = key
    if (auth === null) return ''
    return `key:${description}${isPositive ? ` pid:${auth.pid} ci:${auth.callout.length}` : ''}`
  }
  if (!isPositive) return key.description
  if (key.links === null) return `${key.description}: ${key.datalen}`
  return `${key.description}: ${key.links.size === 0 ? 'empty' : key.links.size}`
}

const mayView = (machine: Machine, key: KernelKey, cred: Cred): boolean => {
  const { type, description } = key
  const query = { type, description, cred, only: key, usable: false, recurse: true }
  const possessed = (key.perm & KEY_POS_VIEW) !== 0 && typeof search_cred_keyrings(machine, query) !== 'number'
  return key_task_permission(machine, keyRef(key, possessed), cred, KEY_NEED_VIEW) >= 0
}

const line = (machine: Machine, key: KernelKey, { user_ns }: Cred): string => {
  const flag = (bit: number, letter: string): string => (key.has(bit) ? letter : '-')
  const flags = [
    key.state === KEY_IS_UNINSTANTIATED ? '-' : 'I', flag(KEY_FLAG_REVOKED, 'R'), flag(KEY_FLAG_DEAD, 'D'),
    flag(KEY_FLAG_IN_QUOTA, 'Q'), flag(KEY_FLAG_USER_CONSTRUCT, 'U'), key.state < 0 ? 'N' : '-',
    flag(KEY_FLAG_INVALIDATED, 'i'),
  ].join('')
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
  const id = (value: number): string => String(value | 0).padStart(5)
  const ids = `${id(from_kuid_munged(user_ns, key.uid))} ${id(from_kgid_munged(user_ns, key.gid))}`
  const left = timeLeft(key, keySeconds(machine)).padStart(4)
  const type = key.type.name.slice(0, 9).padEnd(9)
  const usage = String(key.usage).padStart(5)
  return `${hex(key.serial)} ${flags} ${usage} ${left} ${hex(key.perm)} ${ids} ${type} ${about(key)}\n`
}

/** Those that the reader may view. */
export const keysText = (machine: Machine): string => {
  const { cred } = machine.current.task
  return allKeys(machine).filter((key) => mayView(machine, key, cred)).map((key) => line(machine, key, cred)).join('')
}

export const keyUsersText = (machine: Machine): string => {
  const { user_ns } = machine.current.task.cred
  return allKeyUsers(machine).filter(({ uid }) => kuid_has_mapping(user_ns, uid)).map((user) => {
    const { uid, nkeys, nikeys, qnkeys, qnbytes } = user
    const own = `${String(from_kuid_munged(user_ns, uid)).padStart(5)}: ${String(nkeys).padStart(5)}`
    return `${own} ${nkeys}/${nikeys} ${qnkeys}/${maxKeysOf(machine, uid)} ${qnbytes}/${maxKeyBytesOf(machine, uid)}\n`
  }).join('')
}
