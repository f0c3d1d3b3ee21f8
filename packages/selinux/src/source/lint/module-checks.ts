/** Checks of what belongs to which module: requirements, calls, blocks, declarations. */
import { isBlock } from '../syntax/ast.ts'
import type { BlockNode, CallNode, DeclarationKind, DeclarationNode, OtherNode, SourceNode } from '../syntax/ast.ts'
import type { LintContext } from './context.ts'
import { classesIn, nameKinds, namesIn, permissionsIn, requirementsIn, seenNodes, seenWithin, usesIn } from './names.ts'
import type { UsedName } from './names.ts'
import { orderOf } from './rule-checks.ts'
import { outerBlock } from './symbols.ts'

type Found = string | null

const isInRequire = (node: SourceNode): boolean => outerBlock(node, ['require']) !== null
const interfaceOf = (node: SourceNode): BlockNode | null => outerBlock(node, ['interface', 'template'])

const kindNames: Readonly<Record<DeclarationKind, string>> = {
  type: 'type', attribute: 'attribute', attribute_role: 'attribute role', role: 'role', bool: 'boolean', class: 'class',
  user: 'user', sensitivity: 'sensitivity', category: 'category',
}

export const requireInModule = (node: BlockNode, { kind }: LintContext): Found => {
  if (kind !== 'te' || !seenNodes(node.body).some((one) => one.kind === 'declaration' && one.declares !== 'class')) {
    return null
  }
  return 'a module requires names of another one: call an interface of it'
}

export const requirementOrder = (node: BlockNode, { config }: LintContext): Found => {
  const names = seenNodes(node.body).filter((one) => one.kind === 'declaration')
  const place = (one: DeclarationNode): number => config.requireOrder.indexOf(one.declares)
  for (let i = 1; i < names.length; i++) {
    const [one, next] = [names[i - 1]!, names[i]!]
    const isWrong = one.declares === next.declares
      ? config.sortsNames && sortKey(one.name.text) >= sortKey(next.name.text) : place(one) > place(next)
    if (isWrong) {
      return `${kindNames[one.declares]} \`${one.name.text}\` stands before ${kindNames[next.declares]} ` +
        `\`${next.name.text}\``
    }
  }
  return null
}

/** `ssh_t` comes before `ssh_exec_t`. */
const sortKey = (name: string): string => name.replace(/_t$/, '')

export const classPermissionOrder = (node: DeclarationNode): Found =>
  (node.declares === 'class' ? orderOf(node.of.map(({ text }) => text)) : null)

export const unquotedRequire = (node: BlockNode): Found =>
  (node.isQuoted ? null : 'the argument of `gen_require` has no quotes')

export const emptyBlock = (node: BlockNode): Found =>
  (seenNodes(node.body).every(({ kind }) => kind === 'semicolon') ? 'the block is empty' : null)

const isUndeclared = (name: string, { symbols, module }: LintContext): readonly [DeclarationKind, string] | null => {
  for (const kind of ['type', 'attribute', 'attribute_role'] as const) {
    const of = symbols.moduleOf(kind, name)
    if (of !== undefined) return of === module ? null : [kind, of]
  }
  return null
}

/** Whether a require block before the node, or before a block that it is in, has the name. */
const isRequiredBefore = (
  node: SourceNode, roots: readonly SourceNode[], kind: DeclarationKind, name: string,
): boolean => {
  for (let at: SourceNode | null = node; at !== null; at = at.parent) {
    const siblings: readonly SourceNode[] = at.parent === null ? roots : at.parent.body
    for (const one of siblings) {
      if (one === at) break
      if (!isBlock(one) || one.kind !== 'require') continue
      const names = [...seenWithin(one.body)].filter((each) => each.kind === 'declaration' && each.declares === kind)
      if (names.some((each) => namesIn(each).includes(name))) return true
    }
  }
  return false
}

export const foreignName = (node: SourceNode, context: LintContext): Found => {
  if (context.kind !== 'te' || isInRequire(node)) return null
  const { nodes } = context.syntax
  for (const name of namesIn(node)) {
    const found = isUndeclared(name, context)
    if (found === null || isRequiredBefore(node, nodes, found[0], name)) continue
    return `${kindNames[found[0]]} \`${name}\` is of module \`${found[1]}\`: call an interface of it, or require it`
  }
  const tclass = userClassesIn(node, context).find((name) =>
    !isRequiredBefore(node, nodes, 'class', name))
  return tclass === undefined ? null : `class \`${tclass}\` is not of the kernel: require it`
}

