/** A module that the reader writes: its types are erased, its code is evaluated here in the worker, and it is made. */
import * as abi from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import * as core from '@lsmkit/core'
import type { HookName, Lsm } from '@lsmkit/core'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import * as optionRules from '@lsmkit/core/option-rules'
import { transform } from 'sucrase'
import type { ModuleFault, OwnModuleReport } from './protocol.ts'

/** Packages that a module can import. */
export const importable: Readonly<Record<string, object>> = {
  '@lsmkit/abi': abi,
  '@lsmkit/core': core,
  '@lsmkit/core/option-rules': optionRules,
}

/** The module cannot be made; line and column count from 1. */
export class OwnModuleError extends core.LsmkitError<'bad-module'> {
  readonly fault: ModuleFault

  constructor(fault: ModuleFault) {
    super('bad-module', fault.message, { hint: fault.hint })
    this.fault = fault
  }
}

export interface OwnModule {
  /** The name of the export that makes it. */
  readonly maker: string
  readonly make: () => Lsm
}

type Exports = Readonly<Record<string, unknown>>
type Body = (require: (name: string) => object, exports: object) => Promise<void>

const faultAt = (message: string, hint: string | null, line: number, column = 1): ModuleFault =>
  ({ ok: false, message, hint, line: Math.max(1, line), column: Math.max(1, column) })

/** Lines stay where they were. Throws OwnModuleError for what is no TypeScript. */
export const eraseTypes = (text: string): string => {
  try {
    return transform(text, { transforms: ['typescript', 'imports'], disableESTransforms: true }).code
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number; column: number } }
    const plain = message.replace(/^Error transforming [^:]*: /, '').replace(/ \(\d+:\d+\)$/, '')
    throw new OwnModuleError(faultAt(plain, null, loc?.line ?? 1, loc?.column))
  }
}

const requireFor = (text: string) => (name: string): object => {
  const found = abi.ownValue(importable, name)
  if (found !== undefined) return found
  const hint = didYouMean(name, Object.keys(importable)) ?? `there are ${Object.keys(importable).join(', ')}`
  throw new OwnModuleError(faultAt(`\`${name}\` cannot be imported here`, hint, lineOf(text, name)))
}

/** The first line that has a word; 1 where none has. */
const lineOf = (text: string, word: string): number =>
  Math.max(0, text.split('\n').findIndex((line) => line.includes(word))) + 1

/** Code of a page's own address is all that may run, so the text becomes a file of it for a moment. */
const bodyOf = async (code: string): Promise<Body> => {
  const source = `export default async (require, exports) => {${code}\n}`
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  try {
    return ((await import(/* @vite-ignore */ url)) as { readonly default: Body }).default
  } finally {
    URL.revokeObjectURL(url)
  }
}

const evaluate = async (body: Body, text: string): Promise<Exports> => {
  const exports = {}
  await body(requireFor(text), exports)
  return exports
}

const isLsm = (value: unknown): value is Lsm =>
  typeof value === 'object' && value !== null && 'name' in value && 'hooks' in value

const NO_EXPORT = 'the module exports nothing that makes a Linux Security Module'

/** The default export, or the first that makes one. */
const makerOf = (exports: Exports): OwnModule => {
  const names = Object.keys(exports).sort((a, b) => Number(b === 'default') - Number(a === 'default'))
  for (const maker of names) {
    const value = exports[maker]
    if (typeof value !== 'function') continue
    const made: unknown = (value as () => unknown)()
    if (isLsm(made)) return { maker, make: value as () => Lsm }
  }
  const isObject = names.some((name) => isLsm(exports[name]))
  const hint = isObject
    ? 'export a function that makes it: each stack needs an instance of its own'
    : "write `export const mine = () => defineLsm({ name: 'mine', abi: '1.0', hooks: { … } })`"
  throw new OwnModuleError(faultAt(isObject ? 'the module exports an instance' : NO_EXPORT, hint, 1))
}

/** `blob:…:12:7` of the first frame in the reader's own text. */
const placeIn = (stack: string): { readonly line: number; readonly column: number } | null => {
  const [, line, column] = /blob:[^\s)]+?:(\d+):(\d+)/.exec(stack) ?? []
  return line === undefined ? null : { line: Number(line), column: Number(column) }
}

/** Errors about a word stand where the word does; all others where the reader's code was. */
const faultOf = (error: unknown, text: string): ModuleFault => {
  if (error instanceof OwnModuleError) return error.fault
  const { summary, message, hint = null, stack = '' } = error as Error & { summary?: string; hint?: string | null }
  const said = summary ?? message
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.stack ?? '' : ''
  const words = [...said.matchAll(/`([\w$]+)`/g)].map(([, word]) => word!)
  const word = words.find((one) => new RegExp(`\\b${one}\\b`).test(text))
  const place = placeIn(cause) ?? placeIn(stack)
  if (summary !== undefined && word !== undefined) {
    const line = text.split('\n').findIndex((one) => new RegExp(`\\b${word}\\b`).test(one)) + 1
    return faultAt(said, hint, line, text.split('\n')[line - 1]!.indexOf(word) + 1)
  }
  return faultAt(said, hint, place?.line ?? 1, place?.column)
}

/** Throws OwnModuleError. */
export const ownModule = async (text: string): Promise<OwnModule> => {
  const code = eraseTypes(text)
  try {
    return makerOf(await evaluate(await bodyOf(code), text))
  } catch (error) {
    throw new OwnModuleError(faultOf(error, text))
  }
}

/** Its name and its hooks once it stands in a stack; or the fault that keeps it out. */
export const tryModule = async (text: string): Promise<OwnModuleReport> => {
  try {
    const { maker, make } = await ownModule(text)
    const lsm = make()
    try {
      const { hooks } = core.createStack({ lsms: [capability(), lsm] }).explain().toJSON()
      const own = hooks.filter(({ members }) => members.includes(lsm.name)).map(({ hook }) => hook as HookName)
      return { ok: true, name: lsm.name, maker, hooks: own }
    } catch (error) {
      return faultOf(error, text)
    }
  } catch (error) {
    if (error instanceof OwnModuleError) return error.fault
    throw error
  }
}

/** Without running any of it: the fault of its syntax, or null. */
export const syntaxFault = (text: string): ModuleFault | null => {
  try {
    eraseTypes(text)
    return null
  } catch (error) {
    return (error as OwnModuleError).fault
  }
}
