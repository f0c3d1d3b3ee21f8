/** Programs are placed on control groups, and taken off them. */
import * as abi from '@lsmkit/abi'
import type { EngineLink } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Entry, ProgList } from '../state/bpf/cgroup-progs.ts'
import type { KernelProg } from '../state/bpf/objects.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { put_prog } from './references.ts'

export const isMulti = (flags: number): boolean => (flags & abi.BPF_F_ALLOW_MULTI) !== 0

export const place = (cgrp: Cgroup, prog: KernelProg, flags: number): EngineLink | number =>
  prog.engine.attach(0, { cgroup: cgrp, yields: !isMulti(flags), preorder: (flags & abi.BPF_F_PREORDER) !== 0 })

/** Moves the entries from `index` on behind all others, in their order, so that what was put before them runs first. */
export const restack = (cgrp: Cgroup, list: ProgList, index: number): void => {
  for (const entry of list.entries.slice(index)) {
    entry.placed.detach()
    // it stood there a moment ago
    entry.placed = place(cgrp, entry.prog, entry.flags) as EngineLink
  }
}

/** The entry's program does not run any more. */
export const drop = (machine: Machine, { slot }: ProgList, { placed, prog }: Entry): void => {
  placed.detach()
  machine.bpfTable.cgroupProgs.slots.release(slot)
  put_prog(machine, prog)
}

export const remove = (machine: Machine, list: ProgList, entry: Entry): void => {
  list.entries.splice(list.entries.indexOf(entry), 1)
  list.revision++
  if (list.entries.length === 0) list.flags = 0
  drop(machine, list, entry)
}

/** As `cgroup_bpf_release`: programs go with their group, and their links have no group any more. */
export const cgroup_bpf_release = (machine: Machine, cgrp: Cgroup): void => {
  for (const list of machine.bpfTable.cgroupProgs.known(cgrp)) {
    for (const entry of [...list.entries]) {
      remove(machine, list, entry)
      if (entry.link !== null) entry.link.cgroup = null
    }
  }
}
