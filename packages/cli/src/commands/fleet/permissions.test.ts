import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-permissions-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const permissions = (...args: string[]) => lsm(['fleet', 'permissions', ...args], { cwd })
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')

test('a key is made once, and its description becomes the configuration of a server, also as JWTs', async () => {
  const made = await permissions('keygen', 'web-1')
  const nkey = /^U\w{55}/.exec(made.stdout)![0]
  expect(statSync(join(cwd, 'web-1.nk')).mode & 0o777).toBe(0o600)
  expect(await permissions('keygen', 'web-1')).toMatchObject({ code: 3 })
  writeFileSync(join(cwd, 'users.json'), JSON.stringify({ tenants: { acme: { hosts: { 'web-1': nkey } } } }))
  expect(await permissions('config', 'users.json', '-o', 'fleet.conf')).toMatchObject({
    code: 0, stdout: 'fleet.conf: 1 user\n',
  })
  expect(read('fleet.conf')).toContain(`nkey: ${nkey}`)
  expect((await permissions('config', 'users.json')).stdout).toBe(read('fleet.conf'))
  expect((await permissions('config', 'users.json', '--json')).stdout).toContain('"$KV.have.web-1"')
  const jwt = () => permissions('jwt', 'users.json', '--keys', 'secrets', '-o', 'jwts')
  expect(await jwt()).toMatchObject({ code: 0, stdout: 'jwts/fleet.conf: 1 tenant, 1 user\n' })
  const accounts = () => read('jwts/fleet.conf').match(/^ {2}A\w+/gm)
  const before = accounts()
  // the seeds are kept: the accounts of a second run are the same
  await jwt()
  expect(accounts()).toEqual(before)
  expect(read('jwts/acme/hosts/web-1.jwt')).toMatch(/^ey/)
})

test.each([
  [['config', 'nothing.json'], 3], [['config', 'web-1.nk'], 3], [['jwt', 'users.json'], 2], [['config'], 2],
  [['jwt', 'users.json', '--keys', 'users.json', '-o', 'jwts'], 3],
])('%j ends with %i', async (args, code) => expect((await permissions(...args)).code).toBe(code))
