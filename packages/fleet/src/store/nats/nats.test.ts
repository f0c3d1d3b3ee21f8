import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasNatsServer, startNats } from '../../testing/nats-server.ts'
import type { NatsServer } from '../../testing/nats-server.ts'
import { runStoreCase, storeCases } from '../../suite/store-cases.ts'
import type { ReadOptions } from '../store.ts'
import { nats } from './index.ts'

const isThere = hasNatsServer()
if (!isThere) process.stderr.write('nats.test.ts: there is no nats-server here, so the store on NATS is not tested\n')

/** A case has an account of its own: streams that are deleted and made again under one name may keep old records. */
const accounts = [...storeCases, null].map((_case, i) =>
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

  test('a log with holes is read whole, by key, and behind a sequence', async () => {
    const user = `case${storeCases.length}`
    const store = nats({ servers: server.url, user, password: user, create: { mostHostMessages: 3 } })
    const append = (key: string, from: number, count: number) => store.append('dec', key,
      Array.from({ length: count }, (_, i) => ({ id: `${key}${from + i}`, value: new Uint8Array([from + i]) })))
    await append('quiet', 0, 2)
    await append('loud', 0, 150)
    await append('quiet', 2, 1)
    await append('loud', 150, 100)
    const idsOf = async (options: ReadOptions): Promise<readonly string[]> => {
      const ids: string[] = []
      for await (const { id, key, value } of store.read('dec', options)) {
        if (id === `${key}${value[0]}`) ids.push(id)
      }
      return ids
    }
    const all = await idsOf({})
    expect(all.filter((id) => id.startsWith('quiet'))).toEqual(['quiet0', 'quiet1', 'quiet2'])
    expect(all.length).toBe(6)
    expect(await idsOf({ key: 'quiet' })).toEqual(['quiet0', 'quiet1', 'quiet2'])
    expect(await idsOf({ after: 10 })).toEqual(all.slice(2))
    expect(await idsOf({ since: Date.now() - 5000, key: 'loud' })).toEqual(all.slice(3))
    expect(await idsOf({ since: Date.now() + 3_600_000 })).toEqual([])
    await store.close()
  })
})
