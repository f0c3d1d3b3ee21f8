/** The tour of a fleet, in words: `node scripts/run.mjs source examples/fleet/src/main.ts [FOLDER]`. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tour } from './tour.ts'

const path = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'fleet-'))
for await (const line of tour(path)) console.log(line)
console.log(`\nAsk yourself: lsm fleet decisions --store ${join(path, 'store')}`)
