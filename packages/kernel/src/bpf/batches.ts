/** Many elements of a map at once (generic_map_lookup_batch and its kin of kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'
import { BPF_F_LOCK, EFAULT, EINVAL, ENOTSUPP, FMODE_CAN_READ, FMODE_CAN_WRITE } from '@lsmkit/abi'
import type { Attr } from './attr.ts'
import { answerAt, bytesAt } from './context.ts'
import type { BpfCommands, Command } from './context.ts'
import { access, copy_value, delete_value, mayLock, update_value, valueSize } from './elements.ts'
import { BATCHED, DELETED, TAKEN } from './map-kinds.ts'
import type { KernelMap } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'

const open = (machine: Machine, attr: Attr, mode: number, types: ReadonlySet<number>): KernelMap | number => {
  if (attr.hasTail) return -EINVAL
  const map = access(machine, attr.fd('map_fd'), mode)
  if (typeof map === 'number') return map
  if (!types.has(map.map_type)) return -ENOTSUPP
  const flags = attr.number('elem_flags')
  return (flags & ~BPF_F_LOCK) !== 0 || !mayLock(map, flags) ? -EINVAL : map
}

/** Runs `each` until it fails, and writes how many went well to `count`. */
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

/** Begins behind the key that `in_batch` has; `out_batch` gets the key to go on behind. */
const lookup = (remove: boolean): Command => (machine, attr) => {
  const map = open(machine, attr, remove ? FMODE_CAN_READ | FMODE_CAN_WRITE : FMODE_CAN_READ, remove ? TAKEN : BATCHED)
  if (typeof map === 'number') return map
  if (TAKEN.has(map.map_type) && attr.number('flags') !== 0) return -EINVAL
  const size = valueSize(map)
  let previous: Uint8Array | number | null = null
  if (attr.pointer('in_batch') !== null) previous = bytesAt(attr.pointer('in_batch'), map.key_size)
  if (typeof previous === 'number') return previous
  let last: Uint8Array | null = previous
  const taken: Uint8Array[] = []
  const rc = repeat(attr, (index) => {
    const key = map.engine.nextKey(last)
    if (typeof key === 'number') return key
    const value = copy_value(machine, map, key)
    if (typeof value === 'number') return value
    last = key
    taken.push(key)
    return answerAt(attr.pointer('keys'), key, index * map.key_size) ||
      answerAt(attr.pointer('values'), value, index * size)
  })
  if (rc === -EFAULT) return rc
  if (last !== null && taken.length > 0) {
    const written = answerAt(attr.pointer('out_batch'), last)
    if (written !== 0) return written
  }
  if (remove) for (const key of taken) map.engine.delete(key)
  return rc
}

const update: Command = (machine, attr) => {
  const map = open(machine, attr, FMODE_CAN_WRITE, BATCHED)
  if (typeof map === 'number') return map
  const size = valueSize(map)
  return repeat(attr, (index) => {
    const key = bytesAt(attr.pointer('keys'), map.key_size, index * map.key_size)
    const value = bytesAt(attr.pointer('values'), size, index * size)
    if (typeof key === 'number') return key
    return typeof value === 'number' ? value : update_value(machine, map, key, value, attr.number('elem_flags'))
  })
}

const remove: Command = (machine, attr) => {
  const map = open(machine, attr, FMODE_CAN_WRITE, DELETED)
  if (typeof map === 'number') return map
  return repeat(attr, (index) => {
    const key = bytesAt(attr.pointer('keys'), map.key_size, index * map.key_size)
    return typeof key === 'number' ? key : delete_value(machine, map, key)
  })
}

export const batchCommands: BpfCommands = {
  [abi.BPF_MAP_LOOKUP_BATCH]: lookup(false), [abi.BPF_MAP_LOOKUP_AND_DELETE_BATCH]: lookup(true),
  [abi.BPF_MAP_UPDATE_BATCH]: update, [abi.BPF_MAP_DELETE_BATCH]: remove,
}
