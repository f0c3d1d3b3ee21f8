/** Helpers on kernel objects: storage tied to them, paths, hashes of files, the new program of an execve. */
import { EINVAL, ENAMETOOLONG, EOPNOTSUPP } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { GroupStorageMap } from '../../maps/group-storage-map.ts'
import { StorageMap } from '../../maps/storage-map.ts'
import { BpfFault } from '../../vm/fault.ts'
import { mapAt, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

const storageAt = (env: HelperEnv, at: number): StorageMap => {
  const map = mapAt(env, at)
  if (!(map instanceof StorageMap)) throw new BpfFault('helper', -1, 'no storage of objects')
  return map
}

const getStorage = (env: HelperEnv, at = 0, owner = 0, initial = 0, flags = 0, high = 0): number =>
  high === 0 ? storageAt(env, at).get(owner >>> 0, initial >>> 0, flags) : 0

const deleteStorage = (env: HelperEnv, at = 0, owner = 0): number =>
  owner === 0 ? -EINVAL : storageAt(env, at).drop(owner >>> 0)

const encoder = new TextEncoder()

/** Written to the end of the buffer by the kernel and moved down; its length with the NUL, or -ENAMETOOLONG. */
const dPath = (env: HelperEnv, path = 0, to = 0, size = 0): number => {
  const bytes = wanted(env, to, size)
  if (bytes.length === 0) return 0
  const text = env.host.path?.(path >>> 0) ?? null
  if (text === null) return -EOPNOTSUPP
  if (text.length >= bytes.length) return -ENAMETOOLONG
  const { read, written } = encoder.encodeInto(text, bytes)
  if (read < text.length || written === bytes.length) return -ENAMETOOLONG
  bytes[written] = 0
  return written + 1
}

/** Of a program that was attached to no group. */
const ROOT = { group: 1, type: 0 }
const SECUREEXEC = 1
/** HASH_ALGO_SHA256. */
const SHA256 = 4

const setBprm = ({ host }: HelperEnv, bprm = 0, flags = 0, high = 0): number => {
  if (flags & ~SECUREEXEC || high !== 0) return -EINVAL
  host.secureExec?.(bprm >>> 0, (flags & SECUREEXEC) !== 0)
  return 0
}

const hashOf = (kind: 'file' | 'inode') => (env: HelperEnv, object = 0, to = 0, size = 0): number => {
  const hash = env.host.hash?.(object >>> 0, kind) ?? null
  if (hash === null) return -EOPNOTSUPP
  const bytes = wanted(env, to, size)
  bytes.set(hash.subarray(0, bytes.length))
  return SHA256
}

export const objectHelpers: readonly HelperLine[] = [
  ...[id.BPF_FUNC_inode_storage_get, id.BPF_FUNC_task_storage_get, id.BPF_FUNC_sk_storage_get,
    id.BPF_FUNC_cgrp_storage_get].map((storage): HelperLine => [storage, 'iiil', 'u', getStorage]),
  ...[id.BPF_FUNC_inode_storage_delete, id.BPF_FUNC_task_storage_delete, id.BPF_FUNC_sk_storage_delete,
    id.BPF_FUNC_cgrp_storage_delete].map((storage): HelperLine => [storage, 'ii', 's', deleteStorage]),
  [id.BPF_FUNC_get_local_storage, 'il', 'u', (env, at) => {
    const map = mapAt(env, at!)
    if (!(map instanceof GroupStorageMap)) throw new BpfFault('helper', -1, 'no storage of control groups')
    const { group, type } = env.host.attachedTo?.() ?? ROOT
    return map.of(group, type)
  }],
  [id.BPF_FUNC_d_path, 'iii', 's', dPath],
  [id.BPF_FUNC_bprm_opts_set, 'il', 's', setBprm],
  [id.BPF_FUNC_ima_inode_hash, 'iii', 's', hashOf('inode')],
  [id.BPF_FUNC_ima_file_hash, 'iii', 's', hashOf('file')],
  [id.BPF_FUNC_sock_from_file, 'i', 'u', ({ host }, file) => host.socketOfFile?.(file! >>> 0) ?? 0],
  [id.BPF_FUNC_get_socket_cookie, 'i', 'l', (env, sock) => {
    env.machine.high = 0
    return sock!
  }],
  // casts of `struct sock *` to kinds that this kernel does not have: never one of them
  ...[id.BPF_FUNC_skc_to_tcp6_sock, id.BPF_FUNC_skc_to_tcp_sock, id.BPF_FUNC_skc_to_tcp_timewait_sock,
    id.BPF_FUNC_skc_to_tcp_request_sock, id.BPF_FUNC_skc_to_udp6_sock, id.BPF_FUNC_skc_to_unix_sock,
    id.BPF_FUNC_skc_to_mptcp_sock].map((cast): HelperLine => [cast, 'i', 'u', () => 0]),
]
