import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EPERM } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { LsmFactories } from '@lsmkit/testkit/scenario'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { hostItems, nodeItems } from './host.ts'
import type { Item } from './item.ts'
import { floorFault, floorOf } from './peer-floor.ts'
import { selfTestItems } from './self-test.ts'
import { caseFactories, cases } from './cases.ts'
import { moduleNames } from '../../module-names.ts'

const parent = mkdtempSync(join(tmpdir(), 'lsm-doctor-'))
afterAll(() => rmSync(parent, { recursive: true }))
let projects = 0

/** A folder with these files; values that are objects are JSON. */
const project = (files: Readonly<Record<string, string | object>>): string => {
  const folder = join(parent, String(projects++))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}

const core = (at: string, version: string, abi: string) => ({
  [`${at}/@lsmkit/core/package.json`]:
    { name: '@lsmkit/core', version, type: 'module', exports: { './module-abi': './abi.js' } },
  [`${at}/@lsmkit/core/abi.js`]: `export const moduleAbi = '${abi}'`,
})

/** A module that does without core's own code, as Node resolves it in the folder of a test. */
const moduleFiles = (name: string, abi: string, hook = '() => 0', manifest: object = {}) => ({
  [`node_modules/${name}/package.json`]: {
    name, version: '1.2.3', type: 'module', exports: './index.js', peerDependencies: { '@lsmkit/core': '>=0.1.0' },
    ...manifest,
  },
  [`node_modules/${name}/index.js`]: `import { defineLsm } from '@lsmkit/core'
export default () => Object.freeze({
  ...defineLsm({ name: '${name}', abi: '1.0', hooks: { file_open: ${hook} } }), abi: '${abi}',
})`,
})

const doctor = async (cwd: string): Promise<{ code: number; wrong: Item[]; items: Item[] }> => {
  const { code, stdout } = await lsm(['doctor', '--json'], { cwd })
  const { items, ok } = JSON.parse(stdout) as { ok: boolean; items: Item[] }
  const wrong = items.filter(({ state }) => state === 'wrong')
  expect(ok).toBe(wrong.length === 0)
  expect(code).toBe(ok ? 0 : 1)
  return { code, wrong, items }
}

const manifest = { 'package.json': { name: 'app' } }
const oneCore = core('node_modules', '0.1.0', '1.0')

describe('installations', () => {
  test('a project in order', async () => {
    const { wrong, items } = await doctor(project({ ...manifest, ...oneCore, ...moduleFiles('quiet', '1.0') }))
    expect(wrong).toEqual([])
    expect(items).toContainEqual({
      part: 'modules', name: 'quiet', state: 'ok', text: '`quiet` 1.2.3, ABI 1.0, keeps the rules of a module',
    })
    expect(items).toContainEqual({
      part: 'packages', name: '@lsmkit/core', state: 'ok', text: '0.1.0, module ABI 1.0',
    })
  })

  test.each([
    {
      reason: 'two copies of core', files: {
        ...oneCore, ...moduleFiles('old', '1.0'), ...core('node_modules/old/node_modules', '0.0.9', '1.0'),
      },
      part: 'packages', name: '@lsmkit/core', says: /2 copies: 0\.1\.0 in .*for your project; 0\.0\.9 in .* for old/,
      hint: /npm dedupe/,
    },
    {
      reason: 'a module for an older core', files: {
        ...core('node_modules', '2.0.0', '2.0'), ...moduleFiles('old', '1.0'),
      },
      part: 'modules', name: 'old', says: /written for module ABI 1\.0, .* has 2\.0/, hint: /npm install old@latest/,
    },
    {
      reason: 'a module for a newer core', files: { ...oneCore, ...moduleFiles('new', '1.7') },
      part: 'modules', name: 'new', says: /written for module ABI 1\.7/, hint: /npm install @lsmkit\/core@latest/,
    },
    {
      reason: 'a module that breaks the rules', files: {
        ...oneCore, ...moduleFiles('bad', '1.0', '() => { throw new Error("oops") }'),
      },
      part: 'modules', name: 'bad', says: /breaks the rule/, hint: /author/,
    },
    {
      reason: 'a module that does not load', files: {
        ...oneCore, ...moduleFiles('torn', '1.0', '() => 0', { keywords: ['lsmkit-module'], exports: './no.js' }),
      },
      part: 'modules', name: 'torn', says: /not tried/, hint: /^$/,
    },
    {
      reason: 'a peer that is missing', files: {
        ...oneCore,
        'node_modules/@lsmkit/thing/package.json':
          { name: '@lsmkit/thing', version: '0.1.0', peerDependencies: { '@lsmkit/kernel': '*' } },
      },
      part: 'packages', name: '@lsmkit/kernel', says: /@lsmkit\/thing needs it/, hint: /npm install @lsmkit\/kernel/,
    },
    {
      reason: 'a floor below the first core of the ABI', files: {
        ...oneCore, 'package.json': { name: 'mine', peerDependencies: { '@lsmkit/core': '>=0.0.5' } },
        'src/index.ts': "export const mine = () => defineLsm({ name: 'mine', abi: '1.0', hooks: {} })",
      },
      part: 'modules', name: 'mine', says: /module ABI 1\.0 begins with 0\.1\.0/, hint: /npm pkg set .*>=0\.1\.0/,
    },
  ])('$reason', async ({ files, part, name, says, hint }) => {
    const { wrong } = await doctor(project({ ...manifest, ...files }))
    expect(wrong).toEqual([expect.objectContaining({ part, name, text: expect.stringMatching(says) })])
    expect(wrong[0]!.hint ?? '').toMatch(hint)
  })

  test('optional peers that are not there, links, and a folder without packages are no faults', async () => {
    const folder = project({
      ...manifest, ...oneCore,
      'elsewhere/package.json': {
        name: '@lsmkit/thing', version: '0.1.0', peerDependencies: { vitest: '*' },
        peerDependenciesMeta: { vitest: { optional: true } },
      },
    })
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'node_modules/@lsmkit/thing'))
    const { items, code } = await doctor(folder)
    expect(code).toBe(0)
    expect(items).toContainEqual(expect.objectContaining({ name: 'vitest', state: 'absent' }))
    expect((await doctor(project({ 'a.txt': '' }))).items).toContainEqual(
      expect.objectContaining({ part: 'packages', state: 'note' }))
  })
})

