/**
 * Programs on control groups (kernel/bpf/cgroup.c), as bpf(2) asks for them. They go with their group. Those that
 * decide hooks run; the others would need what is not here.
 */
import * as abi from '@lsmkit/abi'
import { EINVAL, ENOENT } from '@lsmkit/abi'
import { bound } from '../state/bound.ts'
import type { Machine } from '../machine.ts'
import type { Attr } from './attr.ts'
import { __cgroup_bpf_attach, detach } from './cgroup-attach.ts'
import { link_create, link_update, release, target } from './cgroup-links.ts'
import { CgroupLists, isMulti } from './cgroup-lists.ts'
import { prog_query } from './cgroup-query.ts'
import type { BpfDescriptors } from './descriptors.ts'
import type { KernelProg } from '../state/bpf/objects.ts'

const prog_attach = (own: CgroupLists, attr: Attr, prog: KernelProg): number => {
  const cgrp = target(own, attr.fd('target_fd'), prog)
  if (typeof cgrp === 'number') return cgrp
  const flags = attr.number('attach_flags')
  let replaces: KernelProg | null = null
  if (isMulti(flags) && (flags & abi.BPF_F_REPLACE) !== 0) {
    const old = own.fds.progOf(attr.fd('replace_bpf_fd'))
    if (typeof old === 'number') return old
    if (old.type !== prog.type) return -EINVAL
    replaces = old
  }
  const rc = __cgroup_bpf_attach(own, cgrp, {
    prog, link: null, replaces, flags, relative: attr.fd('relative_fd'), revision: attr.number('expected_revision'),
  })
  return typeof rc === 'number' ? rc : 0
}

/** Which hook is meant is told by the program alone. */
const prog_detach = (own: CgroupLists, attr: Attr, type: number): number => {
  const cgrp = own.machine.cgroups.fromFd(attr.fd('target_fd'))
  if (typeof cgrp === 'number') return cgrp
  const prog = own.fds.progOf(attr.fd('attach_bpf_fd'))
  if (typeof prog === 'number' || prog.type !== type) return -ENOENT
  return detach(own, cgrp, prog, attr.number('expected_revision'))
}

export const bpfCgroups = (machine: Machine, fds: BpfDescriptors) =>
  bound(new CgroupLists(machine, fds), { prog_attach, prog_detach, prog_query, link_create, link_update, release })
export type BpfCgroups = ReturnType<typeof bpfCgroups>
