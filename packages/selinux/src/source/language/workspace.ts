/** Sources of a policy as an editor sees them: what a name is, where it is declared and used, what may stand here. */
import { kernelClasses } from '../../class-map.ts'
import { SourceError } from '../errors.ts'
import type { SourceFile } from '../files.ts'
import { LintProject } from '../lint/lint.ts'
import type { LintFinding } from '../lint/lint.ts'
import { lintConfig } from '../lint/config.ts'
import type { LintOptions } from '../lint/config.ts'
import { outlineInterfaces } from '../outline/outline.ts'
import type { InterfaceOutline } from '../outline/outline.ts'
import { everyNode } from '../syntax/ast.ts'
import type { SourceSyntax } from '../syntax/ast.ts'
import { outerBlock } from '../lint/symbols.ts'

/** A part of a file, by offsets. */
export interface SourceRange {
  readonly file: string
  readonly start: number
  readonly end: number
}

export interface SourceSymbol extends SourceRange {
  readonly kind: 'interface' | 'template' | 'type' | 'attribute' | 'role' | 'boolean' | 'macro' | 'module'
  readonly name: string
  /** The whole definition. */
  readonly whole: readonly [start: number, end: number]
}

export interface Completion {
  readonly name: string
  readonly kind: SourceSymbol['kind'] | 'class' | 'permission' | 'keyword'
  /** One line. */
  readonly detail: string
  readonly documentation: string
}

const symbolKinds = new Map<string, SourceSymbol['kind']>([
  ['type', 'type'], ['attribute', 'attribute'], ['attribute_role', 'attribute'], ['role', 'role'], ['bool', 'boolean'],
])

const permissionsOf: ReadonlyMap<string, readonly string[]> =
  new Map(kernelClasses.map(({ name, perms }) => [name, perms]))
const keywords = ['allow', 'dontaudit', 'auditallow', 'neverallow', 'type', 'attribute', 'typeattribute',
  'type_transition', 'role', 'gen_require', 'optional_policy', 'tunable_policy', 'ifdef', 'interface', 'template']

const isSource = (name: string): boolean => /\.(te|if|fc|spt)$/.test(name)

export class PolicyWorkspace {
  readonly #files = new Map<string, SourceFile>()
  readonly #checked = new Set<string>()
  readonly #options: LintOptions
  #project: LintProject | null = null
  #symbols: Map<string, SourceSymbol[]> | null = null
  readonly #outlines = new WeakMap<SourceFile, readonly InterfaceOutline[]>()

  /** Throws OptionError. */
  constructor(options: LintOptions = {}) {
    this.#options = lintConfig(options)
  }

