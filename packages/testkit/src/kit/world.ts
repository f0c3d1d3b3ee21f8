/** The LSM under test in a stack among neighbours, everything it answers written down, and builders for its objects. */
import { cap_capable, createStack, defineLsm } from '@lsmkit/core'
import type { FaultRecord, HookFn, HookGroup, HookName, Lsm, LsmContext, Stack, Task } from '@lsmkit/core'
import { buildersFor } from '../builders/builders.ts'
import type { Builders } from '../builders/builders.ts'
import { TestkitError } from '../errors.ts'

/** Makes a fresh instance. */
export type Factory = () => Lsm

/** One call of one of its hooks. */
export interface Call {
  readonly hook: HookName
  readonly args: readonly unknown[]
  /** The return value: undefined for void hooks; for a hook that threw, the error. */
  readonly answer: unknown
}

export interface World extends Builders {
  readonly stack: Stack<'6.12'>
  readonly own: Lsm
  /** Its hooks as it wrote them. */
  readonly group: HookGroup
  readonly ctx: LsmContext
  /** Called through the stack since the world began, or since the list was last emptied. */
  readonly calls: Call[]
  /** Contracts it broke. */
  readonly faults: FaultRecord[]
  /** Uid 0 with all capabilities, and uid 1000 with none; the idle task is the parent of both. */
  readonly root: Task
  readonly user: Task
}

export interface Surroundings {
  /** Neighbours in front of it and behind it. */
  readonly before?: readonly Lsm[]
  readonly after?: readonly Lsm[]
  readonly kernelExact?: boolean
  /** In trouble whoever asks for a capability gets no answer, but an error. */
  readonly capableThrows?: boolean
  /** Whether neighbours make trouble. Never while a builder runs: what is to be asked about is there, and whole. */
  readonly trouble?: Trouble
}

export interface Trouble {
  on: boolean
}

/** The builders, each with trouble off until it is done. */
const undisturbed = (builders: Builders, trouble: Trouble): Builders => {
  const wrap = (build: (...given: unknown[]) => unknown) => (...given: unknown[]): unknown => {
    const { on } = trouble
    trouble.on = false
    try {
      return build(...given)
    } finally {
      trouble.on = on
    }
  }
  const entries = Object.entries(builders) as [string, (...given: unknown[]) => unknown][]
  return Object.fromEntries(entries.map(([name, build]) => [name, wrap(build)])) as Builders
}

/** Answers `capable` as the kernel's own LSM does, for stacks whose LSM is another. */
const capabilityStandIn = (isThrowing: () => boolean): Lsm =>
  defineLsm({
    name: 'capability',
    abi: '1.0',
    id: 100,
    order: 'first',
    hooks: {
      capable(cred, ns, cap) {
        if (isThrowing()) throw new Error('capability has thrown')
        return cap_capable(cred, ns, cap)
      },
    },
  })

/** The same LSM with its hooks listened to. */
const listenTo = (own: Lsm, heard: { calls: Call[]; group: HookGroup; ctx: LsmContext | null }): Lsm => ({
  ...own,
  hooks: (ctx) => {
    heard.ctx = ctx
    heard.group = own.hooks(ctx)
    const listened = Object.entries(heard.group).map(([hook, fn]): [string, HookFn] => [
      hook,
      (...args) => {
        let answer: unknown
        try {
          return (answer = (fn as HookFn)(...args))
        } catch (error) {
          answer = error
          throw error
        } finally {
          heard.calls.push({ hook: hook as HookName, args, answer })
        }
      },
    ])
    return Object.fromEntries(listened)
  },
})

/** Boots a stack around a fresh instance. `current` is `user` when it is handed out. */
export const createWorld = (make: Factory, surroundings: Surroundings = {}): World => {
  const { before = [], after = [], kernelExact = false, capableThrows = false, trouble = { on: false } } = surroundings
  const own = make()
  const heard = { calls: [] as Call[], group: {} as HookGroup, ctx: null as LsmContext | null }
  const faults: FaultRecord[] = []
  const standIns = own.name === 'capability' ? [] : [capabilityStandIn(() => capableThrows && trouble.on)]
  const lsms = [...standIns, ...before, listenTo(own, heard), ...after]
  const stack = createStack({
    lsms,
    config: lsms.map(({ name }) => name).join(','),
    cmdline: `${own.name}=1`,
    kernelExact,
    ownHooks: own.ownHooks,
    onAudit: (record) => void (record.kind === 'fault' && record.lsm === own.name && faults.push(record)),
  })
  if (heard.ctx === null) {
    const hint = 'an exclusive LSM and another one beside it?'
    throw new TestkitError('nonconforming', `\`${own.name}\` is off in a stack of ${lsms.length}`, { hint })
  }
  const builders = undisturbed(buildersFor(stack), trouble)
  const idle = stack.current.task
  const root = builders.aTask({ uid: 0, gid: 0, comm: 'root', real_parent: idle })
  const user = builders.aTask({ comm: 'user', real_parent: idle })
  stack.current.task = user
  const { group, ctx, calls } = heard
  calls.length = 0
  return { ...builders, stack, own, group, ctx, calls, faults, root, user }
}
