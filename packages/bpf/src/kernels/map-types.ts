/** Types and flags of maps that came after the oldest release, with the version of Linux that brought each. */
import * as abi from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import type { KernelRelease } from './releases.ts'
import { from, isWithin } from './releases.ts'

interface Arrival {
  readonly name: string
  /** The first release here that has it. */
  readonly release: KernelRelease
  readonly linux: string
}

const types: Readonly<Record<number, Arrival>> = {
  [abi.BPF_MAP_TYPE_TASK_STORAGE]: { name: 'BPF_MAP_TYPE_TASK_STORAGE', release: '5.15', linux: '5.11' },
  [abi.BPF_MAP_TYPE_BLOOM_FILTER]: { name: 'BPF_MAP_TYPE_BLOOM_FILTER', release: '6.1', linux: '5.16' },
  [abi.BPF_MAP_TYPE_USER_RINGBUF]: { name: 'BPF_MAP_TYPE_USER_RINGBUF', release: '6.1', linux: '6.1' },
  [abi.BPF_MAP_TYPE_CGRP_STORAGE]: { name: 'BPF_MAP_TYPE_CGRP_STORAGE', release: '6.6', linux: '6.2' },
  [abi.BPF_MAP_TYPE_ARENA]: { name: 'BPF_MAP_TYPE_ARENA', release: '6.12', linux: '6.9' },
}

const flags: Readonly<Record<number, Arrival>> = {
  [1 << 13]: { name: 'BPF_F_LINK', release: '6.6', linux: '6.4' },
  [1 << 14]: { name: 'BPF_F_PATH_FD', release: '6.6', linux: '6.5' },
  [1 << 15]: { name: 'BPF_F_VTYPE_BTF_OBJ_FD', release: '6.12', linux: '6.9' },
  [1 << 16]: { name: 'BPF_F_TOKEN_FD', release: '6.12', linux: '6.9' },
  [1 << 17]: { name: 'BPF_F_SEGV_ON_FAULT', release: '6.12', linux: '6.9' },
  [1 << 18]: { name: 'BPF_F_NO_USER_CONV', release: '6.12', linux: '6.9' },
}

/** The first type or flag of the map that the release lacks; null when it has all. */
export const missingForMap = (release: KernelRelease, map: Pick<MapSpec, 'type' | 'flags'>): Arrival | null => {
  const type = types[map.type]
  const needed = [
    ...(type === undefined ? [] : [type]),
    ...Object.entries(flags).filter(([flag]) => (map.flags & Number(flag)) !== 0).map(([, arrival]) => arrival),
  ]
  return needed.find(({ release: first }) => !isWithin(from(first), release)) ?? null
}
