/** Makes a program of a component: its core modules are compiled with the limits built into them. */
import { assertFew } from '../binary/counts.ts'
import { readMemories, readTables } from '../binary/declared.ts'
import { splitSections } from '../binary/sections.ts'
import type { BuildTime } from '../build-time.ts'
import { ComponentProgram, HANDLER, RUN } from '../component-program.ts'
import { limitNumbers } from '../limits.ts'
import type { Limits } from '../limits.ts'
import { buildModule } from '../program.ts'
import type { Program } from '../program.ts'
import type { Exchange } from '../served.ts'
import { liftedCall } from './calls.ts'
import type { Lifted } from './calls.ts'
import { coreModuleType } from './core-types.ts'
import { countInstances } from './idle-link.ts'
import { linked } from './link.ts'
import { Linking } from './linking.ts'
import type { Making } from './linking.ts'
import { handlerWords } from './host/http/incoming.ts'
import { readComponent } from './read-component.ts'
import type { ComponentValue } from './scalars.ts'
import { assertValidComponent } from './validate/check.ts'
import { answerWith, requestOf } from './wasi3/http/handler.ts'

/** Tables of all its modules together: as much as those of one. */
const MOST_TABLES = 40 * 2 ** 20

/**
 * Memories and tables are bounded together: each instance of a module that has one gets an equal part. Throws a
 * ProgramError.
 */
export const buildComponent = (
  bytes: Uint8Array<ArrayBuffer>, limits: Limits, shared: boolean, time: BuildTime,
): ComponentProgram => {
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
  const built = modules.map((module) => buildModule(module, share, shared ? 'everywhere' : false, time))
  const bounded = new Map(built.flatMap((program, i): [Program, number][] =>
    ((memory !== Infinity && hasMemory[i]) || (tables !== Infinity && hasTables[i]) ? [[program, counts[i]!]] : [])))
  return new ComponentProgram(parts, built, bounded, limits, shared)
}

/** The core function of an entry, and what makes its words. It answers 0 or nothing when all went well. */
export type Entry = readonly [
  core: (...words: readonly number[]) => number | undefined, words: () => readonly number[],
]

/** A component that lives: its entry, and its exports by name. */
export interface Living {
  /** `run` of a command; `handle` where its process has a request to answer. */
  readonly entry: Entry | null
  /** The same where its type is asynchronous: the host goes on while it waits. Its status. */
  readonly driven: (() => Promise<number>) | null
  /** Those of an interface with its name in front: `docs:adder/add@0.1.0#add`. */
  readonly functions: Readonly<Record<string, (...args: readonly ComponentValue[]) => ComponentValue | undefined>>
}

export const bringComponentToLife = ({ parts, modules, bounded }: ComponentProgram, making: Making): Living => {
  const functions: [string, Lifted][] = []
  let entry: Living['entry'] = null
  let driven: Living['driven'] = null
  const { exchange } = making.process
  const linking = new Linking({ parts, modules, bounded }, making)
  const [isEntry, called] = exchange === null ? [RUN, 'run'] : [HANDLER, 'handle']
  const gather = (name: string, value: unknown): void => {
    if (isLifted(value)) functions.push([name, value])
  }
  for (const [name, { sort, value }] of linked(linking)) {
    if (sort === 'func') gather(name, value)
    if (sort !== 'instance' || !(value instanceof Map)) continue
    for (const [inner, { value: of }] of value as ReadonlyMap<string, { value: unknown }>) {
      if (isEntry.test(name) && inner === called && isLifted(of)) {
        entry = of.isAsyncType
          ? [() => waited(of, exchange, linking), () => []]
          : [of.core as Entry[0], () => (exchange === null ? [] : handlerWords(of.callee, exchange))]
        if (of.isAsyncType) driven = () => driving(of, exchange, linking)
      }
      gather(`${name}#${inner}`, of)
    }
  }
  return {
    entry, driven, functions: Object.fromEntries(functions.map(([name, lifted]) => [name, liftedCall(lifted)])),
  }
}

/** The arguments of an entry of WASI 0.3. */
const argumentsOf = (exchange: Exchange | null): readonly ComponentValue[] =>
  (exchange === null ? [] : [requestOf(exchange) as never])

/** The status of a command, by what its entry has answered. The answer to a request goes on its way. */
const statusOf = (exchange: Exchange | null, { wasi3 }: Linking, answer: ComponentValue | undefined): number => {
  if (exchange !== null) answerWith(wasi3, exchange, answer)
  return exchange !== null || 'ok' in (answer as object) ? 0 : 1
}

/** Runs an entry of WASI 0.3 in the thread that calls. */
const waited = (of: Lifted, exchange: Exchange | null, linking: Linking): number => {
  const { scheduler } = linking
  const answer = of.wait(of, argumentsOf(exchange), of.callee) as ComponentValue | undefined
  const status = statusOf(exchange, linking, answer)
  void scheduler.waitUntil(of.callee, () => scheduler.writing === 0)
  return status
}

/** The same, while the host goes on. */
const driving = async (of: Lifted, exchange: Exchange | null, linking: Linking): Promise<number> => {
  const { scheduler } = linking
  const status = statusOf(exchange, linking, await of.comes(of, argumentsOf(exchange)))
  await scheduler.untilCome(of.callee, () => scheduler.writing === 0)
  return status
}

const isLifted = (value: unknown): value is Lifted =>
  typeof value === 'object' && value !== null && (value as Partial<Lifted>).kind === 'lifted'
