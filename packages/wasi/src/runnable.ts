/** Whether a module can run here, told before anything has happened: its entry and its imports. */
import { ProgramError } from './errors.ts'
import { preview1Table } from './preview1/table.ts'
import { isBridgeModule } from './ruby/bridge.ts'
import { isRuby } from './ruby/driver.ts'
import { SYSCALL_MODULE } from './syscalls/import.ts'

export const PREVIEW1 = 'wasi_snapshot_preview1'

/** Throws `no-entry` or `unknown-import`. `syscalls`: it may import `lsmkit.syscall`. */
export const assertRunnable = (module: WebAssembly.Module, syscalls: boolean): void => {
  const exports = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'function')
  if (!isRuby(module) && !exports.some(({ name }) => name === '_start'))
    throw new ProgramError('no-entry', 'the program has no `_start`', 'only commands run; a reactor has no main')
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === 'function' && isKnown(from, name, syscalls)) continue
    const hint = from === SYSCALL_MODULE ? 'system calls by number need the option `syscalls`' : ''
    throw new ProgramError('unknown-import', `the program imports the ${kind} \`${from}.${name}\``, hint)
  }
}

const isKnown = (from: string, name: string, syscalls: boolean): boolean => {
  if (from === PREVIEW1) return Object.hasOwn(preview1Table, name)
  return from === SYSCALL_MODULE ? syscalls && name === 'syscall' : isBridgeModule(from)
}
