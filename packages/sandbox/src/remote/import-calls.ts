/** Imports of a component that are functions of another thread: their names there, and calls as messages. */
import { ownValue } from '@lsmkit/abi'
import type { ComponentValue, GivenFunction, GivenImports } from '@lsmkit/wasi'

/** The functions of each interface by name; null for a function that is an import by itself. */
export type ImportNames = Readonly<Record<string, readonly string[] | null>>

/** `name` is null for a function that is an import by itself. */
export type AskImport = (from: string, name: string | null, args: readonly ComponentValue[]) => Promise<unknown>

/** Classes do not cross: their objects are of one thread. */
const isPlain = (value: unknown): value is GivenFunction =>
  typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable !== false

export const importNames = (imports: GivenImports): ImportNames =>
  Object.fromEntries(Object.entries(imports).map(([from, given]) => [from, typeof given === 'function' ? null
    : Object.getOwnPropertyNames(given).filter((name) => isPlain(given[name]))]))

/** In the thread of the kernel: functions that ask. */
export const askingImports = (names: ImportNames, ask: AskImport): GivenImports => {
  const asking = (from: string, name: string | null) => (...args: readonly ComponentValue[]) => ask(from, name, args)
  return Object.fromEntries(Object.entries(names).map(([from, functions]) => [from, functions === null
    ? asking(from, null) : Object.fromEntries(functions.map((name) => [name, asking(from, name)]))]))
}

/** Where the functions are: calls one. */
export const answerImport = (
  imports: GivenImports, from: string, name: string | null, args: readonly ComponentValue[],
): unknown => {
  const given = ownValue(imports, from)
  const call = name === null || typeof given !== 'object' ? given : ownValue(given, name)
  if (!isPlain(call)) throw new Error(`there is no import \`${from}\` any more`)
  return Reflect.apply(call, name === null ? undefined : given, args) as unknown
}
