/**
 * The function of a hook for one program, made from text: what the program wants of the arguments is read here and
 * handed over, and V8 makes of it the few loads that they are. One literal a program, for V8 keeps what it has seen at
 * a place by literal.
 */
import type { Accessor } from '../vm/object-space.ts'
import type { Runnable } from '../vm/machine.ts'
import type { Ahead } from '../jit/object-flow.ts'
import type { KernelObjects } from '../kobject/kernel-objects.ts'
import { numberOf } from '../kobject/number.ts'

export type Run = (...args: unknown[]) => number
export type Word = (value: unknown) => number

/** How a word of the context comes from its argument; null: it is 0, or nobody looks. */
export interface HookWord {
  readonly low: Word | null
  readonly high: Word | null
}

export interface HookText {
  readonly objects: KernelObjects
  readonly program: Pick<Runnable, 'entry' | 'bare' | 'ahead' | 'meetsObjects' | 'mayKeep'>
  readonly words: readonly HookWord[]
  /** Arguments of the hook. */
  readonly arity: number
  readonly stopped: (error: unknown) => number
}

export const compiledHook = (hook: HookText): Run => {
  const { text, constants } = hookText(hook)
  const make = new Function(...constants.keys(), text) as (...values: unknown[]) => Run
  return make(...constants.values())
}

/** The source, and what its free names stand for. */
export const hookText = (
  { objects, program, words, arity, stopped }: HookText,
): { readonly text: string; readonly constants: ReadonlyMap<string, unknown> } => {
  const constants = new Map<string, unknown>([['entry', program.bare?.entry ?? program.entry], ['stopped', stopped]])
  if (program.bare !== null) constants.set('machine', program.bare.machine)
  const given: string[] = []
  for (const [at, { low, high }] of words.entries()) {
    if (low !== null) constants.set(`low${at}`, low)
    if (high !== null) constants.set(`high${at}`, high)
    given.push(low === null ? '0' : `low${at}(a${at})`, high === null ? '0' : `high${at}(a${at})`)
  }
  const found = new Found(constants)
  for (const one of program.ahead) given.push(found.parameter(one))
  const call = ['return entry(', ...given.map((one) => `  ${one},`), ')']
  const args = Array.from({ length: arity }, (_, at) => `a${at}`)
  const lines = [...found.lines, ...call].map((line) => `    ${line}`)
  // what is shown while it runs is forgotten when it ends
  const isKept = !program.meetsObjects
  if (!isKept) constants.set('objects', objects)
  const text = [
    `return (${args.join(', ')}) => {`,
    ...(isKept ? [] : ['  const { top } = objects']),
    ...(program.bare === null ? [] : ['  const { stack, fuel, tails } = machine']),
    '  try {',
    ...lines,
    '  } catch (error) {',
    ...(program.bare === null ? [] : ['    Object.assign(machine, { stack, fuel, tails })']),
    '    return stopped(error)',
    ...(isKept ? [] : ['  } finally {', `    if (objects.top !== top) objects.release(top, ${program.mayKeep})`]),
    '  }',
    '}',
  ].join('\n')
  return { text, constants }
}

/** Members on the ways of all parameters, each read once. */
class Found {
  readonly lines: string[] = []
  readonly #constants: Map<string, unknown>
  readonly #names = new Map<string, string>()
  readonly #accessors = new Map<Accessor, number>()

  constructor(constants: Map<string, unknown>) {
    this.#constants = constants
  }

  parameter({ way: { argument, members }, as }: Ahead): string {
    if (members.length === 0) return `typeof a${argument} === 'object' ? a${argument} : null`
    const last = members.at(-1)!
    const owner = this.#pointer(argument, members.slice(0, -1))
    if (as === 'object') return this.#pointer(argument, members)
    if (as === 'handle') return `${this.#constant('handle', last, last.handleOf)}(${owner})`
    return this.#value(owner, last)
  }

  /** Name of what holds the object, or null. */
  #pointer(argument: number, members: readonly Accessor[]): string {
    if (members.length === 0) return `a${argument}`
    const key = [argument, ...members.map((member) => this.#number(member))].join(' ')
    let name = this.#names.get(key)
    if (name !== undefined) return name
    const owner = this.#pointer(argument, members.slice(0, -1))
    name = `p${this.#names.size}`
    this.lines.push(`const ${name} = ${this.#read(owner, members.at(-1)!)} ?? null`)
    this.#names.set(key, name)
    return name
  }

  #value(owner: string, member: Accessor): string {
    if (!member.isWhole) return `${this.#constant('value', member, member.valueOf)}(${owner} ?? null)`
    const name = `v${this.#names.size}`
    this.#names.set(`value ${name}`, name)
    this.#constants.set('numberOf', numberOf)
    this.lines.push(`const ${name} = ${this.#read(owner, member)}`)
    return `typeof ${name} === 'number' && ${name} === ${name} ? ${name} : numberOf(${name})`
  }

  #read(owner: string, member: Accessor): string {
    if (member.path !== null) return `${owner}?.${member.path.join('?.')}`
    return `(${owner} == null ? null : ${this.#constant('read', member, member.read)}(${owner}))`
  }

  #constant(what: string, member: Accessor, value: unknown): string {
    const name = `${what}${this.#number(member)}`
    this.#constants.set(name, value)
    return name
  }

  #number(member: Accessor): number {
    const number = this.#accessors.get(member) ?? this.#accessors.size
    this.#accessors.set(member, number)
    return number
  }
}
