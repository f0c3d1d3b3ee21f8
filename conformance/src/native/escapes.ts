/**
 * `node scripts/run.mjs source conformance/src/native/escapes.ts [WORD…]` tries to get out of a native box in more than
 * 400 ways, each also without the box, which shows that it works there, and in a box that is watched or mediated. It
 * needs Landlock (ABI 6), python3 and util-linux. It prints the ways that got out, and for each kind of box
 * `0 of N got out, W of N work without the wall`.
 */
import { allAttempts } from './attempts.ts'
import { endingNames, runEndings } from './endings.ts'
import { openField, runAttempts } from './run-attempts.ts'
import type { AttemptMode } from './run-attempts.ts'

const wanted = process.argv.slice(2)
const choose = (name: string): boolean => wanted.length === 0 || wanted.some((word) => name.includes(word))
const say = (line: string): unknown => process.stdout.write(`${line}\n`)

const run = async (mode: AttemptMode): ReturnType<typeof runAttempts> => {
  const field = await openField()
  try {
    const { surroundings } = field
    return [...await runAttempts(surroundings, mode, choose), ...await runEndings(surroundings, mode, choose)]
  } finally {
    field.close()
  }
}

say(`${allAttempts.length + endingNames.length} attempts known`)
const open = await run('open')
for (const { name, out, detail } of open) if (!out) say(`does not work without the wall here: ${name} (${detail})`)
const works = open.filter(({ out }) => out).length
let all = 0
for (const mode of ['box', 'watch', 'mediate'] as const) {
  const walled = await run(mode)
  for (const { name, out, detail } of walled) if (out) say(`GOT OUT (${mode}): ${name} (${detail})`)
  for (const { name, detail } of walled) if (detail.startsWith('no answer')) say(`ended its process (${mode}): ${name}`)
  const outs = walled.filter(({ out }) => out).length
  say(`${mode}: ${outs} of ${walled.length} got out, ${works} of ${open.length} work without the wall`)
  all += outs
}
process.exitCode = all === 0 ? 0 : 1
