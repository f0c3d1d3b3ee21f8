/** Random sessions: a policy, files, and actors that play operations of one theme, with some of others. */
import { Words } from '../apparmor-compile/words.ts'
import { THEMES, policyOperations } from './operations.ts'
import type { Theme } from './operations.ts'
import { generatePolicy, PROGRAMS } from './policy.ts'
import { wordFor } from './words.ts'

export type Step = { readonly start: number } | { readonly actor: number; readonly op: readonly string[] }

export interface Session {
  readonly theme: string
  /** Texts of policies, by the names that operations have for them. */
  readonly policies: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

const step = (actor: number, ...op: readonly string[]): Step => ({ actor, op })

const PREPARED: readonly Step[] = [
  { start: 0 },
  ...['/t/d', '/t/e', '/t/d/s', '/t/m'].map((path) => step(0, 'mkdir', path, '0777')),
  ...['/t/f1', '/t/f2', '/t/f3', '/t/d/f1', '/t/d/f2', '/t/e/f1'].map((path) => step(0, 'mk', path)),
  step(0, 'chown', '/t/f2', '1000', '1000'), step(0, 'chown', '/t/d/f2', '1000', '1000'),
  step(0, 'chmod', '/t/f1', '0666'), step(0, 'chmod', '/t/f2', '0666'), step(0, 'symlink', '/t/f1', '/t/link'),
  ...PROGRAMS.map((name) => step(0, 'prog', `/t/bin/${name}`)),
  step(0, 'mk', '/t/bin/script', '#!/t/bin/x1 -s\n', '0755'), step(0, 'progcp', '/t/bin/copy'),
]

/** The words of an operation; a list's word may hold blanks where it is one argument. */
const expanded = (words: Words, template: string): string[] => template.split(' ').flatMap((word) => {
  const list = /\{(\w+)\}/u.exec(word)?.[1]
  if (list === undefined) return [word]
  const text = wordFor(words, list)
  const whole = word.replace(`{${list}}`, text)
  return list === 'address' ? whole.split(' ') : [whole]
})

const themes = Object.keys(THEMES) as Theme[]

class Player {
  readonly #words: Words
  readonly #theme: Theme
  readonly #started = new Set([0])

  constructor(words: Words, theme: Theme) {
    this.#words = words
    this.#theme = theme
  }

  *steps(many: number): Generator<Step> {
    const words = this.#words
    for (let i = 0; i < many; i++) {
      if (words.rarely(14)) yield step(0, ...expanded(words, words.one(policyOperations)))
      else yield* this.#byActor(1 + (words.rarely(3) ? words.pick(3) : 0))
    }
  }

  *#byActor(actor: number): Generator<Step> {
    const words = this.#words
    if (!this.#started.has(actor)) yield* this.#start(actor)
    const theme = words.rarely(4) ? words.one(themes) : this.#theme
    const op = expanded(words, words.one<string>(THEMES[theme]))
    const made = op[0] === 'fork' || op[0] === 'clone' ? Number(op[1]) : null
    // a copy takes the place of nobody
    if (made !== null && this.#started.has(made)) return
    if (made !== null) this.#started.add(made)
    yield step(actor, ...op)
  }

  /** Most actors are confined at once, some are users. */
  *#start(actor: number): Generator<Step> {
    const words = this.#words
    this.#started.add(actor)
    yield { start: actor }
    if (words.rarely(4)) yield* [step(actor, 'setgid', '1000'), step(actor, 'setuid', '1000')]
    if (!words.rarely(5)) {
      const label = words.one(['a', 'a', 'b', 'c', 'd', 'a//&b', 'a//kid'])
      yield words.rarely(4)
        ? step(actor, 'exec', `/t/bin/${words.one(PROGRAMS)}`)
        : step(actor, 'attr', 'current', `changeprofile ${label}`)
    }
  }
}

export const generateSession = (seed: number, operations: number): Session => {
  const words = new Words(seed)
  const theme = words.one(themes)
  const policies = { first: generatePolicy(words), second: generatePolicy(words) }
  const steps = [...PREPARED, step(0, 'load', 'first'), ...new Player(words, theme).steps(operations)]
  return { theme, policies, steps }
}
