/** A module from its functions: sections, types once each, imports first. Knows nothing of what is compiled. */
import { ownValue } from '@lsmkit/abi'
import type { Body, ValueType } from './body.ts'
import { Bytes } from './bytes.ts'
import { EXTERNREF, F64, I32, I64 } from './opcode.ts'

export interface FuncType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  /** As `func` was given it: two types with one text are one. */
  readonly text: string
}

/** `i32, i64 -> i64` as `func('iI', 'I')`: i is i32, I is i64, D is f64, R is externref. */
export const func = (params: string, results: string): FuncType => ({
  params: [...params].map(typeOf),
  results: [...results].map(typeOf),
  text: `${params} ${results}`,
})

const TYPES: Readonly<Record<string, ValueType>> = { i: I32, I: I64, D: F64, R: EXTERNREF }
const typeOf = (letter: string): ValueType => ownValue(TYPES, letter)!

export class ModuleBuilder {
  readonly #types: FuncType[] = []
  readonly #places = new Map<string, number>()
  readonly #imports: { readonly name: string; readonly type: number }[] = []
  readonly #named = new Map<string, number>()
  readonly #functions: { readonly type: number; body: Body | null }[] = []
  readonly #exports: { readonly name: string; readonly index: number }[] = []
  /** The module takes `env.table` when something is called through it. */
  hasTable = false

  /** Index of a type, for `call_indirect`. */
  type(type: FuncType): number {
    let at = this.#places.get(type.text)
    if (at === undefined) this.#places.set(type.text, (at = this.#types.push(type) - 1))
    return at
  }

  /** A function of `env`; its index, the same for the same name. All imports come before the first `declare`. */
  import(name: string, type: FuncType): number {
    const known = this.#named.get(name)
    if (known !== undefined) return known
    if (this.#functions.length > 0) throw new RangeError(`\`${name}\` is imported behind a function`)
    const at = this.#imports.push({ name, type: this.type(type) }) - 1
    this.#named.set(name, at)
    return at
  }

  /** A function whose body follows; its index. */
  declare(type: FuncType): number {
    return this.#imports.length + this.#functions.push({ type: this.type(type), body: null }) - 1
  }

  define(index: number, body: Body): void {
    this.#functions[index - this.#imports.length]!.body = body
  }

  export(name: string, index: number): void {
    this.#exports.push({ name, index })
  }

  /** The module; its memory is `env.memory`. */
  finish(): Uint8Array<ArrayBuffer> {
    const module = new Bytes().raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    section(module, 1, this.#types, (out, { params, results }) => {
      out.byte(0x60)
      for (const values of [params, results]) {
        out.unsigned(values.length)
        for (const value of values) out.byte(value)
      }
    })
    const functions = this.#imports.map(({ name, type }) => (out: Bytes) => out.text(name).byte(0).unsigned(type))
    const memory = (out: Bytes) => out.text('memory').byte(2).byte(0).unsigned(0)
    const table = (out: Bytes) => out.text('table').byte(1).byte(0x70).byte(0).unsigned(0)
    const imports = [...functions, memory, ...(this.hasTable ? [table] : [])]
    section(module, 2, imports, (out, write) => write(out.text('env')))
    section(module, 3, this.#functions, (out, { type }) => out.unsigned(type))
    section(module, 7, this.#exports, (out, { name, index }) => out.text(name).byte(0).unsigned(index))
    section(module, 10, this.#functions, (out, { body }) => {
      const code = body!.finish()
      out.unsigned(code.length).raw(code)
    })
    return Uint8Array.from(module.written)
  }
}

const section = <T>(module: Bytes, id: number, items: readonly T[], write: (out: Bytes, item: T) => void): void => {
  if (items.length === 0) return
  const content = new Bytes().unsigned(items.length)
  for (const item of items) write(content, item)
  module.byte(id).unsigned(content.length).raw(content.written)
}
