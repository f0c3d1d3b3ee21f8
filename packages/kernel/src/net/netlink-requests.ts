/**
 * Checks of netlink requests: the capability that each one needs. Nothing can be configured here, so a permitted
 * request is acknowledged (net/core/rtnetlink.c, kernel/audit.c, net/core/sock_diag.c).
 */
import {
  AUDIT_ADD_RULE, AUDIT_DEL_RULE, AUDIT_FIRST_USER_MSG, AUDIT_FIRST_USER_MSG2, AUDIT_GET, AUDIT_GET_FEATURE,
  AUDIT_LAST_USER_MSG, AUDIT_LAST_USER_MSG2, AUDIT_LIST_RULES, AUDIT_MAKE_EQUIV, AUDIT_SET, AUDIT_SET_FEATURE,
  AUDIT_SIGNAL_INFO, AUDIT_TRIM, AUDIT_TTY_GET, AUDIT_TTY_SET, AUDIT_USER, CAP_AUDIT_CONTROL, CAP_AUDIT_WRITE,
  CAP_NET_ADMIN, ECONNREFUSED, EINVAL, EOPNOTSUPP, EPERM, NETLINK_AUDIT, NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_XFRM,
  NLM_F_REQUEST, RTM_NEWLINK,
} from '@lsmkit/abi'

/** A message without its header. */
export interface Request {
  readonly type: number
  readonly flags: number
  /** Bytes after the header. */
  readonly length: number
}

/** The asker: `capable` over the namespaces of its socket, `capableEverywhere` over the first one. */
export interface Asker {
  readonly inFirstUserNs: boolean
  readonly inFirstPidNs: boolean
  /** The release asks once more where a device is to be. */
  readonly newLinkAsksTarget: boolean
  capable(cap: number): boolean
  capableEverywhere(cap: number): boolean
}

const NLMSG_MIN_TYPE = 16
const RTM_BASE = 16
const RTM_MAX = 123
const RTNL_KIND_GET = 2
/** TCPDIAG_GETSOCK, DCCPDIAG_GETSOCK. */
const OLD_DIAG = new Set([18, 19])
const SOCK_DIAG_BY_FAMILY = 20
const SOCK_DESTROY = 21
/** Bytes of `struct sock_diag_req`. */
const DIAG_REQUEST = 2

const CONTROL = new Set([
  AUDIT_GET, AUDIT_SET, AUDIT_GET_FEATURE, AUDIT_SET_FEATURE, AUDIT_LIST_RULES, AUDIT_ADD_RULE, AUDIT_DEL_RULE,
  AUDIT_SIGNAL_INFO, AUDIT_TTY_GET, AUDIT_TTY_SET, AUDIT_TRIM, AUDIT_MAKE_EQUIV,
])
/** AUDIT_LIST, AUDIT_ADD, AUDIT_DEL: rules as they were before 2.6.17. */
const OLD_RULES = new Set([1002, 1003, 1004])
const isUserMessage = (type: number): boolean =>
  type === AUDIT_USER || (type >= AUDIT_FIRST_USER_MSG && type <= AUDIT_LAST_USER_MSG) ||
  (type >= AUDIT_FIRST_USER_MSG2 && type <= AUDIT_LAST_USER_MSG2)

const route = ({ type, length }: Request, asker: Asker): number => {
  if (type > RTM_MAX) return -EOPNOTSUPP
  if (length < 1 || ((type - RTM_BASE) & 3) === RTNL_KIND_GET) return 0
  const may = asker.capable(CAP_NET_ADMIN) &&
    (type !== RTM_NEWLINK || !asker.newLinkAsksTarget || asker.capable(CAP_NET_ADMIN))
  return may ? 0 : -EPERM
}

const audit = ({ type }: Request, asker: Asker): number => {
  if (!asker.inFirstUserNs) return -ECONNREFUSED
  if (OLD_RULES.has(type)) return -EOPNOTSUPP
  if (CONTROL.has(type)) return asker.inFirstPidNs && asker.capableEverywhere(CAP_AUDIT_CONTROL) ? 0 : -EPERM
  if (isUserMessage(type)) return asker.capableEverywhere(CAP_AUDIT_WRITE) ? 0 : -EPERM
  return -EINVAL
}

const diag = ({ type, length }: Request, asker: Asker): number => {
  if (OLD_DIAG.has(type)) return length < DIAG_REQUEST ? -EINVAL : 0
  if (type !== SOCK_DIAG_BY_FAMILY && type !== SOCK_DESTROY) return -EINVAL
  if (length < DIAG_REQUEST) return -EINVAL
  return type === SOCK_DIAG_BY_FAMILY || asker.capable(CAP_NET_ADMIN) ? 0 : -EPERM
}

const xfrm = (_request: Request, asker: Asker): number => (asker.capable(CAP_NET_ADMIN) ? 0 : -EPERM)

const byProtocol: ReadonlyMap<number, (request: Request, asker: Asker) => number> = new Map([
  [NETLINK_ROUTE, route], [NETLINK_AUDIT, audit], [NETLINK_SOCK_DIAG, diag], [NETLINK_XFRM, xfrm],
])

/**
 * 0 or -errno. The audit system checks each message; the others skip control messages and messages without
 * NLM_F_REQUEST.
 */
export const answerTo = (protocol: number, request: Request, asker: Asker): number => {
  const skips = (request.flags & NLM_F_REQUEST) === 0 || request.type < NLMSG_MIN_TYPE
  if (skips && protocol !== NETLINK_AUDIT) return 0
  return byProtocol.get(protocol)?.(request, asker) ?? 0
}
