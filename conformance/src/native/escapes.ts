/**
 * `node scripts/run.mjs source conformance/src/native/escapes.ts [WORD…]` tries to get out of a native box in more than
 * 300 ways, each also without the box, which shows that it works there. It needs Landlock (ABI 6), python3 and
 * util-linux. It prints the ways that got out, and `0 of N got out, W of N work without the wall`.
 */
import { allAttempts } from './attempts.ts'
import { openField, runAttempts } from './run-attempts.ts'

const wanted = process.argv.slice(2)
const choose = (name: string): boolean => wanted.length === 0 || wanted.some((word) => name.includes(word))
const say = (line: string): unknown => process.stdout.write(`${line}\n`)

const run = async (isWalled: boolean): ReturnType<typeof runAttempts> => {
  const field = await openField()
  try {
    return await runAttempts(field.surroundings, isWalled, choose)
  } finally {
    field.close()
  }
}

const [walled, open] = [await run(true), await run(false)]
const works = open.filter(({ out }) => out).length
for (const { name, out, detail } of open) if (!out) say(`does not work without the wall here: ${name} (${detail})`)
for (const { name, out, detail } of walled) if (out) say(`GOT OUT: ${name} (${detail})`)
for (const { name, detail } of walled) if (detail.startsWith('no answer')) say(`ended its process: ${name}`)
const outs = walled.filter(({ out }) => out).length
say(`${allAttempts.length} attempts known`)
say(`${outs} of ${walled.length} got out, ${works} of ${open.length} work without the wall`)
process.exitCode = outs === 0 ? 0 : 1
