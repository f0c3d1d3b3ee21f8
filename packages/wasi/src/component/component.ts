/** A component ready to run: its parts, and its core modules, each compiled with the limits built into it. */
import { ProgramError } from '../errors.ts'
import { assertFew } from '../binary/counts.ts'
import { readMemories, readTables } from '../binary/declared.ts'
import { splitSections } from '../binary/sections.ts'
import type { BuildTime } from '../build-time.ts'
import { limitNumbers } from '../limits.ts'
import type { Limits } from '../limits.ts'
import type { GivenImports } from '../given-imports.ts'
import { buildModule, Program } from '../program.ts'
import { liftedCall } from './calls.ts'
import type { Lifted } from './calls.ts'
import { coreModuleType } from './core-types.ts'
import { givenBy } from './given.ts'
import { countInstances } from './idle-link.ts'
import { linkComponent, notThere } from './link.ts'
import type { Making } from './linking.ts'
import { HANDLER, handlerWords } from './host/http/incoming.ts'
import { interfaceOf } from './host/table.ts'
import type { ComponentParts, Part } from './parts.ts'
import { readComponent } from './read-component.ts'
import type { ComponentValue } from './scalars.ts'
import { assertValidComponent } from './validate/check.ts'
import { interface3Of } from './wasi3/table.ts'

/** What a component has in the place of a module. */
const EMPTY = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
/** The interface by which a command is started. */
const RUN = /^wasi:cli\/run@0\.[23]\./
/** Tables of all its modules together: as much as those of one. */
const MOST_TABLES = 40 * 2 ** 20

export class ComponentProgram extends Program {
  readonly parts: ComponentParts
  readonly modules: readonly Program[]
  /** Those that were given a part of a limit, and how often they may have it. */
  readonly bounded: ReadonlyMap<Program, number>

  constructor(
    parts: ComponentParts, modules: readonly Program[], bounded: ReadonlyMap<Program, number>, limits: Limits,
  ) {
    const { memory, tables, loops } = limitNumbers(limits)
    const built = { memory, tables, loops, startsLater: false, shared: false, importedMemory: null }
    super(new WebAssembly.Module(EMPTY), built, loops)
    this.parts = parts
    this.modules = modules
    this.bounded = bounded
  }

  /** It has functions for tasks, streams or futures: those go on in its own thread. */
  get hasTasks(): boolean {
    return hasTasks(this.parts)
  }

  /** A command has an entry. */
  get isCommand(): boolean {
    return this.parts.some((part) => part.kind === 'export' && RUN.test(part.name))
  }

  /** It answers requests of HTTP. */
  get isHandler(): boolean {
    return this.parts.some((part) => part.kind === 'export' && HANDLER.test(part.name))
  }

  /** Throws `unknown-import` for what is neither of WASI 0.2 nor given, and for what is both. */
  assertImports(given: GivenImports): void {
    const ours = Object.keys(given).find(isOurs)
    if (ours !== undefined)
      throw new ProgramError(
        'unknown-import', `\`${ours}\` is given, and the kernel answers it`, 'leave it out of `imports`')
    const giver = givenBy(given)
    const imports = this.parts.filter((part): part is Extract<Part, { kind: 'import' }> => part.kind === 'import')
    for (const { name, sort } of imports) {
      const isOfWasi = sort === 'instance' && isOurs(name)
      if (sort !== 'type' && !isOfWasi && giver(name) === null) throw notThere(name)
    }
  }
}

/** An interface of WASI that the kernel answers. */
const isOurs = (name: string): boolean => interfaceOf(name) !== null || interface3Of(name) !== null

const hasTasks = (parts: ComponentParts): boolean => parts.some((part) =>
  part.kind === 'builtin' || (part.kind === 'component' && hasTasks(part.component)))

/**
 * Memories and tables are bounded together: each instance of a module that has one gets an equal part. Throws a
 * ProgramError.
 */
export const buildComponent = (bytes: Uint8Array<ArrayBuffer>, limits: Limits, time: BuildTime): ComponentProgram => {
  const { parts, modules } = readComponent(bytes)
  const { memory, tables, loops } = limitNumbers(limits)
  modules.forEach(assertFew)
  assertValidComponent(parts, modules.map(coreModuleType))
  const sections = modules.map(splitSections)
  const isLimited = memory !== Infinity || tables !== Infinity
  const counts = isLimited ? countInstances(parts, modules.length) : modules.map(() => 1)
  const hasMemory = sections.map((one) => readMemories(one).length > 0)
  const hasTables = sections.map((one) => readTables(one).length > 0)
  const among = (has: readonly boolean[]): number =>
    Math.max(1, counts.reduce((sum, count, i) => (has[i] ? sum + count : sum), 0))
  const share = {
    memory: memory / among(hasMemory),
    tables: tables === Infinity ? Infinity : Math.min(tables, MOST_TABLES) / among(hasTables),
    loops,
  }
  const built = modules.map((module) => buildModule(module, share, false, time))
  const bounded = new Map(built.flatMap((program, i): [Program, number][] =>
    ((memory !== Infinity && hasMemory[i]) || (tables !== Infinity && hasTables[i]) ? [[program, counts[i]!]] : [])))
  return new ComponentProgram(parts, built, bounded, limits)
}

/** The core function of an entry, and its words. It answers 0 or nothing when all went well. */
export type Entry = readonly [core: (...words: readonly number[]) => number | undefined, ...words: readonly number[]]

/** A component that lives: its entry, and its exports by name. */
export interface Living {
  /** `run` of a command; `handle` where its process has a request to answer. */
  readonly entry: Entry | null
  /** Those of an interface with its name in front: `docs:adder/add@0.1.0#add`. */
  readonly functions: Readonly<Record<string, (...args: readonly ComponentValue[]) => ComponentValue | undefined>>
}

export const bringComponentToLife = ({ parts, modules, bounded }: ComponentProgram, making: Making): Living => {
  const functions: [string, Lifted][] = []
  let entry: Living['entry'] = null
  const { exchange } = making.process
  const [isEntry, called] = exchange === null ? [RUN, 'run'] : [HANDLER, 'handle']
  const gather = (name: string, value: unknown): void => {
    if (isLifted(value)) functions.push([name, value])
  }
  for (const [name, { sort, value }] of linkComponent({ parts, modules, bounded }, making)) {
    if (sort === 'func') gather(name, value)
    if (sort !== 'instance' || !(value instanceof Map)) continue
    for (const [inner, { value: of }] of value as ReadonlyMap<string, { value: unknown }>) {
      if (isEntry.test(name) && inner === called && isLifted(of))
        entry = of.isAsyncType
          ? [waitingEntry(of)]
          : [of.core as Entry[0], ...exchange === null ? [] : handlerWords(of.callee, exchange)]
      gather(`${name}#${inner}`, of)
    }
  }
  return { entry, functions: Object.fromEntries(functions.map(([name, lifted]) => [name, liftedCall(lifted)])) }
}

/** `run` of WASI 0.3, which may wait. */
const waitingEntry = (of: Lifted): Entry[0] => () =>
  ('ok' in (of.wait(of, [], of.callee) as object) ? 0 : 1)

const isLifted = (value: unknown): value is Lifted =>
  typeof value === 'object' && value !== null && (value as Partial<Lifted>).kind === 'lifted'
