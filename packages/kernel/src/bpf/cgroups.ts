/**
 * Programs on control groups (kernel/bpf/cgroup.c): who may attach what beside what, in which order they stand, and
 * that they go with their group. Those that decide hooks run; the others would need what is not here.
 */
import * as abi from '@lsmkit/abi'
import { E2BIG, EINVAL, ENOENT, ENOLINK, ENOSPC, EOPNOTSUPP, EPERM, ESTALE } from '@lsmkit/abi'
import type { EngineLink } from '@lsmkit/core'
import type { Cgroup } from '../cgroup/cgroup.ts'
import type { Machine } from '../machine.ts'
import type { Attr } from './attr.ts'
import type { BpfDescriptors } from './descriptors.ts'
import { CgroupLink } from './objects.ts'
import type { KernelLink, KernelProg } from './objects.ts'

/** Programs of one hook on one group, and hooks that may have some (CGROUP_LSM_NUM). */
const MAX_PROGS = 64
const HOOKS = 10
const SAVED_FLAGS = abi.BPF_F_ALLOW_OVERRIDE | abi.BPF_F_ALLOW_MULTI
const LINK_FLAGS = abi.BPF_F_ID | abi.BPF_F_BEFORE | abi.BPF_F_AFTER | abi.BPF_F_PREORDER | abi.BPF_F_LINK

/** `struct bpf_prog_list`: a program that a descriptor attached, or that of a link. */
interface Entry {
  readonly link: CgroupLink | null
  prog: KernelProg
  flags: number
  placed: EngineLink
}

/** What one group has on one hook, by the hook's slot. */
class ProgList {
  readonly slot: number
  readonly entries: Entry[] = []
  flags = 0
  revision = 1

  constructor(slot: number) {
    this.slot = slot
  }
}

/** Hooks that have programs on any group (`cgroup_lsm_atype`): each keeps its slot as long. */
class HookSlots {
  private readonly hooks = Array<number>(HOOKS).fill(0)
  private readonly users = Array<number>(HOOKS).fill(0)

  /** That of the hook, else the first that is free; -1. */
  find(hook: number): number {
    const known = this.hooks.indexOf(hook)
    return known >= 0 ? known : this.hooks.indexOf(0)
  }
  take(slot: number, hook: number): void {
    this.hooks[slot] = hook
    this.users[slot]!++
  }
  release(slot: number): void {
    if (--this.users[slot]! === 0) this.hooks[slot] = 0
  }
}

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

const isMulti = (flags: number): boolean => (flags & abi.BPF_F_ALLOW_MULTI) !== 0

/** Combinations that mean nothing. */
const areSound = ({ flags, replaces }: Request): boolean => {
  const replacing = (flags & abi.BPF_F_REPLACE) !== 0
  if ((flags & abi.BPF_F_ALLOW_OVERRIDE) !== 0 && isMulti(flags)) return false
  if (replacing && (!isMulti(flags) || (flags & (abi.BPF_F_BEFORE | abi.BPF_F_AFTER)) !== 0)) return false
  return (replaces !== null) === replacing
}

