/**
 * New sessions in the manner of recorded ones: a session takes runs of calls from several recorded sessions of its
 * theme, and some arguments from other calls of the same name.
 */
import type { Call, Header, Prelude, Session } from '../../src/posix/session.ts'
import type { Sessions } from './read-sessions.ts'

/** A small generator of numbers that a seed repeats. */
const random = (seed: number) => {
  let state = seed >>> 0 || 1
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const LENGTH = 40
const COMMANDS = new Set(['fcntl', 'semctl', 'shmctl', 'msgctl', 'prctl'])

const shapeOf = (arg: unknown): string => (arg === null ? 'null' : Array.isArray(arg) ? 'list' : typeof arg)

export function* generate(
  { header, preludes, sessions }: Sessions, seed: number, count: number, themes: readonly string[],
): Generator<Header | Prelude | Session> {
  yield header
  yield* preludes.values()
  const below = random(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
  const chosen = themes.length === 0 ? sessions : sessions.filter(({ theme }) => themes.includes(theme))
  const argumentsOf = new Map<string, (readonly unknown[])[]>()
  for (const { calls } of sessions)
    for (const [, name, args] of calls) argumentsOf.set(name, [...(argumentsOf.get(name) ?? []), args])

  /** Arguments behind a command mean different things: with one the others come along. */
  const mutated = ([actor, name, args]: Call, actors: number): Call => {
    const next = [...args]
    const other = below(4) === 0 && args.length > 0 ? pick(argumentsOf.get(name)!) : null
    if (other !== null && COMMANDS.has(name)) next.splice(1, next.length, ...other.slice(1))
    else if (other !== null) {
      const at = below(args.length)
      if (shapeOf(other[at]) === shapeOf(args[at])) next[at] = other[at]
    }
    return [below(12) === 0 ? below(actors) : Math.min(actor, actors - 1), name, next, 0]
  }

  for (let id = 1; id <= count; id++) {
    const like = pick(chosen)
    const donors = sessions.filter(({ theme, prelude }) =>
      prelude === like.prelude && (theme === like.theme || below(15) === 0))
    const calls: Call[] = []
    let donor = like
    let at = 0
    while (calls.length < LENGTH) {
      if (at >= donor.calls.length || below(8) === 0) {
        donor = pick(donors)
        at = below(Math.max(1, donor.calls.length - 3))
      }
      if (below(25) !== 0) calls.push(mutated(donor.calls[at]!, like.actors.length))
      at++
    }
    yield { kind: 'session', id, theme: like.theme, prelude: like.prelude, actors: like.actors, calls, final: [] }
  }
}
