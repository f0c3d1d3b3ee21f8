import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { hasNatsServer, startNats } from '../../testing/nats-server.ts'
import type { NatsServer } from '../../testing/nats-server.ts'
import { runStoreCase, storeCases } from '../../suite/store-cases.ts'
import { nats } from './index.ts'

const isThere = hasNatsServer()
if (!isThere) process.stderr.write('nats.test.ts: there is no nats-server here, so the store on NATS is not tested\n')

/** A case has an account of its own: streams that are deleted and made again under one name may keep old records. */
const accounts = storeCases.map((_case, i) =>
  `case${i} { jetstream: enabled, users: [ { user: "case${i}", password: "case${i}" } ] }`)

describe.skipIf(!isThere)('the suite of stores', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-nats-'))
  let server: NatsServer
  beforeAll(async () => {
    const file = join(folder, 'server.conf')
    writeFileSync(file, `accounts { ${accounts.join('\n')} }`)
    server = await startNats(['--config', file])
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each(storeCases.map((one, i) => ({ ...one, user: `case${i}` })))('$name', async ({ user, ...one }) => {
    await runStoreCase(one, () => nats({ servers: server.url, user, password: user, create: true, poll: 500 }))
  })
})
