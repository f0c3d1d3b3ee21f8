/** Which exported functions, classes and methods of the published packages take options, found through the types. */
import { join } from 'node:path'
import ts from 'typescript'
import { published } from '../pack.mjs'

/** `@lsmkit/core createStack(options: StackOptions)`; a method is `TYPE#METHOD`. */
export interface Taker {
  readonly name: string
  readonly type: string
  /** Objects inside of the options, at every depth: `limits`, `mounts[].device`, `tools.*`. */
  readonly nested: readonly string[]
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

const entries = (published() as readonly { folder: string; manifest: Manifest }[]).flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports).flatMap(([path, entry]) =>
    // without `default` it is for this repository alone
    typeof entry === 'string' || entry.default === undefined
      ? []
      : [{ name: manifest.name + path.slice(1), file: join(folder, entry['lsmkit:source']!) }]))

/** `create-lsmkit` has no dependencies, core's rules among them. */
const isOurs = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some((one) => /\/packages\/(?!create-)[\w-]+\/src\//.test(one.getSourceFile().fileName)) ?? false

const has = (symbol: ts.Symbol, flags: ts.SymbolFlags): boolean => (symbol.flags & flags) !== 0

/** Not only its type. */
const isValue = (exported: ts.Symbol): boolean =>
  exported.declarations?.every((one) => !ts.isExportSpecifier(one) || !ts.isTypeOnlyExportDeclaration(one)) ?? true

class Finder {
  readonly found = new Map<string, Taker>()
  readonly #checker: ts.TypeChecker
  readonly #whole: ReadonlySet<string>

  constructor(checker: ts.TypeChecker, whole: ReadonlySet<string>) {
    this.#checker = checker
    this.#whole = whole
  }

  /** What one entry point exports. */
  read(entry: string, file: ts.SourceFile): void {
    for (const exported of this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(file)!)) {
      const isAlias = has(exported, ts.SymbolFlags.Alias)
      const symbol = isAlias ? this.#checker.getAliasedSymbol(exported) : exported
      const name = `${entry} ${exported.name}`
      if (has(symbol, ts.SymbolFlags.Function | ts.SymbolFlags.Variable | ts.SymbolFlags.Class) && isValue(exported)) {
        const type = this.#checker.getTypeOfSymbol(symbol)
        this.#signatures(name, [...type.getCallSignatures(), ...type.getConstructSignatures()])
      }
      if (has(symbol, ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) {
        this.#methods(name, this.#checker.getDeclaredTypeOfSymbol(symbol))
      }
    }
  }

  #methods(of: string, type: ts.Type): void {
    for (const field of this.#checker.getPropertiesOfType(type)) {
      if (!isOurs(field) || /^(__)?#/.test(field.name)) continue
      const called = this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(field)).getCallSignatures()
      this.#signatures(`${of}#${field.name}`, called)
    }
  }

  #signatures(name: string, signatures: readonly ts.Signature[]): void {
    for (const parameter of signatures.flatMap((one) => one.getParameters())) {
      const type = this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(parameter))
      for (const one of type.isUnion() ? type.types : [type]) {
        if (!this.#isOptions(one)) continue
        const text = this.#checker.typeToString(one)
        this.found.set(`${name} ${text}`, { name, type: text, nested: this.#nested(one) })
      }
    }
  }

  /** Where objects of plain fields stand inside of this one. */
  #nested(type: ts.Type, place = '', seen: readonly ts.Type[] = []): string[] {
    return this.#checker.getPropertiesOfType(type).flatMap((field) =>
      this.#inside(this.#checker.getTypeOfSymbol(field), place === '' ? field.name : `${place}.${field.name}`,
        [...seen, type]))
  }

  #inside(type: ts.Type, place: string, seen: readonly ts.Type[]): string[] {
    if (seen.includes(type)) return []
    if (type.isUnion()) return [...new Set(type.types.flatMap((one) => this.#inside(one, place, [...seen, type])))]
    if (this.#checker.isArrayType(type) || this.#checker.isTupleType(type)) {
      const [element] = this.#checker.getTypeArguments(type as ts.TypeReference)
      return element === undefined ? [] : this.#inside(element, `${place}[]`, seen)
    }
    const checker = this.#checker
    const values = checker.getIndexTypeOfType(type, ts.IndexKind.String)
    if (values !== undefined) return this.#inside(values, `${place}.*`, [...seen, type])
    if (!this.#isPlain(type) || this.#whole.has(checker.typeToString(type))) return []
    return [place, ...this.#nested(type, place, seen)]
  }

  /** An object of ours, not of a class. */
  #isPlain(type: ts.Type): boolean {
    if ((type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0 || type.isClass()) return false
    const fields = this.#checker.getPropertiesOfType(type)
    return type.getCallSignatures().length === 0 && type.getConstructSignatures().length === 0 &&
      fields.length > 0 && fields.every(isOurs)
  }

  /** An object of ours with a field that may be left out. */
  #isOptions(type: ts.Type): boolean {
    if ((type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0) return false
    const fields = this.#checker.getPropertiesOfType(type)
    return type.getCallSignatures().length === 0 && fields.length > 0 && fields.every(isOurs) &&
      fields.some((field) => has(field, ts.SymbolFlags.Optional))
  }
}

/** `whole`: types whose objects are handed on as they are, so that nothing inside of them is an option. */
export const optionTakers = (whole: ReadonlySet<string>): readonly Taker[] => {
  const path = join(import.meta.dirname, '../../packages/core/tsconfig.json')
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} }
  const { options } = ts.getParsedCommandLineOfConfigFile(path, {}, host)!
  const program = ts.createProgram(entries.map(({ file }) => file), options)
  const finder = new Finder(program.getTypeChecker(), whole)
  for (const { name, file } of entries) finder.read(name, program.getSourceFile(file)!)
  return [...finder.found.values()]
}
