/**
 * Calls of one agent to its disk and its store, counted: from a chosen one on none comes back, as for a process that
 * was killed, or its process is really killed there, or each write fails for want of room.
 */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import type { Store } from '../../packages/fleet/src/index.ts'
import { dieHere } from './processes.ts'

/** `killed`: the agent stands still, and its process goes on. `dies`: the process gets SIGKILL. */
export type FaultKind = 'killed' | 'dies' | 'full'

/** One life of an agent. */
export class Life {
  readonly kind: FaultKind
  readonly #at: number
  calls = 0
  #isHealed = false

  /** It happens at this call, the first is 1. */
  constructor(kind: FaultKind, at: number) {
    this.kind = kind
    this.#at = at
  }

  get hasHappened(): boolean {
    return this.calls >= this.#at && !this.#isHealed
  }

  /** It makes no call any more, and answers none. */
  get isKilled(): boolean {
    return this.kind === 'killed' && this.hasHappened
  }

  /** There is room again; a process that was killed stays so. */
  heal(): void {
    this.#isHealed = this.kind === 'full'
  }

  /** Before a call. */
  async pass(isWrite: boolean): Promise<void> {
    this.calls += 1
    if (!this.hasHappened) return
    if (this.kind === 'dies') dieHere()
    if (this.kind === 'killed') await new Promise(() => {})
    if (isWrite) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  }
}

let root = ''
let life: Life | null = null

/** Calls for files below `path` belong to this life from now on. */
export const watchDisk = (path: string, of: Life | null): void => {
  root = path
  life = of
}

const isOurs = (path: unknown): boolean => life !== null && typeof path === 'string' && path.startsWith(root)

/** Files of lives that were killed stay open, as nothing closes them. */
const handles: object[] = []

type AnyCall = (...args: unknown[]) => Promise<unknown>
const table = fs as unknown as Record<string, AnyCall>

const guardedHandle = (handle: object, of: Life): object => new Proxy(handle, {
  get: (target, name) => {
    const value: unknown = Reflect.get(target, name, target)
    if (typeof value !== 'function') return value
    if (name !== 'writeFile' && name !== 'write' && name !== 'sync') return value.bind(target) as unknown
    return async (...args: unknown[]) => {
      await of.pass(true)
      return (value as AnyCall).apply(target, args)
    }
  },
})

for (const [name, isWrite] of Object.entries({
  open: true, mkdir: true, rename: true, link: true, rm: false, readFile: false, readdir: false,
})) {
  const real = table[name]!
  table[name] = async (...args) => {
    const of = life
    if (of === null || !isOurs(args[0])) return real.apply(fs, args)
    await of.pass(isWrite && !(name === 'open' && args[1] === 'r'))
    const result = await real.apply(fs, args)
    if (name !== 'open') return result
    handles.push(result as object)
    return guardedHandle(result as object, of)
  }
}
syncBuiltinESMExports()

/** The store as this life sees it: it is elsewhere, so it has room. */
export const storeOf = (store: Store, of: Life): Store => new Proxy(store, {
  get: (target, name) => {
    const value: unknown = Reflect.get(target, name, target)
    if (typeof value !== 'function') return value
    if (name !== 'get' && name !== 'put') return value.bind(target) as unknown
    return async (...args: unknown[]) => {
      await of.pass(false)
      return (value as AnyCall).apply(target, args)
    }
  },
})
