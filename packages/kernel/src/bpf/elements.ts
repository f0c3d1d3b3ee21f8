/** Elements of maps, as user space reads and writes them (map_lookup_elem and its kin of kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'
import {
  BPF_F_LOCK, EBADF, EFAULT, EINVAL, ENOENT, ENOTSUPP, EOPNOTSUPP, EPERM, FMODE_CAN_READ, FMODE_CAN_WRITE,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { fget_raw } from '../vfs/fdtable.ts'
import type { Attr } from './attr.ts'
import { copyIn, copyOut } from './context.ts'
import type { BpfContext, Command } from './context.ts'
import type { OwnedValue } from '@lsmkit/core'
import type { KernelMap } from './objects.ts'

const PER_CPU: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_PERCPU_HASH, abi.BPF_MAP_TYPE_LRU_PERCPU_HASH, abi.BPF_MAP_TYPE_PERCPU_ARRAY,
  abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
])
const OF_MAPS: ReadonlySet<number> = new Set([abi.BPF_MAP_TYPE_ARRAY_OF_MAPS, abi.BPF_MAP_TYPE_HASH_OF_MAPS])
/** Elements that user space knows by descriptor. */
const BY_FD: ReadonlySet<number> = new Set([
  ...OF_MAPS, abi.BPF_MAP_TYPE_PROG_ARRAY, abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, abi.BPF_MAP_TYPE_CGROUP_ARRAY,
])
const WITHOUT_KEYS: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_QUEUE, abi.BPF_MAP_TYPE_STACK, abi.BPF_MAP_TYPE_BLOOM_FILTER,
])
const STORAGES: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_TASK_STORAGE, abi.BPF_MAP_TYPE_INODE_STORAGE, abi.BPF_MAP_TYPE_SK_STORAGE,
  abi.BPF_MAP_TYPE_CGRP_STORAGE,
])
const POPPABLE: ReadonlySet<number> = new Set([abi.BPF_MAP_TYPE_QUEUE, abi.BPF_MAP_TYPE_STACK])
const HASHES: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_HASH, abi.BPF_MAP_TYPE_PERCPU_HASH, abi.BPF_MAP_TYPE_LRU_HASH, abi.BPF_MAP_TYPE_LRU_PERCPU_HASH,
])

/** Types that have batches of look-ups and updates, of look-ups that delete, and of deletions (their `map_ops`). */
const TAKEN: ReadonlySet<number> = new Set([...HASHES, abi.BPF_MAP_TYPE_HASH_OF_MAPS])
const DELETED: ReadonlySet<number> = new Set([...TAKEN, abi.BPF_MAP_TYPE_LPM_TRIE])
const BATCHED: ReadonlySet<number> = new Set([
  ...DELETED, abi.BPF_MAP_TYPE_ARRAY, abi.BPF_MAP_TYPE_PERCPU_ARRAY, abi.BPF_MAP_TYPE_ARRAY_OF_MAPS,
])

/** As `bpf_map_value_size`; there is one processor. */
export const valueSize = (map: KernelMap): number =>
  PER_CPU.has(map.map_type) ? Math.ceil(map.value_size / 8) * 8 : map.value_size

const u32 = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
const fromU32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

