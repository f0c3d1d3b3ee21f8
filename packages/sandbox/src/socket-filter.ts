/** The filter of system calls: sockets of the families that are in `connect` and `listen`, and of no other. */
import {
  AF_INET, AF_INET6, AF_UNIX, AUDIT_ARCH_X86_64, EACCES, ENOSYS, IPPROTO_TCP, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO,
  SOCK_STREAM, SYS_io_uring_setup, SYS_socket, SYS_socketpair,
} from '@lsmkit/abi'
import type { SockFilter } from '@lsmkit/kernel'
import type { Families } from './allow.ts'
import { assembleFilter, callOffsets, filterCodes } from './classic-filter.ts'

const { AND, EQUAL, LOAD, RETURN } = filterCodes
const { ARCH, NR, low } = callOffsets
const SOCK_TYPE_MASK = 0xf

const REFUSED = SECCOMP_RET_ERRNO | EACCES
const ABSENT = SECCOMP_RET_ERRNO | ENOSYS

/**
 * TCP alone of what the internet has, for Landlock knows no other ports; pairs of sockets lead nowhere, so unix ones
 * are free.
 */
export const socketFilter = ({ tcp, unix }: Families): SockFilter[] => assembleFilter([
  { code: LOAD, k: ARCH },
  { code: EQUAL, k: AUDIT_ARCH_X86_64, no: 'refuse' },
  { code: LOAD, k: NR },
  { code: EQUAL, k: SYS_io_uring_setup, yes: 'absent' },
  { code: EQUAL, k: SYS_socketpair, yes: 'pair' },
  { code: EQUAL, k: SYS_socket, yes: 'socket', no: 'allow' },
  { label: 'socket', code: LOAD, k: low(0) },
  { code: EQUAL, k: AF_UNIX, yes: unix ? 'allow' : 'refuse' },
  { code: EQUAL, k: AF_INET, yes: tcp ? 'stream' : 'refuse' },
  { code: EQUAL, k: AF_INET6, yes: tcp ? 'stream' : 'refuse', no: 'refuse' },
  { label: 'stream', code: LOAD, k: low(1) },
  { code: AND, k: SOCK_TYPE_MASK },
  { code: EQUAL, k: SOCK_STREAM, no: 'refuse' },
  { code: LOAD, k: low(2) },
  { code: EQUAL, k: 0, yes: 'allow' },
  { code: EQUAL, k: IPPROTO_TCP, yes: 'allow', no: 'refuse' },
  { label: 'pair', code: LOAD, k: low(0) },
  { code: EQUAL, k: AF_UNIX, yes: 'allow', no: 'refuse' },
  { label: 'refuse', code: RETURN, k: REFUSED },
  { label: 'absent', code: RETURN, k: ABSENT },
  { label: 'allow', code: RETURN, k: SECCOMP_RET_ALLOW },
])
