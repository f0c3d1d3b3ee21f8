/**
 * System calls by confined tasks under each stack: none of them reads a canary or gains a right. The same calls are
 * made once more while sinks and observers make others as process 1: they answer the same. Now and then root makes
 * them, who may do all that, and only has to leave the kernel whole.
 */
import { ownValue } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kind, Session } from '../frame/fuzzer.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { callsOf } from './calls.ts'
import type { Call } from './calls.ts'
import { confinements } from './stacks.ts'
import { bootWorld, damaged, gained, SECRET } from './world.ts'
import type { World } from './world.ts'

/** One that takes long to boot is there less often. */
const names = Object.keys(confinements).flatMap((name) => Array<string>(name === 'programs' ? 1 : 4).fill(name))
const secret = Buffer.from(SECRET)
/** How deep buffers lie in arguments: messages hold arrays of them. */
const DEPTH = 4
const TASKS = 24
/** In one world of so many it is root who makes the calls. */
const UNCONFINED = 6

const holdsSecret = (value: unknown, depth = DEPTH): boolean => {
  if (typeof value === 'string') return value.includes(SECRET)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).includes(secret)
  if (typeof value !== 'object' || value === null || depth === 0) return false
  return Object.values(value).some((one) => holdsSecret(one, depth - 1))
}

const textOf = ({ name, args }: Call): string => {
  const shown = JSON.stringify(args, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? `[${value.join()}]` : value)
  return `${name}(${shown.slice(1, -1).slice(0, 300)})`
}

interface Finding {
  readonly kind: Kind
  readonly detail: string
}

/** Those that may make calls; some are ended when they get too many. */
const callers = ({ machine, init, sys, user }: World): readonly Task[] => {
  const alive = [...machine.tasks.threads()].filter((task) => task !== init && task.exit_state === 0)
  for (const task of alive.slice(TASKS)) if (task !== user) sys.exit_group(task, 0)
  return alive.slice(0, TASKS)
}

/** What is wrong after a call, whoever made it; null when nothing is. */
const brokenAfter = (world: World, call: Call, rc: number, before: Task): Finding | null => {
  const { machine, panics } = world
  const after = (kind: Kind, what: string): Finding => ({ kind, detail: `${what}\nafter ${textOf(call)} = ${rc}` })
  if (panics.length > 0) return after('crash', panics[0]!)
  if (typeof rc !== 'number' || Number.isNaN(rc)) return after('crash', `answered ${String(rc)}`)
  if (machine.current.task !== before || machine.depth !== 0 || machine.inRcu) {
    return after('wrong-allow', `\`current\` is ${machine.current.task.comm}, depth ${machine.depth}`)
  }
  return null
}

/** What a confined task has come by; null when it is nothing. */
const gainedAfter = (world: World, call: Call, rc: number): Finding | null => {
  const after = (what: string): Finding => ({ kind: 'wrong-allow', detail: `${what}\nafter ${textOf(call)} = ${rc}` })
  if (call.args.some((arg) => holdsSecret(arg))) return after('the secret was read')
  const right = gained(world)
  return right === null ? null : after(right)
}

/** Makes the calls: what they answered, up to the first finding. */
const make = (
  world: World, calls: readonly Call[], confined: boolean, session: Session,
): { answers: number[]; wrong: Finding | null } => {
  const answers: number[] = []
  const before = world.machine.current.task
  for (const call of calls) {
    const tasks = callers(world)
    if (tasks.length === 0) break
    session.step()
    const rc = world.syscall(tasks[call.who % tasks.length]!, call.name, ...call.args)
    answers.push(rc)
    const wrong = brokenAfter(world, call, rc, before) ?? (confined ? gainedAfter(world, call, rc) : null)
    if (wrong !== null) return { answers, wrong }
  }
  const damage = confined ? damaged(world) : null
  return { answers, wrong: damage === null ? null : { kind: 'wrong-allow', detail: damage } }
}

export const syscalls = seedFuzzer((seed, session) => {
  const name = names[seed % names.length]!
  const confined = seed % UNCONFINED !== 0
  const run = (nests: boolean) =>
    make(bootWorld(ownValue(confinements, name)!(), { seed, nests, confined }), callsOf(seed), confined, session)
  const plain = run(false)
  const nested = run(true)
  for (const { wrong } of [plain, nested]) {
    if (wrong !== null) session.found(wrong.kind, String(seed), `${name}: ${wrong.detail}`)
  }
  // what root does may well depend on what others do
  if (plain.wrong !== null || nested.wrong !== null || !confined) return
  const at = plain.answers.findIndex((rc, index) => rc !== nested.answers[index])
  if (at < 0) return
  const [alone, within] = [plain.answers[at]!, nested.answers[at]!]
  session.found(alone < 0 && within >= 0 ? 'wrong-allow' : 'wrong-answer', String(seed),
    `${name}: ${alone}, but ${within} while others make calls\nafter ${textOf(callsOf(seed)[at]!)}, call ${at}`)
})
