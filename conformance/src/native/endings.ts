/** The supervisor of a program is stopped or ends while calls of the program wait for its answer. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer, AttemptMode } from './run-attempts.ts'
import type { Surroundings } from './target.ts'

const LOG = 'read-by-it'
const BEATS = 'beats'

/** Reads the secret by turns with a mark of its own life. Its last word is how it is found in /proc. */
export const programOf = ({ secret, work }: Pick<Surroundings, 'secret' | 'work'>): string =>
  `while :; do read x < ${secret} && echo "$x" >> ${work}/${LOG}; echo . >> ${work}/${BEATS}; done 2>/dev/null
# ${tag(work)}`
const tag = (work: string): string => `ending-of:${work}`

const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
const beatsOf = ({ work }: Surroundings): number =>
  statSync(join(work, BEATS), { throwIfNoEntry: false })?.size ?? 0

const isProgram = (pid: string, { work }: Surroundings): boolean => {
  const args = textOf(`/proc/${pid}/cmdline`)
  return args.startsWith('sh\0') && args.includes(tag(work))
}
const programs = (field: Surroundings): number[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isProgram(pid, field)).map(Number)

/** Waits for something, up to so many milliseconds. */
const within = async (most: number, isSo: () => boolean): Promise<boolean> => {
  for (const from = performance.now(); performance.now() - from < most; await sleep(20)) if (isSo()) return true
  return isSo()
}

/** Whether nothing happens any more after what is under way. */
const isStill = async (field: Surroundings): Promise<boolean> => {
  await sleep(200)
  const before = beatsOf(field)
  await sleep(400)
  return beatsOf(field) === before
}

interface Ending {
  readonly name: string
  /** Modes in which the program depends on the supervisor's answers. */
  readonly watched?: true
  /** What happened that may not, or ''. */
  readonly run: (supervisor: ChildProcess, field: Surroundings) => Promise<string>
}

const MOST = 5000
const isGone = (field: Surroundings): Promise<boolean> => within(MOST, () => programs(field).length === 0)
const ended = (end: (supervisor: ChildProcess) => unknown): Ending['run'] => async (supervisor, field) => {
  end(supervisor)
  return await isGone(field) ? '' : 'the program is still there'
}

const endings: readonly Ending[] = [
  { name: 'SIGKILL of the supervisor', run: ended((of) => of.kill('SIGKILL')) },
  { name: 'SIGTERM of the supervisor', run: ended((of) => of.kill('SIGTERM')) },
  { name: 'SIGSEGV of the supervisor', run: ended((of) => of.kill('SIGSEGV')) },
  { name: 'the supervisor exits', run: ended((of) => of.send('exit')) },
  { name: 'the supervisor throws', run: ended((of) => of.send('throw')) },
  {
    name: 'SIGKILL of a stopped supervisor', run: async (of, field) => {
      of.kill('SIGSTOP')
      await sleep(100)
      of.kill('SIGKILL')
      return await isGone(field) ? '' : 'the program is still there'
    },
  },
  {
    name: 'SIGSTOP of the supervisor', watched: true, run: async (of, field) => {
      of.kill('SIGSTOP')
      if (!await isStill(field)) return 'calls were made without an answer'
      const before = beatsOf(field)
      of.kill('SIGCONT')
      return await within(MOST, () => beatsOf(field) > before) ? '' : 'it did not go on'
    },
  },
  {
    name: 'the end of the watch', watched: true, run: async (of, field) => {
      of.send('end the watch')
      return await isStill(field) ? '' : 'calls were made without a watch'
    },
  },
]

const args = ['--no-warnings', '--conditions=lsmkit:source', '--experimental-strip-types']

const runOne = async (field: Surroundings, mode: AttemptMode, { name, run }: Ending): Promise<Answer> => {
  for (const file of [LOG, BEATS]) rmSync(join(field.work, file), { force: true })
  const supervisor = fork(join(import.meta.dirname, 'ending-main.ts'), [mode, JSON.stringify(field)], {
    execArgv: args, stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  try {
    const isUp = await new Promise<boolean>((done) => {
      supervisor.once('message', () => done(true))
      supervisor.once('exit', () => done(false))
    })
    if (!isUp) return { name, out: false, detail: 'no answer: the supervisor did not start' }
    if (!await within(MOST, () => beatsOf(field) > 3)) return { name, out: false, detail: 'no answer: nothing ran' }
    const what = await run(supervisor, field)
    const isRead = textOf(join(field.work, LOG)).includes(field.canary)
    return { name, out: isRead || what !== '', detail: isRead ? 'the secret was read' : what }
  } finally {
    supervisor.kill('SIGKILL')
    for (const pid of programs(field)) process.kill(pid, 'SIGKILL')
    await isGone(field)
  }
}

/** The names of all endings. */
export const endingNames: readonly string[] = endings.map(({ name }) => name)

/** Each ending once. Those about answers of a watch are tried where there is one, and without a wall. */
export const runEndings = async (
  field: Surroundings, mode: AttemptMode, choose: (name: string) => boolean = () => true,
): Promise<Answer[]> => {
  const answers: Answer[] = []
  for (const one of endings) {
    if (!choose(one.name) || (mode === 'box' && one.watched === true)) continue
    answers.push(await runOne(field, mode, one))
  }
  return answers
}
