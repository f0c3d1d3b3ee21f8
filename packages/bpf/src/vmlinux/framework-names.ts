/** Functions of the security framework whose name is not that of their hook (security/security.c), by that name. */
import { hookNames } from '@lsmkit/core'
import type { HookName } from '@lsmkit/core'

/** Functions that have other arguments than their hook, and hooks that no function of their own calls. */
const otherwise: ReadonlySet<HookName> = new Set(['inode_alloc_security', 'inode_free_security_rcu'])

const irregular: Readonly<Record<string, HookName>> = {
  settime64: 'settime', vm_enough_memory_mm: 'vm_enough_memory', create_user_ns: 'userns_create',
  prepare_creds: 'cred_prepare', transfer_creds: 'cred_transfer', sock_rcv_skb: 'socket_sock_rcv_skb',
}

const SUFFIX = '_security'

/** The hook by the function's name without `security_`. */
export const frameworkNames: ReadonlyMap<string, HookName> = new Map([
  ...hookNames.filter((hook) => hook.endsWith(SUFFIX) && !otherwise.has(hook))
    .map((hook): [string, HookName] => [hook.slice(0, -SUFFIX.length), hook]),
  ...Object.entries(irregular),
])
