/** What an option of `lsm sandbox` may say over its policy: what the file leaves open, or less; never more. */
import { describe, expect, test } from 'vitest'
import type { Policy } from '@lsmkit/sandbox'
import { withVariables } from './environment.ts'
import { narrowed } from './policy-options.ts'
import type { PolicyChoice } from './policy-options.ts'

const policy: Policy = {
  allow: { read: ['/data', '/etc/'], write: ['/out'], exec: ['/bin'], connect: [80, 443] },
  mounts: { '/data': { kind: 'memory' } }, limits: { time: '2 s', loops: true }, user: 'nobody', label: 'Tainted',
  env: { LANG: 'C' },
}
const silent: Policy = { version: 1, allow: { read: ['/data'] } }
const modules: Policy = { modules: [{ module: '@lsmkit/yama' }] }
const under = (file: Policy, choice: PolicyChoice, others = 0): Policy => narrowed(file, choice, '/here', others)

test.each<[string, PolicyChoice]>([
  ['nothing', {}],
  ['what it says', { user: 'nobody', label: 'Tainted', time: '2000' }],
])('%s leaves the policy as it is', (_, choice) => {
  expect(under(policy, choice)).toMatchObject({ allow: policy.allow, user: 'nobody', label: 'Tainted' })
})

test.each<[string, Policy, PolicyChoice, Partial<Policy>]>([
  ['a shorter time', policy, { time: '500ms' }, { limits: { time: '500ms', loops: true } }],
  ['a limit that is left open', policy, { memory: '2GiB' }, { limits: { time: '2 s', loops: true, memory: '2GiB' } }],
  ['a part of what may be read', policy, { read: ['/data/in', '/etc'] },
    { allow: { ...policy.allow, read: ['/data/in', '/etc'] } }],
  ['a part of what may be written', policy, { write: ['/out/a'] }, { allow: { ...policy.allow, write: ['/out/a'] } }],
  ['one of the ports', policy, { connect: ['443'] }, { allow: { ...policy.allow, connect: [443] } }],
  ['a folder', policy, { mount: ['in:/in:rw'] },
    { mounts: { ...policy.mounts, '/in': { kind: 'host-folder', path: '/here/in', writable: true } } }],
  ['a user that is left open', silent, { user: '7' }, { user: 7 }],
  ['a label that is left open', silent, { label: 'Web' }, { label: 'Web' }],
  ['places, where modules alone decide', modules, { read: ['/data'] },
    { allow: { read: ['/data'], write: [], connect: [] } }],
])('%s', (_, file, choice, expected) => {
  expect(under(file, choice)).toEqual({ ...file, limits: file.limits ?? {}, ...expected })
})

test.each<[string, Policy, PolicyChoice, string]>([
  ['a longer time', policy, { time: '3s' }, 'the policy says `time`: 2 s'],
  ['no time limit', policy, { time: 'none' }, 'the policy says `time`: 2 s'],
  ['loops that do not end', policy, { loops: false }, 'the policy says `loops`: on'],
  ['another place', policy, { read: ['/data', '/root'] }, 'the policy does not let it read `/root`'],
  ['a place above', policy, { read: ['/'] }, 'the policy does not let it read `/`'],
  ['a name that begins alike', policy, { read: ['/database'] }, 'the policy does not let it read `/database`'],
  ['a way out', policy, { read: ['/data/../root'] }, '`/data/../root`: a path of the policy has no `..`'],
  ['what lies below a name that may be a link', { ...silent, resolve: true }, { read: ['/data/in'] },
    'the policy does not let it read `/data/in`'],
  ['a place that may only be read', policy, { write: ['/data'] }, 'the policy does not let it write `/data`'],
  ['another port', policy, { connect: ['22'] }, 'the policy does not let it connect to 22'],
  ['no port', policy, { connect: ['http'] }, '`http` is not a port'],
  ['another user', policy, { user: 'root' }, 'the policy says `user`: nobody'],
  ['another label', policy, { label: 'Trusted' }, 'the policy says `label`: Tainted'],
  ['another folder at a place', policy, { mount: ['in:/data/'] }, 'something is mounted on `/data` already'],
  ['two folders at a place', policy, { mount: ['in:/in', 'out:/in'] }, 'something is mounted on `/in` already'],
  ['anything, where nothing is allowed', {}, { read: ['/data'] }, 'the policy does not let it read `/data`'],
])('%s is refused', (_, file, choice, message) => {
  expect(() => under(file, choice)).toThrow(expect.objectContaining({ kind: 'usage', message }))
})

describe('a module of the command line', () => {
  test('decides nothing alone where the policy allows nothing', () => {
    expect(under({}, {}, 1).allow).toEqual({})
    expect(under({}, {}, 0).allow).toBeUndefined()
  })
  test('is one more where modules decide', () => {
    expect(under(modules, {}, 1).allow).toBeUndefined()
  })
})

test('variables stand as well', () => {
  expect(withVariables(policy, { LANG: 'C', TERM: 'xterm' })).toEqual({ LANG: 'C', TERM: 'xterm' })
  expect(() => withVariables(policy, { LANG: 'de' })).toThrow('the policy says `LANG=C`')
})
