/**
 * Programs of one hook attached to control groups (BPF_LSM_CGROUP): they run for calls from their group and from groups
 * below it, the nearest first, and all of them whatever they say. Together they stand on the hook as one program.
 */
import { EPERM } from '@lsmkit/abi'
import type { AnyHookDef, HookFn } from '../hooks/hook-types.ts'
import type { Slot } from '../dispatch/slot.ts'
import type { Cgroup, DispatchEnv } from '../dispatch/strategy.ts'
import type { Sock, Socket } from '../objects/net.ts'
import type { Ref } from '../objects/ref.ts'

/** Programs per group and hook (BPF_CGROUP_MAX_PROGS). */
export const PROGRAMS_PER_CGROUP = 64
/** Hooks of one stack with such programs at a time (CGROUP_LSM_NUM). */
export const CGROUP_HOOKS = 10

type GroupOf = (args: readonly unknown[]) => Cgroup | null

/** The group of a socket the call is about; of the running task where there is none, or where it is half made. */
const groupOf = ({ params, bpf }: AnyHookDef, { cgroups, current }: DispatchEnv): GroupOf => {
  if (cgroups === undefined) return () => null
  const first = bpf.notes.includes('cgroup:current') ? '' : params.replace(/^const /, '')
  if (first.startsWith('struct socket *')) {
    return ([sock]) => {
      const { sk } = sock as Socket
      return sk === null ? null : cgroups.ofSock(sk)
    }
  }
  if (first.startsWith('struct sock *')) return ([sk]) => cgroups.ofSock(sk as Sock)
  return () => cgroups.ofTask(current.task)
}

/** A program of one group, and how it stands to those of others. */
interface GroupProgram {
  readonly fn: HookFn
  readonly yields: boolean
  readonly preorder: boolean
}

const isError = (value: number): boolean => value < 0 && value >= -4095

export class CgroupPrograms {
  readonly #slot: Slot
  readonly #lsm: string
  readonly #groupOf: GroupOf
  readonly #programs = new Map<Cgroup, readonly GroupProgram[]>()
  /** The shim: one function in front of all of them. */
  readonly fn: HookFn

  constructor(slot: Slot, lsm: string, env: DispatchEnv) {
    this.#slot = slot
    this.#lsm = lsm
    this.#groupOf = groupOf(slot.def, env)
    this.fn = (...args) => this.#run(args)
  }

  get isEmpty(): boolean {
    return this.#programs.size === 0
  }

  of(group: Cgroup): readonly GroupProgram[] {
    return this.#programs.get(group) ?? []
  }

  add(group: Cgroup, program: GroupProgram): void {
    this.#programs.set(group, [...this.of(group), program])
  }

  remove(group: Cgroup, program: HookFn): void {
    const left = this.of(group).filter(({ fn }) => fn !== program)
    if (left.length > 0) this.#programs.set(group, left)
    else this.#programs.delete(group)
  }

  #run(args: readonly unknown[]): number | undefined {
    const retval: Ref<number> = { value: 0 }
    const programs = this.#effective(this.#groupOf(args))
    for (const program of programs) this.#runOne(program, args, retval)
    return this.#slot.kind === 'void' ? undefined : retval.value
  }

  /**
   * Those of the group in the order they were attached, then those of the group above it, and so on; before them those
   * that are to be first, the other way round.
   */
  #effective(group: Cgroup | null): HookFn[] {
    let first: HookFn[] = []
    const rest: HookFn[] = []
    for (let at = group; at !== null; at = at.parent) {
      const hasAny = first.length + rest.length > 0
      const own = this.of(at).filter(({ yields }) => !yields || !hasAny)
      first = [...own.filter(({ preorder }) => preorder).map(({ fn }) => fn), ...first]
      for (const { fn, preorder } of own) if (!preorder) rest.push(fn)
    }
    return [...first, ...rest]
  }

  /** 1 agrees; 0 refuses: -EPERM, unless an error is set already. `retval` is bpf_get_retval and bpf_set_retval. */
  #runOne(program: HookFn, args: readonly unknown[], retval: Ref<number>): void {
    const { name, kind, reporter } = this.#slot
    let rc: number
    try {
      const value: unknown = program(...args, retval)
      if (kind === 'void') return reporter.told(name, this.#lsm, value, args)
      rc = reporter.int(name, this.#lsm, 'bool', value, args)
    } catch (error) {
      rc = reporter.thrown(name, this.#lsm, error, args)
    }
    if (rc === 1 || isError(retval.value)) return
    retval.value = rc === 0 ? -EPERM : rc
  }
}
