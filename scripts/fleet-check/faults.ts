/** Rollouts during which servers, controllers and hosts are killed, stopped and started again. */
import type { Step } from '../../packages/fleet/src/index.ts'
import { CheckedFleet } from './fleet.ts'
import { sleep, until } from './processes.ts'
import type { Started } from './processes.ts'
import type { Tally } from './tally.ts'

/** What is done while a rollout runs; it puts everything in order again, but controllers. */
interface Fault {
  readonly name: string
  readonly needs?: 'nats'
  /** The driver on which it is part of the quick form. */
  readonly quick?: 'folder' | 'nats'
  readonly bad?: boolean
  readonly act: (fleet: CheckedFleet, controllers: Started[]) => Promise<void>
}

const ms = (most: number): number => 200 + Math.floor(Math.random() * most)
const leaderOf = (fleet: CheckedFleet, stream: string): Promise<number> =>
  fleet.cluster!.leader(stream, fleet.adminSeed!)

const killServers = (count: number, away: number) => async (fleet: CheckedFleet): Promise<void> => {
  const first = await leaderOf(fleet, 'KV_rollout')
  const gone = Array.from({ length: count }, (_, i) => (first + i) % 3)
  await sleep(ms(1000))
  await Promise.all(gone.map((i) => fleet.cluster!.kill(i)))
  await sleep(away)
  for (const i of gone) fleet.cluster!.start(i)
}

const stopServers = (count: number, away: number) => async (fleet: CheckedFleet): Promise<void> => {
  const first = await leaderOf(fleet, 'KV_want')
  const gone = Array.from({ length: count }, (_, i) => (first + i) % 3)
  for (const i of gone) fleet.cluster!.stop(i)
  await sleep(away)
  for (const i of gone) fleet.cluster!.goOn(i)
}

const restartAll = async (fleet: CheckedFleet): Promise<void> => {
  await sleep(ms(1500))
  const order = [0, 1, 2].sort(() => Math.random() - 0.5)
  for (const i of order) {
    await fleet.cluster!.kill(i)
    await sleep(ms(500))
  }
  for (const i of order.sort(() => Math.random() - 0.5)) fleet.cluster!.start(i)
}

/** In place of the controller of the rollout: one that dies, and only then another. */
const dyingController = (step: Step, at: 'look' | 'write', quick?: 'folder'): Fault => ({
  name: `a controller dies in ${step}, ${at === 'look' ? 'after its look' : 'between two wishes'}`,
  ...(quick === undefined ? {} : { quick }), bad: step === 'rolling-back',
  async act(fleet, controllers) {
    await Promise.all(controllers.map((one) => one.kill()))
    const mortal = fleet.controller({ dies: { step, at } })
    controllers.push(mortal)
    await mortal.ended
    await sleep(300)
    controllers.push(fleet.controller())
  },
})

const faults: readonly Fault[] = [
  { name: 'no fault', act: async () => {} },
  { name: 'the leader is killed', needs: 'nats', quick: 'nats', act: killServers(1, 2000) },
  { name: 'the leader is stopped for 8 s', needs: 'nats', act: stopServers(1, 8000) },
  { name: 'two servers are killed', needs: 'nats', act: killServers(2, 3000) },
  { name: 'two servers are stopped for 5 s', needs: 'nats', act: stopServers(2, 5000) },
  { name: 'all servers are killed and started in any order', needs: 'nats', act: restartAll },
  dyingController('draft', 'look'), dyingController('permissive', 'look'),
  dyingController('permissive', 'write', 'folder'),
  dyingController('enforce', 'look'), dyingController('enforce', 'write'), dyingController('ring', 'look'),
  dyingController('ring', 'write'), dyingController('rolling-back', 'look'), dyingController('rolling-back', 'write'),
  { name: 'a controller is stopped, and wakes up late', async act(fleet, controllers) {
    const [first] = controllers
    await sleep(ms(1000))
    first!.signal('SIGSTOP')
    controllers.push(fleet.controller())
    await sleep(3000)
    first!.signal('SIGCONT')
  } },
  { name: 'clocks of controllers jump by days', async act(fleet, controllers) {
    const day = 86_400_000
    controllers.push(fleet.controller({ clock: [0, day, -day, 3 * day, 0, -400 * day] }), fleet.controller())
  } },
  { name: 'processes of hosts are killed', quick: 'folder', async act(fleet) {
    for (const i of [0, 1]) {
      await sleep(ms(700))
      await fleet.killHosts(i)
      await sleep(ms(300))
      fleet.startHosts(i)
    }
  } },
  { name: 'a process of hosts is stopped', async act(fleet) {
    await sleep(ms(700))
    fleet.stopHosts(0, true)
    await sleep(2500)
    fleet.stopHosts(0, false)
  } },
]

