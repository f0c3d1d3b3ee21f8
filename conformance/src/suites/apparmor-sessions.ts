/** Sessions of tasks under AppArmor: every operation's answer, the label afterwards, and the records to the letter. */
import { errnoName, ownValue } from '@lsmkit/abi'
import { nameBytes } from '@lsmkit/apparmor/policydb'
import { operations } from '../apparmor/operations.ts'
import { percentText } from '../apparmor/percent.ts'
import { openPolicies } from '../apparmor/policies.ts'
import type { Policies } from '../apparmor/policies.ts'
import { isHeader, isOperation, isStart } from '../apparmor/session.ts'
import type { Header, Line, Operation } from '../apparmor/session.ts'
import { attributeOf, makeWorld, reapActors, startActor } from '../apparmor/world.ts'
import type { Actor, World } from '../apparmor/world.ts'
import { jsonRecords, unreadable } from '../json.ts'
import type { JsonRecord } from '../json.ts'
import { played } from '../suite.ts'
import type { Options, Row, Suite } from '../suite.ts'

interface Session {
  readonly header: Header
  readonly lines: JsonRecord<Line>[]
}

/** Lines before the first header are a session of their own. */
const sessionsOf = (text: string): Session[] => {
  const sessions: Session[] = []
  for (const line of jsonRecords<Line>(text)) {
    const { record } = line
    if (record !== null && isHeader(record)) sessions.push({ header: record, lines: [] })
    else {
      if (sessions.length === 0) sessions.push({ header: { session: '-', theme: '-', revision0: 0 }, lines: [] })
      sessions.at(-1)!.lines.push(line)
    }
  }
  return sessions
}

/** Pids as the recording has them: those of actors by number, others as `@?`. */
const withoutPids = (world: World, text: string): string => {
  const numbers = new Map([...world.actors].map(([number, { task }]) => [task.pid, number]))
  const of = (pid: string): string => `@${numbers.get(Number(pid)) ?? '?'}`
  return text.replaceAll(/ pid=(\d+)/g, (_, pid: string) => ` pid=${of(pid)}`)
    .replaceAll(/\/proc\/(\d+)\//g, (_, pid: string) => `/proc/${of(pid)}/`)
}

const signals: Readonly<Record<number, string>> = { 9: 'KILL', 11: 'SEGV', 6: 'ABRT', 7: 'BUS' }

/** How an actor has ended; null while it lives. */
const endOf = ({ task }: Actor): string | null => {
  if (task.exit_state === 0) return null
  const signal = task.exit_code & 0x7f
  return signal === 0 ? `EXIT(${task.exit_code >> 8})` : `DIED(${signals[signal] ?? signal})`
}

const answer = (world: World, actor: Actor, [op = '', ...args]: readonly string[]): readonly [string, string] => {
  const play = ownValue(operations, op)
  if (play === undefined) return [`unknown operation \`${op}\``, '']
  let result = ''
  const errno = played(() => {
    const [rc, text = ''] = play(world, actor, args)
    result = text
    return rc < 0 ? errnoName(rc) : 'OK'
  })
  return [errno, result]
}

/** Numbers behind the names of profiles count from the first one of a boot: here from the smallest of the row. */
const relative = (names: string): string => {
  const least = Math.min(...Array.from(names.matchAll(/\.#(\d+)/g), ([, number]) => Number(number)))
  return names.replaceAll(/\.#(\d+)/g, (_, number: string) => `.#${Number(number) - least}`)
}

/** Lists have a blank at their end in some rows and none in others. */
const seenText = (
  { errno, result = '', label, exec, prev, log = [] }: Omit<Operation, 'n' | 'actor' | 'op' | 'others'>,
): string => JSON.stringify([errno, relative(result.trimEnd()), label, exec, prev, log])

const playOne = (world: World, line: Operation): string => {
  const actor = world.actors.get(line.actor)
  if (actor === undefined) return 'no actor'
  world.log.length = 0
  const [errno, result] = answer(world, actor, line.op)
  const ended = endOf(actor)
  const [label, exec, prev] = ['current', 'exec', 'prev'].map((name) =>
    percentText(nameBytes(attributeOf(world, actor.task, name)), true)) as [string, string, string]
  reapActors(world)
  const log = world.log.map((text) => percentText(nameBytes(withoutPids(world, text)), true))
  return seenText({ errno: ended ?? errno, result: ended === null ? result : '', label, exec, prev, log })
}

const rowOf = (world: World, { session }: Header, line: Operation): Row => {
  const got = played(() => playOne(world, line))
  return { id: `${session} ${line.n} @${line.actor} ${line.op.join(' ')}`, expected: seenText(line), got }
}

/** Directories of the root that there will be in later sessions of the boot, too. */
const noteFolder = (folders: Set<string>, { op: [operation, path = ''], errno }: Operation): void => {
  if (operation === 'mkdir' && errno !== 'ENOENT' && !/^\/(?:t|sys)\//.test(path)) folders.add(path)
}

/** Every binary a session may load, by name. */
const binariesFor = async (policies: Policies): Promise<ReadonlyMap<string, Uint8Array>> => {
  const all = new Map<string, Uint8Array>()
  for (const set of ['debian', 'own', 'session']) {
    for (const name of await policies.names(set)) all.set(name, (await policies.read(set, name))!)
  }
  return all
}

export const apparmorSessions = (): Suite => {
  let sessions = 0
  let agreeing = 0
  return {
    options: ['policies'],
    async *run(inputs, options: Options): AsyncGenerator<Row> {
      const folders = new Set<string>()
      const binaries = await binariesFor(await openPolicies(options, 'apparmor-sessions'))
      for (const { header, lines } of inputs.flatMap(({ text }) => sessionsOf(text))) {
        const world = makeWorld(binaries, header.revision0, folders)
        let agrees = true
        for (const line of lines) {
          const { record } = line
          if (record !== null && isStart(record)) {
            startActor(world, record.start)
            continue
          }
          const isKnown = record !== null && isOperation(record)
          const row = isKnown ? rowOf(world, header, record) : unreadable(line)
          if (isKnown) noteFolder(folders, record)
          agrees &&= row.got === row.expected
          yield row
        }
        sessions++
        if (agrees) agreeing++
      }
    },
    totals: () => [['sessions', `${agreeing}/${sessions}`]],
  }
}
