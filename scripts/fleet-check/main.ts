/**
 * `node scripts/fleet-check.mjs [--quick] [WORD…]` tests a fleet under faults, on three nats-servers and on a folder.
 * Each check prints `N of M`. Words choose checks by name, `FAULT=…` one fault. Exit code 0 where all hold, 1 where one
 * does not, 77 where there is no nats-server and the folder holds.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasNatsServer, natsBinary } from '../../packages/fleet/src/testing/nats-server.ts'
import { checkAgentSteps } from './agent-steps.ts'
import { checkFaults } from './faults.ts'
import { checkGates, checkRates } from './gates.ts'
import { endAll } from './processes.ts'
import { checkScale } from './scale.ts'
import { Tally } from './tally.ts'

interface Check {
  readonly name: string
  readonly needs: 'nats' | 'nothing'
  /** Left out of the quick form. */
  readonly slow?: boolean
  readonly run: (path: string, tally: Tally, quick: boolean) => Promise<void>
}

const checks: readonly Check[] = [
  { name: 'steps of an agent', needs: 'nothing', slow: true, run: checkAgentSteps },
  { name: 'faults on a folder', needs: 'nothing', run: (path, tally, quick) =>
    checkFaults('folder', path, tally, { quick, processes: quick ? 2 : 20 }) },
  { name: 'faults on three servers', needs: 'nats', run: (path, tally, quick) =>
    checkFaults('nats', path, tally, { quick, processes: quick ? 2 : 4 }) },
  { name: 'scale on three servers', needs: 'nats', slow: true, run: checkScale },
  { name: 'gates with hosts that lie', needs: 'nothing', slow: true, run: checkGates },
  { name: 'error rates of gates', needs: 'nothing', slow: true, run: checkRates },
]

const words = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const unknown = process.argv.slice(2).find((arg) => arg.startsWith('--') && arg !== '--quick')
const quick = process.argv.includes('--quick')
const path = mkdtempSync(join(tmpdir(), 'lsmkit-fleet-check-'))
process.on('exit', () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))

const runCheck = async ({ name, run }: Check, i: number): Promise<boolean> => {
  console.log(`${name}:`)
  const tally = new Tally(name)
  const from = performance.now()
  try {
    await run(join(path, String(i)), tally, quick)
  } catch (error) {
    tally.count(false, String(error instanceof Error ? error.stack : error))
  }
  tally.print((performance.now() - from) / 1000)
  return tally.isWhole
}

const main = async (): Promise<number> => {
  if (unknown !== undefined) {
    console.error(`there is no option \`${unknown}\`: --quick`)
    return 2
  }
  const hasNats = hasNatsServer()
  const chosen = checks.filter(({ name, slow }) =>
    (!quick || slow !== true) && (words.length === 0 || words.some((word) => name.includes(word))))
  let held = 0
  let skipped = 0
  for (const [i, check] of chosen.entries()) {
    if (check.needs === 'nats' && !hasNats) skipped += 1
    else if (await runCheck(check, i)) held += 1
  }
  if (skipped > 0) console.log(`SKIPPED: there is no \`${natsBinary}\`, so ${skipped} checks of the fleet were not run`)
  console.log(`${held} of ${chosen.length - skipped} checks hold`)
  return held < chosen.length - skipped ? 1 : skipped > 0 ? 77 : 0
}

process.exitCode = await main()
endAll()
process.exit()
