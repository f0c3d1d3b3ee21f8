/**
 * Runs random programs on the compiler and on the interpreter for as long as it is told: `node scripts/run.mjs source
 * packages/bpf/scripts/soak-engines.ts [RUNS] [SEED]`. What differs is told with its seed.
 */
import { assemble } from '../src/insn/asm.ts'
import { runOn } from '../src/testing/both-engines.ts'
import { randomProgram } from '../src/testing/random-program.ts'
import { Random } from '../src/testing/random.ts'

const [runs = 100_000, seed = 1000] = process.argv.slice(2).map(Number)
const begun = Date.now()
let findings = 0
for (let own = seed; own < seed + runs; own++) {
  const code = assemble(randomProgram(new Random(own)))
  const [compiled, interpreted] = [runOn('jit', code), runOn('interpreter', code)]
  if (compiled.r0 !== interpreted.r0 || compiled.memory !== interpreted.memory) {
    findings++
    process.stdout.write(`seed ${own}: ${compiled.r0} compiled, ${interpreted.r0} interpreted\n`)
  }
  if (own % 1000 === 0) process.stderr.write(`\r${own - seed} of ${runs}, ${findings} findings`)
}
const seconds = Math.round((Date.now() - begun) / 1000)
process.stdout.write(`\n${runs} programs from seed ${seed}, ${findings} findings, ${seconds} s\n`)
process.exitCode = findings === 0 ? 0 : 1
