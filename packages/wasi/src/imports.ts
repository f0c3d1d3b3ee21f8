/** The imports for a program, by module and name, and which of them may have to wait. */
import type { Import } from './guard.ts'
import { POSIX_MODULE, posixImports } from './posix/table.ts'
import { preview1Import, preview1Imports } from './preview1/imports.ts'
import { preview1Table } from './preview1/table.ts'
import type { Preview1Name } from './preview1/table.ts'
import { UNSTABLE, unstableImports } from './preview1/unstable.ts'
import { wasmedgeImports, wasmedgeNames } from './preview1/wasmedge.ts'
import type { Process } from './process.ts'
import { bridgeImports, isBridgeModule } from './ruby/bridge.ts'
import { SYSCALL_MODULE, syscallImport } from './syscalls/import.ts'
import { traced } from './traced.ts'

export const PREVIEW1 = 'wasi_snapshot_preview1'

/** The module of wasi-threads and its one function. */
export const THREADS = 'wasi'
export const THREAD_SPAWN = 'thread-spawn'

export interface KnownImport {
  readonly call: Import
  readonly waits: boolean
}

/** Of one process, for a module that `assertRunnable` has passed. `spawnThread`: `thread-spawn` of wasi-threads. */
export const knownImports = (process: Process, module: WebAssembly.Module, spawnThread: Import = () => -1) => {
  const whole = once(() => traced(process, preview1Imports(process)))
  const single = preview1Import(process)
  const preview1 = (name: string): Import => (process.onCall === null ? single(name) : whole()[name]!)
  const wasmedge = once((): Readonly<Record<string, Import>> => wasmedgeImports(process))
  /** WasmEdge's has no flags. */
  const accept: Import = (fd: number, flags: number, out: number | undefined) =>
    out === undefined ? wasmedge().sock_accept_2!(fd, flags) : preview1('sock_accept')(fd, flags, out)
  const unstable = once(() => unstableImports(process, whole()))
  const posix = once(() => posixImports(process))
  const syscall = once(() => syscallImport(process))
  const bridges = new Map<string, Readonly<Record<string, Import>>>()
  const bridge = (from: string): Readonly<Record<string, Import>> => {
    const made = bridges.get(from) ?? bridgeImports(process, module, from)
    bridges.set(from, made)
    return made
  }
  return (from: string, name: string): KnownImport => {
    if (from === PREVIEW1 && wasmedgeNames.has(name)) return { call: wasmedge()[name]!, waits: true }
    if (from === PREVIEW1 && name === 'sock_accept') return { call: accept, waits: true }
    if (from === PREVIEW1) return { call: preview1(name), waits: preview1Table[name as Preview1Name].waits }
    if (from === UNSTABLE) return { call: unstable()[name]!, waits: preview1Table[name as Preview1Name].waits }
    if (from === POSIX_MODULE) return { call: posix()[name]!, waits: true }
    if (from === SYSCALL_MODULE) return { call: syscall(), waits: true }
    if (from === THREADS) return { call: spawnThread, waits: false }
    if (isBridgeModule(from)) return { call: bridge(from)[name]!, waits: false }
    throw new Error(`the import \`${from}.${name}\` was not looked over`)
  }
}

/** What a program imports nothing of is not made for it. */
const once = <T extends object>(make: () => T): (() => T) => {
  let made: T | null = null
  return () => (made ??= make())
}
