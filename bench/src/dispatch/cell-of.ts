/** Turns a cell's arguments into what is timed: kernels on a stack, and a loop over one path through them. */
import { FMODE_READ } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { configSecurityOff, createStack, defineBlob, defineLsm } from '@lsmkit/core'
import type { HookGroup, Inode, Stack, StackOptions } from '@lsmkit/core'
import { EventEmitter } from 'eventemitter3'
import { createHooks } from 'hookable'
import { SyncBailHook } from 'tapable'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { bootMini, PATH, SYS } from './mini-kernel/boot.ts'
import type { MiniKernel } from './mini-kernel/boot.ts'
import type { MiniTable } from './mini-kernel/syscalls.ts'
import { switching } from './switching.ts'

export type PathName = 'read' | 'stat' | 'open' | 'sites' | 'blobs'

export interface CellArgs {
  /** Strategy, `off` for CONFIG_SECURITY=n, or the variant the module was built with. */
  readonly way: string
  readonly lsms: number
  readonly path: PathName
  /** Kernels that are called in turn, each on a stack of its own. */
  readonly stacks: number
}

type AnyHook = (...args: unknown[]) => unknown
type Groups = readonly Readonly<Record<string, AnyHook>>[]

const stackOf = (groups: Groups, dispatch: StackOptions['dispatch']): Stack =>
  createStack({
    lsms: groups.map((hooks, i) => defineLsm({ name: `m${i}`, id: 200 + i, hooks: hooks as HookGroup })),
    capability: 'none',
    ...(dispatch === undefined ? {} : { dispatch }),
  })

const tapableTable = (groups: Groups) => {
  const table: Record<string, SyncBailHook<[unknown, unknown], unknown>> = {}
  for (const [i, group] of groups.entries()) {
    for (const [hook, fn] of Object.entries(group)) {
      table[hook] ??= new SyncBailHook(['o', 'mask'])
      table[hook].tap(`m${i}`, (o, mask) => fn(o, mask) || undefined)
    }
  }
  for (const hook of Object.keys(allHooks(groups))) table[hook] ??= new SyncBailHook(['o', 'mask'])
  return table
}

const allHooks = (groups: Groups) => groups[0] ?? {}

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

type Loop = (kernel: MiniKernel, count: number) => number

const loops: Readonly<Record<'read' | 'stat' | 'open', { count: number; loop: Loop }>> = {
  read: {
    count: 40_000,
    loop({ call }, count) {
      const buf = new Uint8Array(16)
      let sum = 0
      for (let i = 0; i < count; i++) sum += call(SYS.read, i & 1, buf, 8)
      return sum
    },
  },
  stat: {
    count: 8_000,
    loop({ call }, count) {
      const out = new Int32Array(4)
      let sum = 0
      for (let i = 0; i < count; i++) sum += call(SYS.stat, PATH, out) + out[2]!
      return sum
    },
  },
  open: {
    count: 8_000,
    loop({ call }, count) {
      let sum = 0
      for (let i = 0; i < count; i++) {
        const fd = call(SYS.open, PATH, FMODE_READ)
        sum += fd + call(SYS.close, fd)
      }
      return sum
    },
  },
}

/** Passes over the files' kernels in turn, a slice each, so that all stay alive and warm. */
const kernelCell = (tables: readonly unknown[], path: 'read' | 'stat' | 'open'): Cell => {
  const kernels = tables.map((table) => bootMini(table as MiniTable))
  const { count, loop } = loops[path]
  const slice = Math.ceil(count / kernels.length)
  return {
    pass: timedPass(slice * kernels.length, () => {
      let sum = 0
      for (const kernel of kernels) sum += loop(kernel, slice)
      return sum
    }),
    ask: {
      /** Many short calls of the loop, so that it is compiled as a function and not in the middle of a run. */
      callLoop(times) {
        let sum = 0
        for (let i = 0; i < (times as number); i++) sum += loop(kernels[0]!, 20)
        return sum
      },
    },
  }
}

const siteCell = (run: (o: unknown, mask: number) => number): Cell => {
  const object = { i_uid: 0, f_flags: 0 }
  return {
    pass: timedPass(20_000, (count) => {
      let sum = 0
      for (let i = 0; i < count; i++) sum += run(object, i & 7)
      return sum
    }),
  }
}

/** Reads five numbers of state from an inode: by blob accessors, or from fields for comparison. */
const blobCell = (way: string): Cell => {
  const states = Array.from({ length: 5 }, (_, i) => defineBlob((_inode: Inode) => ({ x: i })))
  const stack = createStack({
    lsms: states.map((inode, i) => defineLsm({ name: `b${i}`, blobs: { inode }, hooks: {} })),
    capability: 'none',
  })
  const sb = stack.objects.super_block(0, { name: 'bench', fs_flags: 0 }, stack.current.task.cred.user_ns)
  const inodes = Array.from({ length: 64 }, (_, i) => {
    const inode = stack.objects.inode(0o100644, sb, i)
    stack.lsm.inode_alloc_security.ask(inode)
    return inode
  })
  const fields = inodes.map(() => ({ s0: { x: 0 }, s1: { x: 1 }, s2: { x: 2 }, s3: { x: 3 }, s4: { x: 4 } }))
  const [a, b, c, d, e] = states as [
    (typeof states)[0],
    (typeof states)[0],
    (typeof states)[0],
    (typeof states)[0],
    (typeof states)[0],
  ]
  const blobs = (count: number) => {
    let sum = 0
    for (let i = 0; i < count; i++) {
      const o = inodes[i & 63]!
      sum += a!(o).x + b!(o).x + c!(o).x + d!(o).x + e!(o).x
    }
    return sum
  }
  const plain = (count: number) => {
    let sum = 0
    for (let i = 0; i < count; i++) {
      const o = fields[i & 63]!
      sum += o.s0.x + o.s1.x + o.s2.x + o.s3.x + o.s4.x
    }
    return sum
  }
  return { pass: timedPass(100_000, way === 'fields' ? plain : blobs) }
}

export const cellOf =
  (groups: Groups, sitesOf: (lsm: unknown) => (o: unknown, mask: number) => number) =>
    ({ way, lsms, path, stacks }: CellArgs): Cell => {
      const members = groups.slice(0, lsms)
      if (path === 'blobs') return blobCell(way)
      if (path === 'sites') return siteCell(sitesOf(tableOf(way, members)))
      if (way === 'switching') return switching(stackOf(members, 'swap'), bootMini)
      return kernelCell(Array.from({ length: stacks }, () => tableOf(way, members)), path)
    }