const userClassesIn = (node: SourceNode, { symbols }: LintContext): string[] => {
  const permissions = permissionsIn(node)
  return classesIn(node).filter((name) => symbols.isUserClass(name, permissions))
}

export const unrequiredName = (node: SourceNode, context: LintContext): Found => {
  const block = context.kind === 'if' && !isInRequire(node) ? interfaceOf(node) : null
  if (block === null) return null
  const required = new Set<string>(['role system_r'])
  for (const one of seenWithin(block.body)) {
    if (one === node) break
    if (!isBlock(one) || one.kind !== 'require') continue
    for (const { declares, name } of requirementsIn(one)) required.add(`${declares} ${name.text}`)
  }
  for (const { name, kinds } of node.kind === 'declaration' ? usesIn(node).slice(1) : usesIn(node)) {
    const kind = (kinds ?? nameKinds).find((one) => context.symbols.moduleOf(one, name) !== undefined)
    if (kind === undefined || required.has(`${kind} ${name}`)) continue
    return `${kindNames[kind]} \`${name}\` is used and not required`
  }
  const tclass = userClassesIn(node, context).find((name) => !required.has(`class ${name}`))
  return tclass === undefined ? null : `class \`${tclass}\` is used and not required`
}

const mayBe = ({ kinds }: UsedName, declares: DeclarationKind): boolean =>
  kinds?.some((one) => one === declares) ?? true

export const unusedRequirement = (node: DeclarationNode, context: LintContext): Found => {
  const { declares, name: { text: name } } = node
  const block = interfaceOf(node)
  const requirement = outerBlock(node, ['require'])
  if (context.kind !== 'if' || block === null || requirement === null) return null
  if (declares === 'class') {
    const { symbols } = context
    if (symbols.classes.size === 0) return null
    if (!symbols.isUserClass(name, node.of.map(({ text }) => text))) {
      return `class \`${name}\` is a class of the kernel, which needs no requirement`
    }
  } else if (!nameKinds.some((kind) => kind === declares)) return null
  // A stub is there for optional blocks that depend on its requirement.
  if (block.kind === 'interface' && block.name.text.endsWith('_stub')) return null
  const siblings = requirement.parent!.body
  for (const one of seenWithin(siblings.slice(siblings.indexOf(requirement) + 1))) {
    if (usesIn(one).some((use) => use.name === name && mayBe(use, declares))) return null
    if (declares === 'class' && classesIn(one).includes(name)) return null
  }
  return `${kindNames[declares]} \`${name}\` is required and not used`
}

export const foreignRequirement = (node: DeclarationNode, { kind, module, symbols }: LintContext): Found => {
  const { declares, name: { text: name } } = node
  const isChecked = declares !== 'class' && declares !== 'user' && !name.startsWith('$')
  if (kind !== 'if' || !isChecked || !isInRequire(node)) return null
  const of = symbols.moduleOf(declares, name)
  if (of === undefined) return `no module declares ${kindNames[declares]} \`${name}\``
  if (of === module || symbols.isGlobal(of) || (declares === 'role' && of === 'kernel')) return null
  return `${kindNames[declares]} \`${name}\` is of module \`${of}\`, and not of this interface's`
}

export const callOutsideOptional = (node: CallNode, { module, symbols }: LintContext): Found => {
  const of = symbols.interfaces.get(node.name.text)
  if (of === undefined || of === module) return null
  const state = symbols.modules.get(of)
  if (state === undefined || state === 'base' || outerBlock(node, ['optional']) !== null) return null
  return `\`${node.name.text}\` is of module \`${of}\`, which may be absent: call it in an optional block`
}

export const emptyCall = (node: CallNode): Found =>
  (node.args.length === 0 ? `\`${node.name.text}\` is called without arguments` : null)

export const looseArgument = (node: CallNode, { symbols }: LintContext): Found => {
  const isName = (name: string): boolean =>
    [...nameKinds, 'user' as const].some((kind) => symbols.moduleOf(kind, name) !== undefined)
  for (const [i, { words, isLoose }] of node.args.entries()) {
    if (!isLoose) continue
    for (let at = 1; at < words.length; at++) {
      // `s0 - s1` is a range.
      if (words[at]!.text.startsWith('-') && !isName(words[at - 1]!.text)) continue
      return `argument ${i + 1} of \`${node.name.text}\` has several words without \`{ }\` or quotes`
    }
  }
  return null
}

