/** The accesses that each interface allows, by its parameters: its expansion with placeholders for arguments. */
import { SourceError } from '../errors.ts'
import type { SourceFile } from '../files.ts'
import { expandSources } from '../refpolicy/headers.ts'
import type { PolicyHeaders } from '../refpolicy/headers.ts'
import type { AccessRule, Requirement, Statement, TypeRule, Word, WordSet } from '../te/ast.ts'
import { parseTe } from '../te/parse.ts'
import { outlineInterfaces } from './outline.ts'
import type { InterfaceOutline } from './outline.ts'

/** A name that has to be there. */
export interface NeededName {
  readonly kind: Requirement['kind']
  readonly name: string
}

/** An allow rule. Names are types, attributes, classes, permissions, or `$1`, `$2` … for arguments. */
export interface GrantedAccess {
  readonly sources: readonly string[]
  /** `self` for the source itself. */
  readonly targets: readonly string[]
  readonly classes: readonly string[]
  /** `*` stands for all of the class. */
  readonly permissions: readonly string[]
  /** Names without which an optional block around it falls away. */
  readonly needs: readonly NeededName[]
  /** A boolean switches it. */
  readonly isConditional: boolean
  /** Some names are left out of a set, so that it allows less than it says here. */
  readonly isLess: boolean
}

/** `typeattribute type names;` */
export interface GrantedAttributes {
  readonly type: string
  readonly attributes: readonly string[]
}

/** `type_transition source program:process result;` */
export interface GrantedTransition {
  readonly sources: readonly string[]
  readonly programs: readonly string[]
  readonly needs: readonly NeededName[]
}

export interface InterfaceGrants {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly summary: string
  /** Arguments of a call without its optional ones. */
  readonly parameters: number
  /** Names without which a call does not link. */
  readonly needs: readonly NeededName[]
  readonly accesses: readonly GrantedAccess[]
  readonly attributes: readonly GrantedAttributes[]
  /** Type transitions of processes, as `domtrans` interfaces have them. */
  readonly transitions: readonly GrantedTransition[]
  /** It does more than to allow: it declares, labels, changes roles. */
  readonly doesMore: boolean
}

const PLACEHOLDER = 'lsmkit_argument_'

const written = ({ text }: Word): string =>
  text.startsWith(PLACEHOLDER) ? `$${text.slice(PLACEHOLDER.length)}` : text

const wordsOf = ({ words, isAll, isComplement }: WordSet): string[] =>
  isAll || isComplement ? ['*'] : words.map(written)

const isLess = ({ without, isComplement }: WordSet): boolean => without.length > 0 || isComplement

/** The block that a statement is in. */
interface Within {
  readonly needs: readonly NeededName[]
  readonly isConditional: boolean
}

const requirementsOf = (statements: readonly Statement[]): NeededName[] => statements.flatMap((statement) =>
  statement.kind !== 'require' ? [] : statement.requirements.filter(({ kind }) => kind !== 'class')
    .map(({ kind, name }) => ({ kind, name: written(name) })))

const HARMLESS: ReadonlySet<string> = new Set([
  'require', 'dontaudit', 'auditallow', 'neverallow', 'expandattribute', 'auditallowxperm', 'dontauditxperm',
  'neverallowxperm',
])

class GrantsReader {
  readonly accesses: GrantedAccess[] = []
  readonly attributes: GrantedAttributes[] = []
  readonly transitions: GrantedTransition[] = []
  doesMore = false

  read(statements: readonly Statement[], within: Within): void {
    for (const statement of statements) this.#take(statement, within)
  }

  #take(statement: Statement, within: Within): void {
    const { kind } = statement
    if (kind === 'allow') this.accesses.push(accessOf(statement, within))
    else if (kind === 'typeattribute') {
      const attributes = statement.names.map(written)
      this.attributes.push({ type: written(statement.name), attributes })
    } else if (kind === 'optional') {
      this.read(statement.body, { ...within, needs: [...within.needs, ...requirementsOf(statement.body)] })
    } else if (kind === 'if') {
      for (const branch of [statement.whenTrue, statement.whenFalse]) {
        this.read(branch, { ...within, isConditional: true })
      }
    } else if (kind === 'type_transition' && isOfProcesses(statement)) {
      const { sources, targets } = statement
      this.transitions.push({ sources: wordsOf(sources), programs: wordsOf(targets), needs: within.needs })
    } else if (!HARMLESS.has(kind)) this.doesMore = true
  }
}

const isOfProcesses = ({ classes }: TypeRule): boolean =>
  classes.words.length === 1 && classes.words[0]!.text === 'process'

const accessOf = ({ sources, targets, classes, permissions }: AccessRule, within: Within): GrantedAccess => ({
  sources: wordsOf(sources), targets: wordsOf(targets), classes: wordsOf(classes), permissions: wordsOf(permissions),
  ...within, isLess: [sources, targets, classes, permissions].some(isLess),
})

/** Null of a template, of one that is deprecated, and of one that takes other things than names. */
const grantsOf = (headers: PolicyHeaders, one: InterfaceOutline): InterfaceGrants | null => {
  const { name, file, line, summary } = one
  const parameters = one.parameters.filter(({ isOptional }) => !isOptional).length
  if (one.kind !== 'interface' || parameters === 0) return null
  const words = Array.from({ length: parameters }, (_, i) => PLACEHOLDER + (i + 1))
  try {
    const { origin, warnings } = expandSources(headers, [{ name, text: `${name}(${words.join(',')})\n` }])
    if (warnings.length > 0) return null
    const statements = parseTe(origin)
    const reader = new GrantsReader()
    reader.read(statements, { needs: [], isConditional: false })
    const { accesses, attributes, transitions, doesMore } = reader
    return {
      name, file, line, summary, parameters, needs: requirementsOf(statements), accesses, attributes,
      transitions, doesMore,
    }
  } catch (error) {
    if (error instanceof SourceError && error.code !== 'too-many') return null
    throw error
  }
}

/**
 * The grants of all interfaces in these files, which the headers have been made of. Interfaces that cannot be called
 * with plain names are left out. Throws SourceError for one that expands without end.
 */
export const interfaceGrants = (headers: PolicyHeaders, interfaces: readonly SourceFile[]): InterfaceGrants[] => {
  const found = new Map<string, InterfaceGrants>()
  for (const one of interfaces.flatMap(outlineInterfaces)) {
    const grants = found.has(one.name) ? null : grantsOf(headers, one)
    if (grants !== null) found.set(one.name, grants)
  }
  return [...found.values()]
}
