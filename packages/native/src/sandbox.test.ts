/** `createSandbox({ native })`: programs of the host under the policy of a box, in its folders. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, hostFolder, memory } from '@lsmkit/sandbox'
import type { SandboxOptions } from '@lsmkit/sandbox'
import { defineLsm } from '@lsmkit/core'
import { createNativeBox } from './index.ts'
import { systemFiles, systemPrograms } from './presets/system-paths.ts'
import { testLandlock } from './testing/host.ts'

const own = (): ReturnType<typeof defineLsm> => defineLsm({ name: 'own', abi: '1.0', hooks: {} })

let root = ''
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-native-box-')))
  for (const name of ['repo', 'repo/src', 'repo/private']) mkdirSync(join(root, name))
  writeFileSync(join(root, 'repo/src/file'), 'text')
  writeFileSync(join(root, 'repo/private/key'), 'key')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const options = (more: SandboxOptions = {}): SandboxOptions => {
  const system = systemPrograms()
  return {
    inline: true, native: createNativeBox, accept: [],
    allow: { read: ['/repo/src', '/dev/null', ...system], exec: system, write: ['/repo/src', '/dev/null'] },
    mounts: {
      '/repo': hostFolder(join(root, 'repo'), { writable: true }),
      ...Object.fromEntries(system.map((path) => [path, hostFolder(path)])),
    },
    ...more,
  }
}

describe.skipIf(testLandlock() === 0)('box.exec', () => {
  test('works in folders of the host, by paths of the box', async () => {
    const box = await createSandbox(options())
    const run = await box.exec('sh', ['-c', 'cat file; echo more > new; cat ../private/key'], { cwd: '/repo/src' })
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 1, stdout: 'text' })
    expect(readFileSync(join(root, 'repo/src/new'), 'utf8')).toBe('more\n')
    await box.close()
  })

  test('a yes widens it too', async () => {
    const box = await createSandbox(options())
    const next = await box.with({ run: 0, allow: { read: ['/repo/private'] }, why: 'asked' })
    expect((await next.exec('cat', ['key'], { cwd: '/repo/private' })).stdout).toBe('key')
    expect((await box.exec('cat', ['key'], { cwd: '/repo/private' })).stdout).toBe('')
    await box.close()
    await next.close()
  })

  test('roles, and modules that cannot be held', async () => {
    const roles = { bare: { allow: { exec: systemPrograms() } } }
    const box = await createSandbox(options({ roles }))
    expect((await box.exec('cat', ['/dev/null'])).status).toBe(0)
    expect((await box.exec('cat', ['/dev/null'], { role: 'bare' })).status).toBe(1)
    await box.close()
    const labelled = await createSandbox(options({ modules: [own] }))
    await expect(labelled.exec('true')).rejects.toMatchObject({ code: 'not-held', gaps: ['modules'] })
    await labelled.close()
  })

  test('a box without it says so', async () => {
    const box = await createSandbox({ inline: true })
    await expect(box.exec('true')).rejects.toMatchObject({ code: 'not-there' })
    await box.close()
  })
})

const isAbsent = (program: string): boolean => {
  if (systemPrograms().some((folder) => existsSync(join(folder, 'bin', program)))) return false
  process.stderr.write(`SKIPPED: the system has no ${program}\n`)
  return true
}

/** As docs/ten-lines.md has it. */
const systemMounted = (): SandboxOptions => {
  const { allow, mounts } = options()
  return options({
    accept: ['attributes'], mounts: { ...mounts, '/etc': hostFolder('/etc'), '/tmp': memory() },
    allow: {
      ...allow, read: ['/repo/src', ...systemPrograms(), ...systemFiles()], write: ['/repo/src', '/dev/null', '/tmp'],
    },
    env: { npm_config_update_notifier: 'false', npm_config_cache: '/tmp/npm' },
  })
}

describe.skipIf(testLandlock() === 0)('programs that people run, in a folder that a box mounts', () => {
  const run = async (program: string, ...args: string[]): Promise<string> => {
    const box = await createSandbox(systemMounted())
    const { status, stdout, stderr } = await box.exec(program, args, { cwd: '/repo/src' })
    await box.close()
    return status === 0 ? stdout : `${program} ended with ${status}: ${stderr}`
  }

  test.skipIf(isAbsent('git'))('git makes a repository and a commit', async () => {
    expect(await run('git', 'init', '-q')).toBe('')
    expect(await run('git', 'add', 'file')).toBe('')
    const names = ['-c', 'user.name=a', '-c', 'user.email=a@b.c']
    expect(await run('git', ...names, 'commit', '-q', '-m', 'first')).toBe('')
    expect(await run('git', 'log', '--format=%s')).toBe('first\n')
    expect(existsSync(join(root, 'repo/src/.git/objects'))).toBe(true)
  })

  test.skipIf(isAbsent('python3'))('python3 reads the folder and nothing else', async () => {
    const program = `print(open("file").read())
for path in ["../private/key", "/etc/profile"]:
  try: open(path)
  except OSError as error: print(error.strerror)`
    expect(await run('python3', '-c', program)).toBe('text\nPermission denied\nPermission denied\n')
  })

  test.skipIf(isAbsent('npm'))('npm runs the lifecycle scripts of an install', async () => {
    const postinstall = "node -e 'fs.writeFileSync(`installed`, fs.readFileSync(`file`))'"
    const manifest = { name: 'project', version: '1.0.0', scripts: { postinstall } }
    writeFileSync(join(root, 'repo/src/package.json'), JSON.stringify(manifest))
    expect(await run('npm', 'install', '--offline', '--silent')).toBe('')
    expect(readFileSync(join(root, 'repo/src/installed'), 'utf8')).toBe('text')
  })

  test('a program that no mount has is refused with the reason', async () => {
    const box = await createSandbox(options({ mounts: { '/repo': hostFolder(join(root, 'repo')) } }))
    await expect(box.exec('cat', ['/dev/null'])).rejects.toMatchObject({
      code: 'no-program', hint: expect.stringContaining('these have to lie in mounted ones'),
    })
    await box.close()
  })
})
