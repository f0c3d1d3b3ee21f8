/**
 * Sessions of system calls that a real kernel executed, replayed call by call; a session is left at its first
 * difference.
 */
import { ERESTARTSYS, errnoName, ownValue } from '@lsmkit/abi'
import { canonical, jsonRecords, unreadable } from '../json.ts'
import { replays } from '../posix/calls.ts'
import { finalTree } from '../posix/observe.ts'
import type { Call, Header, Line, Prelude, Session } from '../posix/session.ts'
import { makeWorld } from '../posix/world.ts'
import type { World } from '../posix/world.ts'
import { UsageError } from '../suite.ts'
import type { Input, Row, Suite } from '../suite.ts'

/** `result observation` as the recording has them. */
const answerText = (rc: number | string, seen: unknown): string =>
  seen === undefined ? String(rc) : `${rc} ${canonical(seen)}`

export const replay = (world: World, [actor, name, args]: Call): string => {
  const run = ownValue(replays, name)
  if (run === undefined) return `unknown call \`${name}\``
  const task = world.actors[actor]!
  let rc: number
  let seen: unknown
  try {
    [rc, seen] = run(world, task, args)
  } catch (error) {
    return `threw ${(error as Error).message}`
  }
  if (world.panics.length > 0) return `panic ${world.panics.splice(0).join('; ')}`
  if (rc !== -ERESTARTSYS) return answerText(rc < 0 ? errnoName(rc) : rc, seen)
  // a signal ended it
  world.kernel.machine.interrupt(task)
  return answerText('BLOCK', seen)
}

interface Tally {
  agree: number
  total: number
}

const count = (tallies: Map<string, Tally>, key: string, agrees: boolean): void => {
  const tally = tallies.get(key) ?? { agree: 0, total: 0 }
  tallies.set(key, tally)
  tally.total++
  if (agrees) tally.agree++
}

export const posixSessions = (): Suite => {
  const themes = new Map<string, Tally>()
  const calls: Tally = { agree: 0, total: 0 }

  /** The first difference, or null. */
  const play = (header: Header, preludes: ReadonlyMap<string, Prelude>, session: Session): Row | null => {
    calls.total += session.calls.length
    const world = makeWorld(header, session.actors)
    for (const [i, call] of (preludes.get(session.prelude)?.calls ?? []).entries()) {
      const got = replay(world, call)
      const expected = answerText(call[3], call[4])
      if (got !== expected) return { id: `${session.id} prelude ${i} ${canonical(call)}`, expected, got }
    }
    for (const [i, call] of session.calls.entries()) {
      const got = replay(world, call)
      const expected = answerText(call[3], call[4])
      if (got !== expected) return { id: `${session.id} call ${i} ${canonical(call.slice(0, 3))}`, expected, got }
      calls.agree++
    }
    const got = finalTree(world).map(canonical)
    const expected = session.final.map(canonical)
    for (let i = 0; i < Math.max(got.length, expected.length); i++) {
      if (got[i] !== expected[i]) return { id: `${session.id} final`, expected: expected[i] ?? '-', got: got[i] ?? '-' }
    }
    return null
  }

  /** A session that cannot be played differs. */
  const playedSession = (act: () => Row | null, { id }: Session): Row | null => {
    try {
      return act()
    } catch (error) {
      return { id: String(id), expected: 'agrees', got: `not played: ${error as Error}` }
    }
  }

  function* run(inputs: readonly Input[]): Generator<Row> {
    for (const { text, path } of inputs) {
      let header: Header | null = null
      const preludes = new Map<string, Prelude>()
      for (const line of jsonRecords<Line>(text)) {
        const { record } = line
        if (record?.kind === 'header') header = record
        else if (record?.kind === 'prelude') preludes.set(record.name, record)
        else if (record?.kind !== 'session' || !Array.isArray(record.calls)) yield unreadable(line)
        else {
          if (header === null) throw new UsageError(`\`${path}\` has no header line`)
          const difference = playedSession(() => play(header!, preludes, record), record)
          count(themes, record.theme, difference === null)
          yield difference ?? { id: String(record.id), expected: 'agrees', got: 'agrees' }
        }
      }
    }
  }

  return {
    run,
    totals: () => [
      ['calls', `${calls.agree}/${calls.total}`],
      ...[...themes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([theme, { agree, total }]) => [theme, `${agree}/${total}`] as const),
    ],
  }
}
