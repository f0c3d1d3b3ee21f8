/** Apps whose `node:fs` is a box's, each as a process of its own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const register = fileURLToPath(new URL('register.ts', import.meta.url))
const policy = {
  version: 1, allow: { read: ['/data', '/out'], write: ['/out'] },
  mounts: { '/data': { kind: 'host-folder', path: './data' }, '/out': { kind: 'memory' } },
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lsmkit-register-'))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/a'), 'of the host')
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (source: string, env: Readonly<Record<string, string>> = {}) => {
  writeFileSync(join(folder, 'app.mjs'), source)
  const args = ['--conditions=lsmkit:source', '--import', register, join(folder, 'app.mjs')]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', ...env },
  })
  return { lines: stdout.trimEnd().split('\n'), stderr, status }
}

test('import, require and getBuiltinModule give the box', () => {
  const { lines, stderr } = run(`
    import fs, { readFileSync, writeFileSync } from 'node:fs'
    import * as promises from 'fs/promises'
    import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    console.log(readFileSync('/data/a', 'utf8'))
    writeFileSync('/out/b', 'in memory')
    console.log(await promises.readFile('/out/b', 'utf8'), require('fs').readdirSync('/out').join())
    console.log(require('node:fs') === fs, process.getBuiltinModule('fs') === fs,
      fs.promises === require('fs/promises'))
    console.log(process.cwd(), process.umask(0o77), process.umask())
    fs.writeSync(1, 'by descriptor ' + fs.openSync('/data/a') + '\\n')
    process.chdir('/out')
    console.log(process.cwd(), fs.existsSync('b'), fs.existsSync(import.meta.filename))
    for (const path of ['/data/a', '/proc/version', '/proc/version']) {
      try { fs.appendFileSync(path, '') } catch (error) { console.log(error.message) }
    }
  `)
  // refused twice, and reported once
  expect(stderr.split('\n')).toEqual([
    'lsmkit: `/data/a`: write refused by the read-only mount, not beneath /out',
    'lsmkit: `/proc/version`: open refused by the file itself, by its mode, its owner or its kind', '',
  ])
  expect(lines).toEqual([
    'of the host', 'in memory b', 'true true true', '/ 18 63', 'by descriptor 3', '/out true false',
    "EROFS: read-only file system, open '/data/a'", "EACCES: permission denied, open '/proc/version'",
    "EACCES: permission denied, open '/proc/version'",
  ])
})

test.each([
  ['none.json', 'none.json` is not read: ENOENT'], ['app.mjs', 'app.mjs` is not read'],
])('a policy that is not one: %s', (name, message) => {
  const { stderr, status } = run('', { LSMKIT_POLICY: name })
  expect(stderr).toContain(message)
  expect(stderr).toContain('LSMKIT_POLICY')
  expect(status).toBe(1)
})
