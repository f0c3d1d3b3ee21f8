import { loadRules, Policy, smack } from '@lsmkit/smack'
import { XATTR_NAME_SMACK, XATTR_NAME_SMACKEXEC } from '@lsmkit/abi'
import { confine } from '@lsmkit/kernel'
import { Bash } from 'just-bash'
import { describe, expect, test } from 'vitest'
import { Shell } from './index.ts'
import type { ShellOptions } from './index.ts'
import { boot, plant } from '../test/boot.ts'

const ready = (options: ShellOptions = {}, lsms: Parameters<typeof boot>[0] = []) => {
  const booted = boot(lsms)
  plant(booted, { '/data/a.txt': 'one\ntwo\n', '/data/b.txt': 'TODO b\n' })
  const shell = new Shell(booted.kernel, options)
  shell.install(booted.kernel.init)
  const sh = (command: string, more = {}) => shell.sh(booted.user, command, { cwd: '/data', ...more })
  return { ...booted, shell, sh }
}

test('a pipe, with what goes in and out', async () => {
  const { sh } = ready()
  expect(await sh('grep -r TODO /data | sort | head')).toEqual({
    status: 0, stdout: '/data/b.txt:TODO b\n', stderr: '',
  })
  expect(await sh('cat; echo $1-$2 "$X"; exit 3', { stdin: 'in\n', args: ['a b', "c'd"], env: { X: 'y' } }))
    .toEqual({ status: 3, stdout: "in\na b-c'd y\n", stderr: '' })
  const bytes = Uint8Array.of(0, 255, 128, 10)
  expect((await sh('od -An -tx1 | tr -d " "', { stdin: bytes })).stdout)
    .toBe((await new Bash().exec('od -An -tx1 | tr -d " "', { stdin: '\0\xff\x80\n', stdinKind: 'bytes' })).stdout)
})

test('every command is a process of its own, and none is left', async () => {
  const { sh, kernel } = ready()
  const { stdout } = await sh(`cat /proc/self/comm; head -1 /proc/self/status; bash -c "cat /proc/self/comm"
    find /data/a.txt -exec cat /proc/self/comm \\;`)
  expect(stdout).toBe('cat\nName:\thead\ncat\ncat\n')
  const pids = await sh('cat /proc/self/stat | cut -d" " -f1; cat /proc/self/stat | cut -d" " -f1')
  const [first, second] = pids.stdout.trim().split('\n')
  expect(first).not.toBe(second)
  expect([...kernel.machine.tasks.processes].map(({ comm }) => comm)).toEqual(['init', 'init'])
})

test('a program that may not be executed, or is not there', async () => {
  const { sh, root } = ready()
  root.chmod('/bin/grep', 0o600)
  root.unlink('/bin/wc')
  expect(await sh('grep one a.txt; echo $?')).toMatchObject({
    stdout: '126\n', stderr: 'bash: grep: Permission denied\n',
  })
  expect(await sh('wc a.txt; echo $?')).toMatchObject({ stdout: '127\n', stderr: 'bash: wc: command not found\n' })
  root.chmod('/bin/bash', 0o600)
  expect(await sh('echo hi')).toEqual({ status: 126, stdout: '', stderr: 'sh: bash: Permission denied\n' })
})

test('a refused redirection ends the script with what a shell says', async () => {
  const { sh, root } = ready()
  root.writeFile('/root', new Uint8Array(1), undefined, 0o600)
  expect(await sh('echo x > /root; echo on')).toEqual({
    status: 1, stdout: '', stderr: 'bash: /root: Permission denied\n',
  })
})

test('more processes than there may be', async () => {
  const unlimited = { files: Infinity, inodes: Infinity, descriptors: Infinity, processes: 3 }
  const { sh, kernel, user } = ready()
  const free = confine(kernel.machine, user, unlimited)
  expect(await sh('cat a.txt | head -1')).toMatchObject({ status: 0, stdout: 'one\n' })
  expect(await sh('bash -c "cat a.txt"')).toMatchObject({
    status: 126, stderr: 'bash: fork: Resource temporarily unavailable\n',
  })
  expect(free).toBeTypeOf('function')
})

test('a program of the tree that is none of these is run by yours', async () => {
  const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  const { sh, root } = ready({
    runProgram: async (task, image, { stdin, cwd }) => ({
      status: 7, stderr: new Uint8Array(0),
      stdout: new TextEncoder().encode(`${image.kind} ${image.argv.join(' ')} ${task.comm} ${cwd} ${stdin.length}\n`),
    }),
  })
  root.writeFile('/bin/tool', module)
  root.chmod('/bin/tool', 0o755)
  expect((await sh('echo in | tool -x; echo ${PIPESTATUS[1]}')).stdout).toBe('wasm tool -x tool /data 3\n7\n')
})

test('an aborted script', async () => {
  const { sh } = ready()
  const signal = AbortSignal.timeout(200)
  const started = performance.now()
  await sh('while true; do sleep 0.01; done', { signal }).catch(() => null)
  expect(performance.now() - started).toBeLessThan(5000)
})

describe('Smack: the label changes by command', () => {
  const labelled = () => {
    const policy = new Policy()
    loadRules(policy, 'Reader Secret r\n')
    const made = ready({}, [smack({ policy })])
    const { kernel, root } = made
    const { sys, init } = kernel
    const label = (path: string, name: string, value: string) =>
      expect(sys.setxattr(init, path, name, new TextEncoder().encode(value), 0)).toBe(0)
    root.writeFile('/data/secret', new TextEncoder().encode('TOP secret\n'))
    root.chmod('/data/secret', 0o644)
    label('/data/secret', XATTR_NAME_SMACK, 'Secret')
    label('/bin/grep', XATTR_NAME_SMACKEXEC, 'Reader')
    return made
  }

  test('grep may read what cat may not', async () => {
    const { sh } = labelled()
    expect(await sh('cat /proc/self/attr/current')).toMatchObject({ stdout: '_' })
    expect(await sh('grep . /proc/self/attr/current')).toMatchObject({ stdout: 'Reader\n' })
    expect((await sh('cat secret')).status).toBe(1)
    expect(await sh('grep TOP secret')).toEqual({ status: 0, stdout: 'TOP secret\n', stderr: '' })
    expect((await sh('grep TOP < secret')).status).toBe(1)
  })
})

test.each([
  [() => new Shell(boot().kernel, { runprogram: () => {} } as never), 'there is no option `runprogram`'],
  [() => ready().sh('true', { cdw: '/' }), 'there is no option `cdw`'],
])('options that are none', async (call, message) => {
  await expect(async () => call()).rejects.toThrow(message)
})
