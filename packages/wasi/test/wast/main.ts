/** Runs one wast file: `node main.ts FILE` prints a line of JSON, `{"passed": N, "failed": [REASON…]}`. */
import { readFileSync } from 'node:fs'
import { runWast } from './directives.ts'

process.stdout.write(`${JSON.stringify(await runWast(readFileSync(process.argv[2]!, 'utf8')))}\n`)
process.exit(0)
