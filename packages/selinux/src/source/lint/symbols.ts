/** Names that the files of a policy declare, with their modules: types, interfaces, macros of permissions, classes. */
import type { Word } from '../te/ast.ts'
import { everyNode, isBlock } from '../syntax/ast.ts'
import type { BlockNode, CallNode, DeclarationKind, SourceNode, SourceSyntax } from '../syntax/ast.ts'

/** `file.te` of a folder: the name of its module. */
export const moduleOf = (file: string): string => /([^/\\]*?)(?:\.[^./\\]*)?$/.exec(file)![1]!
export const folderOf = (file: string): string => /([^/\\]*)[/\\][^/\\]*$/.exec(file)?.[1] ?? ''

interface Template {
  readonly declares: readonly { readonly kind: DeclarationKind; readonly name: string }[]
  readonly calls: readonly CallNode[]
}

/** Where a module may call without an optional block. */
export type ModuleState = 'base' | 'module' | 'off'

/** Interfaces that give an attribute, and by their names make their argument a thing of some kind. */
const transformingNames =
  /_(agent|boolean|constrained|content|delivery|domain|executable|exemption|file|mountpoint|node|object|sender|type)$/
/** Permissions of class `system` that daemons of userspace check. */
const userSystemPermissions = new Set(['halt', 'reboot', 'status', 'start', 'stop', 'enable', 'disable', 'reload'])

const GLOBAL = '__global__'
const ASSUMED = '__assumed__'
/** Templates that call templates. */
const DEEPEST = 20

const isInside = (node: SourceNode, kinds: readonly BlockNode['kind'][]): BlockNode | null => {
  for (let at = node.parent; at !== null; at = at.parent) if (kinds.includes(at.kind)) return at
  return null
}
export const outerBlock = isInside

const withArguments = (text: string, args: readonly string[]): string =>
  text.replace(/\$(\d)/g, (_all, digit: string) => args[Number(digit) - 1] ?? '')

export const argumentTexts = (call: CallNode): string[] => call.args.map(({ words }) => words[0]?.text ?? '')

export class PolicySymbols {
  readonly #declared = new Map<DeclarationKind, Map<string, string>>()
  /** Interfaces and templates, with their modules. */
  readonly interfaces = new Map<string, string>()
  readonly templates = new Map<string, Template>()
  /** Names with arguments in them. */
  readonly templateBooleans = new Set<string>()
  /** Interfaces that are called by some file. */
  readonly called = new Set<string>()
  /** Interfaces that make their argument a thing of some kind, or call such ones first. */
  readonly transforming = new Set<string>()
  readonly labelling = new Set<string>()
  readonly roleInterfaces = new Set<string>()
  readonly modules = new Map<string, string>()
  readonly layers = new Map<string, string>()
  readonly permissionMacros = new Map<string, readonly string[]>()
  readonly classMacros = new Set<string>()
  readonly classes = new Set<string>()
  readonly userClasses = new Set<string>()
  readonly permissions = new Set<string>()

  declare(kind: DeclarationKind, name: string, module: string): void {
    let names = this.#declared.get(kind)
    if (names === undefined) this.#declared.set(kind, names = new Map())
    if (!names.has(name)) names.set(name, module)
  }

  /** The module that declares a name; undefined where none does. */
  moduleOf(kind: DeclarationKind, name: string): string | undefined {
    return this.#declared.get(kind)?.get(name)
  }

