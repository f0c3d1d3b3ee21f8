/** The state of building a module: its symbols, the block that is built, errors with their places. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { SourceErrorCode } from '../errors.ts'
import type { Origin } from '../origin.ts'
import type { Word } from '../te/ast.ts'
import { Block } from './block.ts'
import { makeRole, Symbols } from './symbols.ts'
import type { Entry, Kind, RoleEntry, TypeEntry, UserEntry } from './symbols.ts'

export interface BuildOptions {
  /** With levels and categories (checkmodule -M). */
  readonly mls: boolean
  readonly handleUnknown: 'allow' | 'deny' | 'reject'
}

const whatOf: Readonly<Record<Kind, string>> = {
  commons: 'common', classes: 'class', roles: 'role', types: 'type', users: 'user', booleans: 'boolean',
  sensitivities: 'sensitivity', categories: 'category',
}

const requireWord: Readonly<Record<Kind, string>> = {
  classes: 'class', roles: 'role', types: 'type', users: 'user', booleans: 'bool', sensitivities: 'sensitivity',
  categories: 'category', commons: 'class',
}

export class Builder {
  readonly origin: Origin
  readonly options: BuildOptions
  readonly symbols = new Symbols()
  readonly blocks: Block[] = [new Block(1, null)]
  block = this.blocks[0]!
  isModule = false
  /** `role type class` of the transitions of roles, by their values. */
  readonly roleTransitions = new Set<string>()
  /** Where the statement begins that is worked on. */
  statement = 0
  #nextBlock = 2

  constructor(origin: Origin, options: BuildOptions) {
    this.origin = origin
    this.options = options
    // Every policy has the role of objects.
    this.symbols.add('roles', 'object_r', (value) => makeRole('object_r', value, false, false))
    this.symbols.scope('roles', 'object_r', 1, true)
  }

  fail(code: SourceErrorCode, message: string, at: number, hint: string | null = null): never {
    return this.origin.fail(code, message, at, { hint, statement: this.statement })
  }

  makeBlock(isElse: boolean): Block {
    const block = new Block(this.#nextBlock++, this.block, isElse)
    if (!isElse) this.blocks.push(block)
    return block
  }

  within(block: Block, work: () => void): void {
    const around = this.block
    this.block = block
    work()
    this.block = around
  }

  declare<K extends Kind>(kind: K, { text, at }: Word, makes: (value: number) => Entry<K>): Entry<K> {
    return this.#create(kind, text, at, makes, true)
  }

  require<K extends Kind>(kind: K, { text, at }: Word, makes: (value: number) => Entry<K>): Entry<K> {
    this.block.hasRequire = true
    return this.#create(kind, text, at, makes, false)
  }

  #create<K extends Kind>(
    kind: K, name: string, at: number, makes: (value: number) => Entry<K>, isDeclared: boolean,
  ): Entry<K> {
    if (this.block.isElse) {
      this.fail('misplaced', `the \`else\` of an optional block ${isDeclared ? 'declares' : 'requires'} \`${name}\``,
        at, 'only the first branch may declare and require')
    }
    const { entry } = this.symbols.add(kind, name, makes)
    if (!this.symbols.scope(kind, name, this.block.id, isDeclared)) {
      this.fail('redeclared', `${whatOf[kind]} \`${name}\` is declared twice`, at)
    }
    const bits = isDeclared ? this.block.declared : this.block.required
    bits[kind].add((entry as { readonly value: number }).value - 1)
    return entry
  }

  /** A symbol that the block, or one around it, declares or requires. */
  find<K extends Kind>(kind: K, { text, at }: Word): Entry<K> {
    const entry = this.symbols.get(kind, text)
    if (entry === null) return this.#unknown(kind, text, at)
    if (!this.isInScope(kind, text)) {
      this.fail('unresolved', `${whatOf[kind]} \`${text}\` is known in another block alone`, at,
        `require it here too: \`${requireWord[kind]} ${text};\``)
    }
    return entry
  }

  #unknown(kind: Kind, name: string, at: number): never {
    const near = didYouMean(name, this.symbols.tables[kind].keys())
    const missing = this.isModule ? `declare it, or require it: \`${requireWord[kind]} ${name};\`` : 'declare it'
    return this.fail('unresolved', `${whatOf[kind]} \`${name}\` is not known`, at, near ?? missing)
  }

  /** Fails for an attribute where something else is expected, and the other way round. */
  checkFlavor({ text, at }: Word, entry: TypeEntry | RoleEntry, isWanted: 'attribute' | 'type' | 'role'): void {
    if (entry.isAttribute === (isWanted === 'attribute')) return
    const found = `${entry.isAttribute ? '' : 'not '}an attribute`
    const wanted = isWanted === 'attribute' ? 'an attribute' : `a ${isWanted}`
    this.fail('wrong-kind', `\`${text}\` is ${found}, and ${wanted} is expected`, at)
  }

  isInScope(kind: Kind, name: string): boolean {
    const scope = this.symbols.scopes[kind].get(name)
    if (scope === undefined) return true
    for (let block: Block | null = this.block; block !== null; block = block.parent) {
      if (scope.blocks.includes(block.id)) return true
    }
    return false
  }

  /** The entry that the block adds to. */
  ownType({ name, value, isAttribute }: TypeEntry): TypeEntry {
    return this.#own(this.symbols.tables.types, this.block.types, name,
      () => ({ name, value, isPrimary: true, isAttribute, isPermissive: false, bounds: 0, members: new Set() }))
  }

  ownRole({ name, value, isAttribute }: RoleEntry, isDeclared = false): RoleEntry {
    return this.#own(this.symbols.tables.roles, this.block.roles, name,
      () => makeRole(name, value, isAttribute, isDeclared))
  }

  ownUser(name: string, makes: () => UserEntry): UserEntry {
    return this.#own(this.symbols.tables.users, this.block.users, name, makes)
  }

  #own<T>(shared: Map<string, T>, local: Map<string, T>, name: string, makes: () => T): T {
    const table = this.block.parent === null ? shared : local
    let entry = table.get(name)
    if (entry === undefined) table.set(name, entry = makes())
    return entry
  }
}
