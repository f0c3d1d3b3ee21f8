/** A bundle of 400 kB for 1000 hosts on three servers, each with its own connection, rights and agent. */
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CheckedFleet } from './fleet.ts'
import type { Tally } from './tally.ts'

const MOST_SECONDS = 10
const paths = Array.from({ length: 13_000 }, (_, i) => `/srv/app-${i}/documents/all`)

/** States of simulated hosts are in memory where there is room: each real one has a disk of its own. */
const folderFor = (path: string): string => {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize > 3e9 ? join('/dev/shm', path.slice(tmpdir().length + 1).replaceAll('/', '-')) : path
  } catch {
    return path
  }
}

export const checkScale = async (path: string, tally: Tally, quick: boolean): Promise<void> => {
  const hosts = quick ? 40 : Number(process.env['HOSTS'] ?? 1000)
  const fleet = await CheckedFleet.start('nats', {
    path: folderFor(path), hosts, each: Math.ceil(hosts / 4), beat: 30_000, look: 5000, records: 0,
  })
  try {
    await fleet.allReady(Number(process.env['PATIENCE'] ?? 300) * 1000)
    const { digest } = await fleet.bundle({ paths })
    const before = fleet.seconds
    const from = performance.now()
    await fleet.ask(digest)
    const asked = performance.now()
    await fleet.allHave(digest, 300_000)
    const seconds = (performance.now() - from) / 1000
    const words = `${hosts} hosts have a bundle of 400 kB ${seconds.toFixed(1)} s after the first was asked, `
      + `${((performance.now() - asked) / 1000).toFixed(1)} s after the last`
    tally.count(quick || seconds <= MOST_SECONDS, words)
    const [ofHosts = '', ofServers = '', own = ''] = fleet.seconds.map((now, i) => (now - before[i]!).toFixed(1))
    console.log(`  processor seconds: hosts ${ofHosts}, servers ${ofServers}, this process ${own}`)
    await fleet.lookAtReports()
    const reported = [...fleet.has.values()].filter((bundle) => bundle === digest).length
    tally.count(reported === hosts, `${reported} of ${hosts} reports in the store name it`)
    tally.count(fleet.violations.length === 0, `${fleet.violations.length} violations`)
  } finally {
    await fleet.end()
  }
}
