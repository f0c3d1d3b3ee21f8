/** A program brought to life: its imports, its memory, its entry, and how it ends. */
import { FUEL, REFILL } from './binary/meter.ts'
import { ProgramError } from './errors.ts'
import { asKilled, PROGRAM_REPLACED, ProgramExit } from './exit.ts'
import { guard } from './guard.ts'
import type { Import } from './guard.ts'
import { preview1Imports } from './preview1/imports.ts'
import type { Preview1Name } from './preview1/table.ts'
import type { Process } from './process.ts'
import type { Program } from './program.ts'
import { bridgeImports, isBridgeModule } from './ruby/bridge.ts'
import { isRuby, runRuby } from './ruby/driver.ts'
import { SYSCALL_MODULE, syscallImport } from './syscalls/import.ts'
import { previewCall } from './trace.ts'
import type { PreviewCall } from './trace.ts'

const PREVIEW1 = 'wasi_snapshot_preview1'

/** Loop heads and function entries between two looks at the clock: about a millisecond. */
const QUANTUM = 500_000

export interface InstanceOptions {
  /** Whether the program gets `lsmkit.syscall`. */
  readonly syscalls: boolean
  readonly onCall: ((call: PreviewCall) => void) | null
}

export type Ending =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: number; readonly reason: string }
  /** By execve: another image waits to be run in the same task. */
  | { readonly kind: 'replaced' }

/** Runs to the end. Throws a ProgramError for a module that cannot start. */
export const runProgram = (process: Process, program: Program, options: InstanceOptions): Ending => {
  const imports = createImports(process, program.module, options)
  try {
    const { exports } = new WebAssembly.Instance(program.module, imports)
    if (exports.memory instanceof WebAssembly.Memory) process.memory.attach(exports.memory)
    if (program.metered) meter(process, exports)
    return { kind: 'exited', status: enter(process, exports) }
  } catch (error) {
    if (error instanceof ProgramExit) return { kind: 'exited', status: error.code }
    if (error === PROGRAM_REPLACED) return { kind: 'replaced' }
    if (error instanceof ProgramError) throw error
    const { signal, reason } = asKilled(error)
    return { kind: 'killed', signal, reason }
  }
}

/** Calls the entry: `_start` of a command, or what stands for one. */
const enter = (process: Process, exports: WebAssembly.Exports): number => {
  if (isRuby(exports)) return runRuby(exports, process.argv.strings, (text) => complain(process, text))
  const { _start } = exports
  if (typeof _start !== 'function')
    throw new ProgramError('no-entry', 'the program has no `_start`', 'only commands run; a reactor has no main')
  _start()
  return 0
}

/** A message of the host's in the program's name, on its standard error. */
const complain = ({ sys, task }: Process, text: string): void => {
  let rest = new TextEncoder().encode(text)
  while (rest.length > 0) {
    const rc = sys.write(task, 2, rest)
    if (rc <= 0) return
    rest = rest.subarray(rc)
  }
}

const createImports = (process: Process, module: WebAssembly.Module, options: InstanceOptions): WebAssembly.Imports => {
  const known = new Map<string, Readonly<Record<string, Import>>>([[PREVIEW1, traced(process, options)]])
  if (options.syscalls) known.set(SYSCALL_MODULE, { syscall: syscallImport(process) })
  const wanted = WebAssembly.Module.imports(module)
  for (const { module: name } of wanted) if (isBridgeModule(name)) known.set(name, bridgeImports(module, name))

  const imports: Record<string, Record<string, Import>> = {}
  for (const { module: from, name, kind } of wanted) {
    const group = known.get(from)
    const call = kind === 'function' && group !== undefined && Object.hasOwn(group, name) ? group[name] : undefined
    if (call === undefined)
      throw new ProgramError('unknown-import', `the program imports the ${kind} \`${from}.${name}\``)
    ;(imports[from] ??= {})[name] = guard(process, call)
  }
  return imports
}

const traced = (process: Process, { onCall }: InstanceOptions): Readonly<Record<string, Import>> => {
  const calls = preview1Imports(process)
  if (onCall === null) return calls
  return Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name, traceOne(process, name as Preview1Name, call as Import, onCall),
    ]),
  )
}

const traceOne = (process: Process, name: Preview1Name, call: Import, onCall: (call: PreviewCall) => void): Import => {
  const told = (args: (number | bigint)[]): number => {
    let errno: number | null = null
    try {
      errno = call(...args) as number
      return errno
    } finally {
      onCall(previewCall(process.memory, name, args.slice(0, call.length), errno))
    }
  }
  // The guard goes by the number of parameters: nine is its widest.
  return (a, b, c, d, e, f, g, h, i) => told([a, b, c, d, e, f, g, h, i])
}

/** Gives a metered program its first fuel, and the function that refills it through a table (element 0). */
const meter = ({ budget }: Process, exports: WebAssembly.Exports): void => {
  const fuel = exports[FUEL] as WebAssembly.Global
  const table = exports[REFILL] as WebAssembly.Table
  fuel.value = QUANTUM
  table.set(0, asExported(() => {
    budget.look()
    fuel.value = QUANTUM
  }))
}

/** A table takes functions of WebAssembly only: one that passes `call` through. */
const asExported = (call: () => void): unknown =>
  new WebAssembly.Instance(new WebAssembly.Module(THROUGH), { h: { f: call } }).exports.f

/** `(module (import "h" "f" (func)) (export "f" (func 0)))` */
const THROUGH = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x02, 0x07, 0x01, 0x01, 0x68,
  0x01, 0x66, 0x00, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
])
