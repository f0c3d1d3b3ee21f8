/** `struct seccomp_data` of a call, and what a filter's answer means for it. */
import {
  AUDIT_ARCH_X86_64, SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, SECCOMP_RET_USER_NOTIF,
} from '@lsmkit/abi'
import { syscallByName } from '@lsmkit/abi/syscall-name'

const SIZE = 64

/** A call of x86-64 by its name, with arguments as 64-bit numbers. */
export const seccompData = (name: string, args: readonly (number | bigint)[] = []): DataView => {
  const data = new DataView(new ArrayBuffer(SIZE))
  data.setInt32(0, syscallByName(name) ?? -1, true)
  data.setUint32(4, AUDIT_ARCH_X86_64, true)
  for (const [at, value] of args.entries()) data.setBigUint64(16 + 8 * at, BigInt.asUintN(64, BigInt(value)), true)
  return data
}

/** Whether the call goes on: it is allowed, logged, or somebody is asked. */
export const isAllowed = (answer: number): boolean => {
  const action = (answer & SECCOMP_RET_ACTION_FULL) >>> 0
  return action === SECCOMP_RET_ALLOW || action === SECCOMP_RET_LOG || action === SECCOMP_RET_USER_NOTIF
}
