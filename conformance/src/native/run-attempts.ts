/** Runs attempts to get out behind the wall and without it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import {
  chmodSync, chownSync, closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync,
  realpathSync, rmSync, writeFileSync,
} from 'node:fs'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createNativeBox, openWatch, systemFiles, systemPrograms } from '@lsmkit/native'
import type { Watch } from '@lsmkit/native'
import { hostSystem } from '@lsmkit/native/sys'
import { allAttempts } from './attempts.ts'
import { attemptsBundle } from './attempts-bundle.ts'
import { abstractAddress, text, unixAddress } from './target.ts'
import type { Surroundings } from './target.ts'

const root = resolve(import.meta.dirname, '../../..')

export interface Answer {
  readonly name: string
  readonly out: boolean
  readonly detail: string
}

export interface Field {
  readonly surroundings: Surroundings
  readonly close: () => void
}

const CANARY = 'canary-of-the-outside'
const VARIABLE = 'LSMKIT_ATTEMPT_SECRET'

const listening = (server: Server, at: number | string): Promise<Server> =>
  new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(at as number, () => done(server))
  })

const SOCK_CLOEXEC = 0o2000000
let fields = 0

/** A UNIX socket that takes datagrams, and keeps them. */
const takeDatagrams = (address: Uint8Array): number => {
  const fd = hostSystem().call('socket', 1, 2 | SOCK_CLOEXEC, 0)
  const rc = hostSystem().call('bind', fd, address, address.length)
  if (rc < 0) throw new Error(`bind answered ${rc}`)
  return fd
}

/** Folders, servers and a process that nothing may reach. */
export const openField = async (): Promise<Field> => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-attempts-')))
  const [work, outside] = [join(top, 'work'), join(top, 'outside')]
  for (const folder of [work, outside, join(outside, 'folder'), join(outside, 'empty')]) mkdirSync(folder)
  const secret = join(outside, 'secret')
  writeFileSync(secret, CANARY)
  for (const name of ['loose', 'lost', 'over', 'folder/file']) writeFileSync(join(outside, name), 'x')
  writeFileSync(join(work, 'others'), 'x')
  if (process.geteuid!() === 0) chownSync(join(work, 'others'), 65534, 65534)
  hostSystem().call('setxattr', text(join(outside, 'loose')), text('user.attempt'), text('x'), 1, 0)
  copyFileSync('/bin/true', join(outside, 'program'))
  chmodSync(join(outside, 'program'), 0o755)
  const choice = { cwd: outside, detached: true, stdio: 'ignore' } as const
  const sleeper: ChildProcess = spawn('sh', ['-c', `exec sleep 1000 < ${secret}`], choice)
  const unix = join(outside, 'socket')
  const abstract = `lsmkit-attempt-${process.pid}-${fields++}`
  // without close-on-exec: a start that does not look hands it on
  const fd = openSync(secret, 'r')
  hostSystem().call('fcntl', fd, 2, 0)
  const tcp = await listening(createServer((one) => one.destroy()), 0)
  const servers = [tcp, await listening(createServer((one) => one.destroy()), unix),
    await listening(createServer((one) => one.destroy()), `\0${abstract}`)]
  const datagrams = join(outside, 'datagrams')
  const takers = [unixAddress(datagrams), abstractAddress(`${abstract}-datagrams`)].map(takeDatagrams)
  const udp = createSocket('udp6')
  await new Promise<void>((done) => udp.bind(0, done))
  process.env[VARIABLE] = CANARY
  const surroundings: Surroundings = {
    work, outside, secret, canary: CANARY, sleeper: sleeper.pid!, supervisor: process.pid,
    tcp: (tcp.address() as { port: number }).port, udp: udp.address().port, unix, abstract, datagrams,
    variable: VARIABLE,
  }
  return {
    surroundings,
    close: () => {
      process.kill(sleeper.pid!, 'SIGKILL')
      for (const server of servers) server.close()
      udp.close()
      for (const one of [fd, ...takers]) closeSync(one)
      delete process.env[VARIABLE]
      rmSync(top, { recursive: true, force: true })
    },
  }
}

