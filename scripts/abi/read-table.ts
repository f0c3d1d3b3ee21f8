/** The module ABI as it stands in the sources: every hook, and every type that a module is handed or writes. */
import { join } from 'node:path'
import ts from 'typescript'
import { hookDefs } from '../../packages/core/src/hooks/hook-defs.ts'
import { moduleAbi } from '../../packages/core/src/module-abi.ts'
import type { AbiTable } from './compare.ts'

const core = join(import.meta.dirname, '../../packages/core')
const entry = join(core, 'src/index.ts')

/** Types that stand for the whole hook table, which is told hook by hook. */
const tables = new Set(['HookMap', 'EntryMap', 'KeyMap', 'LsmTable', 'HookGroup', 'NoOtherHooks'])

/** Walks from a type to all that it is made of, and notes the fields of those that core and abi declare. */
class TypeReader {
  readonly types: Record<string, Record<string, string>> = {}
  /** Types that a module makes. Kernel objects are none of them: whoever hands one on was given it. */
  readonly written = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #checker: ts.TypeChecker
  readonly #exports: readonly ts.Symbol[]

  constructor() {
    const path = join(core, 'tsconfig.json')
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} }
    const program = ts.createProgram([entry], ts.getParsedCommandLineOfConfigFile(path, {}, host)!.options)
    this.#checker = program.getTypeChecker()
    this.#exports = this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
  }

  exported(name: string): ts.Type {
    const symbol = this.#exports.find((one) => one.name === name)!
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
    return this.#checker.getDeclaredTypeOfSymbol(isAlias ? this.#checker.getAliasedSymbol(symbol) : symbol)
  }

  fieldsOf(type: ts.Type): readonly { name: string; type: ts.Type; isOptional: boolean }[] {
    const fields = this.#checker.getPropertiesOfType(type).filter((field) => !isPrivate(field))
    return fields.map((field) => ({
      name: nameOf(field),
      type: this.#checker.getTypeOfSymbol(field),
      isOptional: (field.flags & ts.SymbolFlags.Optional) !== 0,
    }))
  }

  text(type: ts.Type, flags = ts.TypeFormatFlags.None): string {
    const whole = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope
    return this.#checker.typeToString(type, undefined, whole | flags)
  }

  visit(type: ts.Type, isWritten: boolean): void {
    const name = (type.aliasSymbol ?? type.symbol)?.name ?? ''
    if (tables.has(name) || !this.#isNew(type, isWritten)) return
    for (const argument of [...(type.aliasTypeArguments ?? []), ...this.#argumentsOf(type)]) {
      this.visit(argument, isWritten)
    }
    if (type.aliasSymbol !== undefined && isOurs(type.aliasSymbol)) this.#noteAlias(type.aliasSymbol)
    if (type.isUnionOrIntersection()) {
      for (const part of type.types) this.visit(part, isWritten)
      return
    }
    for (const signature of type.getCallSignatures()) {
      for (const given of signature.getParameters()) this.visit(this.#checker.getTypeOfSymbol(given), !isWritten)
      this.visit(signature.getReturnType(), isWritten)
    }
    if (type.symbol !== undefined && isOurs(type.symbol)) this.#noteFields(genericOf(type), name, isWritten)
  }

  #isNew(type: ts.Type, isWritten: boolean): boolean {
    const mark = `${isWritten} ${type.aliasSymbol?.name} ${this.text(type, ts.TypeFormatFlags.InTypeAlias)}`
    if (this.#seen.has(mark)) return false
    this.#seen.add(mark)
    return true
  }

  #noteAlias(symbol: ts.Symbol): void {
    this.types[symbol.name] ??= {
      '=': this.text(this.#checker.getDeclaredTypeOfSymbol(symbol), ts.TypeFormatFlags.InTypeAlias),
    }
  }

  #noteFields(type: ts.Type, name: string, isWritten: boolean): void {
    const fields = this.fieldsOf(type).filter((field) => name !== 'LsmOptions' || field.name !== 'abi')
    if ((type.symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) !== 0) {
      if (isWritten && !isKernelObject(type.symbol)) this.written.add(name)
      this.types[name] ??= {
        ...Object.fromEntries(type.getCallSignatures().map((one, i) => [`(${i})`, this.#checker.signatureToString(one)])),
        ...Object.fromEntries(fields.map((one) => [one.isOptional ? `${one.name}?` : one.name, this.text(one.type)])),
      }
    }
    for (const field of fields) this.visit(field.type, isWritten)
  }

  #argumentsOf(type: ts.Type): readonly ts.Type[] {
    return isReference(type) ? this.#checker.getTypeArguments(type) : []
  }
}

const isReference = (type: ts.Type): type is ts.TypeReference =>
  ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0

/** `Ref<T>` rather than the `Ref<number>` that was met first. */
const genericOf = (type: ts.Type): ts.Type => (isReference(type) ? type.target : type)

const isDeclaredIn = (symbol: ts.Symbol, folder: RegExp): boolean =>
  symbol.declarations?.some((one) => folder.test(one.getSourceFile().fileName)) ?? false
const isOurs = (symbol: ts.Symbol): boolean => isDeclaredIn(symbol, /packages\/(core|abi)\/src\//)
const isKernelObject = (symbol: ts.Symbol): boolean => isDeclaredIn(symbol, /packages\/core\/src\/objects\//)

const isPrivate = (field: ts.Symbol): boolean =>
  field.name.startsWith('__#') ||
  (field.declarations?.some((one) => ts.getCombinedModifierFlags(one) & ts.ModifierFlags.Private) ?? false)

/** Unique symbols have a number in their name that is another in every run. */
const nameOf = (field: ts.Symbol): string => field.name.replace(/^__@(.*)@\d+$/, '[$1]')

/** What dispatch does around the chain; what BPF may do with a hook is no business of modules. */
const traitsOf = (def: (typeof hookDefs)[keyof typeof hookDefs]): string =>
  [
    `default ${def.default}`,
    ...(def.allocates === null ? [] : [`allocates ${def.allocates}`]),
    ...(['privateGuard', 'presets', 'bugOn', 'special'] as const).filter((trait) => def[trait]),
  ].join(', ')

export const readTable = (): AbiTable => {
  const reader = new TypeReader()
  const signatures = (map: string) =>
    new Map(reader.fieldsOf(reader.exported(map)).map(({ name, type }) => [name, type]))
  const [called, asked] = [signatures('HookMap'), signatures('EntryMap')]
  const hooks = Object.entries(hookDefs).map(([name, def]) => {
    reader.visit(called.get(name)!, true)
    const [own, entered] = [reader.text(called.get(name)!), reader.text(asked.get(name)!)]
    return [name, `${own}${entered === own ? '' : ` / asked ${entered}`}; (${def.params}); ${traitsOf(def)}`]
  })
  reader.visit(reader.exported('LsmOptions'), true)
  return {
    abi: moduleAbi,
    hooks: Object.fromEntries(hooks) as Record<string, string>,
    types: Object.fromEntries(Object.entries(reader.types).sort(([a], [b]) => (a < b ? -1 : 1))),
    written: [...reader.written].sort(),
  }
}