  /** Adds a file, or gives it another text. Files that are not checked belong to the policy all the same. */
  set(name: string, text: string, isChecked = true): void {
    if (this.#files.get(name)?.text === text && this.#checked.has(name) === isChecked) return
    this.#files.set(name, { name, text })
    if (isChecked) this.#checked.add(name)
    this.#forget()
  }

  delete(name: string): void {
    this.#checked.delete(name)
    if (this.#files.delete(name)) this.#forget()
  }

  /** Names of the files that are checked. */
  get checkedFiles(): readonly string[] {
    return [...this.#checked]
  }

  text(name: string): string | undefined {
    return this.#files.get(name)?.text
  }

  #forget(): void {
    this.#project = null
    this.#symbols = null
  }

  get #lint(): LintProject {
    const all = [...this.#files.values()]
    return this.#project ??= new LintProject({
      files: all.filter(({ name }) => this.#checked.has(name)),
      context: all.filter(({ name }) => !this.#checked.has(name)),
    }, this.#options)
  }

  findings(name: string): LintFinding[] {
    const file = this.#files.get(name)
    return file === undefined || !this.#checked.has(name) ? [] : this.#lint.lintFile(file)
  }

  #syntax(name: string): SourceSyntax | undefined {
    const file = this.#files.get(name)
    return file === undefined ? undefined : this.#lint.syntaxOf(file)
  }

  /** Declarations and definitions of a file, in its order. */
  symbolsOf(name: string): SourceSymbol[] {
    const syntax = this.#syntax(name)
    if (syntax === undefined) return macrosOf(this.#files.get(name))
    return [...everyNode(syntax.nodes)].flatMap((node): SourceSymbol[] => {
      const at = (kind: SourceSymbol['kind'], word: { text: string; at: number }): SourceSymbol => ({
        kind, name: word.text, file: name, start: word.at, end: word.at + word.text.length,
        whole: [node.start, node.end],
      })
      if (node.kind === 'interface' || node.kind === 'template') return [at(node.kind, node.name)]
      if (node.kind === 'header') return [at('module', node.name)]
      if (node.kind === 'statement' && node.statement.kind === 'typealias') {
        return node.statement.aliases.map((alias) => at('type', alias))
      }
      if (node.kind !== 'declaration' || outerBlock(node, ['require']) !== null) return []
      const kind = symbolKinds.get(node.declares)
      return kind === undefined ? [] : [node.name, ...node.aliases].map((word) => at(kind, word))
    })
  }

  /** Of every file. */
  definitions(name: string): readonly SourceSymbol[] {
    return this.#all.get(name) ?? []
  }

  get #all(): Map<string, SourceSymbol[]> {
    if (this.#symbols !== null) return this.#symbols
    const found = new Map<string, SourceSymbol[]>()
    for (const file of this.#files.keys()) {
      for (const symbol of this.symbolsOf(file)) {
        const same = found.get(symbol.name)
        if (same === undefined) found.set(symbol.name, [symbol])
        else same.push(symbol)
      }
    }
    return this.#symbols = found
  }

  /** The name at an offset. */
  wordAt(file: string, offset: number): SourceRange & { readonly name: string } | null {
    const text = this.text(file) ?? ''
    const isPart = (at: number): boolean => /[\w$]/.test(text[at] ?? '')
    let [start, end] = [offset, offset]
    while (start > 0 && isPart(start - 1)) start--
    while (end < text.length && isPart(end)) end++
    return start === end ? null : { file, start, end, name: text.slice(start, end) }
  }

  /** Everywhere that the name stands outside of comments; file contexts count. */
  references(name: string): SourceRange[] {
    if (!/^[A-Za-z_]\w*$/.test(name)) return []
    const pattern = new RegExp(`#[^\\n]*|(?<![\\w$])${name}(?![\\w$])`, 'g')
    return [...this.#files.values()].filter((file) => isSource(file.name)).flatMap(({ name: file, text }) =>
      (text.includes(name) ? [...text.matchAll(pattern)] : []).filter(([found]) => found === name)
        .map(({ index }) => ({ file, start: index, end: index + name.length })))
  }

  /** Places that a new name of a declaration goes to. Throws SourceError for a name that cannot be taken. */
  rename(name: string, to: string): SourceRange[] {
    const refuse = (message: string): never => {
      throw new SourceError('bad-name', message, null)
    }
    if (!/^[A-Za-z]\w*$/.test(to)) refuse(`\`${to}\` is not a name`)
    const own = this.definitions(name).filter(({ file }) => this.#checked.has(file))
    if (own.length === 0) refuse(`\`${name}\` is not declared here`)
    if (this.definitions(to).length > 0 || permissionsOf.has(to)) refuse(`\`${to}\` is taken`)
    return this.references(name).filter(({ file }) => this.#checked.has(file))
  }

  #outline(name: string): InterfaceOutline | undefined {
    const [symbol] = this.definitions(name)
    const file = symbol === undefined ? undefined : this.#files.get(symbol.file)
    if (file === undefined || !file.name.endsWith('.if')) return undefined
    const outline = this.#outlines.get(file) ?? outlineInterfaces(file)
    this.#outlines.set(file, outline)
    return outline.find((one) => one.name === name)
  }

  /** Markdown; null of what nothing is known about. */
  hover(name: string): string | null {
    const outline = this.#outline(name)
    if (outline !== undefined) return interfaceText(outline)
    const parts: string[] = []
    for (const { kind, file, whole } of this.definitions(name)) {
      const text = this.text(file)!.slice(...whole).split('\n')[0]!
      parts.push(`\`\`\`te\n${text}\n\`\`\`\n${kind} of \`${file}\``)
      if (kind === 'attribute') parts.push(membersText(this.#members(name)))
    }
    const macro = this.#lint.symbols.permissionMacros.get(name)
    if (macro !== undefined) parts.push(`permissions: \`${macro.join(' ')}\``)
    const permissions = permissionsOf.get(name)
    if (permissions !== undefined) parts.push(`class of the kernel: \`${permissions.join(' ')}\``)
    const classes = [...permissionsOf].filter(([, perms]) => perms.includes(name)).map(([one]) => one)
    if (classes.length > 0) parts.push(`permission of ${classes.map((one) => `\`${one}\``).join(', ')}`)
    return parts.length === 0 ? null : parts.join('\n\n')
  }

  /** Types that are given an attribute where they are declared, or by typeattribute. */
  #members(attribute: string): string[] {
    const found = new Set<string>()
    for (const name of this.#files.keys()) {
      for (const node of everyNode(this.#syntax(name)?.nodes ?? [])) {
        if (node.kind === 'declaration' && node.of.some(({ text }) => text === attribute)) found.add(node.name.text)
        if (node.kind === 'statement' && node.statement.kind === 'typeattribute' &&
          node.statement.names.some(({ text }) => text === attribute)) found.add(node.statement.name.text)
      }
    }
    return [...found].filter((name) => !name.includes('$'))
  }

  complete(file: string, offset: number): Completion[] {
    const before = (this.text(file) ?? '').slice(Math.max(0, offset - 2000), offset)
    const statement = before.slice(before.search(/[^;\n]*$/))
    const rule = /^\s*(?:allow|dontaudit|auditallow|neverallow)\s+(.*)$/.exec(statement)?.[1]
    if (rule === undefined) return /\([^)]*$/.test(statement) ? this.#names(['type', 'attribute', 'role']) : this.#calls()
    const [, classes, behind] = /:\s*(\{[^}]*\}|[\w$]+)(\s+.*)?$/.exec(rule) ?? []
    if (behind !== undefined) return this.#permissions(classes!.match(/\w+/g) ?? [])
    if (rule.includes(':')) return [...permissionsOf.keys()].map((name) => plain(name, 'class', 'class'))
    return this.#names(['type', 'attribute'])
  }

  #names(kinds: readonly SourceSymbol['kind'][]): Completion[] {
    return [...this.#all.values()].flatMap(([one]) =>
      (one !== undefined && kinds.includes(one.kind) ? [plain(one.name, one.kind, `${one.kind} of ${one.file}`)] : []))
  }

  #calls(): Completion[] {
    const calls = [...this.#all.values()].flatMap(([one]): Completion[] => {
      if (one?.kind !== 'interface' && one?.kind !== 'template') return []
      const outline = this.#outline(one.name)
      return [{
        name: one.name, kind: one.kind, detail: outline?.summary ?? '',
        documentation: outline === undefined ? '' : interfaceText(outline),
      }]
    })
    return [...calls, ...keywords.map((name) => plain(name, 'keyword', ''))]
  }

  #permissions(classes: readonly string[]): Completion[] {
    const names = new Set(classes.flatMap((name) => permissionsOf.get(name) ?? []))
    const macros = [...this.#lint.symbols.permissionMacros]
      .filter(([name]) => classes.some((one) => name.endsWith(`_${one}_perms`)))
    return [
      ...Array.from(names, (name) => plain(name, 'permission', `of ${classes.join(', ')}`)),
      ...macros.map(([name, words]) => plain(name, 'macro', words.join(' '))),
    ]
  }
}

const plain = (name: string, kind: Completion['kind'], detail: string): Completion =>
  ({ name, kind, detail, documentation: '' })

const membersText = (members: readonly string[]): string =>
  (members.length === 0 ? 'no type has it' : `types: ${members.slice(0, 50).map((name) => `\`${name}\``).join(', ')}` +
    (members.length > 50 ? ` and ${members.length - 50} more` : ''))

const parameterText = ({ name, isOptional }: InterfaceOutline['parameters'][number]): string =>
  (isOptional ? `[${name}]` : name)

const interfaceText = ({ kind, name, parameters, summary, description, file, line }: InterfaceOutline): string => [
  `\`\`\`te\n${kind} ${name}(${parameters.map(parameterText).join(', ')})\n\`\`\``,
  summary, description,
  parameters.map((one, i) => `- \`$${i + 1}\` ${one.name}${one.summary === '' ? '' : `: ${one.summary}`}`).join('\n'),
  `${file}:${line}`,
].filter((part) => part !== '').join('\n\n')

/** Macros of support files. */
const macrosOf = (file: SourceFile | undefined): SourceSymbol[] => {
  if (file === undefined || !file.name.endsWith('.spt')) return []
  return [...file.text.matchAll(/define\(`(\w+)'/g)].map((found) => {
    const start = found.index + found[0].indexOf(found[1]!)
    const end = start + found[1]!.length
    return { kind: 'macro', name: found[1]!, file: file.name, start, end, whole: [found.index, end] }
  })
}
