/** Maps are made and frozen (map_create, map_freeze of kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'
import {
  BPF_F_NUMA_NODE, BPF_F_TOKEN_FD, CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, EACCES, EBUSY, EINVAL, ENOMEM, ENOTSUPP,
  EOPNOTSUPP, EPERM, FMODE_CAN_WRITE,
} from '@lsmkit/abi'
import { Holder } from '../state/host-memory.ts'
import type { Attr } from './attr.ts'
import { nameOf, tokenFor } from './context.ts'
import type { BpfCommands, Command } from './context.ts'
import type { MapRequest } from '@lsmkit/core'
import { OF_MAPS } from './map-kinds.ts'
import { KernelMap } from '../state/bpf/objects.ts'
import type { KernelBtf, KernelToken } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import { token_capable, bypass_spec, token_allow_cmd, token_allow_map_type } from './rights.ts'
import { btfOf, mapOf, fileFlag, map_new_fd, map_get, map_perms } from './descriptors.ts'
import { put_btf, put_token, put_map_with_uref } from './references.ts'

/** Everybody may make these where unprivileged BPF is on. */
const UNPRIVILEGED: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_ARRAY, abi.BPF_MAP_TYPE_PERCPU_ARRAY, abi.BPF_MAP_TYPE_PROG_ARRAY,
  abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, abi.BPF_MAP_TYPE_CGROUP_ARRAY, abi.BPF_MAP_TYPE_ARRAY_OF_MAPS,
  abi.BPF_MAP_TYPE_HASH, abi.BPF_MAP_TYPE_PERCPU_HASH, abi.BPF_MAP_TYPE_HASH_OF_MAPS, abi.BPF_MAP_TYPE_RINGBUF,
  abi.BPF_MAP_TYPE_USER_RINGBUF, abi.BPF_MAP_TYPE_CGROUP_STORAGE, abi.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
])
const OF_NETWORKS: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_SOCKMAP, abi.BPF_MAP_TYPE_SOCKHASH, abi.BPF_MAP_TYPE_DEVMAP, abi.BPF_MAP_TYPE_DEVMAP_HASH,
  abi.BPF_MAP_TYPE_XSKMAP,
])
/** Arrays ask whether look-ups need no mask against speculation. */
const ASKS_FOR_SPECULATION: ReadonlySet<number> = new Set([
  abi.BPF_MAP_TYPE_ARRAY, abi.BPF_MAP_TYPE_PERCPU_ARRAY, abi.BPF_MAP_TYPE_PROG_ARRAY,
  abi.BPF_MAP_TYPE_PERF_EVENT_ARRAY, abi.BPF_MAP_TYPE_CGROUP_ARRAY, abi.BPF_MAP_TYPE_ARRAY_OF_MAPS,
])
const LOOPBACK = 1

/** 0 if the caller may make a map of that type, or -EPERM. */
const mayCreate = (machine: Machine, token: KernelToken | null, type: number): number => {
  if (machine.sysctl.unprivileged_bpf_disabled !== 0 && !token_capable(machine, token, CAP_BPF)) return -EPERM
  if (UNPRIVILEGED.has(type)) return 0
  return token_capable(machine, token, OF_NETWORKS.has(type) ? CAP_NET_ADMIN : CAP_BPF) ? 0 : -EPERM
}

/** Types of keys and values, if the caller names any; takes a reference. */
const typesOf = (machine: Machine, attr: Attr): KernelBtf | null | number => {
  if (attr.number('btf_key_type_id') === 0 && attr.number('btf_value_type_id') === 0) return null
  const btf = btfOf(machine, attr.fd('btf_fd'))
  if (typeof btf === 'number') return btf
  if (btf.btf.isKernel) return -EACCES
  btf.refs++
  return btf
}

const innerOf = (machine: Machine, attr: Attr, type: number): MapRequest['inner'] | number => {
  if (!OF_MAPS.has(type)) return null
  const inner = mapOf(machine, attr.fd('inner_map_fd'))
  if (typeof inner === 'number') return inner
  if (OF_MAPS.has(inner.map_type)) return -EINVAL
  return inner.engine
}

