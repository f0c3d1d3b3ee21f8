/** `createSandbox({ shell: bash() })`, in this thread and in the worker of kernels. */
import { readFileSync } from 'node:fs'
import { createSandbox, memory } from '@lsmkit/sandbox'
import { describe, expect, test } from 'vitest'
import { insideOf } from '@lsmkit/sandbox/inside'
import { bash, openShell } from './index.ts'

test('where the host has no threads a line is bounded too, and ends between two statements', async () => {
  const box = await createSandbox({
    inline: true, allow: { read: ['/data', '/dev'], exec: ['/bin'] }, mounts: { '/data': memory() },
    limits: { memory: '1 MiB' },
  })
  try {
    await box.fs.writeFile('/data/list', 'b\na\n')
    const shell = openShell({ ...insideOf(box), startThread: null })
    expect(await shell.sh('sort /data/list | head -1; head -c 3 /dev/zero | wc -c; cat /dev/zero', {})).toMatchObject({
      status: 1, stdout: 'a\n3\n', stderr: 'cat: /dev/zero: File too large\n',
    })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    const endless = shell.sh('while true; do cat /data/list > /dev/null; done', { signal: stop.signal })
    await endless.catch(() => null)
    expect(stop.signal.aborted).toBe(true)
    expect(insideOf(box).kernel.machine.tasks.processes.size).toBeLessThan(6)
  } finally {
    await box.close()
  }
})

describe.each([true, false])('inline: %s', (inline) => {
  const ready = async () => {
    const box = await createSandbox({
      inline, shell: bash(), allow: { read: ['/data', '/out'], write: ['/out'], exec: ['/bin'] },
      mounts: { '/data': memory(), '/out': memory(), '/secret': memory() },
    })
    await box.fs.writeFile('/data/list', 'b TODO\na TODO\nc\n')
    await box.fs.writeFile('/secret/key', 'k\n')
    return box
  }

  test('a command line under the policy, and what it was refused', async () => {
    const box = await ready()
    try {
      expect(await box.sh('grep -rh TODO /data | sort | head -1 > /out/first; cat /out/first')).toMatchObject({
        status: 0, stdout: 'a TODO\n', stderr: '', denials: [],
      })
      expect(await box.fs.readFile('/out/first', 'utf8')).toBe('a TODO\n')
      const refused = await box.sh('cat /secret/key')
      expect(refused).toMatchObject({ status: 1, stdout: '' })
      expect(refused.denials.map(({ path }) => path)).toContain('/secret/key')
      expect(await box.sh('echo x > /data/new')).toMatchObject({ status: 1 })
      expect(await box.sh('cat - /data/list', { stdin: 'in\n', user: 'nobody' })).toMatchObject({
        status: 0, stdout: 'in\nb TODO\na TODO\nc\n',
      })
    } finally {
      await box.close()
    }
  })

  test('WASI programs of the tree, under the same policy and limits', async () => {
    const box = await createSandbox({
      inline, shell: bash(), allow: { read: ['/data'], exec: ['/bin', '/opt'] }, limits: { time: '5 min', output: 64 },
      mounts: { '/data': memory(), '/opt': memory(), '/secret': memory() },
    })
    try {
      const cat = readFileSync(new URL('../../wasi/programs/cat.wasm', import.meta.url))
      for (const path of ['/bin/wcat', '/opt/other']) {
        await box.fs.writeFile(path, cat)
        await box.fs.chmod(path, 0o755)
      }
      await box.fs.writeFile('/data/list', 'b\na\n')
      await box.fs.writeFile('/data/long', 'x'.repeat(100))
      await box.fs.writeFile('/secret/key', 'k\n')
      expect(await box.sh('wcat list | /opt/other | sort', { cwd: '/data' })).toMatchObject({
        status: 0, stdout: 'a\nb\n', stderr: '', denials: [],
      })
      const refused = await box.sh('wcat /secret/key; echo $?')
      expect(refused).toMatchObject({ stdout: '1\n', stderr: 'cat: /secret/key: Permission denied\n' })
      expect(refused.denials.map(({ path }) => path)).toEqual(['/secret/key'])
      expect(await box.sh('wcat /data/long')).toMatchObject({ status: 153 })
    } finally {
      await box.close()
    }
  })

  test('a wider box after a line that has changed files', async () => {
    const box = await ready()
    try {
      await box.sh('echo first > /out/file')
      const { denials } = await box.sh('echo second > /out/file; cat /secret/key; rm /out/file')
      const permit = denials.find(({ path }) => path === '/secret/key')!.permit!
      const next = await box.with(permit)
      expect(await next.fs.readFile('/out/file', 'utf8')).toBe('first\n')
      expect(await next.sh('cat /secret/key')).toMatchObject({ status: 0, stdout: 'k\n' })
      await next.close()
    } finally {
      await box.close()
    }
  })

  test('more lines at once than there are threads', async () => {
    const box = await ready()
    try {
      const lines = await Promise.all(Array.from({ length: 9 }, (_, i) => box.sh(`echo ${i}; head -1 /data/list`)))
      expect(lines.map(({ stdout }) => stdout)).toEqual(lines.map((_, i) => `${i}\nb TODO\n`))
    } finally {
      await box.close()
    }
  })

  test('closing the box ends its lines, and those that wait', async () => {
    const box = await ready()
    await box.sh('true')
    const lines = Array.from({ length: 6 }, () => box.sh('sleep 1000').catch((error: { code: string }) => error.code))
    await box.fs.stat('/data')
    await box.close()
    expect(await Promise.all(lines)).toEqual(lines.map(() => 'closed'))
  })

  test('what a line leaves is files alone', async () => {
    const box = await ready()
    try {
      await box.sh('x=1; cd /out; f() { echo f; }; alias g=f; echo file > /out/left; set -e; export x')
      expect(await box.sh('echo "$x" "$(pwd)"; f; cat /out/left')).toMatchObject({
        stdout: ' /\nfile\n', stderr: 'bash: f: command not found\n',
      })
    } finally {
      await box.close()
    }
  })

  test.each([
    [{ sdtin: 'x' }, 'there is no option `sdtin`'],
    [{ signal: {} }, '`signal` is not a AbortSignal'],
    [{ args: 'x' }, '`args` is not an array'],
  ])('options that are none: %j', async (options, message) => {
    const box = await ready()
    try {
      await expect(box.sh('true', options as never)).rejects.toThrow(message)
    } finally {
      await box.close()
    }
  })

  test('a command that may not be executed is refused too', async () => {
    const box = await ready()
    try {
      await box.sh('true')
      await box.fs.chmod('/bin/ls', 0o600)
      expect(await box.sh('echo in | cat; ls; echo $?')).toMatchObject({
        stdout: 'in\n126\n', stderr: 'bash: ls: Permission denied\n',
      })
    } finally {
      await box.close()
    }
  })
})
