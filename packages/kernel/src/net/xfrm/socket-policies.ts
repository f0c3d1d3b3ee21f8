/** Policies of one socket (IP_XFRM_POLICY): asked for each way out, and copied to connections of a listener. */
import { AF_INET, EINVAL, EMSGSIZE, EPERM, ESRCH, ENOMEM, PAGE_SIZE } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { XfrmSecCtx } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { toSockaddr } from '../../state/net/addresses.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import type { KernelPolicy } from '../../state/net/xfrm.ts'
import { asLabel, POLICY_INFO, policyOfInfo } from './policies.ts'

const OUT = 1
/** Of `struct xfrm_selector`: two addresses, and two ports with masks, in the order of the network. */
const [DADDR, SADDR, DPORT, SPORT, FAMILY, PREFIX_D, PREFIX_S, PROTO] = [0, 16, 32, 36, 40, 42, 43, 44]
const ACTION = 161
const BLOCK = 1

/** Sets or, without a value, takes away the policies of a socket: 0 or -errno (`xfrm_user_policy`). */
export const setSocketPolicy = (machine: Machine, sock: InetSock, value: Uint8Array | null): number => {
  if (value === null) {
    dropSocketPolicies(machine, sock)
    return 0
  }
  if (value.length === 0 || value.length > PAGE_SIZE) return -EMSGSIZE
  if (value.length < POLICY_INFO) return -EINVAL
  const policy = policyOfInfo(value.slice(0, POLICY_INFO))
  if (policy === null || policy.dir > OUT) return -EINVAL
  replace(machine, sock, policy)
  return 0
}

const free = (machine: Machine, policy: KernelPolicy): void =>
  machine.callRcu(() => machine.lsm.xfrm_policy_free_security.tell(asLabel(policy.security)))

const replace = (machine: Machine, sock: InetSock, policy: KernelPolicy): void => {
  const old = sock.policies.get(policy.dir)
  sock.policies.set(policy.dir, policy)
  if (old !== undefined) free(machine, old)
}

export const dropSocketPolicies = (machine: Machine, sock: InetSock): void => {
  for (const policy of sock.policies.values()) free(machine, policy)
  sock.policies.clear()
}

const bytesOf = (endpoint: Endpoint, family: number): Uint8Array => {
  const raw = toSockaddr(family, endpoint)
  return family === AF_INET ? raw.subarray(4, 8) : raw.subarray(8, 24)
}

const samePrefix = (wanted: Uint8Array, is: Uint8Array, bits: number): boolean =>
  is.every((byte, i) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))) & 0xff
    return ((byte ^ wanted[i]!) & mask) === 0
  })

const samePort = (selector: Uint8Array, at: number, port: number): boolean => {
  const word = (from: number): number => (selector[from]! << 8) | selector[from + 1]!
  return ((word(at) ^ port) & word(at + 2)) === 0
}

/** As `xfrm_selector_match`. */
const matches = (selector: Uint8Array, { sk, local }: InetSock, to: Endpoint): boolean => {
  const family = selector[FAMILY]! | (selector[FAMILY + 1]! << 8)
  return family === sk.sk_family && samePort(selector, DPORT, to.port) && samePort(selector, SPORT, local.port) &&
    (selector[PROTO] === 0 || selector[PROTO] === sk.sk_protocol) &&
    samePrefix(selector.subarray(DADDR, SADDR), bytesOf(to, family), selector[PREFIX_D]!) &&
    samePrefix(selector.subarray(SADDR, DPORT), bytesOf(local, family), selector[PREFIX_S]!)
}

/** 0, or the error of a way out that the socket's own policy blocks or an LSM refuses (`xfrm_lookup`). */
export const wayOut = (machine: Machine, sock: InetSock, secid: number, to: Endpoint): number => {
  const policy = sock.policies.get(OUT)
  if (policy === undefined || !matches(policy.selector, sock, to)) return 0
  const rc = machine.lsm.xfrm_policy_lookup.ask(policy.security, secid)
  if (rc !== 0) return rc === -ESRCH ? 0 : rc
  return policy.info[ACTION] === BLOCK ? -EPERM : 0
}

/** The policies of a listener for its connection: 0 or -errno (`xfrm_sk_clone_policy`). */
export const cloneSocketPolicies = (machine: Machine, from: InetSock, to: InetSock): number => {
  for (const [dir, policy] of from.policies) {
    const security = ref<XfrmSecCtx | null>(null)
    if (machine.lsm.xfrm_policy_clone_security.ask(policy.security, security) !== 0) return -ENOMEM
    to.policies.set(dir, { ...policy, security: security.value })
  }
  return 0
}
