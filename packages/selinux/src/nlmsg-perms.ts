/** The permission for a netlink message, by the class of the socket and the type of the message (nlmsgtab.c). */
import {
  AUDIT_ADD, AUDIT_ADD_RULE, AUDIT_DEL, AUDIT_DEL_RULE, AUDIT_FIRST_USER_MSG, AUDIT_FIRST_USER_MSG2, AUDIT_GET,
  AUDIT_GET_FEATURE, AUDIT_LAST_USER_MSG, AUDIT_LAST_USER_MSG2, AUDIT_LIST, AUDIT_LIST_RULES, AUDIT_MAKE_EQUIV,
  AUDIT_SET, AUDIT_SET_FEATURE, AUDIT_SIGNAL_INFO, AUDIT_TRIM, AUDIT_TTY_GET, AUDIT_TTY_SET, AUDIT_USER,
  DCCPDIAG_GETSOCK, EINVAL, ENOENT, SOCK_DESTROY, SOCK_DIAG_BY_FAMILY, TCPDIAG_GETSOCK, XFRM_MSG_GETAE,
  XFRM_MSG_GETDEFAULT, XFRM_MSG_GETPOLICY, XFRM_MSG_GETSA, XFRM_MSG_GETSADINFO, XFRM_MSG_GETSPDINFO, XFRM_MSG_MAPPING,
  XFRM_MSG_MAX, XFRM_MSG_NEWSA, XFRM_MSG_NEWSADINFO, XFRM_MSG_REPORT,
} from '@lsmkit/abi'
import { AV, laterPermission, SECCLASS } from './class-map.ts'

type Perms = ReadonlyMap<number, number>

const { nlmsg_read: READ, nlmsg_write: WRITE } = AV.netlink_route_socket
const { nlmsg_relay: RELAY, nlmsg_readpriv: READPRIV, nlmsg_tty_audit: TTY_AUDIT } = AV.netlink_audit_socket

/** RTM_*, in fours of new, del, get, set: `r` reads, `w` writes, `-` is not known. The first four are links. */
const routeTypes =
  'wwrw wwr- wwr- wwr- wwr- wwr- wwr- wwr- wwr- r--- --r- --r- --rw ---- wwr- --rw rrr- wwr- wrr- r-rw r--- ' +
  'wwr- wwr- ww-- wwr- wwr- wwr-'
const RTM_FIRST = 16
const route: Perms = new Map(
  [...routeTypes.replaceAll(' ', '')].flatMap((letter, at) =>
    letter === '-' ? [] : [[RTM_FIRST + at, letter === 'r' ? READ : WRITE] as const]),
)

const xfrmReads = new Set([
  XFRM_MSG_GETSA, XFRM_MSG_GETPOLICY, XFRM_MSG_GETAE, XFRM_MSG_REPORT, XFRM_MSG_NEWSADINFO, XFRM_MSG_GETSADINFO,
  XFRM_MSG_GETSPDINFO, XFRM_MSG_MAPPING, XFRM_MSG_GETDEFAULT,
])
const xfrm: Perms = new Map(
  Array.from({ length: XFRM_MSG_MAX - XFRM_MSG_NEWSA + 1 }, (_, at) => {
    const type = XFRM_MSG_NEWSA + at
    return [type, xfrmReads.has(type) ? READ : WRITE] as const
  }),
)

const diag: Perms = new Map([
  [TCPDIAG_GETSOCK, READ], [DCCPDIAG_GETSOCK, READ], [SOCK_DIAG_BY_FAMILY, READ], [SOCK_DESTROY, WRITE],
])

const audit: Perms = new Map([
  [AUDIT_GET, READ], [AUDIT_SET, WRITE], [AUDIT_LIST, READPRIV], [AUDIT_ADD, WRITE], [AUDIT_DEL, WRITE],
  [AUDIT_LIST_RULES, READPRIV], [AUDIT_ADD_RULE, WRITE], [AUDIT_DEL_RULE, WRITE], [AUDIT_USER, RELAY],
  [AUDIT_SIGNAL_INFO, READ], [AUDIT_TRIM, WRITE], [AUDIT_MAKE_EQUIV, WRITE], [AUDIT_TTY_GET, READ],
  [AUDIT_TTY_SET, TTY_AUDIT], [AUDIT_GET_FEATURE, READ], [AUDIT_SET_FEATURE, WRITE],
])

const isUserMessage = (type: number): boolean =>
  (type >= AUDIT_FIRST_USER_MSG && type <= AUDIT_LAST_USER_MSG) ||
  (type >= AUDIT_FIRST_USER_MSG2 && type <= AUDIT_LAST_USER_MSG2)

const tables = new Map([
  [SECCLASS.netlink_route_socket, route], [SECCLASS.netlink_tcpdiag_socket, diag],
  [SECCLASS.netlink_xfrm_socket, xfrm], [SECCLASS.netlink_audit_socket, audit],
])

const byNumber = new Map([
  [SECCLASS.netlink_route_socket, laterPermission('netlink_route_socket', 'nlmsg')],
  [SECCLASS.netlink_tcpdiag_socket, laterPermission('netlink_tcpdiag_socket', 'nlmsg')],
  [SECCLASS.netlink_xfrm_socket, laterPermission('netlink_xfrm_socket', 'nlmsg')],
  [SECCLASS.netlink_audit_socket, laterPermission('netlink_audit_socket', 'nlmsg')],
])

/** The same under the policy capability netlink_xperm: one permission of all messages; 0 of a class without types. */
export const nlmsgXperm = (sclass: number): number => byNumber.get(sclass) ?? 0

/** Not in the headers of 6.12. */
const XFRM_MSG_MIGRATE_STATE = 41

/** The messages of a release beside those that all know. */
export interface MessageRules {
  readonly hasDccp: boolean
  /** XFRM_MSG_MIGRATE_STATE, of 7.3. */
  readonly movesStates: boolean
}

/**
 * As `selinux_nlmsg_lookup`: permissions, -EINVAL of a type nobody knows, -ENOENT of a class without types. Where DCCP
 * is gone its type is one that nobody knows.
 */
export const nlmsgPerm = (sclass: number, type: number, { hasDccp, movesStates }: MessageRules): number => {
  const table = tables.get(sclass)
  if (table === undefined) return -ENOENT
  if (sclass === SECCLASS.netlink_audit_socket && isUserMessage(type)) return RELAY
  if (type === DCCPDIAG_GETSOCK && sclass === SECCLASS.netlink_tcpdiag_socket && !hasDccp) return -EINVAL
  if (type === XFRM_MSG_MIGRATE_STATE && sclass === SECCLASS.netlink_xfrm_socket && movesStates) return WRITE
  return table.get(type) ?? -EINVAL
}
