/**
 * Opens damaged objects for as long as it is told: `node scripts/run.mjs source packages/bpf/scripts/soak-objects.ts
 * [RUNS] [SEED]`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fuzzObjects } from '../src/fuzz/fuzz-objects.ts'
import { vmlinuxBtf } from '../src/vmlinux/index.ts'

const [runs = 1_000_000, seed = 0] = process.argv.slice(2).map(Number)
const folder = new URL('../objects/', import.meta.url)
const objects = readdirSync(folder).filter((name) => name.endsWith('.o'))
  .map((name) => new Uint8Array(readFileSync(new URL(name, folder))))

const STEP = 10_000
const begun = Date.now()
let findings = 0
let opened = 0
for (let done = 0; done < runs; done += STEP) {
  const tally = fuzzObjects(objects, vmlinuxBtf(), seed + done, Math.min(STEP, runs - done), (finding) => {
    findings++
    process.stdout.write(`seed ${finding.seed}: ${finding.message}\n`)
  })
  opened += tally.opened
  process.stderr.write(`\r${done + STEP} of ${runs}, ${opened} opened, ${findings} findings`)
}
process.stderr.write('\n')
const seconds = Math.round((Date.now() - begun) / 1000)
process.stdout.write(`${runs} files from seed ${seed}, ${opened} opened, ${findings} findings, ${seconds} s\n`)
process.exitCode = findings === 0 ? 0 : 1
