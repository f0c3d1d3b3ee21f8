/**
 * Damages policies, contexts and file contexts for as long as it is told:
 * `node scripts/run.mjs source packages/selinux/scripts/soak.ts [RUNS] [SEED] [WHAT]`.
 */
import { fuzz } from '../src/testing/fuzz/fuzz-server.ts'
import { attempts } from '../src/testing/fuzz/inputs.ts'

const [, , runs = '1000000', seed = '0', what] = process.argv
const STEP = 10_000
let findings = 0

for (const [name, attempt] of Object.entries(attempts)) {
  if (what !== undefined && what !== name) continue
  const begun = Date.now()
  let taken = 0
  for (let done = 0; done < Number(runs); done += STEP) {
    const count = Math.min(STEP, Number(runs) - done)
    const tally = fuzz(attempt, Number(seed) + done, count, ({ seed: found, message }) => {
      findings++
      process.stdout.write(`${name}, seed ${found}: ${message}\n`)
    })
    taken += tally.taken
    process.stderr.write(`\r${name}: ${done + STEP} of ${runs}, ${taken} taken, ${findings} findings`)
  }
  process.stderr.write('\n')
  const seconds = Math.round((Date.now() - begun) / 1000)
  process.stdout.write(`${name}: ${runs} from seed ${seed}, ${taken} taken, ${seconds} s\n`)
}
process.stdout.write(`${findings} findings\n`)
process.exitCode = findings === 0 ? 0 : 1
