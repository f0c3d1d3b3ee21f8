/** A hook table of one strategy, driven like the model. */
import type { Member, StrategyName } from '../../src/dispatch/strategy.ts'
import { createDispatch } from '../../src/dispatch/create-dispatch.ts'
import type { HookFn } from '../../src/hooks/hook-types.ts'
import { anEnv, aPool, argumentsOf } from '../dispatch-support.ts'
import { hooks } from './script.ts'
import type { GroupName, ModelHook } from './script.ts'
import { PLACE } from './system.ts'
import type { Given, System, World } from './system.ts'

const argumentsFor = Object.fromEntries(
  hooks.map((hook) => [hook, hook === 'task_prctl' ? [1, 0, 0, 0, 0] : argumentsOf(hook)]),
) as Record<ModelHook, unknown[]>

interface Group {
  readonly parent: Group | null
}

const root: Group = { parent: null }
const app: Group = { parent: root }
const groupOf: Record<GroupName, Group> = { root, app, job: { parent: app } }

export const real = (strategy: StrategyName, { members, permissive }: Given, { log, now }: World): System => {
  const table: Partial<Record<ModelHook, Member[]>> = {}
  for (const { hook, lsm, position, fn } of members) (table[hook] ??= []).push({ lsm, position, fn, id: 0 })
  const dispatch = createDispatch({
    members: table,
    env: anEnv({ cgroups: { ofTask: () => app, ofSock: () => app }, blobs: { file: aPool() } }),
    cold: {
      onSettle: (hook, lsm, rc) => log(`settle ${hook} ${lsm} ${rc}`),
      onFault: (hook, lsm, _error, kind) => log(`fault ${hook} ${lsm} ${kind}`),
      onWaived: (hook, lsm, rc) => log(`waived ${hook} ${lsm} ${rc}`),
    },
    permissive,
    strategy,
    now,
    programs: { lsm: 'bpf', id: 0, position: PLACE },
  })
  return {
    ask(hook) {
      const key = dispatch.lsm[hook] as { ask?: HookFn; tell?: HookFn }
      const args = argumentsFor[hook]
      return key.ask === undefined ? key.tell!(...args) : key.ask(...args)
    },
    attach: (hook, fn) => dispatch.attach(hook, fn),
    group: (hook, fn, group) => dispatch.attach(hook, fn, { cgroup: groupOf[group] }),
    observe: (hook, observer, at) => dispatch.observe(hook, observer, { at }),
    modify: (hook, fn) => dispatch.modifyReturn(hook, fn),
  }
}
