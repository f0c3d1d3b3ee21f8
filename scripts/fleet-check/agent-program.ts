/** An agent that takes up one wish, and whose process gets SIGKILL at a chosen call to its disk or its store. */
// before the agent, which takes the functions of the disk when it is loaded
import { Life, storeOf, watchDisk } from './faulty-disk.ts'
import { folder, joinFleet } from '../../packages/fleet/src/index.ts'
import type { Trust } from '../../packages/fleet/src/index.ts'
import { printLine, readSettings } from './processes.ts'

export interface AgentSettings {
  readonly host: string
  readonly store: string
  readonly state: string
  readonly trust: Trust
  /** The revision of the wish; its life is over when that is reported. */
  readonly want: number
  readonly at: number
}

const { host, store: place, state, trust, want, at } = await readSettings<AgentSettings>()
const life = new Life('dies', at)
watchDisk(state, life)
const store = folder(place, { poll: 20 })
const reported = new Promise<void>((resolve) => {
  void joinFleet({
    store: storeOf(store, life), host, state, keys: trust, onExpired: 'keep', wait: 5000, beat: 1000,
    onReport: (have) => void (have.want === want && resolve()),
  }).then(async (agent) => {
    await reported
    await agent.close()
    printLine({ isOver: true })
    process.exit(0)
  })
})