/** Without a wall, behind it, and behind it under a watch or a stack that decides. */
export type AttemptMode = 'open' | 'box' | 'watch' | 'mediate'

/** No module refuses anything: what holds is the policy, although the watcher makes the calls. */
export const watchOf = (mode: AttemptMode): Promise<Watch> =>
  openWatch(mode === 'mediate' ? { mediation: { modules: [] } } : {})

/** The wall: the tools that the attempts need, the packages, and one folder. */
export const boxOf = ({ work }: Surroundings): ReturnType<typeof createNativeBox> => {
  const node = dirname(dirname(realpathSync(process.execPath)))
  const exec = [...new Set([...systemPrograms(), node])]
  const read = [...exec, ...systemFiles().filter((path) => path !== '/dev/full'), root, work]
  return createNativeBox({ allow: { read, write: [work, '/dev/null'], exec } })
}

const leftovers = (time: string): number[] => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map(Number)
  .filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').includes(`sleep ${time}`)
    } catch {
      return false
    }
  })

type Outcomes = ReadonlyMap<number, Pick<Answer, 'out' | 'detail'>>

const answersOf = (stdout: string): Outcomes => new Map(stdout.split('\n').filter((line) => line.startsWith('{'))
  .map((line) => {
    const { index, ...rest } = JSON.parse(line) as { index: number; out: boolean; detail: string }
    return [index, rest]
  }))

const boxed = async (field: Surroundings, args: readonly string[], mode: AttemptMode): Promise<string> => {
  const env = { PATH: process.env.PATH ?? '' }
  if (mode === 'box') return (await boxOf(field).exec(process.execPath, args, { env })).stdout
  const watch = await watchOf(mode)
  const run = boxOf(field).start(process.execPath, args, { env, watch, stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  run.process.stdout!.on('data', (bytes) => (stdout += bytes))
  await run.process.ended
  await watch.end()
  return stdout
}

const plain = (args: readonly string[]): Promise<string> => new Promise((done) => {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.on('data', (bytes) => (stdout += bytes))
  child.once('exit', () => setTimeout(() => done(stdout), 20))
})

/** One program for some attempts: all in its own process, or each in a child's. */
const runSome = async (
  field: Surroundings, indexes: readonly number[], mode: AttemptMode, how: 'one' | 'each',
): Promise<Map<number, Answer>> => {
  const args = [await attemptsBundle(), JSON.stringify(field), how, ...indexes.map(String)]
  const answers = answersOf(mode === 'open' ? await plain(args) : await boxed(field, args, mode))
  return new Map(indexes.flatMap((index) => {
    const { name, leaves } = allAttempts[index]!
    const left = leaves === undefined ? [] : leftovers(leaves(field))
    for (const pid of left) process.kill(pid, 'SIGKILL')
    const answer = leaves === undefined ? answers.get(index) : { out: left.length > 0, detail: `${left.length} left` }
    return answer === undefined ? [] : [[index, { name, ...answer }] as const]
  }))
}

/**
 * Two programs: one makes the attempts that may share a process, the other those that need one each. Attempts that a
 * program did not answer, as its process was ended, are made again by a program each.
 */
export const runAttempts = async (
  field: Surroundings, mode: AttemptMode, choose: (name: string, index: number) => boolean = () => true,
): Promise<Answer[]> => {
  const chosen = allAttempts.flatMap(({ name }, index) => (choose(name, index) ? [index] : []))
  const answers = new Map<number, Answer>()
  const run = async (indexes: readonly number[], how: 'one' | 'each'): Promise<void> => {
    if (indexes.length === 0) return
    for (const [index, answer] of await runSome(field, indexes, mode, how)) answers.set(index, answer)
  }
  await run(chosen.filter((index) => allAttempts[index]!.alone !== true), 'one')
  await run(chosen.filter((index) => allAttempts[index]!.alone === true), 'each')
  for (const index of chosen.filter((one) => !answers.has(one))) await run([index], 'one')
  return chosen.map((index) => answers.get(index) ??
    { name: allAttempts[index]!.name, out: false, detail: 'no answer: the process ended' })
}
