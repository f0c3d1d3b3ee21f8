/**
 * Verifies random and damaged programs for as long as it is told, and runs those that are accepted: `node
 * scripts/run.mjs source packages/bpf/scripts/soak-verifier.ts [RUNS] [SEED]`.
 */
import { fuzzVerifier } from '../src/fuzz/fuzz-verifier.ts'

const [runs = 100_000, seed = 0] = process.argv.slice(2).map(Number)
const STEP = 1000
const begun = Date.now()
let findings = 0
let accepted = 0
for (let done = 0; done < runs; done += STEP) {
  const tally = fuzzVerifier(seed + done, Math.min(STEP, runs - done), (finding) => {
    findings++
    process.stdout.write(`seed ${finding.seed}: ${finding.message}\n`)
  })
  accepted += tally.accepted
  process.stderr.write(`\r${done + STEP} of ${runs}, ${accepted} accepted, ${findings} findings`)
}
const seconds = Math.round((Date.now() - begun) / 1000)
process.stdout.write(`\n${runs} programs from seed ${seed}, ${accepted} accepted, ${findings} findings, ${seconds} s\n`)
process.exitCode = findings === 0 ? 0 : 1
