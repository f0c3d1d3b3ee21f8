/** Programs are attached to control groups and detached, in an order (kernel/bpf/cgroup.c). Those of hooks run. */
import * as abi from '@lsmkit/abi'
import { E2BIG, EINVAL, ENOENT, EPERM, ESTALE, EOPNOTSUPP } from '@lsmkit/abi'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { isMulti, place, drop, restack, remove } from './cgroup-lists.ts'
import type { Entry, ProgList } from '../state/bpf/cgroup-progs.ts'
import type { Machine } from '../machine.ts'
import type { CgroupLink, KernelLink, KernelProg } from '../state/bpf/objects.ts'
import { progOf, linkOf } from './descriptors.ts'
import type { Attr } from './attr.ts'

/** Programs of one hook on one group. */
const MAX_PROGS = 64
const SAVED_FLAGS = abi.BPF_F_ALLOW_OVERRIDE | abi.BPF_F_ALLOW_MULTI

/** An attachment that a caller asks for, its descriptors resolved. */
interface Request {
  readonly prog: KernelProg
  readonly link: CgroupLink | null
  readonly replaces: KernelProg | null
  readonly flags: number
  /** A program or link by descriptor or number, as the flags say. */
  readonly relative: number
  readonly revision: number
}

/** The group that a descriptor leads to, and a program that can run there. */
export const target = (machine: Machine, fd: number, prog: KernelProg): Cgroup | number => {
  const cgrp = machine.cgroups.fromFd(fd)
  if (typeof cgrp === 'number') return cgrp
  return prog.expected_attach_type === abi.BPF_LSM_CGROUP ? cgrp : -EOPNOTSUPP
}

/** The flags and the request make sense together. */
const areSound = ({ flags, replaces }: Request): boolean => {
  const replacing = (flags & abi.BPF_F_REPLACE) !== 0
  if ((flags & abi.BPF_F_ALLOW_OVERRIDE) !== 0 && isMulti(flags)) return false
  if (replacing && (!isMulti(flags) || (flags & (abi.BPF_F_BEFORE | abi.BPF_F_AFTER)) !== 0)) return false
  return (replaces !== null) === replacing
}

/** As `hierarchy_allows_attach`: the nearest program above must let others stand beside it or in its place. */
const hierarchy_allows_attach = (machine: Machine, cgrp: Cgroup, slot: number): boolean => {
  for (const above of cgrp.ancestors()) {
    const { flags, entries } = machine.bpfTable.cgroupProgs.of(above)[slot]!
    if (isMulti(flags)) return true
    if (entries.length > 0) return (flags & abi.BPF_F_ALLOW_OVERRIDE) !== 0
  }
  return true
}

/** As `find_attach_entry`: the entry that the program replaces; null for a place of its own. */
const find_attach_entry = ({ entries }: ProgList, { prog, link, replaces, flags }: Request): Entry | null | number => {
  if (!isMulti(flags)) return entries[0] ?? null
  const isThere = entries.some((entry) => link === null && entry.link === null && entry.prog === prog)
  if (isThere && prog !== replaces) return -EINVAL
  if (replaces === null) return null
  return entries.find((entry) => entry.link === null && entry.prog === replaces) ?? -ENOENT
}

/** The program or link that BPF_F_BEFORE and BPF_F_AFTER refer to. */
const anchorOf = (machine: Machine, { flags, relative }: Request): KernelProg | KernelLink | number => {
  const byId = (flags & abi.BPF_F_ID) !== 0
  const { progs, links } = machine.bpfTable
  if ((flags & abi.BPF_F_LINK) === 0) return byId ? (progs.at(relative) ?? -ENOENT) : progOf(machine, relative)
  if (byId) return links.at(relative) ?? -ENOENT
  return relative === 0 ? -EINVAL : linkOf(machine, relative)
}

