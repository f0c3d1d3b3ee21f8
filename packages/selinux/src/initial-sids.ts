/**
 * Security identifiers that the kernel hands out before it has a policy (SECINITSID_*): the policy gives them contexts.
 */

/** No SID. */
export const SECSID_NULL = 0
export const SECINITSID_KERNEL = 1
export const SECINITSID_SECURITY = 2
export const SECINITSID_UNLABELED = 3
export const SECINITSID_FILE = 5
export const SECINITSID_INIT = 7
export const SECINITSID_ANY_SOCKET = 8
export const SECINITSID_PORT = 9
export const SECINITSID_NETIF = 10
export const SECINITSID_NETMSG = 11
export const SECINITSID_NODE = 12
export const SECINITSID_DEVNULL = 27
