/** A program ready to run: compiled once, with the limits that have to be built into it. */
import { assertFew } from './binary/counts.ts'
import { deferStart } from './binary/defer-start.ts'
import { limitSpace } from './binary/limit-space.ts'
import type { Extent } from './binary/declared.ts'
import { FUEL, meterLoops } from './binary/meter.ts'
import { importedSharedMemory, shareMemory } from './binary/share-memory.ts'
import { assertValid } from './binary/valid.ts'
import { assertCompilable } from './binary/weigh.ts'
import type { BuildTime } from './build-time.ts'
import { ProgramError } from './errors.ts'
import { limitNumbers } from './limits.ts'
import type { Limits } from './limits.ts'

/** A module after instrumentation. */
export interface Built {
  /** Bytes its memory and its tables are held to. */
  readonly memory: number
  readonly tables: number
  /** Its loops were metered, so that exports of these names are not the program's own. */
  readonly loops: boolean
  /** Its start section has become an export. */
  readonly startsLater: boolean
  /** Its memory can be seen from other threads. */
  readonly shared: boolean
  /** The shared memory that it imports, as programs with threads do: pages. */
  readonly importedMemory: { readonly initial: number; readonly maximum: number } | null
}

const nothing: Built = {
  memory: Infinity, tables: Infinity, loops: false, startsLater: false, shared: false, importedMemory: null,
}

/** From `compileProgram`; it may be run many times, and at once. */
export class Program {
  readonly module: WebAssembly.Module
  readonly built: Built
  /** As the engine lists them, asked once. */
  readonly imports: readonly WebAssembly.ModuleImportDescriptor[]
  readonly exports: readonly WebAssembly.ModuleExportDescriptor[]
  /** Its loops can be interrupted. */
  readonly metered: boolean

  constructor(module: WebAssembly.Module, built: Built = nothing, metered?: boolean) {
    this.module = module
    this.built = built
    this.imports = WebAssembly.Module.imports(module)
    this.exports = WebAssembly.Module.exports(module)
    this.metered = metered ?? (built.loops && this.exports.some(({ name }) => name === FUEL))
  }
}

/** A core module. `shared`: to be run in a worker; `everywhere` for one of a component, with imported memories. */
export const buildModule = (
  bytes: Uint8Array<ArrayBuffer>, limits: Limits, shared: boolean | 'everywhere', time: BuildTime,
): Program => {
  assertFew(bytes)
  time.begin(bytes.length)
  const threads = shared === true ? importedSharedMemory(bytes) : null
  if (threads !== null) return buildThreaded(bytes, limitNumbers(limits).memory, threads, time)
  const { memory, tables, loops } = limitNumbers(limits)
  const deferred = deferStart(bytes)
  let image = deferred ?? bytes
  // what a table may take at all also bounds how long it takes to make
  const isLimited = memory !== Infinity || tables !== Infinity
  if (loops || isLimited) image = limitSpace(image, memory, tables)
  if (loops) image = meterLoops(image, time)
  else if (isLimited || time.isLimited) assertCompilable(image, time)
  // what may start is looked at only while it is in that section
  if (deferred !== null) assertValid(bytes, time)
  if (shared !== false) image = shareMemory(image, shared === 'everywhere')
  return compiled(image, {
    memory, tables, loops, startsLater: deferred !== null, shared: shared !== false, importedMemory: null,
  }, time)
}

const PAGE_BYTES = 65536

/** Its threads run in workers, which can be ended whatever they do: nothing is metered. */
const buildThreaded = (
  bytes: Uint8Array<ArrayBuffer>, memory: number, { initial, maximum }: Extent, time: BuildTime,
): Program => {
  const pages = Math.floor(memory / PAGE_BYTES)
  if (initial > pages)
    throw new ProgramError(
      'memory-limit',
      `the memory of the program starts with ${initial * PAGE_BYTES} bytes, ${pages * PAGE_BYTES} are allowed`,
    )
  if (memory !== Infinity || time.isLimited) assertCompilable(bytes, time)
  const importedMemory = { initial, maximum: Math.min(maximum, pages) }
  const built = { memory, tables: Infinity, loops: false, startsLater: false, shared: true, importedMemory }
  return compiled(bytes, built, time)
}

const compiled = (image: Uint8Array<ArrayBuffer>, built: Built, time: BuildTime): Program => {
  time.look()
  try {
    return new Program(new WebAssembly.Module(image), built)
  } catch (error) {
    throw new ProgramError('malformed-module', `the module does not compile: ${(error as Error).message}`)
  }
}
