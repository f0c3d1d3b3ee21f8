/** The filter of system calls: sockets of the families that are in `connect` and `listen`, and of no other. */
import {
  AUDIT_ARCH_X86_64, EACCES, ENOSYS, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SYS_io_uring_setup, SYS_socket,
  SYS_socketpair,
} from '@lsmkit/abi'
import type { SockFilter } from '@lsmkit/kernel'
import type { Families } from './allow.ts'
import { assembleFilter, callOffsets, filterCodes } from './classic-filter.ts'
import { ruleSteps } from './host-calls/argument-rule.ts'
import { pairRule, socketRule } from './host-calls/socket-rules.ts'

const { EQUAL, LOAD, RETURN } = filterCodes
const { ARCH, NR } = callOffsets

/** By families: boxes share theirs. */
const made = new Map<string, readonly SockFilter[]>()

export const socketFilter = (families: Families): readonly SockFilter[] => {
  const { tcp, udp, unix } = families
  const key = [tcp, udp, unix].join()
  let filter = made.get(key)
  if (filter === undefined) made.set(key, filter = assembled(families))
  return filter
}

const assembled = (families: Families): SockFilter[] => assembleFilter([
  { code: LOAD, k: ARCH },
  { code: EQUAL, k: AUDIT_ARCH_X86_64, no: 'refuse' },
  { code: LOAD, k: NR },
  { code: EQUAL, k: SYS_io_uring_setup, yes: 'absent' },
  { code: EQUAL, k: SYS_socketpair, yes: 'socketpair' },
  { code: EQUAL, k: SYS_socket, yes: 'socket', no: 'allow' },
  ...ruleSteps(socketRule(families)),
  ...ruleSteps(pairRule(families)),
  { label: 'refuse', code: RETURN, k: SECCOMP_RET_ERRNO | EACCES },
  { label: 'absent', code: RETURN, k: SECCOMP_RET_ERRNO | ENOSYS },
  { label: 'allow', code: RETURN, k: SECCOMP_RET_ALLOW },
])
