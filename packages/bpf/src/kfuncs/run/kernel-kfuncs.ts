/**
 * kfuncs on kernel objects and critical sections. Objects live while a program runs: references need no count.
 */
import { EINVAL, ENODATA, EOPNOTSUPP, EPERM, ERANGE } from '@lsmkit/abi'
import { readDynptr } from '../../helpers/run/dynptr.ts'
import { cString, wanted } from '../../helpers/run/helper-env.ts'
import { copyUserString } from '../../helpers/run/probe-helpers.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

const same = (_env: KfuncEnv, address = 0): number => address
const same64 = (env: KfuncEnv, low = 0, high = 0): number => {
  env.machine.high = high
  return low
}
const nothing = (): number => 0

const pathText = (env: KfuncEnv, path = 0, to = 0, size = 0): number => {
  const bytes = wanted(env, to, size)
  const text = env.host.path?.(path >>> 0) ?? null
  if (bytes.length === 0 || text === null) return -EINVAL
  const encoded = new TextEncoder().encode(text)
  if (encoded.length + 1 > bytes.length) return -EINVAL
  bytes.set(encoded)
  bytes[encoded.length] = 0
  return encoded.length + 1
}

const USER_PREFIX = 'user.'

/** Only names of users; what is there is copied into the dynptr, as long as it is. */
const xattrOf = (kind: 'file' | 'dentry') => (env: KfuncEnv, object = 0, name = 0, to = 0): number => {
  const text = cString(env, name)
  if (!text.startsWith(USER_PREFIX)) return -EPERM
  const target = readDynptr(env, to)
  if (target.data === 0 || target.isReadOnly) return -EINVAL
  const value = env.host.xattr?.(object >>> 0, kind, text) ?? -EOPNOTSUPP
  if (typeof value === 'number') return value
  if (value.length > target.size) return -ERANGE
  wanted(env, target.data + target.offset, value.length).set(value)
  return value.length
}

/** `struct fsverity_digest` without its bytes. */
const DIGEST_HEAD = 4

/** No file here is sealed by fs-verity. */
const digest = (env: KfuncEnv, _file = 0, to = 0): number => {
  const { data, size, offset, isReadOnly } = readDynptr(env, to)
  return size < DIGEST_HEAD || data === 0 || isReadOnly || (data + offset) & 1 ? -EINVAL : -ENODATA
}

export const kernelKfuncs: readonly KfuncLine[] = [
  ['bpf_rcu_read_lock', '', 'v', nothing],
  ['bpf_rcu_read_unlock', '', 'v', nothing],
  ['bpf_preempt_disable', '', 'v', nothing],
  ['bpf_preempt_enable', '', 'v', nothing],
  ['bpf_rdonly_cast', 'li', 'l', same64],
  ['bpf_cast_to_kern_ctx', 'i', 'u', same],
  ['bpf_task_acquire', 'i', 'u', same],
  ['bpf_task_release', 'i', 'v', nothing],
  ['bpf_task_from_pid', 'i', 'u', ({ host }, pid) => host.taskOf?.(pid!) ?? 0],
  ['bpf_get_task_exe_file', 'i', 'u', ({ host }, task) => host.exeFile?.(task! >>> 0) ?? 0],
  ['bpf_put_file', 'i', 'v', nothing],
  ['bpf_path_d_path', 'iii', 's', pathText],
  ['bpf_get_file_xattr', 'iii', 's', xattrOf('file')],
  ['bpf_get_dentry_xattr', 'iii', 's', xattrOf('dentry')],
  ['bpf_get_fsverity_digest', 'ii', 's', digest],
  // statistics of control groups are kept by nobody
  ['cgroup_rstat_updated', 'ii', 'v', nothing],
  ['cgroup_rstat_flush', 'i', 'v', nothing],
  ['bpf_copy_from_user_str', 'iill', 's', copyUserString],
  ['bpf_map_sum_elem_count', 'i', 'l', (env, at) => {
    env.machine.high = 0
    return env.maps.at(at! >>> 0)?.count ?? 0
  }],
]
