/** Which programs stand on which group, by hook. */
import * as abi from '@lsmkit/abi'
import type { EngineLink } from '@lsmkit/core'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { Machine } from '../machine.ts'
import type { BpfDescriptors } from './descriptors.ts'
import type { CgroupLink, KernelProg } from '../state/bpf/objects.ts'

/** Hooks that may have programs (CGROUP_LSM_NUM). */
const HOOKS = 10

/** `struct bpf_prog_list`: a program that a descriptor attached, or that of a link. */
export interface Entry {
  readonly link: CgroupLink | null
  prog: KernelProg
  flags: number
  placed: EngineLink
}

/** What one group has on one hook, by the hook's slot. */
export class ProgList {
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

export const isMulti = (flags: number): boolean => (flags & abi.BPF_F_ALLOW_MULTI) !== 0

export class CgroupLists {
  readonly machine: Machine
  readonly fds: BpfDescriptors
  readonly slots = new HookSlots()
  private readonly lists = new WeakMap<Cgroup, readonly ProgList[]>()

  constructor(machine: Machine, fds: BpfDescriptors) {
    this.machine = machine
    this.fds = fds
    machine.cgroups.onOffline.push((cgrp) => this.release(cgrp))
  }

  /** By slot. */
  of(cgrp: Cgroup): readonly ProgList[] {
    const known = this.lists.get(cgrp) ?? Array.from({ length: HOOKS }, (_, slot) => new ProgList(slot))
    this.lists.set(cgrp, known)
    return known
  }

  /** That of the hook that a program is for; null when too many other hooks have programs. */
  find(cgrp: Cgroup, { attach_btf_id }: KernelProg): ProgList | null {
    return this.of(cgrp)[this.slots.find(attach_btf_id)] ?? null
  }

  place(cgrp: Cgroup, prog: KernelProg, flags: number): EngineLink | number {
    return prog.engine.attach(0, {
      cgroup: cgrp, yields: !isMulti(flags), preorder: (flags & abi.BPF_F_PREORDER) !== 0,
    })
  }

  /** The entries from `index` on go behind the others, in their order: what was put among them comes to stand there. */
  restack(cgrp: Cgroup, list: ProgList, index: number): void {
    for (const entry of list.entries.slice(index)) {
      entry.placed.detach()
      // it stood there a moment ago
      entry.placed = this.place(cgrp, entry.prog, entry.flags) as EngineLink
    }
  }

  remove(list: ProgList, entry: Entry): void {
    list.entries.splice(list.entries.indexOf(entry), 1)
    list.revision++
    if (list.entries.length === 0) list.flags = 0
    this.drop(list, entry)
  }

  /** The entry's program runs no longer, whatever takes its place. */
  drop({ slot }: ProgList, { placed, prog }: Entry): void {
    placed.detach()
    this.slots.release(slot)
    this.fds.put_prog(prog)
  }

  /** As `cgroup_bpf_release`: programs go with their group, and links are left with none. */
  private release(cgrp: Cgroup): void {
    for (const list of this.lists.get(cgrp) ?? []) {
      for (const entry of [...list.entries]) {
        this.remove(list, entry)
        if (entry.link !== null) entry.link.cgroup = null
      }
    }
  }
}
