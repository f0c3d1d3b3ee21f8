/** Learned rules as a `.te` module, which checkmodule and `compileTe` of `@lsmkit/selinux/source` take. */
import { LsmkitError } from '@lsmkit/core'
import type { LearnedRule } from './learn.ts'

/** A name that a module cannot have. */
export class ModuleNameError extends LsmkitError<'bad-name'> {}

/** The module `name`; null where no rule is left to write. Throws ModuleNameError. */
export const teModule = (name: string, rules: readonly LearnedRule[]): string | null => {
  if (!/^[A-Za-z][\w-]*$/.test(name)) {
    throw new ModuleNameError('bad-name', `\`${name}\` cannot be the name of a module`, {
      hint: 'a letter, then letters, digits, `_` and `-`',
    })
  }
  const written = rules.filter(({ permissions }) => permissions.length > 0)
  if (written.length === 0) return null
  const types = new Set<string>()
  const classes = new Map<string, Set<string>>()
  for (const { source, target, tclass, permissions } of written) {
    types.add(source)
    if (target !== 'self') types.add(target)
    const known = classes.get(tclass) ?? new Set<string>()
    classes.set(tclass, known)
    for (const permission of permissions) known.add(permission)
  }
  const required = [
    ...[...types].sort().map((type) => `\ttype ${type};`),
    ...[...classes].sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tclass, permissions]) => `\tclass ${tclass} { ${[...permissions].sort().join(' ')} };`),
  ]
  return [`module ${name} 1.0;`, '', 'require {', ...required, '}', '', ...written.flatMap(ruleLines), ''].join('\n')
}

const ruleLines = ({ source, target, tclass, permissions, ioctls, cil: _cil, ...rule }: LearnedRule): string[] => {
  const pair = `${source} ${target}:${tclass}`
  const numbers = ioctls.map((number) => `0x${number.toString(16)}`).join(' ')
  return [
    ...notes(rule).map((note) => `# ${note.replace(/[^\x20-\x7e]/g, '?')}`),
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
