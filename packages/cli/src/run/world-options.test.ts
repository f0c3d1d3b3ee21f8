/** Options of one table, on each command that runs programs: what confines them, who they are, what they read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'
import { DATA, previewProgram } from '../../test/wasm.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-world-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const file = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(cwd, name), text)
  return name
}
/** Opens a file of eight letters in the first directory that is open, and ends with the errno of preview 1. */
const opens = (name: string): string => file(`${name}.wasm`, previewProgram(
  'path_open', [3, 0, DATA, 8, 0, 2n, 0n, 0, 512], { data: name },
))
const EACCES = 2
const folder = ['--mount', '.:/data']

file('open.txt', 'open\n')
file('shut.txt', 'shut\n')
const [open, shut] = [opens('open.txt'), opens('shut.txt')]
const vault = file('vault.mjs', `import { defineLsm } from '@lsmkit/core'
const named = (file, name) => file.f_cred.euid !== 0 && file.f_path.dentry.d_name.name === name
export const vault = ({ name = 'shut.txt' } = {}) => defineLsm({
  name: 'vault', abi: '1.0', hooks: { file_open: (file) => (named(file, name) ? -13 : 0) },
})
`)
file('several.mjs', 'export const a = () => null\nexport const b = () => null\n')

const run = (...args: readonly string[]) => lsm(['run', ...args], { cwd })
const shell = (script: string, ...args: readonly string[]) => lsm(['shell', ...args, '-c', script], { cwd })

describe('Landlock by short names', () => {
  test('run', async () => {
    const only = ['--read', '/data/open.txt', ...folder]
    expect(await run(...only, open)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await run(...only, shut)).toMatchObject({
      code: EACCES, stderr: expect.stringContaining('refused by file_open landlock'),
    })
  })

  test('shell', async () => {
    const { stdout } = await shell('cat /data/open.txt; echo x >/tmp/x; echo $?', '--mount', '.:/data',
      '--read', '/data', '--write', '/tmp', '--landlock', 'execute=/bin')
    expect(stdout).toBe('open\n0\n')
  })
})

test.each<readonly [args: readonly string[], release: string]>([
  [[], '6.12.118'], [['--kernel', '6.18'], '6.18.15'], [['--kernel', '7.3'], '7.3.4'],
])('shell %j runs on the rules of %s', async (args, release) => {
  const { stdout } = await shell('cat /proc/sys/kernel/osrelease', ...args)
  expect(stdout).toBe(`${release}-lsmkit\n`)
})

describe('a module of one\'s own', () => {
  test.each([[vault], [`${vault}#vault`]])('run --module %s', async (module) => {
    expect(await run('--module', module, ...folder, open)).toMatchObject({ code: 0 })
    expect(await run('--module', module, ...folder, shut)).toMatchObject({
      code: EACCES, stderr: 'lsm: refused by file_open vault, once\n',
    })
  })

  test('shell, explain and scenario', async () => {
    expect(await shell('cat /data/shut.txt', '--quiet', '--mount', '.:/data', '--module', vault))
      .toMatchObject({ code: 1 })
    const explained = JSON.parse((await lsm(['explain', '--module', vault, '--json'], { cwd })).stdout) as object
    expect(JSON.stringify(explained)).toContain('vault')
    const scenario = file('vault.yaml', `scenario: nobody opens it
lsms: [vault]
objects: { /shut.txt: { file: text, mode: 0666 } }
identities: { alice: { uid: 1000 } }
steps:
  - as: alice
    open: [/shut.txt, O_RDONLY]
    expect: { errno: EACCES, by: vault, hook: file_open }
`)
    expect(await lsm(['scenario', '--module', vault, scenario], { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect((await lsm(['scenario', scenario], { cwd })).code).toBe(3)
  })

  test.each([
    ['nowhere.mjs', 3, /cannot be loaded: Cannot find module .*\n\(/],
    ['several.mjs', 2, /exports several: a, b\n\(--module several\.mjs#a\)/],
    [`${vault}#none`, 3, /exports no module `none`/],
  ])('%s ends with %i', async (module, ends, message) => {
    const { code, stderr } = await run('--module', module, open)
    expect([code, stderr]).toEqual([ends, expect.stringMatching(message)])
  })
})

test('rules and a label of Smack', async () => {
  const rules = file('rules', 'Reader Other r\n')
  const confined = ['--smack-rules', rules, '--label', 'Reader']
  expect(await shell('cat /proc/self/attr/current', ...confined)).toMatchObject({ code: 0, stdout: 'Reader' })
  expect(await run(...confined, ...folder, open)).toMatchObject({ code: 0 })
  expect(await run('--smack-rules', file('bad', 'one\n'), open)).toMatchObject({ code: 3 })
  expect(await run('--lsm', 'yama', '--label', 'Reader', open)).toMatchObject({ code: 2 })
})

test('who it is, by name, and what it reads', async () => {
  expect(await shell('cat', '--stdin', 'open.txt')).toEqual({ code: 0, stdout: 'open\n', stderr: '' })
  for (const [stdin, why] of [['nowhere', 'no such file'], ['.', 'it is a folder']] as const)
    expect(await run('--stdin', stdin, open)).toMatchObject({ code: 3, stderr: expect.stringContaining(why) })
  expect((await shell('id', '--user', 'nobody')).stdout).toMatch(/uid=65534/)
  expect(await run('--user', 'somebody', open)).toMatchObject({ code: 2 })
})

const commands = [['run'], ['shell'], ['bpf', 'run'], ['bpf', 'trace']]
test.each(commands)('the help of %s %s has them all', async (...command) => {
  const { stdout } = await lsm([...command, '--help'], { cwd })
  // a line of the help may end inside of `--module <file>`
  const help = stdout.replaceAll(/\s+/g, ' ')
  for (const option of ['--time', '--memory', '--output', '--files', '--mount', '--read', '--write', '--connect',
    '--smack-rules', '--label', '--selinux', '--set', '--module', '--user', '--stdin', '--kernel']) {
    expect(help).toContain(`${option} `)
  }
})
