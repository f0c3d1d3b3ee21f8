/** Links of programs to groups: made, given another program, released. */
import * as abi from '@lsmkit/abi'
import { EINVAL, ENOENT, ENOLINK, EPERM } from '@lsmkit/abi'
import type { Attr } from './attr.ts'
import { __cgroup_bpf_attach, target } from './cgroup-attach.ts'
import type { Entry, ProgList } from '../state/bpf/cgroup-progs.ts'
import type { Machine } from '../machine.ts'
import { CgroupLink } from '../state/bpf/objects.ts'
import type { KernelProg } from '../state/bpf/objects.ts'
import { link_new_fd } from './descriptors.ts'
import { put_link, put_prog } from './references.ts'
import { remove, place, restack } from './cgroup-lists.ts'

const LINK_FLAGS = abi.BPF_F_ID | abi.BPF_F_BEFORE | abi.BPF_F_AFTER | abi.BPF_F_PREORDER | abi.BPF_F_LINK

/** For control groups `target_btf_id` is `relative_fd`, and `cookie` is `expected_revision`. */
export const cgroup_bpf_link_attach = (machine: Machine, attr: Attr, prog: KernelProg): number => {
  const flags = attr.number('flags')
  if ((flags & ~LINK_FLAGS) !== 0) return -EINVAL
  const cgrp = target(machine, attr.fd('target_fd'), prog)
  if (typeof cgrp === 'number') return cgrp
  const link: CgroupLink = new CgroupLink(prog, cgrp, { detach: () => bpf_cgroup_link_release(machine, link) })
  const rc = __cgroup_bpf_attach(machine, cgrp, {
    prog, link, replaces: null, flags: abi.BPF_F_ALLOW_MULTI | flags,
    relative: attr.fd('target_btf_id'), revision: attr.number('cookie'),
  })
  if (typeof rc === 'number') return rc
  prog.refs++
  machine.bpfTable.links.add(link)
  const fd = link_new_fd(machine, link, 'bpf_link')
  if (fd < 0) put_link(machine, link)
  return fd
}

const entryOf = (machine: Machine, link: CgroupLink): { readonly list: ProgList; readonly entry: Entry } => {
  const list = machine.bpfTable.cgroupProgs.find(link.cgroup!, link.prog)!
  return { list, entry: list.entries.find((entry) => entry.link === link)! }
}

/** Does nothing if the group is gone already. */
export const bpf_cgroup_link_release = (machine: Machine, link: CgroupLink): void => {
  if (link.cgroup === null) return
  const { list, entry } = entryOf(machine, link)
  remove(machine, list, entry)
  link.cgroup = null
}

/** Gives a link another program, for the same hook. */
export const cgroup_bpf_replace = (
  machine: Machine, link: CgroupLink, next: KernelProg, old: KernelProg | null,
): number => {
  if (link.cgroup === null) return -ENOLINK
  if (old !== null && link.prog !== old) return -EPERM
  if (next.type !== link.prog.type || next.expected_attach_type !== link.attach_type) return -EINVAL
  if (next.attach_btf_id !== link.prog.attach_btf_id) return -ENOENT
  const { list, entry } = entryOf(machine, link)
  const placed = place(link.cgroup, next, entry.flags)
  if (typeof placed === 'number') return placed
  entry.placed.detach()
  Object.assign(entry, { placed, prog: next })
  restack(link.cgroup, list, list.entries.indexOf(entry) + 1)
  // the entry and the link hold it
  next.refs += 2
  for (let users = 0; users < 2; users++) put_prog(machine, link.prog)
  link.prog = next
  list.revision++
  return 0
}