export const excludedArgument = (node: CallNode, { symbols }: LintContext): Found => {
  const isType = (name: string): boolean =>
    symbols.moduleOf('type', name) !== undefined || symbols.moduleOf('attribute', name) !== undefined
  const isExcluded = node.args.some(({ words, isLoose }) => !isLoose && words.length > 1 &&
    !words.some(({ text }) => text.includes('$')) &&
    words.some(({ text }) => text.startsWith('-') && isType(text.slice(1))))
  return isExcluded ? `\`${node.name.text}\` is called with a type that is left out` : null
}

const abbreviations: ReadonlyMap<string, string> = new Map([
  ['fs', 'filesystem'], ['corecmd', 'corecommands'], ['seutil', 'selinuxutil'], ['libs', 'libraries'],
  ['dev', 'devices'], ['term', 'terminal'], ['corenet', 'corenetwork'], ['auth', 'authlogin'],
  ['userdom', 'userdomain'], ['sysnet', 'sysnetwork'],
])
const macrosLikeInterfaces = new Set(['domain_auto_transition_pattern', 'domain_transition_pattern'])

export const unknownCall = (node: CallNode, { symbols }: LintContext): Found => {
  const { text: name } = node.name
  if (macrosLikeInterfaces.has(name) || symbols.interfaces.has(name)) return null
  for (let at = name.indexOf('_'); at > 0; at = name.indexOf('_', at + 1)) {
    const prefix = name.slice(0, at)
    if (symbols.modules.has(prefix) || symbols.modules.has(abbreviations.get(prefix) ?? '')) {
      return `no interface is named \`${name}\``
    }
  }
  return null
}

export const templateInInterface = (node: CallNode, { kind, symbols }: LintContext): Found => {
  if (kind !== 'if' || !symbols.templates.has(node.name.text)) return null
  const block = interfaceOf(node)
  return block?.kind === 'interface' ? `interface \`${block.name.text}\` calls template \`${node.name.text}\`` : null
}

export const declarationInInterface = (node: DeclarationNode, { kind }: LintContext): Found =>
  (kind === 'if' && !isInRequire(node) && interfaceOf(node)?.kind === 'interface'
    ? `\`${node.name.text}\` is declared in an interface: a template may do that` : null)

export const nameOfInterface = (node: DeclarationNode, { symbols }: LintContext): Found =>
  (symbols.interfaces.has(node.name.text) ? `\`${node.name.text}\` is an interface too` : null)

/** Booleans of a condition. */
export const unknownCondition = (node: BlockNode, { symbols }: LintContext): Found => {
  const unknown = node.condition.find(({ text }) =>
    !/^\$\d$/.test(text) && !symbols.templateBooleans.has(text) && symbols.moduleOf('bool', text) === undefined)
  return unknown === undefined ? null : `no boolean is named \`${unknown.text}\``
}

export const foreignCondition = (node: BlockNode, { symbols, module }: LintContext): Found => {
  for (const { text } of node.condition) {
    const of = symbols.moduleOf('bool', text)
    if (of !== undefined && of !== module && !symbols.isGlobal(of)) {
      return `boolean \`${text}\` is of module \`${of}\`: declare it for all, or call an interface`
    }
  }
  return null
}

/** An argument of a macro may be any word. */
export const strayWord = (node: OtherNode, { config }: LintContext): Found => {
  if (config.wordMacros.includes(node.word.text) || node.parent?.kind === 'macro') return null
  return `\`${node.word.text}\` is not a statement`
}

export const unusedInterface = (node: BlockNode, { symbols }: LintContext): Found =>
  (symbols.called.has(node.name.text) ? null : `nothing calls interface \`${node.name.text}\``)

/** A comment stands before the definition, with no other definition in between. */
export const undocumentedInterface = (node: BlockNode, { syntax }: LintContext): Found => {
  const siblings = node.parent === null ? syntax.nodes : node.parent.body
  const before = siblings[siblings.indexOf(node) - 1]?.end ?? 0
  const has = syntax.comments.some(({ start, end, isAlone }) => isAlone && start >= before && end <= node.start)
  return has ? null : `no comment describes \`${node.name.text}\``
}
