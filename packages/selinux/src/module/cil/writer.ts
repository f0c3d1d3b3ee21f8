/** The writer of all statements: lines, the names of a module's symbols, and sets of them. */
import { PolicyError } from '../../policydb/errors.ts'
import {
  MODULE_ALIAS, MODULE_ATTRIBUTE, RULE_NOT_SELF, RULE_SELF, SET_ALL, SET_OTHERS, symbolKinds,
} from '../module.ts'
import type { ModuleType, NameSet, PolicyModule } from '../module.ts'
import { checkWord, joined } from './text.ts'

export type Kind = (typeof symbolKinds)[number]

interface Block {
  readonly lines: string[]
  readonly blocks: Map<string, Block>
}

const blockLines = ({ lines, blocks }: Block): string[] => [
  ...lines, ...[...blocks].flatMap(([name, block]) => [`(block ${name}`, ...blockLines(block), ')']),
]

export class CilWriter {
  readonly module: PolicyModule
  readonly #lines: string[] = []
  /** Declarations of names with dots. */
  readonly #blocks: Block = { lines: [], blocks: new Map() }
  /** By kind: names by value. */
  readonly names: Record<Kind, string[]>
  readonly #permissions: (string | undefined)[][] = []
  readonly aliasTypes: readonly ModuleType[]
  readonly types: ReadonlyMap<string, ModuleType>
  /** Before each line: what is in an optional block stands further right. */
  indent = ''
  #generated = 0
  #madeHere = new Map<string, string>()
  /** Of the block that holds always; null while it is written. */
  #madeAround: ReadonlyMap<string, string> | null = null

  constructor(module: PolicyModule) {
    this.module = module
    const { symbols } = module
    for (const kind of symbolKinds) for (const { name } of symbols[kind]) checkWord(name)
    checkWord(module.name)
    const byValue = (items: readonly { name: string; value: number }[]): string[] => {
      const names: string[] = []
      for (const { name, value } of items) names[value] = name
      return names
    }
    this.names = {
      commons: byValue(symbols.commons), classes: byValue(symbols.classes), roles: byValue(symbols.roles),
      types: byValue(symbols.types.filter(({ properties, primary }) =>
        (properties & MODULE_ALIAS) === 0 && primary > 0)),
      users: byValue(symbols.users), booleans: byValue(symbols.booleans),
      sensitivities: byValue(symbols.sensitivities.filter(({ isAlias }) => !isAlias)
        .map(({ name, level }) => ({ name, value: level.sens }))),
      categories: byValue(symbols.categories.filter(({ isAlias }) => !isAlias)),
    }
    this.types = new Map(symbols.types.map((type) => [type.name, type]))
    this.aliasTypes = symbols.types.filter(({ primary, properties }) =>
      (properties & MODULE_ALIAS) !== 0 || ((properties & MODULE_ATTRIBUTE) === 0 && primary === 0))
    const commons = new Map(symbols.commons.map((common) => [common.name, common]))
    for (const item of symbols.classes) {
      const names: (string | undefined)[] = []
      for (const { name, value } of commons.get(item.common ?? '')?.permissions.items ?? []) names[value - 1] = name
      for (const { name, value } of item.permissions.items) names[value - 1] = name
      this.#permissions[item.value] = names
    }
  }

  get text(): string {
    return `${[...this.#lines, ...blockLines(this.#blocks)].join('\n')}\n`
  }

  /** From here on sets get attributes of an optional block; those made until now hold always. */
  beginOptional(): void {
    this.#madeAround ??= this.#madeHere
    this.#madeHere = new Map()
  }

  /** Throws where the module names a value that it does not have. */
  nameOf(kind: Kind, value: number): string {
    const name = this.names[kind][value]
    if (name === undefined) throw new PolicyError('bad-reference', `the module has no ${value} among its ${kind}`)
    return name
  }

  /** A symbol. One with dots in its name belongs to blocks, which are written where the text ends. */
  declare(keyword: string, name: string, value?: boolean): void {
    const blocks = name.split('.')
    const own = blocks.pop()!
    const line = `(${keyword} ${own}${value === undefined ? '' : ` ${value}`})`
    if (blocks.length === 0) return this.say(line)
    let inside = this.#blocks
    for (const block of blocks) {
      let next = inside.blocks.get(block)
      if (next === undefined) inside.blocks.set(block, next = { lines: [], blocks: new Map() })
      inside = next
    }
    inside.lines.push(line)
  }

  say(line: string): void {
    this.#lines.push(this.indent + line)
  }

  /** The names of a set, or one attribute made for it. */
  typesOf(set: NameSet): string[] {
    const named = Array.from(set.names, (bit) => this.nameOf('types', bit + 1))
    const without = Array.from(set.without, (bit) => this.nameOf('types', bit + 1))
    if (set.flags === 0 && without.length === 0) return named
    const base = (set.flags & SET_ALL) !== 0 ? '(all)' : joined(named)
    const less = without.length === 0 ? base : `(and ${base} (not ${joined(without)}))`
    const expression = (set.flags & SET_OTHERS) !== 0 ? `(not ${less})` : less
    return [this.typesBy(expression)]
  }

  /** The attribute of the types that an expression is true of. */
  typesBy(expression: string): string {
    return this.#made('type', expression)
  }

  /** One attribute for all equal sets of a block; optional blocks use those of the block around them. */
  #made(kind: 'type' | 'role', expression: string): string {
    const key = `${kind} ${expression}`
    const known = this.#madeHere.get(key) ?? this.#madeAround?.get(key)
    if (known !== undefined) return known
    const attribute = `${this.module.name}_${kind}attr_${++this.#generated}`
    this.say(`(${kind}attribute ${attribute})`)
    this.say(`(${kind}attributeset ${attribute} ${expression})`)
    this.#madeHere.set(key, attribute)
    return attribute
  }

  rolesOf(set: NameSet): string[] {
    const named = Array.from(set.names, (bit) => this.nameOf('roles', bit + 1))
    if (set.flags === 0) return named
    return [this.#made('role', (set.flags & SET_ALL) !== 0 ? '(all)' : `(not ${joined(named)})`)]
  }

  /** Of a rule that leaves out no source: the names of its targets, and `self` where it is one of them. */
  targets(set: NameSet, flags: number): string[] {
    if ((flags & RULE_NOT_SELF) !== 0) {
      throw new PolicyError('not-expressible', 'a transition leaves out its own source')
    }
    return [...this.typesOf(set), ...(flags & RULE_SELF) === 0 ? [] : ['self']]
  }

  /** Permissions of a class in brackets. */
  perms(tclass: number, mask: number): string {
    return joined(this.permissionNames(tclass, mask).names)
  }

  /** Names of the permissions in a mask, and the bits of it that have none. */
  permissionNames(tclass: number, mask: number): { readonly names: readonly string[]; readonly nameless: number } {
    const known = this.#permissions[tclass]
    if (known === undefined) throw new PolicyError('bad-reference', `the module has no class ${tclass}`)
    const names: string[] = []
    let nameless = mask
    for (const [bit, name] of known.entries()) {
      if (name === undefined || (mask & (1 << bit)) === 0) continue
      names.push(name)
      nameless &= ~(1 << bit)
    }
    return { names, nameless: nameless >>> 0 }
  }
}
