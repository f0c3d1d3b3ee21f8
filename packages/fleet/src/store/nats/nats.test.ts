import { afterAll, beforeAll, describe, test } from 'vitest'
import { hasNatsServer, startNats } from '../../testing/nats-server.ts'
import type { NatsServer } from '../../testing/nats-server.ts'
import { runStoreCase, storeCases } from '../../suite/store-cases.ts'
import { nats } from './index.ts'
import { streamConfigs } from './streams.ts'

const isThere = hasNatsServer()
if (!isThere) process.stderr.write('nats.test.ts: there is no nats-server here, so the store on NATS is not tested\n')

describe.skipIf(!isThere)('the suite of stores', () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNats()
  })
  afterAll(() => server?.stop())

  test.each(storeCases)('$name', async (one) => {
    await emptied(server.url)
    await runStoreCase(one, () => nats({ servers: server.url, create: true, poll: 500 }))
  })
})

const emptied = async (servers: string): Promise<void> => {
  const { connect } = await import('@nats-io/transport-node')
  const connection = await connect({ servers })
  for (const { name } of streamConfigs({})) await connection.request(`$JS.API.STREAM.DELETE.${name}`)
  await connection.close()
}
