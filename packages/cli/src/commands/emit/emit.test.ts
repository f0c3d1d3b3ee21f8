import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatNames } from '@lsmkit/emit'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { FORMATS } from './program.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-emit-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const policy = {
  allow: { read: ['/data'], write: ['/out'], connect: [443] },
  mounts: { '/data': { kind: 'host-folder', path: './in' } },
}
writeFileSync(join(cwd, 'policy.json'), JSON.stringify(policy))
const run = (...args: string[]) => lsm(args, { cwd })

test('help knows every format', () => {
  expect(FORMATS).toEqual(formatNames)
})

test('nothing is written until all that cannot be said is accepted', async () => {
  const first = await run('emit', 'policy.json', '--to', 'bubblewrap')
  expect(first).toMatchObject({ code: 1, stdout: '' })
  const second = await run('emit', 'policy.json', '--to', 'bubblewrap', ...acceptedIn(first.stderr), '--out', 'wall')
  expect(second.code).toBe(0)
  expect(readFileSync(join(cwd, 'wall/bwrap.args'), 'utf8')).toContain(`--ro-bind ${cwd}/in /data\n`)
  expect(existsSync(join(cwd, 'wall/filter.bpf'))).toBe(true)
  const back = await run('import', 'wall/bwrap.args')
  expect(JSON.parse(back.stdout))
    .toMatchObject({ allow: { write: ['/out'] }, mounts: { '/data': { path: `${cwd}/in` } } })
})

/** The options that a refusal has for copying. */
const acceptedIn = (stderr: string): string[] =>
  [...stderr.matchAll(/^ {2}(--accept) (\S+)/gm)].flatMap(([, option, ids]) => [option!, ids!])

test.each(FORMATS)('%s: what has to be accepted can be copied, in lines of a terminal', async (format) => {
  const more = { limits: { time: '10 s', memory: '64 MiB' }, env: { LANG: 'C' } }
  const allow = { ...policy.allow, write: ['/out'], listen: [8080], connect: ['unix', 443], hosts: ['a.example:443'] }
  writeFileSync(join(cwd, 'wide.json'), JSON.stringify({ ...policy, ...more, allow }))
  const { stderr } = await run('emit', 'wide.json', '--to', format)
  expect(stderr.split('\n').filter((line) => line.length > 80)).toEqual([])
  const taken = await run('emit', 'wide.json', '--to', format, ...acceptedIn(stderr), '--out', `wall-${format}`)
  expect(taken.code).toBe(0)
})

test('the proof is printed, and is in the document', async () => {
  const { stdout, code } = await run('emit', 'policy.json', '--to', 'systemd', '--prove', '--json')
  expect(code).toBe(1)
  const { proof, text } = JSON.parse(stdout)
  expect(text).toBeNull()
  expect(proof.asked).toBeGreaterThanOrEqual(10_000)
  expect(proof.differences.filter((one: { because: string[] }) => one.because.length === 0)).toEqual([])
})

test('wrong usage and bad files have a sentence', async () => {
  expect(await run('emit', 'policy.json', '--to', 'docker', '--accept', 'nothing')).toMatchObject({ code: 2 })
  expect(await run('emit', 'policy.json', '--to', 'selinux')).toMatchObject({ code: 2 })
  writeFileSync(join(cwd, 'bad.json'), '{"pathBeneath": 3}')
  expect(await run('import', 'bad.json')).toMatchObject({ code: 3, stderr: expect.stringContaining('a list') })
  writeFileSync(join(cwd, 'other.txt'), 'hello')
  expect(await run('import', 'other.txt')).toMatchObject({ code: 3, stderr: expect.stringContaining('--from') })
})

test('an imported file is compared with a policy', async () => {
  writeFileSync(join(cwd, 'plain.json'), '{"allow":{"read":["/data"]}}')
  writeFileSync(join(cwd, 'll.json'), '{"pathBeneath":[{"allowedAccess":["read_file","read_dir"],"parent":["/data"]}]}')
  expect(await run('import', 'll.json', '--diff', 'plain.json')).toMatchObject({ code: 0, stdout: 'no difference\n' })
  writeFileSync(join(cwd, 'll.json'), '{"pathBeneath":[{"allowedAccess":["read_file","read_dir"],"parent":["/"]}]}')
  const { code, stdout } = await run('import', 'll.json', '--diff', 'plain.json')
  expect(code).toBe(1)
  expect(stdout).toContain('+ read, list below /\n')
  writeFileSync(join(cwd, 'wide.json'), '{"allow":{"read":["/data"],"write":["/data/out"],"connect":["unix"]}}')
  expect((await run('import', 'll.json', '--from', 'landlockconfig', '--diff', 'wide.json')).stdout).toBe([
    '+ read, list below /', '- write, truncate, make, make-dir, make-link, make-pipe, remove, remove-dir,',
    '  move, attributes below /data/out', '- socketpair(1, 2)', '- socketpair(1, 3)', '- socketpair(1, 2050)',
    '- connect to UNIX sockets below /data/out', '- make sockets of AF_UNIX',
    '7 differences: + is permitted by the file alone', '',
  ].join('\n'))
  writeFileSync(join(cwd, 'll.json'), '{"netPort":[{"allowedAccess":["connect_tcp"],"port":[443]}]}')
  expect((await run('import', 'll.json', '--diff', 'plain.json')).stdout).toBe([
    '+ connect to port 443 of the loopback', '+ make sockets of AF_INET, AF_INET6', '- read, list below /data',
    '3 differences: + is permitted by the file alone', '',
  ].join('\n'))
})
