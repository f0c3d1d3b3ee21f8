/** Learned rules as a `.te` module, which checkmodule and `compileTe` of `@lsmkit/selinux/source` take. */
import { LsmkitError } from '@lsmkit/core'
import type { InterfaceCall } from './interfaces/interface-calls.ts'
import type { LearnedRule } from './learn.ts'

/** A name that a module cannot have. */
export class ModuleNameError extends LsmkitError<'bad-name'> {}

const checkName = (name: string): void => {
  if (/^[A-Za-z][\w-]*$/.test(name)) return
  throw new ModuleNameError('bad-name', `\`${name}\` cannot be the name of a module`, {
    hint: 'a letter, then letters, digits, `_` and `-`',
  })
}

/** The module `name`; null where no rule is left to write. Throws ModuleNameError. */
export const teModule = (name: string, rules: readonly LearnedRule[]): string | null => {
  checkName(name)
  const written = rules.filter(({ permissions }) => permissions.length > 0)
  if (written.length === 0) return null
  const required = requiredLines(typesOf(written), written)
  return [`module ${name} 1.0;`, '', 'require {', ...required, '}', '', ...written.flatMap(ruleLines), ''].join('\n')
}

/**
 * The module `name` with calls of interfaces, and rules that no interface stands for; the headers of the policy compile
 * it. Null where there is nothing to write. Throws ModuleNameError.
 */
export const teModuleOfCalls = (
  name: string, calls: readonly InterfaceCall[], rest: readonly LearnedRule[],
): string | null => {
  checkName(name)
  const written = rest.filter(({ permissions }) => permissions.length > 0)
  if (written.length === 0 && calls.length === 0) return null
  const types = new Set([...typesOf(written), ...calls.flatMap((call) => call.types)])
  return [
    `policy_module(${name}, 1.0)`, '', 'gen_require(`', ...requiredLines(types, written), '\')', '',
    ...calls.flatMap(callLines), ...written.flatMap(ruleLines), '',
  ].join('\n')
}

export const typesOf = (rules: readonly LearnedRule[]): Set<string> =>
  new Set(rules.flatMap(({ source, target }) => (target === 'self' ? [source] : [source, target])))

export const requiredLines = (
  types: ReadonlySet<string>, rules: readonly Pick<LearnedRule, 'tclass' | 'permissions'>[],
): string[] => {
  const classes = new Map<string, Set<string>>()
  for (const { tclass, permissions } of rules) {
    const known = classes.get(tclass) ?? new Set<string>()
    classes.set(tclass, known)
    for (const permission of permissions) known.add(permission)
  }
  return [
    ...[...types].sort().map((type) => `\ttype ${type};`),
    ...[...classes].sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tclass, permissions]) => `\tclass ${tclass} { ${[...permissions].sort().join(' ')} };`),
  ]
}

/** A quote of m4 in a comment would not end the comment, but it would hide the rest of an argument. */
export const comment = (text: string): string => `# ${text.replace(/[^\x20-\x7e]/g, '?').replace(/[`']/g, '"')}`

export const callLines = ({ text, summary, beyond, also, others }: InterfaceCall): string[] => [
  ...(summary === '' ? [] : [comment(summary)]),
  ...(beyond === 0 ? [] : [comment(`beyond what was seen: ${accesses(beyond)}, such as ${also.join(', ')}`)]),
  ...(others.length === 0 ? [] : [comment(`or: ${others.map((one) => `${one.text} (${one.beyond})`).join(', ')}`)]),
  text,
]

const accesses = (count: number): string => `${count} ${count === 1 ? 'access' : 'accesses'}`

export const ruleLines = (
  { source, target, tclass, permissions, ioctls, cil: _cil, ...rule }: LearnedRule,
): string[] => {
  const pair = `${source} ${target}:${tclass}`
  const numbers = ioctls.map((number) => `0x${number.toString(16)}`).join(' ')
  return [
    ...notes(rule).map(comment),
    `allow ${pair} { ${permissions.join(' ')} };`,
    ...(ioctls.length === 0 ? [] : [`allowxperm ${pair} ioctl { ${numbers} };`]),
  ]
}

const notes = (
  { seen, beyond, broad, instead, taken }: Pick<LearnedRule, 'seen' | 'beyond' | 'broad' | 'instead' | 'taken'>,
): string[] => [
  `${seen} ${seen === 1 ? 'denial' : 'denials'}`,
  ...(beyond.length > 0 ? [`beyond what was seen: ${beyond.join(' ')}`] : []),
  ...broad.map((why) => `BROAD: ${why}`), ...instead.map((what) => `instead: ${what}`),
  ...taken.map((why) => `no rule helps: ${why}`),
]