/** One rollout with one fault: it ends, the hosts have what it ended with, and then a forged bundle is refused. */
const runFault = async (fleet: CheckedFleet, fault: Fault, rings: readonly number[], tally: Tally): Promise<void> => {
  const before = fleet.has.get(fleet.names[0]!)!
  const bundle = await fleet.bundle({ bad: fault.bad === true })
  await fleet.start(bundle, rings)
  // one that sees no rollout ends
  const controllers = [fleet.controller()]
  const acting = fault.act(fleet, controllers)
  const killAll = async (): Promise<void> => void await Promise.all(controllers.map((one) => one.kill()))
  // a rollout needs some controller until its end
  const { step, paused, stopped } = await fleet.rolloutEnds()
  // a fault may wait for a controller that has nothing more to do
  await killAll()
  await acting
  await killAll()
  const end = [paused === null ? step : `paused: ${paused}`, ...(stopped === null ? [] : [stopped])].join(': ')
  const ends: readonly string[] = fault.bad === true ? ['rolled-back'] : ['done', 'rolled-back']
  tally.count(ends.includes(step) || paused !== null, `${fault.name}: ${end}`)
  if (paused !== null) await fleet.goBack()
  await fleet.allHave(step === 'done' ? bundle.digest : before)
}

/** Counts the claims that hold whatever happened. */
export const countInvariants = async (fleet: CheckedFleet, tally: Tally): Promise<void> => {
  await until('reports', async () => {
    await fleet.lookAtReports()
    return true
  })
  const kinds = [...new Set(fleet.violations)]
  tally.count(kinds.length === 0, kinds.length === 0
    ? `${fleet.names.length} of ${fleet.names.length} hosts enforce a bundle that was verified, from the first one on`
    : kinds.slice(0, 5).join('; '))
  let counted = { acknowledged: 0, lost: 0, twice: 0 }
  await until('the log', async () => {
    counted = await fleet.decisions()
    return true
  })
  const { acknowledged, lost, twice } = counted
  tally.count(acknowledged > 0 && lost === 0 && twice === 0,
    `${acknowledged - lost} of ${acknowledged} acknowledged records are in the log, ${twice} twice`)
}

export const checkFaults = async (
  driver: 'folder' | 'nats', path: string, tally: Tally, { quick = false, processes = 4 } = {},
): Promise<void> => {
  // all write into one folder, or to one cluster: the more there are, the less often each of them does
  const fleet = await CheckedFleet.start(driver, {
    path, hosts: processes * 3, each: 3, records: 2, beat: Math.max(250, processes * 60),
  })
  try {
    await fleet.allReady()
    const rings = [3, processes * 3 - 3]
    const word = process.env['FAULT'] ?? ''
    for (const fault of faults) {
      if (!fault.name.includes(word)) continue
      if ((quick && fault.quick !== driver) || (fault.needs === 'nats' && driver !== 'nats')) continue
      await runFault(fleet, fault, rings, tally)
    }
    const last = fleet.has.get(fleet.names[0]!)!
    await fleet.askForged(fleet.names)
    await until('the forged bundle is refused', async () => {
      for await (const { value } of fleet.store.list('have')) {
        if (!new TextDecoder().decode(value).includes('unknown-key')) return false
      }
      return true
    })
    await fleet.ask(last)
    await fleet.allHave(last)
    await countInvariants(fleet, tally)
  } finally {
    await fleet.end()
  }
}
