/** `lsm policy diff` of policies of boxes: words, effects, a managed maximum, exit codes and formats. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostFolder, memory, policyChanges } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-box-diff-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const write = (name: string, policy: object): void => writeFileSync(join(cwd, name), JSON.stringify(policy))
const diff = (...args: string[]) => lsm(['policy', 'diff', ...args], { cwd })

const smack = (load: string) => ({ module: '@lsmkit/smack', options: { load } })
const folder = (options = {}) => hostFolder('/srv/repo', options)

type Row = readonly [why: string, before: Policy, after: Policy, changes: readonly string[]]
const rows: readonly Row[] = [
  ['nothing', { allow: { read: ['/a'] } }, { version: 1, allow: { read: ['/a'] } }, []],
  ['a name below another one is no change', { allow: { read: ['/a'] } }, { allow: { read: ['/a', '/a/b'] } }, []],
  ['what may be executed may be read', { allow: { read: ['/a'], exec: ['/a'] } }, { allow: { exec: ['/a'] } }, []],
  ['a wider name', { allow: { write: ['/a/b'] } }, { allow: { write: ['/a'] } },
    ['more programs: `/a` may now be written']],
  ['a narrower name', { allow: { read: ['/'] } }, { allow: { read: ['/a', '/b/'] } },
    ['less programs: `/` may no longer be read']],
  ['names with dots mean what they lead to', { allow: { read: ['/a/../b'] } }, { allow: { read: ['/b'] } }, []],
  ['ports and sockets', { allow: { connect: [80, 'unix'] } }, { allow: { connect: [80], listen: [8080] } },
    ['less programs: unix sockets may no longer be connected to', 'more programs: port 8080 may now be listened on']],
  ['hosts by what covers them', { allow: { hosts: ['*.b.example:443', 'c.example:80'] } },
    { allow: { hosts: ['a.b.example:443', { host: 'c.example', port: 80, methods: ['GET'] }, 'd.example:1'] } },
    ['more programs: `d.example:1` may now be reached',
      'less programs: `*.b.example:443` may no longer be reached as before',
      'less programs: `c.example:80` may no longer be reached as before']],
  ['modules alone', { allow: {}, modules: [smack('')] }, { modules: [smack('')] },
    ['more programs: the modules alone decide: nothing else is refused']],
  ['users and labels', { user: 'root' }, { label: 'Web' },
    ['other programs: the user is `guest` instead of `root`', 'other programs: the label is `Web` instead of `none`']],
  ['roles', { allow: { read: ['/a'] }, roles: { r: { allow: {} }, old: {} } },
    { allow: { read: ['/a'] }, roles: { r: {}, constructor: {} } },
    ['other role constructor: there is such a role now',
      'less role old: there is no such role any more: its runs are refused',
      'more role r: `/a` may now be read']],
  ['limits by their numbers, and the defaults of guests', { limits: { memory: '1024 MiB', time: '1 min' } },
    { limits: { loops: false, output: '2 GiB' } },
    ['more limits: the limit `time` is 10 min instead of 1 min',
      'more limits: the limit `loops` is false instead of on',
      'more limits: the limit `output` is 2 GiB instead of 1 GiB']],
  ['mounts', { mounts: { '/a': folder(), '/b': memory(), '/c/': folder({ copyOnWrite: true }) } },
    { mounts: {
      '/a': folder({ copyOnWrite: true }), '/c': folder({ copyOnWrite: true, descriptors: 9 }), '/d': memory(),
    } },
    ['more mounts: `/a` is the folder `/srv/repo` of the host, copied on write instead of ' +
      'the folder `/srv/repo` of the host, read-only',
    'other mounts: `/b` is nothing instead of files in memory', 'other mounts: `/c` is mounted with other options',
    'other mounts: `/d` is files in memory instead of nothing']],
  ['modules', { allow: {}, modules: [smack('a b r'), { module: 'x' }] },
    { allow: {}, modules: [smack('a b w'), { module: 'y' }] },
    ['other modules: `@lsmkit/smack` has other options', 'more modules: `x` is not asked any more',
      'less modules: `y` is asked too']],
  ['the order of modules', { modules: [{ module: 'x' }, { module: 'y' }] },
    { modules: [{ module: 'y' }, { module: 'x' }] },
    ['other modules: the modules are asked in another order']],
  ['links and parts of the kernel', { resolve: true }, { subsystems: 'all' },
    ['less names: names of the policy lead over no links', 'more kernel: programs reach all parts of the kernel']],
  ['attributes and variables', { attributes: { '/a': { x: '1' } }, env: { HOME: '/' } }, { env: { HOME: '/h' } },
    ['other attributes of /a: `x` is nothing instead of `1`', 'other variables: `HOME` is `/h` instead of `/`']],
]

test.each(rows)('%s', (_why, before, after, changes) => {
  const texts = policyChanges(before, after).map(({ effect, subject, words }) => `${effect} ${subject}: ${words}`)
  expect(texts).toEqual(changes)
  const opposite = { more: 'less', less: 'more', other: 'other' } as const
  const effects = (of: readonly string[]): string[] => of.filter((one) => !one.includes('role')).toSorted()
  const back = policyChanges(after, before).map(({ effect, subject }) => `${opposite[effect]} ${subject}`)
  const there = policyChanges(before, after).map(({ effect, subject }) => `${effect} ${subject}`)
  expect(new Set(effects(back))).toEqual(new Set(effects(there)))
})

test('of files, in every format; two checkouts of one policy do not differ', async () => {
  const mounts = { '/data': { kind: 'host-folder', path: './data' } }
  write('a.json', { version: 1, allow: { read: ['/data'] }, mounts })
  write('b.json', { allow: { read: ['/data'], hosts: ['a.example:443'] } })
  const { code, stdout } = await diff('a.json', 'b.json')
  expect(stdout).toBe(['programs:', '  + `a.example:443` may now be reached', '      allow: hosts', 'mounts:',
    '  - `/data` is nothing instead of the folder `./data` of the host, read-only',
    '1 permit more, 1 permit less, 0 neither', ''].join('\n'))
  expect(code).toBe(1)
  expect(await diff('a.json', 'a.json')).toMatchObject({ code: 0, stdout: 'no difference\n' })
  expect(JSON.parse((await diff('a.json', 'b.json', '--json')).stdout))
    .toMatchObject({ same: false, kind: 'sandbox', changes: [{ effect: 'more' }, { effect: 'less' }] })
  expect((await diff('a.json', 'b.json', '--format', 'markdown')).stdout).toContain('- **more:** `` `a.example:443`')
  write('landlock.json', { read: ['/usr'] })
  expect((await diff('a.json', 'landlock.json')).code).toBe(3)
  write('bad.json', { allow: { read: ['data'] } })
  expect((await diff('a.json', 'bad.json')).code).toBe(3)
})

test('a managed maximum fills both policies, and names what is beyond it', async () => {
  write('max.json', { allow: { read: ['/data'] }, limits: { time: '1 min' } })
  write('one.json', { allow: { read: ['/data'] } })
  write('two.json', { allow: { read: ['/data'] }, limits: { time: '60 s' } })
  write('wide.json', { allow: { read: ['/data', '/etc'] } })
  expect(await diff('one.json', 'two.json', '--within', 'max.json'))
    .toMatchObject({ code: 0, stdout: 'no difference\n' })
  const { code, stdout } = await diff('one.json', 'wide.json', '--within', 'max.json')
  expect([code, stdout.split('\n').slice(-3, -1)]).toEqual([1, [
    'beyond the maximum:', '  ! allow: read: `/etc` does not lie beneath `/data`']])
  await diff('one.json', 'wide.json', '--within', 'max.json', '--reporter', 'sarif=out.sarif')
  expect(readFileSync(join(cwd, 'out.sarif'), 'utf8')).toContain('policy/beyond')
  expect(JSON.parse((await diff('one.json', 'wide.json', '--within', 'max.json', '--json')).stdout))
    .toMatchObject({ beyond: [{ path: 'allow: read' }] })
  expect((await diff('landlock.json', 'landlock.json', '--within', 'max.json')).code).toBe(3)
})