  /** Names of a kind. */
  names(kind: DeclarationKind): string[] {
    return [...this.#declared.get(kind)?.keys() ?? []]
  }

  /** Whether the class is checked outside of the kernel, so that modules have to require it. */
  isUserClass(name: string, permissions: readonly string[]): boolean {
    if (this.userClasses.has(name)) return true
    return name === 'system' && this.classes.size > 0 && permissions.some((one) => userSystemPermissions.has(one))
  }

  assume(kind: DeclarationKind, names: readonly string[]): void {
    for (const name of names) this.declare(kind, name, ASSUMED)
  }

  isGlobal(module: string): boolean {
    return module === GLOBAL || module === ASSUMED
  }

  /** `global_booleans` and `global_tunables`: booleans of every module. */
  addGlobals(syntax: SourceSyntax): void {
    for (const node of everyNode(syntax.nodes)) {
      if (node.kind === 'declaration' && node.declares === 'bool') this.declare('bool', node.name.text, GLOBAL)
    }
  }

  /** First all `.if` files, then the `.te` files: a call of a template declares what the template has. */
  addFile(syntax: SourceSyntax): void {
    const module = moduleOf(syntax.file.name)
    this.layers.set(module, folderOf(syntax.file.name))
    for (const node of everyNode(syntax.nodes)) {
      if (node.kind === 'declaration' && node.declares === 'bool' && isInside(node, ['template']) !== null) {
        this.templateBooleans.add(node.name.text)
      }
      if (node.kind === 'interface' || node.kind === 'template') this.#addInterface(node, module)
      else if (node.kind === 'declaration') {
        this.#addDeclaration(node.declares, [node.name, ...node.aliases], node, module)
      } else if (node.kind === 'call') this.#addCall(node, module)
      else if (node.kind === 'statement' && node.statement.kind === 'typealias') {
        this.#addDeclaration('type', node.statement.aliases, node, module)
      }
    }
  }

  #addInterface(node: BlockNode, module: string): void {
    if (!this.interfaces.has(node.name.text)) this.interfaces.set(node.name.text, module)
    if (node.kind === 'template') {
      const inside = [...everyNode(node.body)]
      this.templates.set(node.name.text, {
        declares: inside.flatMap((one) =>
          (one.kind === 'declaration' && isInside(one, ['require']) === null
            ? [one.name, ...one.aliases].map(({ text: name }) => ({ kind: one.declares, name })) : [])),
        calls: inside.filter((one) => one.kind === 'call'),
      })
    } else this.#mark(node, module)
  }

  #addDeclaration(kind: DeclarationKind, names: readonly Word[], node: SourceNode, module: string): void {
    if (isInside(node, ['require', 'template']) !== null) return
    for (const { text } of names) if (!text.startsWith('$')) this.declare(kind, text, module)
  }

  #addCall(node: CallNode, module: string): void {
    this.called.add(node.name.text)
    if (isInside(node, ['template']) === null) this.#declareOf(node.name.text, argumentTexts(node), module, 0)
  }

  #declareOf(name: string, args: readonly string[], module: string, depth: number): void {
    const template = this.templates.get(name)
    if (template === undefined || depth > DEEPEST) return
    for (const one of template.declares) this.declare(one.kind, withArguments(one.name, args), module)
    for (const call of template.calls) {
      this.#declareOf(call.name.text, argumentTexts(call).map((text) => withArguments(text, args)), module, depth + 1)
    }
  }

  /** Effects of an interface on its caller that the order of calls depends on. */
  #mark(node: BlockNode, module: string): void {
    const { text: name } = node.name
    for (const one of node.body) {
      if (one.kind === 'call') {
        if (/^filetrans_(add_)?pattern$|_filetrans$/.test(one.name.text)) this.labelling.add(name)
      } else if (one.kind === 'statement') {
        const { statement } = one
        if (statement.kind === 'typeattribute' || statement.kind === 'roleattribute') {
          if (transformingNames.test(name) || module === 'mls' || module === 'mcs') this.transforming.add(name)
        } else if (statement.kind === 'allow' && statement.permissions.words.some(({ text }) => text === 'associate')) {
          this.transforming.add(name)
        } else if (statement.kind === 'role_types' && statement.types.words.some(({ text }) => text.startsWith('$'))) {
          this.roleInterfaces.add(name)
        } else if ('classes' in statement && /^(type|range)_/.test(statement.kind) &&
          statement.classes?.words.every(({ text }) => text !== 'process') === true) this.labelling.add(name)
      }
    }
  }

  /** Interfaces that begin with the call of a transforming one transform too. */
  markCallers(files: readonly SourceSyntax[]): void {
    const first = new Map<string, string>()
    for (const { nodes } of files) {
      for (const node of nodes) {
        if (!isBlock(node) || node.kind !== 'interface') continue
        const begins = node.body.find(({ kind }) => kind !== 'require')
        if (begins?.kind === 'call') first.set(node.name.text, begins.name.text)
      }
    }
    for (let before = -1; before !== this.transforming.size;) {
      before = this.transforming.size
      for (const [name, calls] of first) if (this.transforming.has(calls)) this.transforming.add(name)
    }
  }
}
