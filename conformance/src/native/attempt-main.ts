/**
 * The program that tries to get out: `attempt-main SURROUNDINGS one|each INDEX…`, an answer a line. `each` makes every
 * attempt in a process of its own, a child of the program: an attempt may change or end its process.
 */
import { spawnSync } from 'node:child_process'
import { hostSystem } from '@lsmkit/native/sys'
import { allAttempts } from './attempts.ts'
import type { Surroundings, Target } from './target.ts'

/** Milliseconds after which an attempt has no answer. */
const MOST = 120_000

const [, main = '', given = '', how, ...indexes] = process.argv
const surroundings = JSON.parse(given) as Surroundings

const tryOne = async (target: Target, index: number): Promise<void> => {
  const attempt = allAttempts[index]!
  let out = false
  let detail = ''
  try {
    const outcome = await attempt.run(target)
    detail = String(outcome).slice(0, 80)
    out = outcome === true || (typeof outcome === 'number' && outcome >= 0) ||
      (typeof outcome === 'string' && outcome.includes(target.canary))
  } catch (error) {
    detail = String(error).split('\n')[0]!.slice(0, 160)
  }
  process.stdout.write(`${JSON.stringify({ index, out, detail })}\n`)
}

process.chdir(surroundings.work)
if (how === 'each') {
  const own = JSON.stringify({ ...surroundings, parent: process.ppid })
  for (const index of indexes) {
    spawnSync(process.execPath, [main, own, 'one', index], { stdio: 'inherit', timeout: MOST, killSignal: 'SIGKILL' })
  }
} else {
  const target: Target = { parent: process.ppid, ...surroundings, sys: hostSystem() }
  for (const index of indexes) await tryOne(target, Number(index))
}