test.each([
  { range: '>=0.1.0', floor: [0, 1, 0] },
  { range: '^1.2.3 || ^0.4', floor: [0, 4, 0] },
  { range: '~2', floor: [2, 0, 0] },
  { range: '>=0.3.1 <1.0.0', floor: [0, 3, 1] },
  { range: '*', floor: [0, 0, 0] },
  { range: '<2', floor: [0, 0, 0] },
])('$range begins with $floor', ({ range, floor }) => {
  expect(floorOf(range)).toEqual(floor)
})

test('an ABI that this version does not know has no floor', () => {
  expect(floorFault('*', '9.9')).toBeNull()
})

describe('self-test', () => {
  test('every module of the command line has a case', () => {
    expect(Object.keys(cases)).toEqual(expect.arrayContaining([...moduleNames]))
  })

  const engine = (name: string, answer: number) => () =>
    defineLsm({ name, abi: '1.0', hooks: { file_open: () => answer, ptrace_access_check: () => answer } })

  test.each<{ reason: string; factories: LsmFactories; wrong: string; says: RegExp }>([
    { reason: 'lets everything pass', factories: { yama: engine('yama', 0) }, wrong: 'yama', says: /is 0|is ok/ },
    { reason: 'refuses everything', factories: { lockdown: engine('lockdown', -EPERM) }, wrong: 'lockdown', says: /step 1/ },
    { reason: 'cannot be made', factories: { smack: () => { throw new Error('torn') } }, wrong: 'smack', says: /torn/ },
  ])('an engine that $reason is found', async ({ factories, wrong, says }) => {
    const items = await selfTestItems({ ...caseFactories, ...factories })
    expect(items.filter(({ state }) => state === 'wrong')).toEqual([
      expect.objectContaining({ name: wrong, text: expect.stringMatching(says) }),
    ])
  })
})

test.each([
  { version: '20.19.0', state: 'ok' }, { version: '20.18.3', state: 'wrong' }, { version: '18.0.0', state: 'wrong' },
  { version: '24.1.0', state: 'ok' },
])('Node $version: $state', ({ version, state }) => {
  expect(nodeItems(version)[0]).toMatchObject({ name: 'node', state })
})

test('a host without the programs still has an answer for each', () => {
  const items = hostItems({ PATH: '/nowhere', NATS_SERVER: process.execPath })
  expect(items.map(({ name }) => name)).toEqual(['kernel', 'Landlock', 'user namespaces', 'nats-server', 'Chromium'])
  expect(items[3]).toMatchObject({ state: 'ok', text: process.execPath })
  expect(items[4]).toMatchObject({ state: 'absent' })
})

test('lines fit 80 columns', async () => {
  const { stdout } = await lsm(['doctor'], { cwd: project({ ...manifest, ...oneCore }) })
  expect(stdout).toMatch(/nothing is wrong\n$/)
  expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('/'))).toEqual([])
})
