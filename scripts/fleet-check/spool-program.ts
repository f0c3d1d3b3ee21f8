/** A spool that is written to until its process is killed; it prints the serial up to which `fsync` has held. */
import { openSpool } from '../../packages/fleet/src/spool/open.ts'
import { printLine, readSettings } from './processes.ts'

export interface SpoolSettings {
  readonly folder: string
}

const { folder } = await readSettings<SpoolSettings>()
const spool = await openSpool(folder, { syncMs: 1, segmentBytes: 16 * 1024 })
for (;;) {
  for (let i = 0; i < 50; i += 1) spool.push(JSON.stringify({ host: 'web-1', path: `/site/${i}`, verdict: 'deny' }))
  await spool.flush()
  printLine({ durable: spool.status.durable })
}
