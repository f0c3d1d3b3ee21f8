/** What `lsm fleet permissions` writes, tried on a server: each role reaches its subjects and no other. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, jwtAuthenticator, nkeyAuthenticator, PermissionViolationError } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeWant } from '../agent/records.ts'
import { nats } from '../store/nats/index.ts'
import type { NatsOptions } from '../store/nats/index.ts'
import { apiSubjects, subjectsOfServer, withNames } from '../testing/jetstream-subjects.ts'
import { hasNatsServer, startNats } from '../testing/nats-server.ts'
import type { NatsServer } from '../testing/nats-server.ts'
import { checkUsers, parseUsers } from './description.ts'
import type { FleetUsers } from './description.ts'
import { fleetJwts } from './jwt.ts'
import { generateNkey, nkeyOfSeed } from './nkeys.ts'
import { roles } from './rights.ts'
import type { Role } from './rights.ts'
import { serverConfig } from './server-config.ts'

const key = `U${'A'.repeat(55)}`

test.each<[why: string, users: unknown, code: string]>([
  ['a role that is misspelt', { tenants: { acme: { host: { a: key } } } }, 'unknown-option'],
  ['a key that is not of a user', { tenants: { acme: { hosts: { a: `A${key.slice(1)}` } } } }, 'bad-option'],
  ['a host that is a wildcard', { tenants: { acme: { hosts: { '>': key } } } }, 'bad-key'],
  ['a host that ends its subject', { tenants: { acme: { hosts: { 'a", ">': key } } } }, 'bad-key'],
  ['a tenant that ends its name', { tenants: { 'a" {': { hosts: { a: key } } } }, 'bad-key'],
  ['a tenant that is the system', { tenants: { SYS: {} } }, 'bad-key'],
  ['one key for two users', { tenants: { acme: { hosts: { a: key } }, other: { readers: { b: key } } } }, 'bad-key'],
])('refuses %s', (_why, users, code) => {
  expect(() => checkUsers(users as FleetUsers)).toThrow(expect.objectContaining({ code }))
})

test('refuses a text that is not JSON, and a seed of another kind', async () => {
  expect(() => parseUsers('{')).toThrow(expect.objectContaining({ code: 'damaged' }))
  const { seed } = await generateNkey('account')
  await expect(nkeyOfSeed(seed, 'user')).rejects.toMatchObject({ code: 'bad-key-file' })
  await expect(nkeyOfSeed('', 'account')).rejects.toMatchObject({ code: 'bad-key-file' })
})

const streams = ['KV_want', 'KV_have', 'KV_rollout', 'KV_bundle', 'DEC', 'x']
const kv = ['want', 'have', 'rollout', 'bundle'].flatMap((bucket) =>
  ['web-1', 'web-2', 'x'].map((of) => `$KV.${bucket}.${of}`))
const direct = kv.map((subject) => `$JS.API.DIRECT.GET.KV_${subject.split('.')[1]!}.${subject}`)
const others = [
  'fleet.dec.web-1', 'fleet.dec.web-2', 'fleet.nudge.want.web-1', '_INBOX.x', '_INBOX_x.x', '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.USER.INFO', '$KV.other.x', 'x',
]

/** All that the user `web-1` of a role may publish of the subjects above: by hand, not by the table of rights. */
const mayPublish: Readonly<Record<Exclude<Role, 'administrators'>, readonly string[]>> = {
  hosts: [
    '$KV.have.web-1', 'fleet.dec.web-1', '$JS.API.DIRECT.GET.KV_want.$KV.want.web-1', '$JS.API.DIRECT.GET.KV_bundle.x',
    ...direct.filter((subject) => subject.includes('KV_bundle')),
  ],
  controllers: [
    ...kv.filter((subject) => /want|rollout/.test(subject)), ...direct,
  ],
  publishers: [
    ...kv.filter((subject) => /want|rollout|bundle/.test(subject)), ...direct, '$JS.API.STREAM.INFO.KV_have',
  ],
  readers: [
    ...direct.filter((subject) => !subject.includes('KV_bundle')), '$JS.API.STREAM.INFO.KV_have',
    '$JS.API.STREAM.INFO.DEC', '$JS.API.STREAM.MSG.GET.DEC', '$JS.API.DIRECT.GET.DEC',
  ],
}
const listens = ['>', '_INBOX.>', 'fleet.>', 'fleet.nudge.want.web-2', '$KV.>', '_INBOX_x.>', '$JS.>', '$SYS.>']

