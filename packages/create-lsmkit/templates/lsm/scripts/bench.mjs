/** Prints the cost of each hook of my-lsm beside a hook that does nothing: `npm run bench`. */
import { costLines, hookCosts } from '@lsmkit/testkit/costs'
import { myLsm } from '../dist/index.js'

for (const line of costLines(hookCosts(() => myLsm()))) console.log(line)
