/**
 * Stores of modules: which modules there are, at which priority, and which of them make the policy. Debian's and
 * Fedora's are read as they are (libsemanage's layout); our own is a list in `store.json` with a file for each module.
 */
import { LsmkitError } from '@lsmkit/core'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import {
  aBoolean, aFunction, anything, aString, checkOptions, instanceOf, listOf, oneOf, optionsOf, required,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { CilSource } from '../../cil/sources.ts'
import { packageToCil } from '../package-to-cil.ts'

export type StoreCode =
  | 'not-a-store' | 'bad-store' | 'bad-name' | 'bad-priority' | 'unknown-module' | 'missing-file' | 'bad-language'

/** A store that cannot be read, or a change of it that cannot be made. */
export class StoreError extends LsmkitError<StoreCode> {}

export type ModuleLanguage = 'cil' | 'pp'

/** Where semodule puts modules that people install. */
export const DEFAULT_PRIORITY = 400
const [LOWEST, HIGHEST] = [1, 999]

export interface StoredModule {
  readonly name: string
  readonly priority: number
  readonly language: ModuleLanguage
  /** CIL text or a package; read when it is asked for. */
  readonly read: () => Uint8Array
}

/** A module with what it says in the list of a store. */
export interface ListedModule {
  readonly name: string
  readonly priority: number
  readonly language: ModuleLanguage
  readonly isEnabled: boolean
  /** No module of the same name has a higher priority. */
  readonly isHighest: boolean
}

export interface StoreParts {
  readonly modules: readonly StoredModule[]
  /** Names of modules that are switched off, at all priorities. */
  readonly disabled: readonly string[]
  /** All dontaudit rules are left out (`semodule -DB`). */
  readonly disableDontaudit?: boolean
  /** Tunables become booleans (`semodule -P`). */
  readonly preserveTunables?: boolean
  /** Files of `semanage` by name, as `booleans.local`; the functions of `@lsmkit/selinux/labels` read them. */
  readonly local?: ReadonlyMap<string, Uint8Array>
}

const moduleRules: OptionRules<StoredModule> = {
  name: required(aString), priority: required(anything), language: required(oneOf('cil', 'pp')),
  read: required(aFunction),
}

const partRules: OptionRules<StoreParts> = {
  modules: required(listOf(optionsOf(moduleRules))), disabled: required(listOf(aString)), disableDontaudit: aBoolean,
  preserveTunables: aBoolean, local: instanceOf(Map),
}

/** A store as a value: each change gives another one. */
export class ModuleStore {
  readonly modules: readonly StoredModule[]
  readonly disabled: ReadonlySet<string>
  readonly disableDontaudit: boolean
  readonly preserveTunables: boolean
  readonly local: ReadonlyMap<string, Uint8Array>

  /** Throws StoreError for a name or a priority that a store cannot hold. */
  constructor(parts: StoreParts) {
    checkOptions(parts, partRules, 'ModuleStore')
    const { modules, disabled, disableDontaudit = false, preserveTunables = false, local = new Map() } = parts
    for (const { name, priority } of modules) {
      checkName(name)
      checkPriority(priority)
    }
    this.modules = [...modules].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.priority - a.priority))
    this.disabled = new Set(disabled)
    this.disableDontaudit = disableDontaudit
    this.preserveTunables = preserveTunables
    this.local = local
  }

  /** By name, and the highest priority first. */
  get list(): readonly ListedModule[] {
    const seen = new Set<string>()
    return this.modules.map(({ name, priority, language }) => {
      const isHighest = !seen.has(name)
      seen.add(name)
      return { name, priority, language, isEnabled: !this.disabled.has(name), isHighest }
    })
  }

  /** The modules that make the policy: of each name that is enabled, the one of the highest priority. */
  get active(): readonly StoredModule[] {
    const { list } = this
    return this.modules.filter((_module, i) => list[i]!.isEnabled && list[i]!.isHighest)
  }

  /** With a module; one of the same name and priority is replaced. */
  add(module: StoredModule): ModuleStore {
    const others = this.modules.filter(({ name, priority }) => name !== module.name || priority !== module.priority)
    return this.#with({ modules: [...others, module] })
  }

  /** Without a module, at one priority or at all. Throws StoreError where there is none. */
  remove(name: string, priority?: number): ModuleStore {
    this.#check(name, priority)
    const isMeant = (module: StoredModule): boolean =>
      module.name === name && (priority === undefined || module.priority === priority)
    const modules = this.modules.filter((module) => !isMeant(module))
    const isGone = !modules.some((module) => module.name === name)
    const disabled = [...this.disabled].filter((each) => !isGone || each !== name)
    return this.#with({ modules, disabled })
  }

  /** With a module switched on, or off, at all priorities. Throws StoreError where there is none. */
  setEnabled(name: string, isEnabled: boolean): ModuleStore {
    this.#check(name)
    const others = [...this.disabled].filter((each) => each !== name)
    return this.#with({ disabled: isEnabled ? others : [...others, name] })
  }

  /** The sources to compile. Throws PolicyError and StoreError for a module that cannot be read. */
  sources(): CilSource[] {
    return this.active.map((module) => ({ name: `${module.name}.cil`, text: cilOf(module) }))
  }

  #with(parts: Partial<StoreParts>): ModuleStore {
    const { modules, disabled, disableDontaudit, preserveTunables, local } = this
    return new ModuleStore({ modules, disabled: [...disabled], disableDontaudit, preserveTunables, local, ...parts })
  }

  #check(name: string, priority?: number): void {
    const found = this.modules.filter((module) => module.name === name)
    if (found.length === 0) {
      throw new StoreError('unknown-module', `the store has no module \`${name}\``, {
        hint: didYouMean(name, this.modules.map((module) => module.name)),
      })
    }
    if (priority === undefined || found.some((module) => module.priority === priority)) return
    throw new StoreError('unknown-module', `the store has no module \`${name}\` at priority ${priority}`, {
      hint: `it has ${found.map((module) => module.priority).join(', ')}`,
    })
  }
}

const cilOf = ({ language, read }: StoredModule): string | Uint8Array =>
  language === 'pp' ? packageToCil(read()).text : read()

/** As libsemanage has them. */
export const checkName = (name: string): void => {
  if (name.length <= 255 && /^[A-Za-z](?:\.?[\w-])*$/.test(name)) return
  throw new StoreError('bad-name', `\`${name}\` cannot be the name of a module`, {
    hint: 'a letter, then letters, digits, `_` and `-`, with single dots between them',
  })
}

export const checkPriority = (priority: number): void => {
  if (Number.isInteger(priority) && priority >= LOWEST && priority <= HIGHEST) return
  throw new StoreError('bad-priority', `${priority} is not a priority`, { hint: `${LOWEST} to ${HIGHEST}` })
}