export const mapElements = ({ machine, fds }: BpfContext) => {
  const { current } = machine

  /** What the owner is that a key names by descriptor: -EBADF. */
  const ownerOf = (map: KernelMap, fd: number): object | number => {
    if (map.map_type === abi.BPF_MAP_TYPE_CGRP_STORAGE) return -EBADF
    const file: File | null = fget_raw(current.task, fd)
    if (file === null) return -EBADF
    if (map.map_type === abi.BPF_MAP_TYPE_INODE_STORAGE) return file.f_inode
    if (map.map_type === abi.BPF_MAP_TYPE_TASK_STORAGE) {
      const pid = machine.pidfds.pidOf(file)
      return pid === null ? -EBADF : (pid.task ?? -ENOENT)
    }
    return machine.net.sock_from_file(file)?.sk ?? -EBADF
  }
  const owned = (map: KernelMap, key: Uint8Array): OwnedValue | number => {
    const owner = ownerOf(map, u32(key) | 0)
    return typeof owner === 'number' ? owner : map.engine.ofOwner(owner)
  }

  /** As `bpf_map_copy_value`. */
  const copy_value = (map: KernelMap, key: Uint8Array): Uint8Array | number => {
    const { map_type: type } = map
    if (type === abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY || type === abi.BPF_MAP_TYPE_CGROUP_ARRAY) return -ENOTSUPP
    if (BY_FD.has(type)) {
      const held = map.held.get(hex(key))
      return held === undefined ? -ENOENT : fromU32(held.id)
    }
    if (WITHOUT_KEYS.has(type)) return map.engine.peek(new Uint8Array(map.value_size))
    if (STORAGES.has(type)) {
      const value = owned(map, key)
      return typeof value === 'number' ? value : value.lookup()
    }
    return map.engine.lookup(key)
  }

  /** A map or program takes its place in a map, by its descriptor. */
  const updateHeld = (map: KernelMap, key: Uint8Array, value: Uint8Array, flags: number): number => {
    const fd = u32(value) | 0
    const isProgram = map.map_type === abi.BPF_MAP_TYPE_PROG_ARRAY
    if (!isProgram && !OF_MAPS.has(map.map_type)) return -EOPNOTSUPP
    if (map.map_type !== abi.BPF_MAP_TYPE_HASH_OF_MAPS) {
      if (flags !== abi.BPF_ANY) return -EINVAL
      if (u32(key) >= map.max_entries) return -abi.E2BIG
    }
    const held = isProgram ? fds.progOf(fd) : fds.mapOf(fd)
    if (typeof held === 'number') return held
    if ('expected_attach_type' in held) {
      // programs of one map follow each other: they have one type
      if (map.owner_prog_type !== null && map.owner_prog_type !== held.type) return -EINVAL
      map.owner_prog_type = held.type
    }
    const rc = map.engine.put(key, held.engine, flags)
    if (rc === 0) fds.hold(map, key, held)
    return rc
  }

  /** As `bpf_map_update_value`. */
  const update_value = (map: KernelMap, key: Uint8Array, value: Uint8Array, flags: number): number => {
    if (BY_FD.has(map.map_type)) return updateHeld(map, key, value, flags)
    if (WITHOUT_KEYS.has(map.map_type)) return map.engine.push(value, flags)
    if (STORAGES.has(map.map_type)) {
      const one = owned(map, key)
      return typeof one === 'number' ? one : one.update(value, flags)
    }
    return map.engine.update(key, value, flags)
  }

  const delete_value = (map: KernelMap, key: Uint8Array): number => {
    if (STORAGES.has(map.map_type)) {
      const one = owned(map, key)
      return typeof one === 'number' ? one : one.delete()
    }
    const rc = map.engine.delete(key)
    if (rc === 0 && BY_FD.has(map.map_type)) fds.hold(map, key, null)
    return rc
  }

  /** A map that may be used like that: -EPERM. */
  const access = (fd: number, mode: number): KernelMap | number => {
    const found = fds.map_get(fd)
    if (typeof found === 'number') return found
    return (fds.map_perms(found) & mode) === mode ? found.held : -EPERM
  }

  const mayLock = (map: KernelMap, flags: number): boolean => (flags & BPF_F_LOCK) === 0 || map.engine.hasSpinLock

  /** As `__bpf_copy_key`: maps without keys take no pointer. */
  const keyIn = (map: KernelMap, pointer: unknown): Uint8Array | number =>
    map.key_size === 0 && pointer !== null ? -EINVAL : copyIn(pointer, map.key_size)

  return { access, mayLock, keyIn, copy_value, update_value, delete_value }
}
export type MapElements = ReturnType<typeof mapElements>

export const elementCommands = ({ access, mayLock, keyIn, copy_value, update_value, delete_value }: MapElements) => {
  /** The map, checked for the flags, and the key. */
  const open = (attr: Attr, mode: number, flags: number): { map: KernelMap; key: Uint8Array } | number => {
    const map = access(attr.fd('map_fd'), mode)
    if (typeof map === 'number') return map
    if (!mayLock(map, flags)) return -EINVAL
    const key = keyIn(map, attr.pointer('key'))
    return typeof key === 'number' ? key : { map, key }
  }

  const lookup: Command = (attr) => {
    const flags = attr.number('flags')
    if (attr.hasTail || (flags & ~BPF_F_LOCK) !== 0) return -EINVAL
    const found = open(attr, FMODE_CAN_READ, flags)
    if (typeof found === 'number') return found
    const { map, key } = found
    if (map.map_type === abi.BPF_MAP_TYPE_BLOOM_FILTER) {
      const value = copyIn(attr.pointer('value'), map.value_size)
      if (typeof value === 'number') return value
      const seen = map.engine.peek(value)
      return typeof seen === 'number' ? seen : 0
    }
    const value = copy_value(map, key)
    return typeof value === 'number' ? value : copyOut(attr.pointer('value'), value)
  }

  const update: Command = (attr) => {
    if (attr.hasTail) return -EINVAL
    const flags = attr.number('flags')
    const found = open(attr, FMODE_CAN_WRITE, flags)
    if (typeof found === 'number') return found
    const value = copyIn(attr.pointer('value'), valueSize(found.map))
    return typeof value === 'number' ? value : update_value(found.map, found.key, value, flags)
  }

  const remove: Command = (attr) => {
    if (attr.hasTail) return -EINVAL
    const found = open(attr, FMODE_CAN_WRITE, 0)
    return typeof found === 'number' ? found : delete_value(found.map, found.key)
  }

  const nextKey: Command = (attr) => {
    if (attr.hasTail) return -EINVAL
    const map = access(attr.fd('map_fd'), FMODE_CAN_READ)
    if (typeof map === 'number') return map
    const key = attr.pointer('key') === null ? null : keyIn(map, attr.pointer('key'))
    if (typeof key === 'number') return key
    const next = map.engine.nextKey(key)
    return typeof next === 'number' ? next : copyOut(attr.pointer('next_key'), next)
  }

  const lookupAndDelete: Command = (attr) => {
    const flags = attr.number('flags')
    if (attr.hasTail || (flags & ~BPF_F_LOCK) !== 0) return -EINVAL
    const map = access(attr.fd('map_fd'), FMODE_CAN_READ | FMODE_CAN_WRITE)
    if (typeof map === 'number') return map
    if ((flags !== 0 && POPPABLE.has(map.map_type)) || !mayLock(map, flags)) return -EINVAL
    const key = keyIn(map, attr.pointer('key'))
    if (typeof key === 'number') return key
    if (!POPPABLE.has(map.map_type) && !HASHES.has(map.map_type)) return -ENOTSUPP
    const value = POPPABLE.has(map.map_type) ? map.engine.pop() : map.engine.lookup(key)
    if (typeof value === 'number') return value
    const rc = POPPABLE.has(map.map_type) ? 0 : map.engine.delete(key)
    return rc !== 0 ? rc : copyOut(attr.pointer('value'), value)
  }

  return {
    [abi.BPF_MAP_LOOKUP_ELEM]: lookup, [abi.BPF_MAP_UPDATE_ELEM]: update, [abi.BPF_MAP_DELETE_ELEM]: remove,
    [abi.BPF_MAP_GET_NEXT_KEY]: nextKey, [abi.BPF_MAP_LOOKUP_AND_DELETE_ELEM]: lookupAndDelete,
  }
}

