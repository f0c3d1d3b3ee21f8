/**
 * Lists sentences that are hard to read, with advice: `node scripts/run.mjs source scripts/prose/main.ts [AREA…]`.
 * Ends with 1 when there is one.
 */
import { join } from 'node:path'
import { areaOf, countByArea, findAll } from './check.ts'

const wanted = new Set(process.argv.slice(2))

const found = findAll(join(import.meta.dirname, '../..'))
  .filter(({ file }) => wanted.size === 0 || wanted.has(areaOf(file)) || wanted.has(file))
for (const { file, line, mark, sentence } of found) {
  console.log(`${file}:${line}: ${mark.name} (${mark.advice})\n    ${sentence}`)
}
for (const [area, count] of Object.entries(countByArea(found))) console.log(`${area}: ${count}`)
console.log(`${found.length} marked sentences`)
if (found.length > 0) process.exitCode = 1
