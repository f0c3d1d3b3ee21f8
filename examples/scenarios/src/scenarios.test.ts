import { readdirSync, readFileSync } from 'node:fs'
import { warden } from '@lsmkit-examples/own-lsm'
import { capability } from '@lsmkit/capability'
import { landlock } from '@lsmkit/landlock'
import { LandlockCoverage } from '@lsmkit/landlock/coverage'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { smack } from '@lsmkit/smack'
import { SmackCoverage } from '@lsmkit/smack/coverage'
import { ScenarioCoverage, scenarioTests } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'
import { afterAll, describe, test } from 'vitest'

const [rulesets, labels] = [new LandlockCoverage(), new SmackCoverage()]
const coverage = new ScenarioCoverage(rulesets, labels)
const factories = {
  capability, loadpin, lockdown, safesetid, yama, warden,
  landlock: () => landlock({ watch: rulesets }),
  smack: () => smack({ policy: labels.policy(), remembers: false }),
}
const folders = [new URL('../', import.meta.url), new URL('./', import.meta.url)]
const files = folders.flatMap((folder) =>
  readdirSync(folder).filter((name) => name.endsWith('.yaml')).map((name) => ({ name, url: new URL(name, folder) })))

describe.each(files)('$name', ({ name: file, url }) => {
  for (const { name, run } of scenarioTests(readFileSync(url, 'utf8'), file, factories)) test(name, run)
})

// fails where the scenarios leave more than half of their rules unused
afterAll(() => coverage.check(50))
