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
import { leftoverTime } from './attempts-processes.ts'
import { abstractAddress, text, unixAddress } from './target.ts'
import type { Surroundings } from './target.ts'

const root = resolve(import.meta.dirname, '../../..')
const main = join(import.meta.dirname, 'attempt-main.ts')

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

const nodeArgs = ['--no-warnings', '--conditions=lsmkit:source', '--experimental-strip-types', main]

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
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`sleep\0${time}`)
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

/** One process for some attempts. */
const runSome = async (field: Surroundings, indexes: readonly number[], mode: AttemptMode): Promise<Answer[]> => {
  const args = [...nodeArgs, JSON.stringify(field), ...indexes.map(String)]
  const stdout = mode === 'open' ? await plain(args) : await boxed(field, args, mode)
  const answers = answersOf(stdout)
  const time = leftoverTime(field)
  const left = leftovers(time)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  return indexes.map((index) => {
    const { name, leaves } = allAttempts[index]!
    const answer = answers.get(index) ?? { out: false, detail: 'no answer: the process ended' }
    return { name, ...answer, ...(leaves === true ? { out: left.length > 0, detail: `${left.length} left` } : {}) }
  })
}

const plain = (args: readonly string[]): Promise<string> => new Promise((done) => {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.on('data', (bytes) => (stdout += bytes))
  child.once('exit', () => setTimeout(() => done(stdout), 20))
})

/** Those that may share a process are done by one; the others have one each. */
export const runAttempts = async (
  field: Surroundings, mode: AttemptMode, choose: (name: string, index: number) => boolean = () => true,
): Promise<Answer[]> => {
  const chosen = allAttempts.flatMap(({ name }, index) => (choose(name, index) ? [index] : []))
  const shared = chosen.filter((index) => allAttempts[index]!.alone !== true)
  const answers = await runSome(field, shared, mode)
  for (const index of chosen.filter((one) => allAttempts[one]!.alone === true)) {
    answers.push(...await runSome(field, [index], mode))
  }
  return answers
}