export const bpfCgroups = (machine: Machine, fds: BpfDescriptors) => {
  const { cgroups } = machine
  const slots = new HookSlots()
  const lists = new WeakMap<Cgroup, readonly ProgList[]>()

  const listsOf = (cgrp: Cgroup): readonly ProgList[] => {
    const known = lists.get(cgrp) ?? Array.from({ length: HOOKS }, (_, slot) => new ProgList(slot))
    lists.set(cgrp, known)
    return known
  }
  /** Null when too many other hooks have programs. */
  const listOf = (cgrp: Cgroup, { attach_btf_id }: KernelProg): ProgList | null =>
    listsOf(cgrp)[slots.find(attach_btf_id)] ?? null

  /** As `hierarchy_allows_attach`: the nearest program above must let others stand beside it or in its place. */
  const hierarchyAllows = (cgrp: Cgroup, slot: number): boolean => {
    for (const above of cgrp.ancestors()) {
      const { flags, entries } = listsOf(above)[slot]!
      if (isMulti(flags)) return true
      if (entries.length > 0) return (flags & abi.BPF_F_ALLOW_OVERRIDE) !== 0
    }
    return true
  }

  const place = (cgrp: Cgroup, prog: KernelProg, flags: number): EngineLink | number =>
    prog.engine.attach(0, {
      cgroup: cgrp, yields: !isMulti(flags), preorder: (flags & abi.BPF_F_PREORDER) !== 0,
    })

  /** The entries from `index` on go behind the others, in their order: what was put among them comes to stand there. */
  const restack = (cgrp: Cgroup, list: ProgList, index: number): void => {
    for (const entry of list.entries.slice(index)) {
      entry.placed.detach()
      // it stood there a moment ago
      entry.placed = place(cgrp, entry.prog, entry.flags) as EngineLink
    }
  }

  /** As `find_attach_entry`: whose place the program takes; null for a place of its own. */
  const placeTaken = ({ entries }: ProgList, { prog, link, replaces, flags }: Request): Entry | null | number => {
    if (!isMulti(flags)) return entries[0] ?? null
    const isThere = entries.some((entry) => link === null && entry.link === null && entry.prog === prog)
    if (isThere && prog !== replaces) return -EINVAL
    if (replaces === null) return null
    return entries.find((entry) => entry.link === null && entry.prog === replaces) ?? -ENOENT
  }

  /** What BPF_F_BEFORE and BPF_F_AFTER are relative to. */
  const anchorOf = ({ flags, relative }: Request): KernelProg | KernelLink | number => {
    const byId = (flags & abi.BPF_F_ID) !== 0
    if ((flags & abi.BPF_F_LINK) === 0) return byId ? (fds.progs.at(relative) ?? -ENOENT) : fds.progOf(relative)
    if (byId) return fds.links.at(relative) ?? -ENOENT
    return relative === 0 ? -EINVAL : fds.linkOf(relative)
  }

  /** As `insert_pl_to_hlist`: where among the entries; at the end unless the flags say otherwise. */
  const indexFor = ({ entries }: ProgList, request: Request): number => {
    const { flags, relative, link } = request
    const before = (flags & abi.BPF_F_BEFORE) !== 0
    const after = (flags & abi.BPF_F_AFTER) !== 0
    const isRelative = (flags & (abi.BPF_F_LINK | abi.BPF_F_ID)) !== 0 || relative !== 0
    if (!isRelative) return before && after && entries.length > 0 ? -EINVAL : before ? 0 : entries.length
    if (before === after || ((flags & abi.BPF_F_LINK) !== 0) !== (link !== null)) return -EINVAL
    const anchor = anchorOf(request)
    if (typeof anchor === 'number') return anchor
    const at = entries.findIndex((entry) => anchor === (entry.link ?? entry.prog))
    if (at < 0) return -ENOENT
    if (((entries[at]!.flags ^ flags) & abi.BPF_F_PREORDER) !== 0) return -EINVAL
    return before ? at : at + 1
  }

  /** As `__cgroup_bpf_attach`. A program takes a reference, one that is replaced gives its own back. */
  const attach = (cgrp: Cgroup, request: Request): Entry | number => {
    const { prog, link, flags, revision } = request
    if (!areSound(request)) return -EINVAL
    const list = listOf(cgrp, prog)
    if (list === null) return -EINVAL
    if (revision !== 0 && revision !== list.revision) return -ESTALE
    if (!hierarchyAllows(cgrp, list.slot)) return -EPERM
    if (list.entries.length > 0 && list.flags !== (flags & SAVED_FLAGS)) return -EPERM
    if (list.entries.length >= MAX_PROGS) return -E2BIG
    const taken = placeTaken(list, request)
    if (typeof taken === 'number') return taken
    const index = taken === null ? indexFor(list, request) : list.entries.indexOf(taken)
    if (index < 0) return index
    const placed = place(cgrp, prog, flags)
    if (typeof placed === 'number') return placed
    const entry: Entry = { link, prog, flags, placed }
    list.entries.splice(index, taken === null ? 0 : 1, entry)
    list.flags = flags & SAVED_FLAGS
    list.revision++
    slots.take(list.slot, prog.attach_btf_id)
    if (taken !== null) drop(list, taken)
    prog.refs++
    restack(cgrp, list, index + 1)
    return entry
  }

  const remove = (list: ProgList, entry: Entry): void => {
    list.entries.splice(list.entries.indexOf(entry), 1)
    list.revision++
    if (list.entries.length === 0) list.flags = 0
    drop(list, entry)
  }
  const drop = ({ slot }: ProgList, { placed, prog }: Entry): void => {
    placed.detach()
    slots.release(slot)
    fds.put_prog(prog)
  }

  /** As `find_detach_entry`: where only one can be, it need not be named. */
  const detach = (cgrp: Cgroup, prog: KernelProg, revision: number): number => {
    const list = listOf(cgrp, prog)
    if (list === null) return -EINVAL
    if (revision !== 0 && revision !== list.revision) return -ESTALE
    const entry = isMulti(list.flags)
      ? list.entries.find(({ link, prog: other }) => link === null && other === prog)
      : list.entries[0]
    if (entry === undefined) return -ENOENT
    remove(list, entry)
    return 0
  }

  /** The group that a descriptor leads to, and a program that can run there. */
  const target = (fd: number, prog: KernelProg): Cgroup | number => {
    const cgrp = cgroups.fromFd(fd)
    if (typeof cgrp === 'number') return cgrp
    return prog.expected_attach_type === abi.BPF_LSM_CGROUP ? cgrp : -EOPNOTSUPP
  }

  const prog_attach = (attr: Attr, prog: KernelProg): number => {
    const cgrp = target(attr.fd('target_fd'), prog)
    if (typeof cgrp === 'number') return cgrp
    const flags = attr.number('attach_flags')
    let replaces: KernelProg | null = null
    if (isMulti(flags) && (flags & abi.BPF_F_REPLACE) !== 0) {
      const old = fds.progOf(attr.fd('replace_bpf_fd'))
      if (typeof old === 'number') return old
      if (old.type !== prog.type) return -EINVAL
      replaces = old
    }
    const rc = attach(cgrp, {
      prog, link: null, replaces, flags, relative: attr.fd('relative_fd'), revision: attr.number('expected_revision'),
    })
    return typeof rc === 'number' ? rc : 0
  }

  /** Which hook is meant is told by the program alone. */
  const prog_detach = (attr: Attr, type: number): number => {
    const cgrp = cgroups.fromFd(attr.fd('target_fd'))
    if (typeof cgrp === 'number') return cgrp
    const prog = fds.progOf(attr.fd('attach_bpf_fd'))
    if (typeof prog === 'number' || prog.type !== type) return -ENOENT
    return detach(cgrp, prog, attr.number('expected_revision'))
  }

  /** `target_btf_id` and `cookie` have other names for groups: `relative_fd` and `expected_revision`. */
  const link_create = (attr: Attr, prog: KernelProg): number => {
    const flags = attr.number('flags')
    if ((flags & ~LINK_FLAGS) !== 0) return -EINVAL
    const cgrp = target(attr.fd('target_fd'), prog)
    if (typeof cgrp === 'number') return cgrp
    const link: CgroupLink = new CgroupLink(prog, cgrp, { detach: () => release(link) })
    const rc = attach(cgrp, {
      prog, link, replaces: null, flags: abi.BPF_F_ALLOW_MULTI | flags,
      relative: attr.fd('target_btf_id'), revision: attr.number('cookie'),
    })
    if (typeof rc === 'number') return rc
    prog.refs++
    fds.links.add(link)
    const fd = fds.link_new_fd(link, 'bpf_link')
    if (fd < 0) fds.put_link(link)
    return fd
  }

  const entryOf = (link: CgroupLink): { readonly list: ProgList; readonly entry: Entry } => {
    const list = listOf(link.cgroup!, link.prog)!
    return { list, entry: list.entries.find((entry) => entry.link === link)! }
  }

  /** As `bpf_cgroup_link_release`; the group may have let it go before. */
  const release = (link: CgroupLink): void => {
    if (link.cgroup === null) return
    const { list, entry } = entryOf(link)
    remove(list, entry)
    link.cgroup = null
  }

  /** As `cgroup_bpf_replace`: the program of a link, on the same hook. */
  const link_update = (link: CgroupLink, next: KernelProg, old: KernelProg | null): number => {
    if (link.cgroup === null) return -ENOLINK
    if (old !== null && link.prog !== old) return -EPERM
    if (next.type !== link.prog.type || next.expected_attach_type !== link.attach_type) return -EINVAL
    if (next.attach_btf_id !== link.prog.attach_btf_id) return -ENOENT
    const { list, entry } = entryOf(link)
    const placed = place(link.cgroup, next, entry.flags)
    if (typeof placed === 'number') return placed
    entry.placed.detach()
    Object.assign(entry, { placed, prog: next })
    restack(link.cgroup, list, list.entries.indexOf(entry) + 1)
    // the entry and the link hold it
    next.refs += 2
    for (let users = 0; users < 2; users++) fds.put_prog(link.prog)
    link.prog = next
    list.revision++
    return 0
  }

  /** Numbers of programs, of this group alone or of all that count in it. */
  const idsOf = (cgrp: Cgroup, effective: boolean): { readonly id: number; readonly flags: number }[] => {
    return listsOf(cgrp).flatMap(({ slot, entries, flags }) =>
      effective
        ? effectiveIds(cgrp, slot).map((id) => ({ id, flags: 0 }))
        : entries.map(({ prog }) => ({ id: prog.id, flags })))
  }
  const effectiveIds = (cgrp: Cgroup, slot: number): readonly number[] => {
    let first: number[] = []
    const rest: number[] = []
    for (const at of [cgrp, ...cgrp.ancestors()]) {
      const list = listsOf(at)[slot]!
      if (first.length + rest.length > 0 && !isMulti(list.flags)) continue
      const isFirst = ({ flags }: Entry): boolean => (flags & abi.BPF_F_PREORDER) !== 0
      first = [...list.entries.filter(isFirst).map(({ prog }) => prog.id), ...first]
      rest.push(...list.entries.filter((entry) => !isFirst(entry)).map(({ prog }) => prog.id))
    }
    return [...first, ...rest]
  }

  /** As `__cgroup_bpf_query`. */
  const prog_query = (attr: Attr, attachType: number): number => {
    const cgrp = cgroups.fromFd(attr.fd('target_fd'))
    if (typeof cgrp === 'number') return cgrp
    const effective = (attr.number('query_flags') & abi.BPF_F_QUERY_EFFECTIVE) !== 0
    const room = attr.number('prog_cnt')
    const [ids, flags] = [attr.pointer('prog_ids'), attr.pointer('prog_attach_flags')]
    const isLsm = attachType === abi.BPF_LSM_CGROUP
    if (effective && flags !== null) return -EINVAL
    // hooks have flags of their own, which one number for all cannot tell
    if (isLsm && !effective && room !== 0 && ids !== null && flags === null) return -EINVAL
    const found = isLsm ? idsOf(cgrp, effective) : []
    Object.assign(attr.out, { attach_flags: 0, prog_cnt: found.length, revision: isLsm || effective ? 0 : 1 })
    if (room === 0 || ids === null || found.length === 0) return 0
    if (!Array.isArray(ids) || (flags !== null && !Array.isArray(flags))) return -abi.EFAULT
    found.slice(0, room).forEach((one, index) => {
      ids[index] = one.id
      if (flags !== null) flags[index] = one.flags
    })
    return room < found.length ? -ENOSPC : 0
  }

  /** As `cgroup_bpf_release`: programs go with their group, and links are left with none. */
  cgroups.onOffline.push((cgrp) => {
    for (const list of lists.get(cgrp) ?? []) {
      for (const entry of [...list.entries]) {
        remove(list, entry)
        if (entry.link !== null) entry.link.cgroup = null
      }
    }
  })

  return { prog_attach, prog_detach, prog_query, link_create, link_update, release }
}
export type BpfCgroups = ReturnType<typeof bpfCgroups>
