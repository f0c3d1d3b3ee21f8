/** Turns a cell's arguments into what is timed: a loop of reads on a stack. */
import { dictionary } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { configSecurityOff, createStack, defineLsm } from '@lsmkit/core'
import type { HookGroup, Stack, StackOptions } from '@lsmkit/core'
import { EventEmitter } from 'eventemitter3'
import { createHooks } from 'hookable'
import { SyncBailHook } from 'tapable'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { READ, readKernel } from './read-kernel.ts'
import type { HookTable } from './read-kernel.ts'
import { switching } from './switching.ts'

export interface CellArgs {
  /** Strategy, `off` for CONFIG_SECURITY=n, or the variant the module was built with. */
  readonly way: string
  readonly lsms: number
}

type AnyHook = (...args: unknown[]) => unknown
type Groups = readonly Readonly<Record<string, AnyHook>>[]

const stackOf = (groups: Groups, dispatch: StackOptions['dispatch']): Stack =>
  createStack({
    lsms: groups.map((hooks, i) => defineLsm({ name: `m${i}`, abi: '1.0', id: 200 + i, hooks: hooks as HookGroup })),
    capability: 'none',
    ...(dispatch === undefined ? {} : { dispatch }),
  })

const tapableTable = (groups: Groups) => {
  // filled by name, as a host fills it that knows no names beforehand
  const table = dictionary<SyncBailHook<[unknown, unknown], unknown>>()
  for (const [i, group] of groups.entries()) {
    for (const [hook, fn] of Object.entries(group)) {
      table[hook] ??= new SyncBailHook(['o', 'mask'])
      table[hook].tap(`m${i}`, (o, mask) => fn(o, mask) || undefined)
    }
  }
  return table
}

const hookableTable = (groups: Groups) => {
  const hooks = createHooks<Record<string, AnyHook>>()
  for (const group of groups) for (const [hook, fn] of Object.entries(group)) hooks.hook(hook, fn as never)
  return hooks
}

const emitterTable = (groups: Groups) => {
  const emitter = Object.assign(new EventEmitter(), { verdict: { rc: 0 } })
  for (const group of groups) {
    for (const [hook, fn] of Object.entries(group)) {
      emitter.on(hook, (o: unknown, mask: unknown) => {
        if (emitter.verdict.rc === 0) emitter.verdict.rc = (fn(o, mask) as number | undefined) ?? 0
      })
    }
  }
  return emitter
}

const tableOf = (way: string, groups: Groups): unknown => {
  switch (way) {
    case 'noHooks':
    case 'direct':
      return null
    case 'off':
      return configSecurityOff({ capability: capability(), current: stackOf([], 'swap').current })
    case 'tapable':
      return tapableTable(groups)
    case 'hookable':
      return hookableTable(groups)
    case 'eventemitter3':
      return emitterTable(groups)
    default:
      return stackOf(groups, way as StackOptions['dispatch']).lsm
  }
}

const COUNT = 40_000
/** Calls of a loop that is compiled as a function, and not in the middle of a run. */
const SHORT = 20

const readCell = (lsm: HookTable): Cell => {
  const { call } = readKernel(lsm)
  // a method keeps its name when it is minified
  const { loop } = {
    loop(count: number): number {
      const buf = new Uint8Array(16)
      let sum = 0
      for (let i = 0; i < count; i++) sum += call(READ, i & 1, buf, 8)
      return sum
    },
  }
  return {
    pass: timedPass(COUNT, loop),
    ask: {
      callLoop(times) {
        let sum = 0
        for (let i = 0; i < (times as number); i++) sum += loop(SHORT)
        return sum
      },
    },
  }
}

export const cellOf = (groups: Groups) => ({ way, lsms }: CellArgs): Cell => {
  const members = groups.slice(0, lsms)
  if (way === 'switching') return switching(stackOf(members, 'swap'))
  return readCell(tableOf(way, members) as HookTable)
}
