/** A program that asks as Deno does stands in for it: what it prints, and how it ends, is the command's. */
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'lsm-deno-')))
afterAll(() => rmSync(cwd, { recursive: true }))
const run = (...args: string[]) => lsm(['deno', ...args], { cwd })
writeFileSync(join(cwd, 'policy.json'), JSON.stringify({ allow: { read: [join(cwd, 'data')] }, env: { MODE: 'x' } }))
const fake = join(cwd, 'fake-deno')
writeFileSync(fake, `#!${process.execPath}
const socket = require('node:net').createConnection(process.env.DENO_PERMISSION_BROKER_PATH)
const ask = (id, permission, value) =>
  socket.write(JSON.stringify({ v: 1, pid: process.pid, id, permission, value }) + '\\n')
ask(1, 'read', 'data/a')
ask(2, 'read', '/etc/passwd')
ask(3, 'env', 'MODE')
let heard = ''
socket.on('data', (bytes) => {
  heard += bytes
  const lines = heard.trim().split('\\n')
  if (lines.length < 3) return
  const results = lines.map((line) => JSON.parse(line).result).join(' ')
  const isClean = process.env.USER === undefined && process.env.MODE === 'x'
  process.exit(results === 'allow deny allow' && isClean && process.argv[2] === 'run' ? 42 : 1)
})
`)
chmodSync(fake, 0o755)

test('decisions, sentences, records, and the exit code', async () => {
  const { code, stderr } = await run('--policy', 'policy.json', '--deno', fake, '--records', 'log', '--', 'run', '--x')
  expect({ code, stderr }).toEqual({
    code: 42,
    stderr: 'lsm: `/etc/passwd`: read refused, not beneath a place of `read` (permit: {"read":["/etc/passwd"]})\n',
  })
  const records = readFileSync(join(cwd, 'log'), 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  expect(records.map(({ allowed, permission }) => [permission, allowed]))
    .toEqual([['read', true], ['read', false], ['env', true]])
})

test('wrong usage, and a program that is not there', async () => {
  expect(await run('--', 'run')).toMatchObject({ code: 2, stderr: expect.stringContaining('no policy') })
  expect(await run('--policy', 'policy.json')).toMatchObject({ code: 2 })
  expect(await run('--policy', 'policy.json', '--deno', join(cwd, 'nowhere'), '--', 'run')).toMatchObject({ code: 127 })
  expect(await run('--policy', 'no.json', '--', 'run')).toMatchObject({ code: 3 })
})
