/**
 * The filter for sockets of TCP that lead to this machine alone. Landlock knows ports and no addresses, and a filter
 * cannot read an address; so the supervisor makes the sockets, binds them to the loopback device, and hands them in.
 * Only CAP_NET_RAW binds them to another device, which no program here has (sock_bindtoindex_locked).
 */
import { AF_INET, AF_INET6, SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, SOCK_STREAM } from '@lsmkit/abi'
import { assembleFilter, callOffsets, filterCodes } from '@lsmkit/sandbox/policy-parts'
import { callNumber } from '../sys/calls.ts'
import type { Arch } from '../sys/calls.ts'
import type { FilterStep } from '../sys/seccomp.ts'

const { AND, EQUAL, LOAD, RETURN } = filterCodes
const { NR, low } = callOffsets
const TYPE = 0xf

/** Behind the filter of the policy, which has looked at the processor's table and allowed the call. */
export const localSocketsFilter = (arch: Arch): FilterStep[] => assembleFilter([
  { code: LOAD, k: NR },
  { code: EQUAL, k: callNumber(arch, 'socket')!, no: 'allow' },
  { code: LOAD, k: low(0) },
  { code: EQUAL, k: AF_INET, yes: 'type' },
  { code: EQUAL, k: AF_INET6, no: 'allow' },
  { label: 'type', code: LOAD, k: low(1) },
  { code: AND, k: TYPE },
  { code: EQUAL, k: SOCK_STREAM, no: 'allow' },
  { code: RETURN, k: SECCOMP_RET_USER_NOTIF },
  { label: 'allow', code: RETURN, k: SECCOMP_RET_ALLOW },
])
