/** Links of programs to groups: made, given another program, released. */
import * as abi from '@lsmkit/abi'
import { EINVAL, ENOENT, ENOLINK, EOPNOTSUPP, EPERM } from '@lsmkit/abi'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { Attr } from './attr.ts'
import { __cgroup_bpf_attach } from './cgroup-attach.ts'
import type { CgroupLists, Entry, ProgList } from './cgroup-lists.ts'
import { CgroupLink } from '../state/bpf/objects.ts'
import type { KernelProg } from '../state/bpf/objects.ts'

const LINK_FLAGS = abi.BPF_F_ID | abi.BPF_F_BEFORE | abi.BPF_F_AFTER | abi.BPF_F_PREORDER | abi.BPF_F_LINK

/** The group that a descriptor leads to, and a program that can run there. */
export const target = (own: CgroupLists, fd: number, prog: KernelProg): Cgroup | number => {
  const cgrp = own.machine.cgroups.fromFd(fd)
  if (typeof cgrp === 'number') return cgrp
  return prog.expected_attach_type === abi.BPF_LSM_CGROUP ? cgrp : -EOPNOTSUPP
}

/** `target_btf_id` and `cookie` have other names for groups: `relative_fd` and `expected_revision`. */
export const link_create = (own: CgroupLists, attr: Attr, prog: KernelProg): number => {
  const { fds } = own
  const flags = attr.number('flags')
  if ((flags & ~LINK_FLAGS) !== 0) return -EINVAL
  const cgrp = target(own, attr.fd('target_fd'), prog)
  if (typeof cgrp === 'number') return cgrp
  const link: CgroupLink = new CgroupLink(prog, cgrp, { detach: () => release(own, link) })
  const rc = __cgroup_bpf_attach(own, cgrp, {
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

const entryOf = (own: CgroupLists, link: CgroupLink): { readonly list: ProgList; readonly entry: Entry } => {
  const list = own.find(link.cgroup!, link.prog)!
  return { list, entry: list.entries.find((entry) => entry.link === link)! }
}

/** As `bpf_cgroup_link_release`; the group may have let it go before. */
export const release = (own: CgroupLists, link: CgroupLink): void => {
  if (link.cgroup === null) return
  const { list, entry } = entryOf(own, link)
  own.remove(list, entry)
  link.cgroup = null
}

/** As `cgroup_bpf_replace`: the program of a link, on the same hook. */
export const link_update = (own: CgroupLists, link: CgroupLink, next: KernelProg, old: KernelProg | null): number => {
  if (link.cgroup === null) return -ENOLINK
  if (old !== null && link.prog !== old) return -EPERM
  if (next.type !== link.prog.type || next.expected_attach_type !== link.attach_type) return -EINVAL
  if (next.attach_btf_id !== link.prog.attach_btf_id) return -ENOENT
  const { list, entry } = entryOf(own, link)
  const placed = own.place(link.cgroup, next, entry.flags)
  if (typeof placed === 'number') return placed
  entry.placed.detach()
  Object.assign(entry, { placed, prog: next })
  own.restack(link.cgroup, list, list.entries.indexOf(entry) + 1)
  // the entry and the link hold it
  next.refs += 2
  for (let users = 0; users < 2; users++) own.fds.put_prog(link.prog)
  link.prog = next
  list.revision++
  return 0
}
