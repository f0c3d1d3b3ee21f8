/** A host with the rights of README.md and no others: its agent works, and it reaches nothing of another host. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinFleet } from '../../agent/agent.ts'
import { readHave, writeWant } from '../../agent/records.ts'
import { buildBundle } from '../../bundle/build.ts'
import { generateKeys } from '../../bundle/keys.ts'
import { signBundle } from '../../bundle/sign.ts'
import { hasNatsServer, startNats } from '../../testing/nats-server.ts'
import type { NatsServer } from '../../testing/nats-server.ts'
import { putLarge } from '../large.ts'
import type { Store } from '../store.ts'
import { nats } from './index.ts'

const isThere = hasNatsServer()
const folder = mkdtempSync(join(tmpdir(), 'lsmkit-rights-'))

const hostUser = (host: string): string => `{ user: "${host}", password: "${host}", permissions: {
  publish: { allow: ["$KV.have.${host}", "fleet.dec.${host}", "$JS.API.DIRECT.GET.KV_want.$KV.want.${host}",
    "$JS.API.DIRECT.GET.KV_bundle.>"] }
  subscribe: { allow: ["fleet.nudge.want.${host}", "_INBOX_${host}.>"] } } }`

describe.skipIf(!isThere)('a host on NATS', () => {
  let server: NatsServer
  let admin: Store
  let host: Store
  const open = (user: string): Store =>
    nats({ servers: server.url, user, password: user, inboxPrefix: `_INBOX_${user}`, patience: 500, poll: 60_000 })

  beforeAll(async () => {
    const file = join(folder, 'server.conf')
    writeFileSync(file, `authorization { users: [ { user: "admin", password: "admin" }, ${hostUser('web-1')} ] }`)
    server = await startNats(['--config', file])
    admin = nats({ servers: server.url, user: 'admin', password: 'admin', create: true })
    await admin.put('want', 'web-2', new TextEncoder().encode('of another'))
    host = open('web-1')
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

  test('may use no other part of the server, and sees no answers to others', async () => {
    const connection = await connect({ servers: server.url, user: 'web-1', pass: 'web-1', inboxPrefix: '_INBOX_web-1' })
    const errors: string[] = []
    const listening = (async () => {
      for await (const status of connection.status()) {
        if (status.type === 'error') errors.push(String(status.error))
      }
    })()
    const subjects = [
      '$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.CREATE.x', '$JS.API.STREAM.DELETE.DEC',
      '$JS.API.STREAM.MSG.GET.KV_want', '$JS.API.DIRECT.GET.KV_want', '$JS.API.DIRECT.GET.DEC',
      '$JS.API.CONSUMER.CREATE.KV_want', '$JS.API.CONSUMER.DURABLE.CREATE.DEC.x', '$JS.API.STREAM.PURGE.KV_have',
      '$SYS.REQ.SERVER.PING', 'fleet.nudge.want.web-1', '_INBOX_web-2.a',
    ]
    for (const subject of subjects) {
      await expect(connection.request(subject, '', { timeout: 1000 }), subject).rejects.toThrow(/permission/i)
    }
    for (const subject of ['>', '_INBOX.>', 'fleet.>', '$KV.>', '_INBOX_web-2.>']) connection.subscribe(subject)
    await connection.flush()
    await expect.poll(() => errors.length).toBeGreaterThanOrEqual(5)
    await connection.close()
    await listening
  })
})
