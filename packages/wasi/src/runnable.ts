/** Whether a module can run here, told before anything has happened: its entry and its imports. */
import { ProgramError } from './errors.ts'
import { PREVIEW1 } from './imports.ts'
import { mayPosix, maySyscall } from './options.ts'
import type { WasiOptions } from './options.ts'
import { POSIX_MODULE, posixTable } from './posix/table.ts'
import { preview1Table } from './preview1/table.ts'
import { isBridgeModule } from './ruby/bridge.ts'
import { isRuby } from './ruby/driver.ts'
import { SYSCALL_MODULE } from './syscalls/import.ts'

/** Throws `no-entry`, `unknown-import` or `needs-others`. `hasOthers`: programs can run beside it. */
export const assertRunnable = (module: WebAssembly.Module, options: WasiOptions, hasOthers: boolean): void => {
  const exports = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'function')
  if (!isRuby(module) && !exports.some(({ name }) => name === '_start'))
    throw new ProgramError('no-entry', 'the program has no `_start`', 'only commands run; a reactor has no main')
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== 'function' || !isKnown(from, name)) throw unknown(from, name, kind)
    if (from === SYSCALL_MODULE && !maySyscall(options)) throw notGiven(from, name, 'syscalls')
    if (from === POSIX_MODULE && !mayPosix(options)) throw notGiven(from, name, 'posix')
    if (from === POSIX_MODULE && posixTable[name]!.spawns && !hasOthers)
      throw new ProgramError(
        'needs-others', 'the program starts other programs, which have to run beside it', 'runWasiAsync runs it',
      )
  }
}

const isKnown = (from: string, name: string): boolean => {
  if (from === PREVIEW1) return Object.hasOwn(preview1Table, name)
  if (from === POSIX_MODULE) return Object.hasOwn(posixTable, name)
  return from === SYSCALL_MODULE ? name === 'syscall' : isBridgeModule(from)
}

const notGiven = (from: string, name: string, option: string): ProgramError =>
  new ProgramError('unknown-import', `the program imports \`${from}.${name}\``, `it needs the option \`${option}\``)

/** Modules of imports that tell what a program was built for. */
const BUILT_FOR: readonly (readonly [from: RegExp, what: string])[] = [
  [/^wasix_/, 'it was built for WASIX, which adds calls of its own to WASI'],
  [/^(?:env|a)$/, 'it was built for a host that gives it functions of its own, as Emscripten does: build it for wasm32-wasi'],
  [/^wasi:/, 'it is the core of a component (preview 2)'],
]

const unknown = (from: string, name: string, kind: string): ProgramError =>
  new ProgramError(
    'unknown-import', `the program imports the ${kind} \`${from}.${name}\``,
    BUILT_FOR.find(([of]) => of.test(from))?.[1] ?? '',
  )
