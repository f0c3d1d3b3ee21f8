/** The presets on the real programs that are here; those that are not are skipped aloud. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNativeBox } from '../exec/native-box.ts'
import type { NativeRun } from '../exec/native-box.ts'
import { testLandlock } from '../testing/host.ts'
import { filesOfGitConfig } from './git-config.ts'
import { nativePreset, presetNames } from './presets.ts'
import type { PresetName } from './presets.ts'

const hasLandlock = testLandlock() > 0
const isThere = (program: string): boolean => {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
  if (!found) process.stderr.write(`SKIPPED: there is no ${program}\n`)
  return found
}

let top = ''
let folder = ''
beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-preset-')))
  folder = join(top, 'project')
  mkdirSync(folder)
  writeFileSync(join(top, 'secret'), 'secret')
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

const run = (preset: PresetName, program: string, ...args: string[]): Promise<NativeRun> => {
  const { policy, accept } = nativePreset(preset, { folder })
  return createNativeBox(policy, { accept }).exec(program, args, { cwd: folder })
}

test('a preset has no network and nothing else of your home', () => {
  for (const name of presetNames) {
    const { allow = {} } = nativePreset(name, { folder }).policy
    expect({ name, hosts: allow.hosts ?? [], connect: allow.connect ?? [] }).toEqual({ name, hosts: [], connect: [] })
    for (const path of [...allow.read ?? [], ...allow.write ?? []]) expect([homedir(), '/']).not.toContain(path)
    for (const secret of ['.ssh', '.aws', '.npmrc', '.netrc', '.gnupg']) {
      const file = join(homedir(), secret)
      expect((allow.read ?? []).some((path) => file === path || file.startsWith(`${path}/`))).toBe(false)
    }
  }
})

describe.skipIf(!hasLandlock || !isThere('git'))('git', () => {
  const git = (...args: string[]): Promise<NativeRun> =>
    run('git', 'git', '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args)

  test('makes a repository, commits, branches and shows', async () => {
    writeFileSync(join(folder, 'file'), 'one\n')
    for (const args of [
      ['init', '-q', '-b', 'main'], ['add', '.'], ['commit', '-q', '-m', 'first'], ['checkout', '-q', '-b', 'other'],
      ['status', '--short'], ['log', '--oneline'], ['gc', '-q'], ['worktree', 'list'],
    ]) {
      const { status, stderr } = await git(...args)
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' })
    }
    expect((await git('log', '--format=%s')).stdout).toBe('first\n')
  })

  test('works in a linked work tree, whose repository lies elsewhere', async () => {
    const tree = join(top, 'linked')
    spawnSync('git', ['worktree', 'add', '-q', '-b', 'linked', tree], { cwd: folder })
    writeFileSync(join(tree, 'second'), 'two\n')
    const { policy, accept } = nativePreset('git', { folder: tree })
    const box = createNativeBox(policy, { accept })
    const answers: string[] = []
    const calls = [['status', '--short'], ['add', '.'], ['commit', '-q', '-m', 'second'], ['log', '--format=%s']]
    for (const args of calls) {
      const names = ['-c', 'user.name=a', '-c', 'user.email=a@b.c']
      const { stdout, stderr } = await box.exec('git', [...names, ...args], { cwd: tree })
      answers.push(stdout + stderr)
    }
    expect(answers).toEqual(['?? second\n', '', '', 'second\nfirst\n'])
  })

  test('reads what the configuration of the user includes and names, by the conditions of the folder', () => {
    const home = join(top, 'home')
    mkdirSync(join(home, 'projects'), { recursive: true })
    for (const name of ['more', 'ignored', 'at-work', 'elsewhere']) writeFileSync(join(home, name), '')
    writeFileSync(join(home, '.gitconfig'), `
      [include]\npath = ~/more
      [core]\nexcludesFile = ~/ignored\nattributesFile = ~/not-there
      [includeIf "gitdir:${folder}/"]\npath = ~/at-work
      [includeIf "gitdir:${home}/projects/"]\npath = elsewhere`)
    writeFileSync(join(home, 'at-work'), '[commit]\ntemplate = ~/elsewhere\n')
    const inHome = (names: readonly string[]): string[] => names.map((name) => join(home, name)).sort()
    expect(filesOfGitConfig(home, home).sort()).toEqual(inHome(['.gitconfig', 'ignored']))
    spawnSync('git', ['init', '-q', folder])
    writeFileSync(join(home, 'more'), '[alias]\nst = status\n')
    expect(filesOfGitConfig(home, folder).sort())
      .toEqual(inHome(['.gitconfig', 'more', 'ignored', 'at-work', 'elsewhere']))
    expect(filesOfGitConfig(folder, folder)).toEqual([])
  })

  test('reads nothing outside by a hook', async () => {
    const hook = join(folder, '.git/hooks/post-checkout')
    writeFileSync(hook, `#!/bin/sh\ncat ${top}/secret > stolen; id > ran\n`, { mode: 0o755 })
    await git('checkout', '-q', 'main')
    expect(readFileSync(join(folder, 'stolen'), 'utf8')).toBe('')
    expect(existsSync(join(folder, 'ran'))).toBe(true)
  })
})

describe.skipIf(!hasLandlock || !isThere('python3'))('python', () => {
  test.each<[program: string, stdout: string]>([
    [`
import json, tempfile, subprocess
print(json.dumps(1))
tempfile.TemporaryFile()
subprocess.run(["true"], check=True)`, '1\n'],
    ['open("made.txt", "w").write("x"); print(open("made.txt").read())', 'x\n'],
    [`
import socket
try: socket.create_connection(("127.0.0.1", 9))
except PermissionError: print("refused")`, 'refused\n'],
  ])('%s', async (program, stdout) => {
    const result = await run('python', 'python3', '-c', program)
    expect({ stdout: result.stdout, stderr: result.stderr }).toEqual({ stdout, stderr: '' })
  })

  test('makes an environment, installs a wheel of the folder in it, and runs a program of the wheel', async () => {
    const wheel = `
import zipfile
with zipfile.ZipFile("greet-1.0-py3-none-any.whl", "w") as z:
    z.writestr("greet.py", "def main(): print('greeted')")
    z.writestr("greet-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greet\\nVersion: 1.0\\n")
    z.writestr("greet-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr("greet-1.0.dist-info/entry_points.txt", "[console_scripts]\\ngreet = greet:main\\n")
    z.writestr("greet-1.0.dist-info/RECORD", "")`
    expect((await run('python', 'python3', '-c', wheel)).stderr).toBe('')
    // a pip of its own would take ten times as long to be made
    const venv = await run('python', 'python3', '-m', 'venv', '--without-pip', '--system-site-packages', 'env')
    expect({ status: venv.status, stderr: venv.stderr }).toEqual({ status: 0, stderr: '' })
    const python = join(folder, 'env/bin/python')
    if (spawnSync(python, ['-m', 'pip', '--version']).status !== 0) {
      process.stderr.write('SKIPPED: python3 has no pip\n')
      return
    }
    const pip = ['-m', 'pip', 'install', '-q', '--no-index', '--disable-pip-version-check']
    const { status, stderr } = await run('python', python, ...pip, './greet-1.0-py3-none-any.whl')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect((await run('python', join(folder, 'env/bin/greet'))).stdout).toBe('greeted\n')
  })

  test('reads nothing outside', async () => {
    expect((await run('python', 'python3', '-c', `print(open("${top}/secret").read())`)).stderr).toMatch(/PermissionError/)
  })
})

test('compiled code of Node is kept in the folder, where it has modules', () => {
  const own = join(top, 'compiled')
  const cacheOf = (): string | undefined => nativePreset('npm', { folder: own }).policy.env?.NODE_COMPILE_CACHE
  mkdirSync(own)
  expect(cacheOf()).toBe(undefined)
  mkdirSync(join(own, 'node_modules'))
  expect(cacheOf()).toBe(join(own, 'node_modules/.cache/node-compile-cache'))
})

test('npm finds the Node that runs now where PATH has none, and an other one first', () => {
  const path = process.env.PATH
  try {
    process.env.PATH = '/absent'
    const { policy } = nativePreset('npm')
    expect(policy.env?.PATH).toBe(`/absent:${dirname(process.execPath)}`)
    const real = realpathSync(process.execPath)
    expect(policy.allow!.exec!.some((one) => real.startsWith(`${one}/`))).toBe(true)
    expect(nativePreset('git').policy.env?.PATH).toBe('/absent')
    process.env.PATH = `/absent:${dirname(process.execPath)}`
    expect(nativePreset('npm').policy.env?.PATH).toBe(process.env.PATH)
  } finally {
    process.env.PATH = path
  }
})

describe.skipIf(!hasLandlock || !isThere('npm'))('npm', () => {
  beforeAll(() => {
    const scripts = {
      build: 'node build.js', preinstall: `node -e "try{fs.readFileSync('${top}/secret');process.exit(9)}catch{}"`,
      postinstall: 'node -e "fs.writeFileSync(\'installed\', process.version)"',
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', version: '1.0.0', scripts }))
    writeFileSync(join(folder, 'build.js'), `
      const fs = require('fs'), { execFileSync } = require('child_process')
      fs.writeFileSync('out.txt', String(execFileSync('echo', ['built'])))`)
  })

  test('runs a script that starts programs', async () => {
    const { status, stderr } = await run('npm', 'npm', 'run', 'build')
    const out = readFileSync(join(folder, 'out.txt'), 'utf8')
    expect({ status, stderr, out }).toEqual({ status: 0, stderr: '', out: 'built\n' })
  })

  test('watches its sources', async () => {
    const program = `
      const watcher = require('fs').watch('.', () => { console.log('seen'); watcher.close() })
      setTimeout(() => require('fs').writeFileSync('changed', ''), 50)`
    const { stdout, stderr } = await run('npm', 'node', '-e', program)
    expect({ stdout, stderr }).toEqual({ stdout: 'seen\n', stderr: '' })
  })

  test('runs lifecycle scripts of an install', async () => {
    const { status, stdout } = await run('npm', 'npm', 'install', '--offline', '--no-package-lock')
    expect({ status, stdout: status === 0 ? '' : stdout }).toEqual({ status: 0, stdout: '' })
    expect(existsSync(join(folder, 'installed'))).toBe(true)
  })
})

describe.skipIf(!hasLandlock || !isThere('pnpm'))('pnpm', () => {
  test('runs lifecycle scripts of an install', async () => {
    const own = join(folder, 'of-pnpm')
    mkdirSync(own)
    const scripts = {
      preinstall: `node -e "try{fs.readFileSync('${top}/secret');process.exit(9)}catch{}"`,
      postinstall: 'node -e "fs.writeFileSync(\'installed\', process.version)"',
    }
    writeFileSync(join(own, 'package.json'), JSON.stringify({ name: 'of-pnpm', version: '1.0.0', scripts }))
    const { policy, accept } = nativePreset('npm', { folder: own })
    const args = ['install', '--offline', '--ignore-workspace', '--store-dir', join(own, 'store')]
    const { status, stdout, stderr } = await createNativeBox(policy, { accept }).exec('pnpm', args, { cwd: own })
    expect({ status, out: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, out: '' })
    expect(existsSync(join(own, 'installed'))).toBe(true)
  })
})
