/** Programs attached to a control group, and those that run for it (`__cgroup_bpf_query`). */
import * as abi from '@lsmkit/abi'
import { EINVAL, ENOSPC } from '@lsmkit/abi'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { Attr } from './attr.ts'
import { isMulti } from './cgroup-lists.ts'
import type { Entry } from '../state/bpf/cgroup-progs.ts'
import type { Machine } from '../machine.ts'

/** Numbers of programs: those of this group alone, or all that run for it. */
const idsOf = (
  machine: Machine, cgrp: Cgroup, effective: boolean,
): { readonly id: number; readonly flags: number }[] =>
  machine.bpfTable.cgroupProgs.of(cgrp).flatMap(({ slot, entries, flags }) =>
    effective
      ? effectiveIds(machine, cgrp, slot).map((id) => ({ id, flags: 0 }))
      : entries.map(({ prog }) => ({ id: prog.id, flags })))

const effectiveIds = (machine: Machine, cgrp: Cgroup, slot: number): readonly number[] => {
  let first: number[] = []
  const rest: number[] = []
  for (const at of [cgrp, ...cgrp.ancestors()]) {
    const list = machine.bpfTable.cgroupProgs.of(at)[slot]!
    if (first.length + rest.length > 0 && !isMulti(list.flags)) continue
    const isFirst = ({ flags }: Entry): boolean => (flags & abi.BPF_F_PREORDER) !== 0
    first = [...list.entries.filter(isFirst).map(({ prog }) => prog.id), ...first]
    rest.push(...list.entries.filter((entry) => !isFirst(entry)).map(({ prog }) => prog.id))
  }
  return [...first, ...rest]
}

/** As `__cgroup_bpf_query`. */
export const cgroup_bpf_prog_query = (machine: Machine, attr: Attr, attachType: number): number => {
  const cgrp = machine.cgroups.fromFd(attr.fd('target_fd'))
  if (typeof cgrp === 'number') return cgrp
  const effective = (attr.number('query_flags') & abi.BPF_F_QUERY_EFFECTIVE) !== 0
  const room = attr.number('prog_cnt')
  const [ids, flags] = [attr.pointer('prog_ids'), attr.pointer('prog_attach_flags')]
  const isLsm = attachType === abi.BPF_LSM_CGROUP
  if (effective && flags !== null) return -EINVAL
  // each hook has flags of its own, so one number cannot hold them
  if (isLsm && !effective && room !== 0 && ids !== null && flags === null) return -EINVAL
  const found = isLsm ? idsOf(machine, cgrp, effective) : []
  Object.assign(attr.out, { attach_flags: 0, prog_cnt: found.length, revision: isLsm || effective ? 0 : 1 })
  if (room === 0 || ids === null || found.length === 0) return 0
  if (!Array.isArray(ids) || (flags !== null && !Array.isArray(flags))) return -abi.EFAULT
  found.slice(0, room).forEach((one, index) => {
    ids[index] = one.id
    if (flags !== null) flags[index] = one.flags
  })
  return room < found.length ? -ENOSPC : 0
}
