/** Programs attached to control groups, by group and hook. */
import type { EngineLink } from '@lsmkit/core'
import type { Cgroup } from '../cgroup/cgroup.ts'
import type { CgroupLink, KernelProg } from './objects.ts'

/** Hooks that may have programs (CGROUP_LSM_NUM). */
const HOOKS = 10

/** `struct bpf_prog_list`: a program that a descriptor attached, or that of a link. */
export interface Entry {
  readonly link: CgroupLink | null
  prog: KernelProg
  flags: number
  placed: EngineLink
}

/** Programs of one group on one hook; `slot` stands for the hook. */
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
  readonly #hooks = Array<number>(HOOKS).fill(0)
  readonly #users = Array<number>(HOOKS).fill(0)

  /** The slot of the hook, else the first free one; -1 if all are taken. */
  find(hook: number): number {
    const known = this.#hooks.indexOf(hook)
    return known >= 0 ? known : this.#hooks.indexOf(0)
  }
  take(slot: number, hook: number): void {
    this.#hooks[slot] = hook
    this.#users[slot]!++
  }
  release(slot: number): void {
    if (--this.#users[slot]! === 0) this.#hooks[slot] = 0
  }
}

export class CgroupProgs {
  readonly slots = new HookSlots()
  readonly #lists = new WeakMap<Cgroup, readonly ProgList[]>()

  /** By slot. */
  of(cgrp: Cgroup): readonly ProgList[] {
    const known = this.#lists.get(cgrp) ?? Array.from({ length: HOOKS }, (_, slot) => new ProgList(slot))
    this.#lists.set(cgrp, known)
    return known
  }

  /** Lists that something was ever put on. */
  known(cgrp: Cgroup): readonly ProgList[] {
    return this.#lists.get(cgrp) ?? []
  }

  /** The list of the hook that a program is for; null if too many other hooks have programs. */
  find(cgrp: Cgroup, { attach_btf_id }: KernelProg): ProgList | null {
    return this.of(cgrp)[this.slots.find(attach_btf_id)] ?? null
  }
}
