/** Helpers that copy from memory which may not be there. A failed copy leaves zeroes. */
import { EFAULT, EINVAL, EPERM } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { given, number64, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

const readKernel = (env: HelperEnv, to = 0, size = 0, from = 0, high = 0): number => {
  const { memory, objects } = env.machine
  const bytes = wanted(env, to, size)
  if (high === 0 && memory.mayRead(from >>> 0, bytes.length)) {
    memory.u8.copyWithin(to >>> 0, from >>> 0, (from >>> 0) + bytes.length)
    return 0
  }
  const shown = objects.bytes(from, high, bytes.length)
  if (shown === null) bytes.fill(0)
  else bytes.set(shown)
  return shown === null ? -EFAULT : 0
}

/** Text that a caller gave a system call has an address of its own: no memory of tasks reaches so far. */
const userBytes = (env: HelperEnv, from: number, high: number, into: Uint8Array): number => {
  const shown = high === 0 ? null : env.machine.objects.bytes(from, high, into.length)
  if (shown === null) return env.host.readUser?.(number64(from, high), into) ?? -EFAULT
  into.set(shown)
  return 0
}

const readUser = (env: HelperEnv, to = 0, size = 0, from = 0, high = 0): number => {
  const bytes = wanted(env, to, size)
  const rc = bytes.length === 0 ? 0 : userBytes(env, from, high, bytes)
  if (rc !== 0) bytes.fill(0)
  return rc
}

/** Length with its NUL, which is always written. */
const readString = (env: HelperEnv, to: number, size: number, next: (at: number) => number): number => {
  const bytes = wanted(env, to, size)
  if (bytes.length === 0) return 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = next(at)
    if (byte < 0) {
      bytes.fill(0)
      return -EFAULT
    }
    bytes[at] = at === bytes.length - 1 ? 0 : byte
    if (byte === 0) return at + 1
  }
  return bytes.length
}

const readKernelString = (env: HelperEnv, to = 0, size = 0, from = 0, high = 0): number => {
  const { memory, objects } = env.machine
  if (high === 0 && memory.mayRead(from >>> 0, 1)) {
    const start = from >>> 0
    return readString(env, to, size, (at) => (memory.mayRead(start + at, 1) ? memory.u8[start + at]! : -1))
  }
  const shown = size >>> 0 === 0 ? null : objects.bytes(from, high, size >>> 0)
  return readString(env, to, size, (at) => shown?.[at] ?? -1)
}

const readUserString = (env: HelperEnv, to = 0, size = 0, from = 0, high = 0): number => {
  const byte = new Uint8Array(1)
  const shown = high === 0 || size >>> 0 === 0 ? null : env.machine.objects.bytes(from, high, size >>> 0)
  if (shown !== null) return readString(env, to, size, (at) => shown[at]!)
  return readString(env, to, size, (at) =>
    (env.host.readUser?.(number64(from, high) + at, byte) ?? -EFAULT) === 0 ? byte[0]! : -1)
}

const writeUser = (env: HelperEnv, toLow = 0, toHigh = 0, from = 0, size = 0): number => {
  const bytes = given(env, from, size).slice()
  return env.host.writeUser?.(number64(toLow, toHigh), bytes) ?? -EPERM
}

const readTask = (env: HelperEnv, to = 0, size = 0, from = 0, high = 0, task = 0, flags = 0, flagsHigh = 0): number => {
  if (flags !== 0 || flagsHigh !== 0) return -EINVAL
  const bytes = wanted(env, to, size)
  const rc = bytes.length === 0 ? 0 : (env.host.readTask?.(task >>> 0, number64(from, high), bytes) ?? -EFAULT)
  if (rc !== 0) bytes.fill(0)
  return rc
}

/** As the kfunc bpf_copy_from_user_str: pads with zeroes when the flag 1 is set. */
export const copyUserString = (env: HelperEnv, to = 0, size = 0, from = 0, high = 0, flags = 0): number => {
  if (flags & ~1) return -EINVAL
  if (size >>> 0 === 0) return 0
  const length = readUserString(env, to, size, from, high)
  if (length > 0 && flags & 1) wanted(env, to, size).fill(0, length)
  return length
}

export const probeHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_probe_read, 'iil', 's', readKernel],
  [id.BPF_FUNC_probe_read_kernel, 'iil', 's', readKernel],
  [id.BPF_FUNC_probe_read_str, 'iil', 's', readKernelString],
  [id.BPF_FUNC_probe_read_kernel_str, 'iil', 's', readKernelString],
  [id.BPF_FUNC_probe_read_user, 'iil', 's', readUser],
  [id.BPF_FUNC_probe_read_user_str, 'iil', 's', readUserString],
  [id.BPF_FUNC_copy_from_user, 'iil', 's', readUser],
  [id.BPF_FUNC_copy_from_user_task, 'iilil', 's', readTask],
  [id.BPF_FUNC_probe_write_user, 'lii', 's', writeUser],
]
