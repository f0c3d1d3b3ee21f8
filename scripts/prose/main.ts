/**
 * Lists sentences that are hard to read, with advice: `node scripts/run.mjs source scripts/prose/main.ts [AREA…]`.
 * With `--check` it lists only the areas that have more than most-marks.ts allows, and fails if there is one.
 */
import { join } from 'node:path'
import { areaOf, countByArea, findAll } from './check.ts'
import { mostMarks } from './most-marks.ts'

const [...args] = process.argv.slice(2)
const isCheck = args.includes('--check')
const wanted = new Set(args.filter((arg) => arg !== '--check'))

const all = findAll(join(import.meta.dirname, '../..'))
const counts = Object.entries(countByArea(all))
const tooMany = new Set(counts.filter(([area, count]) => count > (mostMarks[area] ?? 0)).map(([area]) => area))
const listed = isCheck ? tooMany : wanted
for (const { file, line, mark, sentence } of all) {
  if (listed.size === 0 && isCheck) break
  if (listed.size === 0 || listed.has(areaOf(file)) || listed.has(file)) {
    console.log(`${file}:${line}: ${mark.name} (${mark.advice})\n    ${sentence}`)
  }
}
for (const [area, count] of counts) {
  if (!isCheck || tooMany.has(area)) console.log(`${area}: ${count} of at most ${mostMarks[area] ?? 0}`)
}
if (isCheck) {
  console.log(`${all.length} marked sentences`)
  if (tooMany.size > 0) process.exitCode = 1
}
