import { smack } from '@lsmkit/smack'
import { loadRules, Policy } from '@lsmkit/smack/engine'
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

describe('a redirection that is refused', () => {
  const refused = () => {
    const made = ready()
    made.root.writeFile('/root', new Uint8Array(1), undefined, 0o600)
    return made
  }
  const DENIED = 'bash: /root: Permission denied\n'

  test.each([
    ['echo x > /root; echo $?', '1\n', DENIED],
    ['echo x >> /root || echo no; echo on', 'no\non\n', DENIED],
    ['ls &> /root; ls 2> /root; cat a.txt >| ../root', '', DENIED + DENIED + 'bash: ../root: Permission denied\n'],
    ['exec 3> /root; echo $?', '1\n', DENIED],
    ['exec 3< /root; cat < /root; echo $?', '1\n', DENIED + DENIED],
    ['{ echo a; echo b; } > /root; (echo c) > /root; echo on', 'on\n', DENIED + DENIED],
    ['f() { echo x > /root; echo $?; }; f; echo $(echo y > /root; echo z)', '1\nz\n', DENIED + DENIED],
    ['while read -r line; do echo "$line" > /root; done < a.txt; echo on', 'on\n', DENIED + DENIED],
    ['bash -c "echo x > /root; echo on"', 'on\n', DENIED],
    ['echo x > /no/d; cat < none; echo on', 'on\n',
      'bash: /no/d: Permission denied\nbash: none: No such file or directory\n'],
    ['echo pre; set -e; echo x > /root; echo on', 'pre\n', DENIED],
  ])('%s', async (script, stdout, stderr) => {
    const { sh } = refused()
    expect(await sh(script)).toMatchObject({ stdout, stderr })
  })

  test('ends a script where it stands in the string of an eval', async () => {
    expect(await refused().sh('eval "echo x > /root"; echo on')).toEqual({ status: 1, stdout: '', stderr: DENIED })
  })

  test('and one that is not, by each form', async () => {
    const { sh } = ready()
    expect(await sh(`echo one > x; echo two >> x; ls /none 2>> x; ls /none b.txt &> y; echo three >| z
      exec > log; echo in; echo out > w; exec > /dev/stderr; cat x y z log w; echo p 53> v >&53; cat v`)).toEqual({
      status: 0, stdout: '', stderr: 'one\ntwo\nls: /none: No such file or directory\nb.txt\n' +
        'ls: /none: No such file or directory\nthree\nin\nout\np\n',
    })
  })

  test('to /dev/null asks nobody', async () => {
    const { sh, root } = ready()
    root.chmod('/dev/null', 0o600)
    expect(await sh('ls /none 2> /dev/null; echo $?; cat < /dev/null; cat a.txt > /dev/null')).toEqual({
      status: 0, stdout: '2\n', stderr: '',
    })
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

describe('a program of the tree that is none of these', () => {
  const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  const running = () => {
    const made = ready({
      runProgram: async (task, image, { stdin, cwd }) => {
        // just-bash would block it in here
        await WebAssembly.compile(module)
        const told = `${image.kind} ${image.argv.join(' ')} ${task.comm} ${cwd} ${stdin.length}\n`
        return { status: 7, stderr: new Uint8Array(0), stdout: new TextEncoder().encode(told) }
      },
    })
    for (const path of ['/bin/tool', '/opt/other', '/data/here']) {
      made.root.mkdirs('/opt')
      made.root.writeFile(path, module)
      made.root.chmod(path, 0o755)
    }
    return made
  }

  test.each([
    ['echo in | tool -x; echo ${PIPESTATUS[1]}', 'wasm tool -x tool /data 3\n7\n'],
    ['PATH=/opt:/bin; other "a b" c', 'wasm /opt/other a b c other /data 0\n'],
    ['./here x | cat; cd /; data/here', 'wasm /data/here x here /data 0\nwasm /data/here here / 0\n'],
    ['find a.txt -exec /opt/other {} \\; ; echo y | xargs ./here', 'wasm /opt/other a.txt other /data 0\n' +
      'wasm /data/here y here /data 0\n'],
    ['bash -c "/opt/other; tool"', 'wasm /opt/other other /data 0\nwasm tool tool /data 0\n'],
    ['head -c 4 here | od -An -c; wc -c < here', '  \\0   a   s   m\n8\n'],
  ])('%s', async (script, stdout) => {
    expect(await running().sh(script)).toMatchObject({ stdout, stderr: '' })
  })

  test('that may not be executed, or has too many arguments', async () => {
    const { sh, root } = running()
    root.chmod('/opt/other', 0o644)
    expect(await sh('/opt/other')).toMatchObject({ status: 126, stderr: 'bash: /opt/other: Permission denied\n' })
    expect(await sh('./here 1 2 3 4 5 6 7 8 9 10')).toMatchObject({
      status: 126, stderr: 'bash: /data/here: more than 9 arguments: put the program into /bin\n',
    })
    expect((await sh('tool 1 2 3 4 5 6 7 8 9 10')).stdout).toBe('wasm tool 1 2 3 4 5 6 7 8 9 10 tool /data 0\n')
  })
})

test('an aborted script', async () => {
  const { sh } = ready()
  const signal = AbortSignal.timeout(200)
  await sh('while true; do sleep 0.01; done', { signal }).catch(() => null)
  expect(signal.aborted).toBe(true)
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
