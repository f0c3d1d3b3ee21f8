/**
 * `npm run -s fleet-rollouts`: the error rates of the gate over simulated rollouts, and the model of the state machine
 * over random histories. `ROLLOUTS` (default 1000 of each claim) and `HISTORIES` (default 100,000) change how many.
 */
import { checkHistories } from '../packages/fleet/src/testing/rollout-model.ts'
import { claims, mostWrong, wrongEnds } from '../packages/fleet/src/testing/rollout-claims.ts'

const rollouts = Number(process.env['ROLLOUTS'] ?? 1000)
const histories = Number(process.env['HISTORIES'] ?? 100_000)
let held = 0
for (const claim of claims) {
  const wrong = wrongEnds(claim, rollouts, 1)
  const most = mostWrong(claim, rollouts)
  if (wrong <= most) held += 1
  console.log(`${wrong <= most ? 'ok  ' : 'FAIL'} ${wrong} of ${rollouts} wrong, at most ${most}: ${claim.name}`)
}
console.log(`${held} of ${claims.length} claims hold`)
checkHistories(histories)
console.log(`${histories} of ${histories} histories keep the rules`)
if (held < claims.length) process.exitCode = 1