const make = (machine: Machine, attr: Attr, request: MapRequest, token: KernelToken | null): KernelMap | number => {
  let rc = mayCreate(machine, token, request.map_type)
  if (rc !== 0) return rc
  const bypass_spec_v1 = ASKS_FOR_SPECULATION.has(request.map_type) && bypass_spec(machine, null, CAP_PERFMON)
  // no device can hold a map: loopback does not, and there are no others
  const device = attr.number('map_ifindex')
  if (device !== 0) return device === LOOPBACK ? -EOPNOTSUPP : -EINVAL
  const inner = innerOf(machine, attr, request.map_type)
  if (typeof inner === 'number') return inner
  const name = nameOf(request.name)
  if (typeof name === 'number') return name
  const btf = typesOf(machine, attr)
  if (typeof btf === 'number') return btf
  const whole = { ...request, name, inner, btf: btf?.btf ?? null, bypass_spec_v1 }
  const made = machine.bpfTable.engine.createMap(whole)
  if (typeof made === 'number') {
    put_btf(machine, btf)
    return made
  }
  const { account } = machine
  if (!account.charge(made.memory)) {
    made.free()
    put_btf(machine, btf)
    return -ENOMEM
  }
  const map = new KernelMap(whole, made, btf, new Holder(account, made.memory))
  rc = machine.lsm.bpf_map_create.ask(map, attr.values, token, false)
  if (rc === 0) return map
  machine.lsm.bpf_map_free.tell(map)
  made.free()
  map.memory.release()
  put_btf(machine, btf)
  return rc
}

const map_create: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const map_type = attr.number('map_type')
  const map_flags = attr.number('map_flags') & ~BPF_F_TOKEN_FD
  if (attr.number('btf_vmlinux_value_type_id') !== 0 && map_type !== abi.BPF_MAP_TYPE_STRUCT_OPS) return -EINVAL
  const request: MapRequest = {
    map_type,
    key_size: attr.number('key_size'),
    value_size: attr.number('value_size'),
    max_entries: attr.number('max_entries'),
    map_flags,
    map_extra: attr.number('map_extra'),
    name: attr.values.map_name as string,
    btf: null,
    btf_key_type_id: attr.number('btf_key_type_id'),
    btf_value_type_id: attr.number('btf_value_type_id'),
    bypass_spec_v1: false,
    inner: null,
  }
  const flags = fileFlag(map_flags)
  if (flags < 0) return flags
  if ((map_flags & BPF_F_NUMA_NODE) !== 0 && attr.number('numa_node') !== 0) return -EINVAL
  const rc = machine.bpfTable.engine.checkMap(request)
  if (rc !== 0) return rc
  const token = tokenFor(machine, attr.number('map_flags'), attr.fd('map_token_fd'), (one) =>
    token_allow_cmd(machine, one, abi.BPF_MAP_CREATE) && token_allow_map_type(one, map_type))
  if (typeof token === 'number') return token
  const map = make(machine, attr, request, token)
  put_token(machine, token)
  if (typeof map === 'number') return map
  machine.bpfTable.maps.add(map, map.engine.id)
  const fd = map_new_fd(machine, map, flags)
  if (fd < 0) put_map_with_uref(machine, map)
  return fd
}

const map_freeze: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const found = map_get(machine, attr.fd('map_fd'))
  if (typeof found === 'number') return found
  const map = found.held
  if (map.engine.hasSpecialFields) return -ENOTSUPP
  if ((map_perms(found) & FMODE_CAN_WRITE) === 0) return -EPERM
  if (map.frozen) return -EBUSY
  map.frozen = true
  map.engine.freeze()
  return 0
}

export const mapCommands: BpfCommands = { [abi.BPF_MAP_CREATE]: map_create, [abi.BPF_MAP_FREEZE]: map_freeze }
