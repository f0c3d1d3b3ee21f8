/**
 * Sockets of TCP that lead to this machine alone. Landlock knows ports and no addresses, and a filter cannot read an
 * address; so the supervisor makes the sockets, binds them to the loopback device, and hands them in. Only CAP_NET_RAW
 * binds them to another device, which no program here has (sock_bindtoindex_locked).
 */
import {
  AF_INET, AF_INET6, EACCES, O_CLOEXEC, SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, SO_BINDTODEVICE, SOCK_CLOEXEC,
  SOCK_STREAM, SOL_SOCKET, SOL_TCP,
} from '@lsmkit/abi'
import { assembleFilter, callOffsets, filterCodes } from '@lsmkit/sandbox/policy-parts'
import { callNumber } from '../sys/calls.ts'
import type { Arch } from '../sys/calls.ts'
import type { FilterStep } from '../sys/seccomp.ts'
import type { System } from '../sys/system.ts'
import type { Notification } from '../watch/notification.ts'

const { AND, EQUAL, LOAD, RETURN } = filterCodes
const { NR, low } = callOffsets
const TYPE = 0xf

const DEVICE = new TextEncoder().encode('lo\0')
const TCP_SYNCNT = 7
const ONE = Uint8Array.of(1, 0, 0, 0)

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

/** Answers socket(2), whose arguments are numbers. A socket that cannot be bound is refused. */
export const giveLocalSocket = (system: System, call: Notification): void => {
  const [family, type, protocol] = [call.int(0), call.int(1), call.int(2)]
  const fd = system.call('socket', family, type | SOCK_CLOEXEC, protocol)
  if (fd < 0) return void call.reply(fd)
  const bound = system.call('setsockopt', fd, SOL_SOCKET, SO_BINDTODEVICE, DEVICE, DEVICE.length)
  // no answer comes from elsewhere: three seconds instead of two minutes
  system.call('setsockopt', fd, SOL_TCP, ONE, ONE.length)
  // no answer comes from elsewhere: a connection fails after three seconds, not after two minutes
  system.call('setsockopt', fd, SOL_TCP, TCP_SYNCNT, ONE, ONE.length)
  const flags = (type & SOCK_CLOEXEC) === 0 ? 0 : O_CLOEXEC
  if (bound < 0 || call.replyWithDescriptor(fd, flags) < 0) call.reply(-EACCES)
  system.call('close', fd)
}
