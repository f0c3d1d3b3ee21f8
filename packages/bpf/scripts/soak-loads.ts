/**
 * Runs random programs with typed loads on both engines beside a plain reference, for as long as it is told:
 * `node scripts/run.mjs source packages/bpf/scripts/soak-loads.ts [RUNS] [SEED]`. What differs is told with its seed.
 */
import { fuzzLoads } from '../src/fuzz/fuzz-loads.ts'

const [runs = 10_000, seed = 1] = process.argv.slice(2).map(Number)
const begun = Date.now()
let findings = 0
const { accepted, refused, forms } = fuzzLoads(seed, runs, ({ seed: own, message }) => {
  findings++
  process.stdout.write(`seed ${own}: ${message}\n`)
})
const seconds = Math.round((Date.now() - begun) / 1000)
const loads = [...forms].map(([form, count]) => `${count} ${form}`).join(', ')
process.stdout.write(`${runs} programs from ${seed}: ${accepted} accepted, ${refused} refused, ${findings} findings, ` +
  `${seconds} s\nloads: ${loads}\n`)
process.exitCode = findings === 0 ? 0 : 1