/** As `insert_pl_to_hlist`: the index among the entries; at the end unless the flags say otherwise. */
const indexOfNew = (machine: Machine, { entries }: ProgList, request: Request): number => {
  const { flags, relative, link } = request
  const before = (flags & abi.BPF_F_BEFORE) !== 0
  const after = (flags & abi.BPF_F_AFTER) !== 0
  const isRelative = (flags & (abi.BPF_F_LINK | abi.BPF_F_ID)) !== 0 || relative !== 0
  if (!isRelative) return before && after && entries.length > 0 ? -EINVAL : before ? 0 : entries.length
  if (before === after || ((flags & abi.BPF_F_LINK) !== 0) !== (link !== null)) return -EINVAL
  const anchor = anchorOf(machine, request)
  if (typeof anchor === 'number') return anchor
  const at = entries.findIndex((entry) => anchor === (entry.link ?? entry.prog))
  if (at < 0) return -ENOENT
  if (((entries[at]!.flags ^ flags) & abi.BPF_F_PREORDER) !== 0) return -EINVAL
  return before ? at : at + 1
}

/** As `__cgroup_bpf_attach`. Takes a reference to the program, and drops that of a replaced one. */
export const __cgroup_bpf_attach = (machine: Machine, cgrp: Cgroup, request: Request): Entry | number => {
  const { prog, link, flags, revision } = request
  if (!areSound(request)) return -EINVAL
  const list = machine.bpfTable.cgroupProgs.find(cgrp, prog)
  if (list === null) return -EINVAL
  if (revision !== 0 && revision !== list.revision) return -ESTALE
  if (!hierarchy_allows_attach(machine, cgrp, list.slot)) return -EPERM
  if (list.entries.length > 0 && list.flags !== (flags & SAVED_FLAGS)) return -EPERM
  if (list.entries.length >= MAX_PROGS) return -E2BIG
  const taken = find_attach_entry(list, request)
  if (typeof taken === 'number') return taken
  const index = taken === null ? indexOfNew(machine, list, request) : list.entries.indexOf(taken)
  if (index < 0) return index
  const placed = place(cgrp, prog, flags)
  if (typeof placed === 'number') return placed
  const entry: Entry = { link, prog, flags, placed }
  list.entries.splice(index, taken === null ? 0 : 1, entry)
  list.flags = flags & SAVED_FLAGS
  list.revision++
  machine.bpfTable.cgroupProgs.slots.take(list.slot, prog.attach_btf_id)
  if (taken !== null) drop(machine, list, taken)
  prog.refs++
  restack(cgrp, list, index + 1)
  return entry
}

/** As `find_detach_entry`: where only one can be, it need not be named. */
const detach = (machine: Machine, cgrp: Cgroup, prog: KernelProg, revision: number): number => {
  const list = machine.bpfTable.cgroupProgs.find(cgrp, prog)
  if (list === null) return -EINVAL
  if (revision !== 0 && revision !== list.revision) return -ESTALE
  const entry = isMulti(list.flags)
    ? list.entries.find(({ link, prog: other }) => link === null && other === prog)
    : list.entries[0]
  if (entry === undefined) return -ENOENT
  remove(machine, list, entry)
  return 0
}

/** Attaches a program by its descriptor, without a link. */
export const cgroup_bpf_prog_attach = (machine: Machine, attr: Attr, prog: KernelProg): number => {
  const cgrp = target(machine, attr.fd('target_fd'), prog)
  if (typeof cgrp === 'number') return cgrp
  const flags = attr.number('attach_flags')
  let replaces: KernelProg | null = null
  if (isMulti(flags) && (flags & abi.BPF_F_REPLACE) !== 0) {
    const old = progOf(machine, attr.fd('replace_bpf_fd'))
    if (typeof old === 'number') return old
    if (old.type !== prog.type) return -EINVAL
    replaces = old
  }
  const rc = __cgroup_bpf_attach(machine, cgrp, {
    prog, link: null, replaces, flags, relative: attr.fd('relative_fd'), revision: attr.number('expected_revision'),
  })
  return typeof rc === 'number' ? rc : 0
}

/** The program alone names the hook. */
export const cgroup_bpf_prog_detach = (machine: Machine, attr: Attr, type: number): number => {
  const cgrp = machine.cgroups.fromFd(attr.fd('target_fd'))
  if (typeof cgrp === 'number') return cgrp
  const prog = progOf(machine, attr.fd('attach_bpf_fd'))
  if (typeof prog === 'number' || prog.type !== type) return -ENOENT
  return detach(machine, cgrp, prog, attr.number('expected_revision'))
}