/** The subjects that the server refuses. */
const refused = async (connection: NatsConnection, publish: readonly string[], subscribe: readonly string[]) => {
  const found = new Set<string>()
  const listening = (async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error') continue
      const { error } = status
      if (error instanceof PermissionViolationError) found.add(error.subject)
    }
  })()
  for (const subject of publish) connection.publish(subject)
  for (const subject of subscribe) connection.subscribe(subject)
  await connection.flush()
  await connection.close()
  await listening
  return found
}

describe.skipIf(!hasNatsServer()).each(['nkeys', 'JWTs'])('users with %s', (form) => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-permissions-'))
  const seeds = new Map<string, string>()
  const jwts = new Map<string, string>()
  let server: NatsServer

  beforeAll(async () => {
    const tenants: Record<string, Record<string, Record<string, string>>> = {}
    for (const tenant of ['acme', 'other']) {
      tenants[tenant] = {}
      for (const role of roles) {
        const nkey = await generateNkey()
        seeds.set(`${tenant}.${role}`, nkey.seed)
        tenants[tenant][role] = { 'web-1': nkey.public }
      }
    }
    const users = checkUsers({ tenants })
    let config = serverConfig(users)
    if (form === 'JWTs') {
      const seed = async (kind: 'account' | 'operator') => (await generateNkey(kind)).seed
      const signed = await fleetJwts(users, {
        operator: await seed('operator'), system: await seed('account'),
        accounts: { acme: await seed('account'), other: await seed('account') },
      })
      config = signed.config
      for (const { tenant, role, jwt } of signed.users) jwts.set(`${tenant}.${role}`, jwt)
    }
    const file = join(folder, 'server.conf')
    writeFileSync(file, config)
    server = await startNats(['--config', file])
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const optionsOf = (user: string): NatsOptions => ({
    servers: server.url, nkeySeed: seeds.get(user)!, patience: 500,
    ...(form === 'JWTs' ? { jwt: jwts.get(user)! } : {}),
  })

  test('a tenant works, and another tenant has nothing of it', async () => {
    const admin = nats({ ...optionsOf('acme.administrators'), create: true })
    const other = nats({ ...optionsOf('other.administrators'), create: true })
    const controller = nats(optionsOf('acme.controllers'))
    const host = nats(optionsOf('acme.hosts'))
    await admin.put('bundle', 'x', new Uint8Array(1))
    await writeWant(controller, 'web-1', { bundle: 'a'.repeat(64), mode: 'enforce' })
    expect((await host.get('want', 'web-1'))?.revision).toBe(1)
    await host.put('have', 'web-1', new Uint8Array(3))
    await host.append('dec', 'web-1', [{ id: 'a', value: new Uint8Array(1) }])
    const reader = nats(optionsOf('acme.readers'))
    const seen: string[] = []
    for await (const { key: of } of reader.read('dec')) seen.push(of)
    for await (const { key: of } of reader.list('have')) seen.push(of)
    for await (const { key: of } of nats(optionsOf('acme.publishers')).list('have')) seen.push(of)
    expect(seen).toEqual(['web-1', 'web-1', 'web-1'])
    expect(await other.get('want', 'web-1')).toBe(null)
    for (const store of [admin, other, controller, host, reader]) await store.close()
  })

  test.each(Object.entries(mayPublish))('%s may publish to their own subjects alone', async (role, may) => {
    const user = `acme.${role}`
    const seed = new TextEncoder().encode(seeds.get(user)!)
    const connection = await connect({
      servers: server.url,
      authenticator: form === 'JWTs' ? jwtAuthenticator(jwts.get(user)!, seed) : nkeyAuthenticator(seed),
    })
    const api = withNames([...apiSubjects, ...subjectsOfServer()], streams)
    const all = [...new Set([...api, ...kv, ...direct, ...others])]
    const found = await refused(connection, all, listens)
    expect(all.length).toBeGreaterThan(150)
    expect(all.filter((subject) => !found.has(subject)).sort()).toEqual([...new Set(may)].sort())
    expect(listens.filter((subject) => !found.has(subject))).toEqual([])
  })

  test('a user whose key the server does not know is refused', async () => {
    const { seed } = await generateNkey()
    const store = nats({ ...optionsOf('acme.hosts'), nkeySeed: seed })
    await expect(store.get('want', 'web-1')).rejects.toMatchObject({ code: 'not-permitted' })
    await store.close()
  })
})
