/** `allow.hosts` for real programs in a box: through the proxy, and what tries to go around it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { createNativeBox } from '../exec/native-box.ts'
import type { NativeOptions } from '../exec/native-box.ts'
import { shellPolicy, testLandlock } from '../testing/host.ts'
import { openWatch } from '../watch/watch.ts'

const landlock = testLandlock()
const has = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
const hasPrograms = has('curl') && has('git')
if (!hasPrograms) process.stderr.write('SKIPPED: curl and git through the proxy: they are not installed\n')

const root = resolve(import.meta.dirname, '../../../..')
const work = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-hosts-')))
/** Files below `work`, as a plain server of git has them. */
const server = createServer((request, response) => {
  const file = join(work, new URL(request.url!, 'http://x').pathname)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) response.end(readFileSync(file))
  else response.writeHead(404).end()
})
let port = 0

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.close()
  rmSync(work, { recursive: true, force: true })
})

const network: NativeOptions['network'] = { resolve: () => Promise.resolve(['127.0.0.1']) }
const node = dirname(dirname(realpathSync(process.execPath)))
const policyOf = (more: Policy = {}): Policy => {
  const { read = [], write = [], exec = [] } = shellPolicy(work).allow ?? {}
  const hosts = [{ host: 'git.example', port, addresses: ['127.0.0.1'] }]
  return { ...more, allow: { read: [...read, node, root], write, exec: [...exec, node], hosts, ...more.allow } }
}

/** Runs in the box: what a program can do about its socket, and where it can go. */
const around = `
  import { hostSystem } from '@lsmkit/native/sys'
  const sys = hostSystem()
  const [proxy, other] = [Number(process.env.HTTP_PROXY.split(':')[2]), Number(process.env.OTHER)]
  const inet = (port, ...ip) => Uint8Array.of(2, 0, port >> 8, port & 255, ...ip, 0, 0, 0, 0, 0, 0, 0, 0)
  const inet6 = (port) => Uint8Array.of(10, 0, port >> 8, port & 255, 0, 0, 0, 0, ...Array(15).fill(0), 1, 0, 0, 0, 0)
  const socket = (family = 2, type = 1) => sys.call('socket', family, type, 0)
  const device = (fd) => {
    const [name, length] = [new Uint8Array(16), new Uint8Array(new Uint32Array([16]).buffer)]
    const rc = sys.call('getsockopt', fd, 1, 25, name, length)
    return rc < 0 ? rc : new TextDecoder().decode(name).replace(/\\0.*/s, '')
  }
  const NONBLOCK = 0o4000
  const go = (port, ip, fd = socket(2, 1 | NONBLOCK)) => sys.call('connect', fd, inet(port, ...ip), 16)
  const fd = socket()
  const six = socket(10)
  const answers = {
    device: device(fd), six: device(six),
    unbind: sys.call('setsockopt', fd, 1, 25, Uint8Array.of(0), 1),
    rebind: sys.call('setsockopt', fd, 1, 25, new TextEncoder().encode('eth0\\0'), 5),
    index: sys.call('setsockopt', fd, 1, 62, new Uint8Array(4), 4),
    nobody: [sys.call('connect', fd, Uint8Array.of(0, 0, ...Array(14).fill(0)), 16), device(fd)],
    copy: device(sys.call('dup', fd)),
    cloexec: [sys.call('fcntl', socket(2, 1 | 0o2000000), 1), sys.call('fcntl', fd, 1)],
    proxy: go(proxy, [127, 0, 0, 1], fd),
    other: go(other, [127, 0, 0, 1]), web: go(443, [192, 0, 2, 1]), six2: sys.call('connect', six, inet6(other), 28),
    udp: socket(2, 2), raw: socket(2, 3), mptcp: sys.call('socket', 2, 1, 262), unix: socket(1), netlink: socket(16, 3),
    fastopen: sys.call('sendto', socket(), new Uint8Array(1), 1, 0x20000000, inet(proxy, 192, 0, 2, 1), 16),
  }
  process.stdout.write(JSON.stringify(answers))`

describe.skipIf(landlock === 0)('hosts of a native program', () => {
  test('lead through the proxy alone', async () => {
    const args = ['--no-warnings', '--conditions=lsmkit:source', '--experimental-strip-types', '--input-type=module']
    const run = await createNativeBox(policyOf(), { network })
      .exec(process.execPath, [...args, '-e', around], { cwd: import.meta.dirname, env: { OTHER: String(port) } })
    const [EPERM, EACCES] = [-1, -13]
    expect(run.stderr).toBe('')
    expect(JSON.parse(run.stdout)).toEqual({
      device: 'lo', six: 'lo', unbind: EPERM, rebind: EPERM, index: EPERM, nobody: [0, 'lo'], copy: 'lo',
      cloexec: [1, 0], proxy: 0, other: EACCES, web: EACCES, six2: EACCES, udp: EACCES, raw: EACCES, mptcp: EACCES,
      unix: EACCES, netlink: EACCES, fastopen: EACCES,
    })
  })

  test.skipIf(!hasPrograms)('git clones and curl asks by name, beside a watch', async () => {
    const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: work, stdio: 'pipe' })
    git('init', '-q', 'source')
    git('-C', 'source', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'one')
    git('clone', '-q', '--bare', 'source', 'served')
    git('-C', 'served', 'update-server-info')
    mkdirSync(join(work, 'home'))
    const lines = [
      `git clone -q http://git.example:${port}/served out && git -C out log --format=%s`,
      `curl -s http://evil.example:${port}/`, `curl -s --noproxy '*' http://127.0.0.1:${port}/ || echo $?`,
      'cat /etc/shadow',
    ]
    const told: string[] = []
    const policy = policyOf({ env: { HOME: join(work, 'home'), GIT_CONFIG_NOSYSTEM: '1' } })
    const watch = await openWatch({ allow: policy.allow ?? null, onDenial: ({ sentence }) => told.push(sentence) })
    const box = createNativeBox(policy, {
      network, accept: ['attributes'], onDenial: ({ sentence }) => told.push(sentence),
    })
    const { stdout, connections, denials } = await box.exec('sh', ['-c', lines.join('\n')], { cwd: work, watch })
    await watch.end()
    expect(stdout).toBe(`one\nevil.example:${port}: refused by the policy (allow: hosts)\n7\n`)
    expect(connections).toMatchObject([{ host: 'git.example', port }])
    expect(denials).toMatchObject([{ host: 'evil.example' }])
    const told4 = told.join('\n')
    expect(told4).toContain(`\`evil.example:${port}\`: connect refused, not in hosts`)
    expect(told4).toContain(`port ${port}: connect refused by landlock`)
    expect(told4).toContain('`/etc/shadow`: read refused')
  })

  test('the explanation names the wall of each line', () => {
    const { lines, gaps } = createNativeBox(policyOf({ limits: { connections: 4, traffic: 1000 } })).explain()
    expect(gaps).toEqual([])
    expect(lines.filter(({ walls }) => walls.includes('proxy')).map(({ line }) => line).sort())
      .toEqual([`allow.hosts: git.example:${port}`, 'limits.connections: 4', 'limits.traffic: 1000'])
  })

  test('a listener of yours and the sockets of hosts do not go together', () => {
    expect(() => createNativeBox(policyOf()).start('true', [], { onListener: () => {} })).toThrow('sockets of `hosts`')
  })
})
