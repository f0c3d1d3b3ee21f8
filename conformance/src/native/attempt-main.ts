/** The program that tries to get out: `attempt-main.ts SURROUNDINGS INDEX…`, an answer a line. */
import { hostSystem } from '@lsmkit/native/sys'
import { allAttempts } from './attempts.ts'
import type { Surroundings, Target } from './target.ts'

const surroundings = JSON.parse(process.argv[2]!) as Surroundings
const target: Target = { ...surroundings, sys: hostSystem(), parent: process.ppid }
process.chdir(target.work)

for (const index of process.argv.slice(3).map(Number)) {
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
