/** User space reads and writes elements of maps (map_lookup_elem and others of kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'
import {
  BPF_F_LOCK, EBADF, EINVAL, ENOENT, ENOTSUPP, EOPNOTSUPP, EPERM, FMODE_CAN_READ, FMODE_CAN_WRITE, hexText,
} from '@lsmkit/abi'
import type { File, OwnedValue } from '@lsmkit/core'
import { fget_raw } from '../state/vfs/fdtable.ts'
import type { Attr } from './attr.ts'
import { answerAt, bytesAt } from './context.ts'
import type { BpfCommands, Command } from './context.ts'
import { BY_FD, HASHES, OF_MAPS, PER_CPU, POPPABLE, STORAGES, TARGETS, WITHOUT_KEYS } from './map-kinds.ts'
import type { KernelMap } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import { hold } from './references.ts'
import { progOf, mapOf, map_get, map_perms } from './descriptors.ts'

/** As `bpf_map_value_size`; there is one processor. */
export const valueSize = (map: KernelMap): number =>
  PER_CPU.has(map.map_type) ? Math.ceil(map.value_size / 8) * 8 : map.value_size

const u32 = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
const fromU32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** The object that a key names by descriptor, or -EBADF. */
const ownerOf = (machine: Machine, map: KernelMap, fd: number): object | number => {
  if (map.map_type === abi.BPF_MAP_TYPE_CGRP_STORAGE) return machine.cgroups.fromFd(fd)
  const file: File | null = fget_raw(machine.current.task, fd)
  if (file === null) return -EBADF
  if (map.map_type === abi.BPF_MAP_TYPE_INODE_STORAGE) return file.f_inode
  if (map.map_type === abi.BPF_MAP_TYPE_TASK_STORAGE) {
    const pid = machine.pidfds.pidOf(file)
    return pid === null ? -EBADF : (pid.task ?? -ENOENT)
  }
  return machine.net.sock_from_file(file)?.sk ?? -EBADF
}

const owned = (machine: Machine, map: KernelMap, key: Uint8Array): OwnedValue | number => {
  const owner = ownerOf(machine, map, u32(key) | 0)
  return typeof owner === 'number' ? owner : map.engine.ofOwner(owner)
}

/** As `bpf_map_copy_value`. */
export const copy_value = (machine: Machine, map: KernelMap, key: Uint8Array): Uint8Array | number => {
  const { map_type: type } = map
  if (type === abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY || type === abi.BPF_MAP_TYPE_CGROUP_ARRAY) return -ENOTSUPP
  if (BY_FD.has(type)) {
    const held = map.held.get(hexText(key))
    return held === undefined ? -ENOENT : fromU32(held.id)
  }
  if (WITHOUT_KEYS.has(type)) return map.engine.peek(new Uint8Array(map.value_size))
  if (STORAGES.has(type)) {
    const value = owned(machine, map, key)
    return typeof value === 'number' ? value : value.lookup()
  }
  return map.engine.lookup(key)
}

/** Puts a map or program into a map, by its descriptor. */
const updateHeld = (machine: Machine, map: KernelMap, key: Uint8Array, value: Uint8Array, flags: number): number => {
  const fd = u32(value) | 0
  const isProgram = map.map_type === abi.BPF_MAP_TYPE_PROG_ARRAY
  const isGroup = map.map_type === abi.BPF_MAP_TYPE_CGROUP_ARRAY
  if (!isProgram && !isGroup && !OF_MAPS.has(map.map_type)) return -EOPNOTSUPP
  if (map.map_type !== abi.BPF_MAP_TYPE_HASH_OF_MAPS) {
    if (flags !== abi.BPF_ANY) return -EINVAL
    if (u32(key) >= map.max_entries) return -abi.E2BIG
  }
  if (isGroup) {
    const cgrp = machine.cgroups.fromFd(fd)
    return typeof cgrp === 'number' ? cgrp : map.engine.put(key, cgrp, flags)
  }
  const held = isProgram ? progOf(machine, fd) : mapOf(machine, fd)
  if (typeof held === 'number') return held
  const rc = map.engine.put(key, held.engine, flags)
  if (rc === 0) hold(machine, map, key, held)
  return rc
}

/** An entry of DEVMAP, DEVMAP_HASH or CPUMAP; the second word of its value names the program that runs there. */
const updateTarget = (machine: Machine, map: KernelMap, key: Uint8Array, value: Uint8Array, flags: number): number => {
  const fd = value.length === 8 ? u32(value.subarray(4)) | 0 : 0
  const held = fd > 0 ? progOf(machine, fd) : null
  const target = held === null || typeof held === 'number' ? held ?? undefined : { id: held.id, program: held.engine }
  const rc = map.engine.update(key, value, flags, target)
  // an entry without a device or room for packets is a deleted one
  if (rc === 0) hold(machine, map, key, u32(value) === 0 || typeof held === 'number' ? null : held)
  return rc
}

