/** Who may attach what beside what, and in which order they stand (`__cgroup_bpf_attach`). */
import * as abi from '@lsmkit/abi'
import { E2BIG, EINVAL, ENOENT, EPERM, ESTALE } from '@lsmkit/abi'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import { isMulti } from './cgroup-lists.ts'
import type { CgroupLists, Entry, ProgList } from './cgroup-lists.ts'
import type { CgroupLink, KernelLink, KernelProg } from '../state/bpf/objects.ts'

/** Programs of one hook on one group. */
const MAX_PROGS = 64
const SAVED_FLAGS = abi.BPF_F_ALLOW_OVERRIDE | abi.BPF_F_ALLOW_MULTI

/** What a caller asks to attach, its descriptors resolved. */
interface Request {
  readonly prog: KernelProg
  readonly link: CgroupLink | null
  readonly replaces: KernelProg | null
  readonly flags: number
  /** A program or link by descriptor or number, as the flags say. */
  readonly relative: number
  readonly revision: number
}

/** Combinations that mean nothing. */
const areSound = ({ flags, replaces }: Request): boolean => {
  const replacing = (flags & abi.BPF_F_REPLACE) !== 0
  if ((flags & abi.BPF_F_ALLOW_OVERRIDE) !== 0 && isMulti(flags)) return false
  if (replacing && (!isMulti(flags) || (flags & (abi.BPF_F_BEFORE | abi.BPF_F_AFTER)) !== 0)) return false
  return (replaces !== null) === replacing
}

/** As `hierarchy_allows_attach`: the nearest program above must let others stand beside it or in its place. */
const hierarchy_allows_attach = (own: CgroupLists, cgrp: Cgroup, slot: number): boolean => {
  for (const above of cgrp.ancestors()) {
    const { flags, entries } = own.of(above)[slot]!
    if (isMulti(flags)) return true
    if (entries.length > 0) return (flags & abi.BPF_F_ALLOW_OVERRIDE) !== 0
  }
  return true
}

/** As `find_attach_entry`: whose place the program takes; null for a place of its own. */
const find_attach_entry = ({ entries }: ProgList, { prog, link, replaces, flags }: Request): Entry | null | number => {
  if (!isMulti(flags)) return entries[0] ?? null
  const isThere = entries.some((entry) => link === null && entry.link === null && entry.prog === prog)
  if (isThere && prog !== replaces) return -EINVAL
  if (replaces === null) return null
  return entries.find((entry) => entry.link === null && entry.prog === replaces) ?? -ENOENT
}

/** What BPF_F_BEFORE and BPF_F_AFTER are relative to. */
const anchorOf = (own: CgroupLists, { flags, relative }: Request): KernelProg | KernelLink | number => {
  const { fds } = own
  const byId = (flags & abi.BPF_F_ID) !== 0
  if ((flags & abi.BPF_F_LINK) === 0) return byId ? (fds.progs.at(relative) ?? -ENOENT) : fds.progOf(relative)
  if (byId) return fds.links.at(relative) ?? -ENOENT
  return relative === 0 ? -EINVAL : fds.linkOf(relative)
}

/** As `insert_pl_to_hlist`: where among the entries; at the end unless the flags say otherwise. */
const indexOfNew = (own: CgroupLists, { entries }: ProgList, request: Request): number => {
  const { flags, relative, link } = request
  const before = (flags & abi.BPF_F_BEFORE) !== 0
  const after = (flags & abi.BPF_F_AFTER) !== 0
  const isRelative = (flags & (abi.BPF_F_LINK | abi.BPF_F_ID)) !== 0 || relative !== 0
  if (!isRelative) return before && after && entries.length > 0 ? -EINVAL : before ? 0 : entries.length
  if (before === after || ((flags & abi.BPF_F_LINK) !== 0) !== (link !== null)) return -EINVAL
  const anchor = anchorOf(own, request)
  if (typeof anchor === 'number') return anchor
  const at = entries.findIndex((entry) => anchor === (entry.link ?? entry.prog))
  if (at < 0) return -ENOENT
  if (((entries[at]!.flags ^ flags) & abi.BPF_F_PREORDER) !== 0) return -EINVAL
  return before ? at : at + 1
}

/** As `__cgroup_bpf_attach`. A program takes a reference, one that is replaced gives its own back. */
export const __cgroup_bpf_attach = (own: CgroupLists, cgrp: Cgroup, request: Request): Entry | number => {
  const { prog, link, flags, revision } = request
  if (!areSound(request)) return -EINVAL
  const list = own.find(cgrp, prog)
  if (list === null) return -EINVAL
  if (revision !== 0 && revision !== list.revision) return -ESTALE
  if (!hierarchy_allows_attach(own, cgrp, list.slot)) return -EPERM
  if (list.entries.length > 0 && list.flags !== (flags & SAVED_FLAGS)) return -EPERM
  if (list.entries.length >= MAX_PROGS) return -E2BIG
  const taken = find_attach_entry(list, request)
  if (typeof taken === 'number') return taken
  const index = taken === null ? indexOfNew(own, list, request) : list.entries.indexOf(taken)
  if (index < 0) return index
  const placed = own.place(cgrp, prog, flags)
  if (typeof placed === 'number') return placed
  const entry: Entry = { link, prog, flags, placed }
  list.entries.splice(index, taken === null ? 0 : 1, entry)
  list.flags = flags & SAVED_FLAGS
  list.revision++
  own.slots.take(list.slot, prog.attach_btf_id)
  if (taken !== null) own.drop(list, taken)
  prog.refs++
  own.restack(cgrp, list, index + 1)
  return entry
}

/** As `find_detach_entry`: where only one can be, it need not be named. */
export const detach = (own: CgroupLists, cgrp: Cgroup, prog: KernelProg, revision: number): number => {
  const list = own.find(cgrp, prog)
  if (list === null) return -EINVAL
  if (revision !== 0 && revision !== list.revision) return -ESTALE
  const entry = isMulti(list.flags)
    ? list.entries.find(({ link, prog: other }) => link === null && other === prog)
    : list.entries[0]
  if (entry === undefined) return -ENOENT
  own.remove(list, entry)
  return 0
}
