/** Prints the cost of each hook under the default policy, beside a hook that does nothing: `npm run bench`. */
import { readFileSync } from 'node:fs'
import { costLines, hookCosts } from '@lsmkit/testkit/costs'
import { myLsm } from '../dist/index.js'

const policy = readFileSync(new URL('../policy/default.policy', import.meta.url), 'utf8')

for (const line of costLines(hookCosts(() => myLsm({ policy })))) console.log(line)
