/** `ending-main.ts MODE SURROUNDINGS`: a supervisor whose program tries to read the secret again and again. */
import { spawn } from 'node:child_process'
import { boxOf, watchOf } from './run-attempts.ts'
import type { AttemptMode } from './run-attempts.ts'
import { programOf } from './endings.ts'
import type { Surroundings } from './target.ts'

const mode = process.argv[2] as AttemptMode
const surroundings = JSON.parse(process.argv[3]!) as Surroundings
const args = ['-c', programOf(surroundings)]

/** Answers what ends the watch. */
const start = async (): Promise<() => Promise<unknown>> => {
  const { work } = surroundings
  if (mode === 'open') {
    spawn('sh', args, { cwd: work, stdio: 'ignore' })
    return async () => undefined
  }
  const box = boxOf(surroundings)
  if (mode === 'box') {
    box.start('sh', args, { stdio: ['ignore', 'ignore', 'ignore'] })
    return async () => undefined
  }
  const watch = await watchOf(mode)
  box.start('sh', args, { watch, stdio: ['ignore', 'ignore', 'ignore'] })
  return () => watch.end()
}

process.chdir(surroundings.work)
const end = await start()
process.on('message', (what) => {
  if (what === 'end the watch') void end()
  else if (what === 'exit') process.exit(0)
  else throw new Error('an error that nobody handles')
})
process.send!('started')
