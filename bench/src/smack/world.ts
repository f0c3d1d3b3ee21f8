/** The rules and questions of the smack bench: the same for every way of deciding, made from a seed. */

export interface Rule {
  readonly subject: string
  readonly object: string
  readonly modes: string
}

export interface Question {
  readonly subject: string
  readonly object: string
  /** One letter. */
  readonly mode: string
}

/** Questions of one round: asked over and over, as programs ask for the same things. */
const QUESTIONS = 1024

/** xorshift32: numbers below `n`. */
const random = (seed: number): ((n: number) => number) => {
  let x = seed
  return (n) => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % n
  }
}

const modesOf = ['r', 'rx', 'rwx', 'w', 'rwxat', 'rl', 'x', 'ra']
const subjectText = (i: number): string => `System::App${i}`
const objectText = (i: number): string => `User::Data${i}`

/** `count` rules among about as many labels on either side as a square has rows. */
export const rulesOf = (count: number): Rule[] => {
  const width = Math.ceil(Math.sqrt(count))
  return Array.from({ length: count }, (_, i) => ({
    subject: subjectText(i % width),
    object: objectText(Math.floor(i / width)),
    modes: modesOf[i % modesOf.length]!,
  }))
}

/** Three in four about a pair that has a rule, the others about one that has none. */
export const questionsOf = (rules: readonly Rule[]): Question[] => {
  const below = random(0x2545f491)
  return Array.from({ length: QUESTIONS }, () => {
    const { subject, object } = rules[below(rules.length)]!
    const mode = 'rwxa'[below(4)]!
    return below(4) === 0 ? { subject: object, object: subject, mode } : { subject, object, mode }
  })
}

export const fileOf = (rules: readonly Rule[]): string =>
  rules.map(({ subject, object, modes }) => `${subject} ${object} ${modes}\n`).join('')
