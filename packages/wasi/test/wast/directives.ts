/** Runs the directives of a wast file on components. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { compileProgram, openReactor } from '@lsmkit/wasi'
import type { Program, Reactor } from '@lsmkit/wasi'
import { componentOfText } from '../components.ts'
import { constant, isSame } from './constants.ts'
import { isList, readLists, textOf } from './sexpr.ts'
import type { List, Node } from './sexpr.ts'

/** What a file has defined so far. */
class State {
  readonly kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  readonly definitions = new Map<string, Program>()
  readonly instances = new Map<string, Reactor>()
  current: Reactor | null = null
}

export interface WastResult {
  readonly passed: number
  /** A line for each directive that failed: what it is, and why. */
  readonly failed: readonly string[]
}

/** Runs a file: each directive, and each component by itself, counts as one. */
export const runWast = async (source: string): Promise<WastResult> => {
  const state = new State()
  const failed: string[] = []
  let passed = 0
  for (const list of readLists(source)) {
    try {
      await direct(state, list)
      passed += 1
    } catch (error) {
      const start = list.source.replaceAll(/\s+/g, ' ').slice(0, 100)
      failed.push(`${start}: ${(error as Error).message.split('\n')[0]!}`)
    }
  }
  return { passed, failed }
}

const isId = (value: Node | undefined): value is string => typeof value === 'string' && value.startsWith('$')

/** The bytes of `(component …)`, whatever word is behind it. */
const bytesOf = (list: List): Promise<Uint8Array<ArrayBuffer>> => {
  const [, word, ...rest] = list.items
  if (word !== 'quote') return componentOfText(list.source.replace(/^\(\s*component\s+definition\b/, '(component'))
  const text = rest.filter((one) => typeof one !== 'string').map(textOf).join(' ')
  return componentOfText(/^\s*\(component/.test(text) ? text : `(component ${text})`)
}

const programOf = async (list: List): Promise<Program> => compileProgram(await bytesOf(list))

/** The components of a file that stand by themselves. */
export const componentsOf = (source: string): Promise<readonly Uint8Array<ArrayBuffer>[]> =>
  Promise.all(readLists(source)
    .filter(({ items: [name, word] }) => name === 'component' && word !== 'instance').map(bytesOf))

const instantiate = (state: State, program: Program, name: string): void => {
  state.current = openReactor(state.kernel, state.kernel.init, { program })
  state.instances.set(name, state.current)
}

const component = async (state: State, list: List): Promise<void> => {
  const [, word, second, third] = list.items
  if (word === 'instance') {
    const of = isId(third) ? third : second as string
    const program = state.definitions.get(of)
    if (program === undefined) throw new Error(`no component ${of}`)
    return instantiate(state, program, isId(third) ? second as string : '')
  }
  const program = await programOf(list)
  if (word === 'definition') state.definitions.set(isId(second) ? second : '', program)
  else {
    if (isId(word)) state.definitions.set(word, program)
    instantiate(state, program, isId(word) ? word : '')
  }
}

const invoke = (state: State, { items: [, ...rest] }: List): unknown => {
  const reactor = isId(rest[0]) ? state.instances.get(rest.shift() as string) : state.current
  if (reactor === null || reactor === undefined) throw new Error('no instance to call')
  return reactor.call(textOf(rest[0]), ...rest.slice(1).filter(isList).map(constant))
}

/** A call or a component that must fail when it runs. */
const failing = async (state: State, list: List): Promise<string> => {
  try {
    if (list.items[0] === 'invoke') invoke(state, list)
    else await component(state, list)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it does not fail')
}

const refused = async (list: List): Promise<void> => {
  try {
    await programOf(list)
  } catch {
    return
  }
  throw new Error('it is taken for valid')
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one)) ?? 'nothing'

/** Throws where the directive fails. */
const direct = async (state: State, list: List): Promise<void> => {
  const [name, first, ...rest] = list.items
  const of = first as List
  switch (name) {
    case 'component': return component(state, list)
    case 'invoke': return void invoke(state, list)
    case 'assert_return': {
      const value = invoke(state, of)
      const [expected] = rest.filter(isList)
      if (expected === undefined ? value !== undefined : !isSame(value, constant(expected)))
        throw new Error(`it answers ${shown(value)}`)
      return
    }
    case 'assert_trap': case 'assert_exhaustion': return void await failing(state, of)
    case 'assert_invalid': case 'assert_malformed': case 'assert_unlinkable': return refused(of)
    default: throw new Error(`a directive that is not known: ${String(name)}`)
  }
}
