/** Whether a module can run here, found before anything has happened: its entry and its imports. */
import { ownValue } from '@lsmkit/abi'
import { assertImports } from './component/assert-imports.ts'
import { assertLinks } from './component/assert-links.ts'
import { ComponentProgram } from './component-program.ts'
import type { GivenImports } from './given-imports.ts'
import { ProgramError } from './errors.ts'
import { PREVIEW1, THREAD_SPAWN, THREADS } from './imports.ts'
import { mayPosix, maySyscall } from './options.ts'
import type { WasiOptions } from './options.ts'
import { POSIX_MODULE, posixTable } from './posix/table.ts'
import type { Program } from './program.ts'
import { preview1Table } from './preview1/table.ts'
import { UNSTABLE } from './preview1/unstable.ts'
import { wasmedgeNames } from './preview1/wasmedge.ts'
import { isBridgeModule } from './ruby/bridge.ts'
import { isRuby } from './ruby/driver.ts'
import { SYSCALL_MODULE } from './syscalls/import.ts'

/** A command has a main, a reactor is called as often as one likes. */
export type Entry = 'command' | 'reactor'

const wrongEntry = (entry: Entry, start = '_start'): ProgramError =>
  entry === 'command'
    ? new ProgramError('no-entry', `the program has no \`${start}\``, 'it is a reactor: openReactor calls its exports')
    : new ProgramError('no-entry', `the program has a \`${start}\``, 'it is a command: runWasi runs it')

const NOTHING: GivenImports = {}

const noHandler = (): ProgramError =>
  new ProgramError('no-entry', 'the program does not answer requests of HTTP',
    'wasi:http/incoming-handler@0.2 and wasi:http/handler@0.3 do')

/**
 * Throws `no-entry`, `unknown-import` or `needs-others`; of a component what assertImports and
 * assertLinks do. `hasOthers`: programs can run beside it.
 */
export const assertRunnable = (
  program: Program, options: WasiOptions, hasOthers: boolean, entry: Entry,
): void => {
  if (program instanceof ComponentProgram) {
    const isRight = options.request === undefined ? program.isCommand === (entry === 'command') : program.isHandler
    if (!isRight) throw options.request === undefined ? wrongEntry(entry, 'wasi:cli/run') : noHandler()
    const { imports: given = NOTHING } = options
    assertImports(program, given)
    return assertLinks(program, given)
  }
  if (options.request !== undefined) throw noHandler()
  const { built, imports, exports } = program
  const isCommand = isRuby(program) || exports.some(({ name, kind }) => kind === 'function' && name === '_start')
  if (isCommand !== (entry === 'command')) throw wrongEntry(entry)
  for (const { module: from, name, kind } of imports) {
    if (built.importedMemory !== null && isOfThreads(from, name, kind)) continue
    if (isOfThreads(from, name, kind)) throw needsThreads()
    if (kind !== 'function' || !isKnown(from, name)) throw unknown(from, name, kind)
    if (from === SYSCALL_MODULE && !maySyscall(options)) throw notGiven(from, name, 'syscalls')
    const needsPosix = from === POSIX_MODULE || (from === PREVIEW1 && wasmedgeNames.has(name))
    if (needsPosix && !mayPosix(options)) throw notGiven(from, name, 'posix')
    if (from === POSIX_MODULE && ownValue(posixTable, name)!.spawns && !hasOthers)
      throw new ProgramError(
        'needs-others', 'the program starts other programs, which have to run beside it', 'runWasiAsync runs it',
      )
  }
}

const isKnown = (from: string, name: string): boolean => {
  if (from === PREVIEW1 && wasmedgeNames.has(name)) return true
  if (from === PREVIEW1 || from === UNSTABLE) return Object.hasOwn(preview1Table, name)
  if (from === POSIX_MODULE) return Object.hasOwn(posixTable, name)
  return from === SYSCALL_MODULE ? name === 'syscall' : isBridgeModule(from)
}

const isOfThreads = (from: string, name: string, kind: string): boolean =>
  (from === THREADS && name === THREAD_SPAWN) || (from === 'env' && name === 'memory' && kind === 'memory')

const needsThreads = (): ProgramError =>
  new ProgramError(
    'unsupported-module', 'the program has threads (wasi-threads), which need workers and shared memory',
    "runWasiAsync with `waiting: 'workers'` runs it",
  )

const notGiven = (from: string, name: string, option: string): ProgramError =>
  new ProgramError(
    'unknown-import', `the program imports \`${from}.${name}\``,
    `it needs the option \`${option}\`, \`--${option}\` of lsm run`,
  )

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
