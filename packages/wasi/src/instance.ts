/** A program brought to life: its imports, its memory, its entry, and how it ends. */
import { STARTER } from './binary/defer-start.ts'
import { FUEL, REFILL } from './binary/meter.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { guard } from './guard.ts'
import type { Import } from './guard.ts'
import { preview1Imports } from './preview1/imports.ts'
import type { Preview1Name } from './preview1/table.ts'
import type { Process } from './process.ts'
import type { Program } from './program.ts'
import { PREVIEW1 } from './runnable.ts'
import { bridgeImports, isBridgeModule } from './ruby/bridge.ts'
import { isRuby, runRuby } from './ruby/driver.ts'
import { SYSCALL_MODULE, syscallImport } from './syscalls/import.ts'
import { previewCall } from './trace.ts'
import type { PreviewCall } from './trace.ts'

/**
 * What is counted between two looks at the clock, each about a nanosecond. Where each takes a hundred, because nothing
 * is in any cache, the clock is still looked at in time.
 */
const QUANTUM = 250_000

export interface InstanceOptions {
  readonly onCall: ((call: PreviewCall) => void) | null
}

/** Runs a program that `assertRunnable` has passed, to its end. */
export const runProgram = (process: Process, program: Program, options: InstanceOptions): Ending => {
  try {
    const { exports } = new WebAssembly.Instance(program.module, createImports(process, program.module, options))
    if (exports.memory instanceof WebAssembly.Memory) process.memory.attach(exports.memory)
    if (program.metered) meter(process, exports)
    if (program.built.startsLater) (exports[STARTER] as () => void)()
    const status = enter(process, program.module, exports)
    return process.ending ?? { kind: 'exited', status }
  } catch (error) {
    return process.ending ?? endingOf(error)
  }
}

/** Calls the entry: `_start` of a command, or what stands for one. */
const enter = (process: Process, module: WebAssembly.Module, exports: WebAssembly.Exports): number => {
  if (isRuby(module)) return runRuby(exports, process.argv.strings, (text) => complain(process, text))
  ;(exports._start as () => void)()
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

const createImports = (
  process: Process, module: WebAssembly.Module, options: InstanceOptions,
): WebAssembly.Imports => {
  const known = new Map<string, Readonly<Record<string, Import>>>([
    [PREVIEW1, traced(process, options)], [SYSCALL_MODULE, { syscall: syscallImport(process) }],
  ])
  const imports: Record<string, Record<string, Import>> = {}
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (isBridgeModule(from) && !known.has(from)) known.set(from, bridgeImports(process, module, from))
    ;(imports[from] ??= {})[name] = guard(process, known.get(from)![name]!)
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

/** Gives a metered program its first fuel and the function that refills it. */
const meter = (process: Process, exports: WebAssembly.Exports): void => {
  const fuel = exports[FUEL] as WebAssembly.Global
  const table = exports[REFILL] as WebAssembly.Table
  fuel.value = QUANTUM
  table.set(0, asExported(() => {
    process.look()
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