/** As `bpf_map_update_value`. */
export const update_value = (
  machine: Machine, map: KernelMap, key: Uint8Array, value: Uint8Array, flags: number,
): number => {
  if (BY_FD.has(map.map_type)) return updateHeld(machine, map, key, value, flags)
  if (TARGETS.has(map.map_type)) return updateTarget(machine, map, key, value, flags)
  if (WITHOUT_KEYS.has(map.map_type)) return map.engine.push(value, flags)
  if (STORAGES.has(map.map_type)) {
    const one = owned(machine, map, key)
    return typeof one === 'number' ? one : one.update(value, flags)
  }
  return map.engine.update(key, value, flags)
}

export const delete_value = (machine: Machine, map: KernelMap, key: Uint8Array): number => {
  if (STORAGES.has(map.map_type)) {
    const one = owned(machine, map, key)
    return typeof one === 'number' ? one : one.delete()
  }
  const rc = map.engine.delete(key)
  if (rc === 0 && (BY_FD.has(map.map_type) || TARGETS.has(map.map_type))) hold(machine, map, key, null)
  return rc
}

/** The map behind a descriptor that allows `mode` (FMODE_CAN_*); -EPERM. */
export const access = (machine: Machine, fd: number, mode: number): KernelMap | number => {
  const found = map_get(machine, fd)
  if (typeof found === 'number') return found
  return (map_perms(found) & mode) === mode ? found.held : -EPERM
}

export const mayLock = (map: KernelMap, flags: number): boolean => (flags & BPF_F_LOCK) === 0 || map.engine.hasSpinLock

/** As `__bpf_copy_key`: maps without keys take no pointer. */
const keyIn = (map: KernelMap, pointer: unknown): Uint8Array | number =>
  map.key_size === 0 && pointer !== null ? -EINVAL : bytesAt(pointer, map.key_size)

/** The map, which allows the flags, and the key. */
const open = (
  machine: Machine, attr: Attr, mode: number, flags: number,
): { map: KernelMap; key: Uint8Array } | number => {
  const map = access(machine, attr.fd('map_fd'), mode)
  if (typeof map === 'number') return map
  if (!mayLock(map, flags)) return -EINVAL
  const key = keyIn(map, attr.pointer('key'))
  return typeof key === 'number' ? key : { map, key }
}

const lookup: Command = (machine, attr) => {
  const flags = attr.number('flags')
  if (attr.hasTail || (flags & ~BPF_F_LOCK) !== 0) return -EINVAL
  const found = open(machine, attr, FMODE_CAN_READ, flags)
  if (typeof found === 'number') return found
  const { map, key } = found
  if (map.map_type === abi.BPF_MAP_TYPE_BLOOM_FILTER) {
    const value = bytesAt(attr.pointer('value'), map.value_size)
    if (typeof value === 'number') return value
    const seen = map.engine.peek(value)
    return typeof seen === 'number' ? seen : 0
  }
  const value = copy_value(machine, map, key)
  return typeof value === 'number' ? value : answerAt(attr.pointer('value'), value)
}

const update: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const flags = attr.number('flags')
  const found = open(machine, attr, FMODE_CAN_WRITE, flags)
  if (typeof found === 'number') return found
  const value = bytesAt(attr.pointer('value'), valueSize(found.map))
  return typeof value === 'number' ? value : update_value(machine, found.map, found.key, value, flags)
}

const remove: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const found = open(machine, attr, FMODE_CAN_WRITE, 0)
  return typeof found === 'number' ? found : delete_value(machine, found.map, found.key)
}

const nextKey: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const map = access(machine, attr.fd('map_fd'), FMODE_CAN_READ)
  if (typeof map === 'number') return map
  const key = attr.pointer('key') === null ? null : keyIn(map, attr.pointer('key'))
  if (typeof key === 'number') return key
  const next = map.engine.nextKey(key)
  return typeof next === 'number' ? next : answerAt(attr.pointer('next_key'), next)
}

const lookupAndDelete: Command = (machine, attr) => {
  const flags = attr.number('flags')
  if (attr.hasTail || (flags & ~BPF_F_LOCK) !== 0) return -EINVAL
  const map = access(machine, attr.fd('map_fd'), FMODE_CAN_READ | FMODE_CAN_WRITE)
  if (typeof map === 'number') return map
  if ((flags !== 0 && POPPABLE.has(map.map_type)) || !mayLock(map, flags)) return -EINVAL
  const key = keyIn(map, attr.pointer('key'))
  if (typeof key === 'number') return key
  if (!POPPABLE.has(map.map_type) && !HASHES.has(map.map_type)) return -ENOTSUPP
  const value = POPPABLE.has(map.map_type) ? map.engine.pop() : map.engine.lookup(key)
  if (typeof value === 'number') return value
  const rc = POPPABLE.has(map.map_type) ? 0 : map.engine.delete(key)
  return rc !== 0 ? rc : answerAt(attr.pointer('value'), value)
}

export const elementCommands: BpfCommands = {
  [abi.BPF_MAP_LOOKUP_ELEM]: lookup, [abi.BPF_MAP_UPDATE_ELEM]: update, [abi.BPF_MAP_DELETE_ELEM]: remove,
  [abi.BPF_MAP_GET_NEXT_KEY]: nextKey, [abi.BPF_MAP_LOOKUP_AND_DELETE_ELEM]: lookupAndDelete,
}
