/**
 * `node scripts/run.mjs source conformance/src/native/equality.ts [POLICIES] [QUESTIONS] [SEED]` asks random questions
 * about random policies on random trees. The model, the ruleset on this kernel and a box have to answer alike. It needs
 * Landlock (ABI 6).
 */
import { compareOne } from './compare.ts'

const [policies = 200, count = 600, seed = 1] = process.argv.slice(2).map(Number)
const say = (line: string): unknown => process.stdout.write(`${line}\n`)

let [asked, yes, boxed, told, differ] = [0, 0, 0, 0, 0]
for (let at = 0; at < policies; at++) {
  const one = await compareOne(seed + at, count)
  asked += one.asked
  yes += one.yes
  boxed += one.boxed
  told += one.told
  differ += one.differences.length
  for (const { question, model, kernel, box } of one.differences.slice(0, 5)) {
    say(`seed ${seed + at}: ${JSON.stringify(question)}: model ${model}, kernel ${kernel}, box ${box}`)
  }
}
say(`${policies} policies; ${yes} answers are yes; the box was asked ${boxed}; explain() names ${told} differences`)
say(`${asked - differ} of ${asked} agree`)
process.exitCode = differ === 0 ? 0 : 1
