import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { shellPolicy, testLandlock } from '../testing/host.ts'
import { createNativeBox } from './native-box.ts'
import type { NativeRun } from './native-box.ts'

const landlock = testLandlock()
let root = ''
let work = ''
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-native-')))
  work = join(root, 'work')
  mkdirSync(work)
  mkdirSync(join(root, 'other'))
  writeFileSync(join(root, 'other/secret'), 'secret')
  writeFileSync(join(work, 'own'), 'own')
  symlinkSync(join(root, 'other'), join(work, 'out'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const sh = (line: string, more: Policy = {}, accept: string[] = []): Promise<NativeRun> =>
  createNativeBox(shellPolicy(work, more), { accept }).exec('sh', ['-c', line], { cwd: work })

const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const gone = async (pid: number): Promise<boolean> => {
  for (let i = 0; i < 400 && alive(pid); i++) await new Promise((done) => setTimeout(done, 10))
  return !alive(pid)
}

describe.skipIf(landlock === 0)('a native program', () => {
  test('explain says what would keep it from starting', () => {
    const problemsOf = (more: Policy) => createNativeBox(shellPolicy(work, more)).explain().problems
    expect(problemsOf({})).toEqual([])
    const sentence = expect.stringContaining(`\`${join(work, 'out')}\` leads over a link`)
    expect(problemsOf({ allow: { read: [join(work, 'out')] } })).toEqual([sentence])
    expect(problemsOf({ allow: { read: [join(work, 'out')] }, resolve: true })).toEqual([])
  })

  test.each<[line: string, status: number, stdout: string]>([
    ['cat own; echo more >> new && cat new', 0, 'ownmore\n'],
    ['exit 7', 7, ''],
    ['kill -9 $$', 137, ''],
    ['cat ../other/secret', 1, ''],
    ['cat out/secret', 1, ''],
    ['echo x > ../other/new', 2, ''],
    ['mv own ../other/own', 1, ''],
    ['ln ../other/secret copy', 1, ''],
    ['cp /bin/true t; ./t', 126, ''],
    ['chmod 777 own 2>/dev/null || echo refused', 0, 'refused\n'],
    ['env | cut -d= -f1 | grep -v -e PWD -e _ -e SHLVL', 0, 'PATH\n'],
    ['ls /proc/self/fd 2>/dev/null | wc -l', 0, '0\n'],
  ])('%s', async (line, status, stdout) => {
    const run = await sh(line)
    expect({ line, status: run.status, stdout: run.stdout }).toEqual({ line, status, stdout })
  })

  test('modes may be changed where that is accepted', async () => {
    expect((await sh('chmod 777 own && echo changed', {}, ['attributes'])).stdout).toBe('changed\n')
  })

  test('has the three descriptors, and no capability', async () => {
    const proc = shellPolicy(work).allow!.read!.concat('/proc')
    const list = 'i=0; while [ $i -lt 100 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done'
    const line = `${list}; grep -h -e CapEff -e CapPrm -e NoNewPrivs /proc/$$/status`
    const { stdout } = await sh(line, { allow: { read: proc } })
    expect(stdout.replaceAll('\t', ''))
      .toBe('0\n1\n2\nCapPrm:0000000000000000\nCapEff:0000000000000000\nNoNewPrivs:1\n')
  })

  test('what it leaves behind is ended with it', async () => {
    const run = await sh('(setsid sleep 300 & echo $!); setsid sh -c "sleep 301 & echo \\$!"; exit 3')
    const pids = run.stdout.trim().split('\n').map(Number)
    expect({ status: run.status, pids: pids.length }).toEqual({ status: 3, pids: 2 })
    for (const pid of pids) expect(alive(pid)).toBe(false)
  })

  test.each<[limit: string, policy: Policy, line: string, status: number]>([
    ['time', { limits: { time: 200 } }, 'setsid sleep 300 & sleep 300', 152],
    ['output', { limits: { output: 1000 } }, 'while :; do echo line; done', 153],
    ['descriptors', { limits: { descriptors: 5 } }, 'exec 3<own 4<own 5<own', 2],
    ['memory', { limits: { memory: '16 MiB' } }, 'head -c 64m /dev/zero | tail -c 64m >/dev/null', 1],
  ])('is held to %s', async (_, policy, line, status) => {
    expect((await sh(line, policy)).status).toBe(status)
  })

  test('a folder to start in that is not there is named', async () => {
    await expect(createNativeBox(shellPolicy(work)).exec('true', [], { cwd: join(work, 'absent') })).rejects
      .toThrow(`\`${work}/absent\` is not a folder that can be entered`)
  })

  test('a signal of yours ends all of it', async () => {
    const box = createNativeBox(shellPolicy(work))
    const stop = new AbortController()
    const line = 'setsid sleep 300 & echo $! > pid; sleep 300'
    const run = box.exec('sh', ['-c', line], { cwd: work, signal: stop.signal })
    const file = join(work, 'pid')
    await expect.poll(() => {
      try {
        return readFileSync(file, 'utf8').endsWith('\n')
      } catch {
        return false
      }
    }).toBe(true)
    stop.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    expect(alive(Number(readFileSync(file, 'utf8')))).toBe(false)
  })

  test('the death of its starter ends all of it', async () => {
    const module = new URL('native-box.ts', import.meta.url).href
    const program = `import { createNativeBox } from '${module}'
      const box = createNativeBox(${JSON.stringify(shellPolicy(work))})
      const { process: running } = box.start('sh', ['-c', '(setsid sleep 300 & echo $!); sleep 300'])
      running.stdout.pipe(process.stdout)`
    const args = ['--conditions=lsmkit:source', '--input-type=module-typescript', '-e', program]
    const starter = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = Number(await new Promise<string>((done) => starter.stdout.once('data', (text) => done(String(text)))))
    expect(alive(pid)).toBe(true)
    starter.kill('SIGKILL')
    expect(await gone(pid)).toBe(true)
  })

  test('reaches the ports that the policy names', async () => {
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    const { port } = server.address() as { port: number }
    const line = `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`
    const run = async (connect: number[]): Promise<NativeRun> => {
      const policy = shellPolicy(work)
      return createNativeBox({ ...policy, allow: { ...policy.allow, connect } }).exec('bash', ['-c', line])
    }
    expect((await run([port])).stdout).toBe('hello')
    expect((await run([port + 1])).stderr).toMatch(/Permission denied/)
    expect((await run([])).stdout).toBe('')
    server.close()
  })

  test.each<[what: string, run: () => Promise<unknown>, code: string]>([
    ['a program that is not there', () => createNativeBox({}).exec('no-such-program'), 'no-program'],
    ['one that may not be executed', () => createNativeBox({}).exec('true'), 'no-program'],
    ['a name over a link', () => sh('true', { allow: { read: [join(work, 'out')] } }), 'no-path'],
    ['a gap', () => sh('true', { limits: { inodes: 5 } }), 'not-held'],
    ['a misspelt option', () => createNativeBox({}).exec('true', [], { evn: {} } as never), 'unknown-option'],
  ])('is refused: %s', async (_, run, code) => {
    await expect(run()).rejects.toMatchObject({ code })
  })
})
