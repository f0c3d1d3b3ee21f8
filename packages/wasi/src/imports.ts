/** What a program may import, by module and name, and which of it may have to wait. */
import type { Import } from './guard.ts'
import { POSIX_MODULE, posixImports } from './posix/table.ts'
import { preview1Imports } from './preview1/imports.ts'
import { preview1Table } from './preview1/table.ts'
import type { Preview1Name } from './preview1/table.ts'
import type { Process } from './process.ts'
import { bridgeImports, isBridgeModule } from './ruby/bridge.ts'
import { SYSCALL_MODULE, syscallImport } from './syscalls/import.ts'
import { traced } from './trace.ts'

export const PREVIEW1 = 'wasi_snapshot_preview1'

export interface KnownImport {
  readonly call: Import
  readonly waits: boolean
}

/** Of one process, for a module that `assertRunnable` has passed. */
export const knownImports = (process: Process, module: WebAssembly.Module) => {
  const preview1 = traced(process, preview1Imports(process))
  const posix = posixImports(process)
  const syscall = syscallImport(process)
  const bridges = new Map<string, Readonly<Record<string, Import>>>()
  const bridge = (from: string): Readonly<Record<string, Import>> => {
    const made = bridges.get(from) ?? bridgeImports(process, module, from)
    bridges.set(from, made)
    return made
  }
  return (from: string, name: string): KnownImport => {
    if (from === PREVIEW1) return { call: preview1[name]!, waits: preview1Table[name as Preview1Name].waits }
    if (from === POSIX_MODULE) return { call: posix[name]!, waits: true }
    if (from === SYSCALL_MODULE) return { call: syscall, waits: true }
    if (isBridgeModule(from)) return { call: bridge(from)[name]!, waits: false }
    throw new Error(`the import \`${from}.${name}\` was not looked over`)
  }
}
