/** Checks of rules: permissions, classes, types. */
import type { StatementNode } from '../syntax/ast.ts'
import type { AccessRule, WordSet } from '../te/ast.ts'
import type { LintContext } from './context.ts'
import { classesIn, isAccessRule } from './names.ts'
import { betterMacro } from './permission-macros.ts'

type Found = string | null

const textsOf = (words: readonly { readonly text: string }[]): string[] => words.map(({ text }) => text)

const accessOf = (node: StatementNode): AccessRule | null => (isAccessRule(node.statement) ? node.statement : null)

/** Texts in the order that they are written in; `~` and `-` are no names. */
const unordered = (names: readonly string[], isSign: (name: string) => boolean): Found => {
  for (let i = 1; i < names.length; i++) {
    const [one, next] = [names[i - 1]!, names[i]!]
    if (one === '~' || isSign(next)) continue
    if (one > next) return `\`${one}\` stands before \`${next}\``
    if (one === next) return `\`${one}\` stands there twice`
  }
  return null
}

export const permissionOrder = (node: StatementNode, { syntax }: LintContext): Found => {
  const { statement } = node
  if ('operation' in statement) {
    const behind = statement.operation.at + statement.operation.text.length
    const written = syntax.file.text.slice(behind, node.end).match(/~|-|[\w$]+/g) ?? []
    return unordered(written, (name) => name === '-')
  }
  const rule = accessOf(node)
  if (rule !== null) return unordered(textsOf(rule.permissions.words), () => false)
  return null
}

export const orderOf = (names: readonly string[]): Found => unordered(names, () => false)

/** An attribute on both sides is more than `self`. */
export const redundantType = (node: StatementNode, { symbols }: LintContext): Found => {
  const rule = accessOf(node)
  const [source, target] = rule === null ? [] : [onlyName(rule.sources), onlyName(rule.targets)]
  if (source === undefined || source !== target || isArgument(source)) return null
  if (symbols.moduleOf('attribute', source) !== undefined) return null
  return `\`self\` says \`${source}\``
}

const onlyName = ({ words, without, isComplement }: WordSet): string | undefined =>
  (words.length === 1 && without.length === 0 && !isComplement ? words[0]!.text : undefined)

export const excludedType = (node: StatementNode): Found => {
  const rule = accessOf(node)
  if (rule === null || rule.kind === 'neverallow') return null
  if (rule.sources.without.length > 0) return 'a rule leaves a source out: it is written once for each other type'
  return rule.targets.without.length > 0 ? 'a rule leaves a target out: it is written once for each other type' : null
}

export const riskyPermissions = (node: StatementNode): Found => {
  const rule = accessOf(node)
  if (rule?.kind !== 'allow') return null
  return rule.permissions.isAll || rule.permissions.isComplement
    ? 'permissions that are not named are allowed: later kernels add others' : null
}

export const auditAccess = (node: StatementNode): Found => {
  const rule = accessOf(node)
  return (rule?.kind === 'allow' || rule?.kind === 'auditallow') &&
    textsOf(rule.permissions.words).includes('audit_access')
    ? '`audit_access` is for dontaudit rules' : null
}

const isArgument = (name: string): boolean => name.includes('$')

export const unknownPermission = (node: StatementNode, { symbols }: LintContext): Found => {
  const rule = accessOf(node)
  if (rule === null || symbols.permissions.size === 0 || symbols.permissionMacros.size === 0) return null
  for (const name of textsOf(rule.permissions.words)) {
    if (isArgument(name) || symbols.permissions.has(name) || symbols.permissionMacros.has(name)) continue
    if (/^all_.*_perms$/.test(name)) continue
    return `no permission and no macro of permissions is named \`${name}\``
  }
  return null
}

export const unknownClass = (node: StatementNode, { symbols }: LintContext): Found => {
  if (symbols.classes.size === 0 || !isRuleOfClasses(node)) return null
  const unknown = classesIn(node).find((name) =>
    !isArgument(name) && !symbols.classes.has(name) && !symbols.classMacros.has(name))
  return unknown === undefined ? null : `no class is named \`${unknown}\``
}

const isRuleOfClasses = ({ statement }: StatementNode): boolean =>
  'sources' in statement || statement.kind === 'role_transition'

const fileClasses = ['lnk_file', 'chr_file', 'blk_file', 'sock_file', 'fifo_file']
/** Names that macros of a class may have too. */
const classAliases: ReadonlyMap<string, string> = new Map([['chr_file', 'term'], ['process', 'signal']])

const isMacroOf = (name: string, tclass: string): boolean => {
  const alias = classAliases.get(tclass)
  return name.endsWith(`${tclass}_perms`) || (alias !== undefined && name.endsWith(`${alias}_perms`))
}

export const macroOfOtherClass = (node: StatementNode): Found => {
  const rule = accessOf(node)
  const classes = rule === null ? [] : textsOf(rule.classes.words)
  if (rule === null || classes.length === 0 || classes.some(isArgument)) return null
  if (classes[0]!.endsWith('_class_set')) return null
  const areNetlink = classes.every((name) => name.startsWith('netlink_'))
  const areSockets = classes.every((name) => name.endsWith('_socket'))
  const wrong = textsOf(rule.permissions.words).find((name) => {
    if (!name.endsWith('_perms') || isArgument(name)) return false
    if (classes.every((one) => isMacroOf(name, one))) {
      return classes.includes('file') && fileClasses.some((one) => name.endsWith(`${one}_perms`))
    }
    if (areNetlink) return !name.endsWith('_socket_perms')
    return !(areSockets && name.endsWith('_socket_perms') && !name.endsWith('netlink_socket_perms'))
  })
  if (wrong === undefined) return null
  return `\`${wrong}\` is not of ${classes.length > 1 ? 'each of the classes' : `class \`${classes[0]}\``}`
}

export const macroForList = (node: StatementNode, { symbols }: LintContext): Found => {
  const rule = accessOf(node)
  const [tclass, ...more] = rule === null ? [] : textsOf(rule.classes.words)
  if (rule?.kind !== 'allow' || tclass === undefined || more.length > 0 || tclass.endsWith('_class_set')) return null
  if (rule.permissions.isComplement) return betterMacro(symbols, tclass, ['~', ...textsOf(rule.permissions.words)])
  return betterMacro(symbols, tclass, textsOf(rule.permissions.words))
}
