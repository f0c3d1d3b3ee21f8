/** The policy: lines of `UID FILESYSTEM`, each of which allows. A mount that no line allows is refused. */

export interface Rule {
  /** null is everybody. */
  readonly uid: number | null
  /** null is every file system. */
  readonly fs: string | null
}

export type Policy = readonly Rule[]

/** A line that is not a rule. */
export class PolicyError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.name = 'PolicyError'
    this.line = line
  }
}

/** Throws PolicyError: a policy is taken whole or not at all. */
export const parsePolicy = (text: string): Policy =>
  text.split('\n').flatMap((line, at) => {
    const words = line.replace(/#.*/, '').split(/\s+/).filter((word) => word !== '')
    return words.length === 0 ? [] : [parseRule(words, at + 1)]
  })

const parseRule = (words: readonly string[], line: number): Rule => {
  const [who, fs, ...more] = words
  if (who === undefined || fs === undefined || more.length > 0) {
    throw new PolicyError(line, 'a rule is a user id and a file system')
  }
  if (who !== '*' && !/^\d{1,10}$/.test(who)) throw new PolicyError(line, `\`${who}\` is not a user id`)
  return { uid: who === '*' ? null : Number(who), fs: fs === '*' ? null : fs }
}

/** The types of file systems a user may open files of; null for all. */
export const fileSystemsOf = (policy: Policy, uid: number): ReadonlySet<string> | null => {
  const mine = policy.filter((rule) => rule.uid === null || rule.uid === uid)
  if (mine.some(({ fs }) => fs === null)) return null
  return new Set(mine.map(({ fs }) => fs!))
}

export const policyText = (policy: Policy): string =>
  policy.map(({ uid, fs }) => `${uid ?? '*'} ${fs ?? '*'}\n`).join('')
