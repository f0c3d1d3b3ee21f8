/**
 * The imports by which Ruby reaches JavaScript. None of them is there: a call ends the program, as a system call
 * outside the filter does under seccomp (SIGSYS). The table of Ruby's own values stays, because the driver needs it.
 */
import { SIGSYS } from '@lsmkit/abi'
import { killed } from '../exit.ts'
import type { Import } from '../guard.ts'
import type { Process } from '../process.ts'

/** Modules the bridge is imported from. */
const BRIDGE = 'rb-js-abi-host'
const CANONICAL = 'canonical_abi'

export const isBridgeModule = (module: string): boolean => module === BRIDGE || module === CANONICAL

/** The imports of `module`; unknown names are refused like the rest. */
export const bridgeImports = (
  process: Process, program: WebAssembly.Module, module: string,
): Record<string, Import> => {
  const refuse = (name: string): never =>
    process.stop(killed(SIGSYS, `JavaScript is out of reach: \`${name.split(':', 1)[0]}\``))
  const values: number[] = []
  const own = new Map<string, Import>([
    // A handle for a Ruby value; those of one evaluation are never given back, there is only one.
    ['resource_new_rb-abi-value', (value: number) => values.push(value) - 1],
    ['resource_get_rb-abi-value', (handle: number) => values[handle] ?? refuse('resource_get_rb-abi-value')],
  ])
  const names = WebAssembly.Module.imports(program).filter((one) => one.module === module).map(({ name }) => name)
  return Object.fromEntries(
    names.map((name) => [name, (module === CANONICAL ? own.get(name) : undefined) ?? (() => refuse(name))]),
  )
}
