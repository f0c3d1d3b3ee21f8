/** A host with its rights and no others: its agent works, and it reaches nothing of another host. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinFleet } from '../../agent/agent.ts'
import { readHave, writeWant } from '../../agent/records.ts'
import { buildBundle } from '../../bundle/build.ts'
import { generateKeys } from '../../bundle/keys.ts'
import { signBundle } from '../../bundle/sign.ts'
import { generateNkey } from '../../permissions/nkeys.ts'
import { serverConfig } from '../../permissions/server-config.ts'
import { hasNatsServer, startNats } from '../../testing/nats-server.ts'
import type { NatsServer } from '../../testing/nats-server.ts'
import { putLarge } from '../large.ts'
import type { Store } from '../store.ts'
import { nats } from './index.ts'

const isThere = hasNatsServer()
const folder = mkdtempSync(join(tmpdir(), 'lsmkit-rights-'))

describe.skipIf(!isThere)('a host on NATS', () => {
  let server: NatsServer
  let admin: Store
  let host: Store

  beforeAll(async () => {
    const file = join(folder, 'server.conf')
    const [root, web] = [await generateNkey(), await generateNkey()]
    writeFileSync(file, serverConfig({
      tenants: { acme: { hosts: { 'web-1': web.public }, administrators: { root: root.public } } },
    }))
    server = await startNats(['--config', file])
    admin = nats({ servers: server.url, nkeySeed: root.seed, create: true })
    await admin.put('want', 'web-2', new TextEncoder().encode('of another'))
    host = nats({ servers: server.url, nkeySeed: web.seed, patience: 500, poll: 60_000 })
  })
  afterAll(async () => {
    await admin?.close()
    await host?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('is nudged, fetches a bundle, applies it and reports it', async () => {
    const { secret, public: key } = await generateKeys()
    const agent = await joinFleet({
      store: host, host: 'web-1', state: join(folder, 'state'), keys: { keys: [key] }, onExpired: 'keep', wait: 200,
    })
    const rules = `${'Web Data r\n'.repeat(60_000)}`
    const bundle = buildBundle({ name: 'web', version: '1', epoch: 1 }, { 'smack/rules': rules })
    const bytes = await signBundle(bundle, secret)
    const revision = await writeWant(admin, 'web-1', { bundle: await putLarge(admin, bytes), mode: 'enforce' })
    // the poll of a minute does not come into it: the server's nudge does
    await expect.poll(async () => (await readHave(admin, 'web-1'))?.want).toBe(revision)
    expect(await readHave(admin, 'web-1')).toMatchObject({ enforced: { epoch: 1 }, error: null })
    const appended = await host.append('dec', 'web-1', [{ id: 'a', value: new Uint8Array(1) }])
    expect(appended).toEqual({ added: 1, duplicates: 0 })
    await agent.close()
  })

  test.each<[why: string, act: () => Promise<unknown>]>([
    ['read what another should have', () => host.get('want', 'web-2')],
    ['say what it should have itself', () => host.put('want', 'web-1', new Uint8Array(1))],
    ['report for another', () => host.put('have', 'web-2', new Uint8Array(1))],
    ['read reports', () => host.get('have', 'web-1')],
    ['put a bundle', () => host.put('bundle', 'a', new Uint8Array(1))],
    ['touch a rollout', () => host.swap('rollout', 'a', new Uint8Array(1), 0)],
    ['append for another', () => host.append('dec', 'web-2', [{ id: 'a', value: new Uint8Array(1) }])],
    ['list', async () => { for await (const _one of host.list('want')) break }],
    ['read the log', async () => { for await (const _one of host.read('dec')) break }],
    ['take a value away', () => host.remove('have', 'web-1')],
  ])('may not %s', async (_why, act) => {
    await expect(act()).rejects.toMatchObject({ code: 'not-permitted' })
  })
})
