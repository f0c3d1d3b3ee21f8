/**
 * Random policies in every format: the policy and the written text are asked 10,000 questions each. Prints the
 * differences that no item explains, and `N of M agree`.
 *
 *     node scripts/run.mjs source scripts/walls/random.ts [POLICIES]
 */
import { formatNames, prove } from '../../packages/emit/src/index.ts'
import { randomPolicy } from '../../packages/emit/src/testing/random-policy.ts'

const policies = Number(process.argv[2] ?? 20)
let [agree, all] = [0, 0]
for (let seed = 1; seed <= policies; seed++) {
  const policy = randomPolicy(seed)
  for (const format of formatNames) {
    const { asked, differences } = prove(policy, format, { seed })
    const unexplained = differences.filter(({ because }) => because.length === 0)
    for (const { text } of unexplained.slice(0, 5)) process.stdout.write(`${format}, policy ${seed}: ${text}\n`)
    agree += asked - unexplained.length
    all += asked
  }
}
process.stdout.write(`${agree} of ${all} agree\n`)
process.exitCode = agree === all ? 0 : 1