/** Many elements at once. A batch goes on behind the key that `out_batch` was given. */
export const batchCommands = ({ access, mayLock, copy_value, update_value, delete_value }: MapElements) => {
  const open = (attr: Attr, mode: number, types: ReadonlySet<number>): KernelMap | number => {
    if (attr.hasTail) return -EINVAL
    const map = access(attr.fd('map_fd'), mode)
    if (typeof map === 'number') return map
    if (!types.has(map.map_type)) return -ENOTSUPP
    const flags = attr.number('elem_flags')
    return (flags & ~BPF_F_LOCK) !== 0 || !mayLock(map, flags) ? -EINVAL : map
  }

  /** Runs `each` until it fails; how many went well is told in `count`. */
  const repeat = (attr: Attr, each: (index: number) => number): number => {
    const most = attr.number('count')
    let done = 0
    let rc = 0
    while (done < most && rc === 0) {
      rc = each(done)
      if (rc === 0) done++
    }
    attr.out.count = done
    return rc
  }

  const lookup = (remove: boolean): Command => (attr) => {
    const map = open(attr, remove ? FMODE_CAN_READ | FMODE_CAN_WRITE : FMODE_CAN_READ, remove ? TAKEN : BATCHED)
    if (typeof map === 'number') return map
    if (TAKEN.has(map.map_type) && attr.number('flags') !== 0) return -EINVAL
    const size = valueSize(map)
    let previous: Uint8Array | number | null = null
    if (attr.pointer('in_batch') !== null) previous = copyIn(attr.pointer('in_batch'), map.key_size)
    if (typeof previous === 'number') return previous
    let last: Uint8Array | null = previous
    const taken: Uint8Array[] = []
    const rc = repeat(attr, (index) => {
      const key = map.engine.nextKey(last)
      if (typeof key === 'number') return key
      const value = copy_value(map, key)
      if (typeof value === 'number') return value
      last = key
      taken.push(key)
      return copyOut(attr.pointer('keys'), key, index * map.key_size) ||
        copyOut(attr.pointer('values'), value, index * size)
    })
    if (rc === -EFAULT) return rc
    if (last !== null && taken.length > 0) {
      const told = copyOut(attr.pointer('out_batch'), last)
      if (told !== 0) return told
    }
    if (remove) for (const key of taken) map.engine.delete(key)
    return rc
  }

  const update: Command = (attr) => {
    const map = open(attr, FMODE_CAN_WRITE, BATCHED)
    if (typeof map === 'number') return map
    const size = valueSize(map)
    return repeat(attr, (index) => {
      const key = copyIn(attr.pointer('keys'), map.key_size, index * map.key_size)
      const value = copyIn(attr.pointer('values'), size, index * size)
      if (typeof key === 'number') return key
      return typeof value === 'number' ? value : update_value(map, key, value, attr.number('elem_flags'))
    })
  }

  const remove: Command = (attr) => {
    const map = open(attr, FMODE_CAN_WRITE, DELETED)
    if (typeof map === 'number') return map
    return repeat(attr, (index) => {
      const key = copyIn(attr.pointer('keys'), map.key_size, index * map.key_size)
      return typeof key === 'number' ? key : delete_value(map, key)
    })
  }

  return {
    [abi.BPF_MAP_LOOKUP_BATCH]: lookup(false), [abi.BPF_MAP_LOOKUP_AND_DELETE_BATCH]: lookup(true),
    [abi.BPF_MAP_UPDATE_BATCH]: update, [abi.BPF_MAP_DELETE_BATCH]: remove,
  }
}
