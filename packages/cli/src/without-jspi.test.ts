/**
 * Programs that talk under a Node that cannot suspend them: a worker for each. These run what was built, as users have
 * it, because such a Node cannot run the sources.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { fetcher3 } from '../../wasi/test/components3.ts'
import { fetcher } from '../../wasi/test/http-components.ts'
import { nodeWithoutJspi } from '../test/other-node.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const executable = fileURLToPath(new URL('../dist/lsm.cjs', import.meta.url))
const node = nodeWithoutJspi()
const why = node === null ? 'there is no other Node on PATH, from 20.19 on and without JSPI'
  : existsSync(executable) ? null : 'the packages are not built'
if (why !== null) console.warn(`SKIPPED: programs in workers: ${why}`)

const run = (args: readonly string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(node!, args, { encoding: 'utf8', input, cwd: folder, timeout: 400_000 })
  return { status, stdout, stderr }
}
const shell = (script: string, ...options: string[]) => run([executable, 'shell', ...options, '-c', script])

describe.skipIf(why !== null)(`programs that talk without JSPI${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('lsm run', () => {
    const hello = fileURLToPath(new URL('../../../bench/src/wasi/guest/hello.wasm', import.meta.url))
    expect(run([executable, 'run', hello])).toEqual({ status: 0, stdout: 'hello\n', stderr: '' })
  })

  interface Case {
    readonly what: string
    readonly script: string
    readonly out: string | RegExp
    readonly code?: number
    readonly options?: readonly string[]
  }
  test.each<Case>([
    { what: 'a pipeline', script: 'for i in 1 2 3; do echo $i; done | cat | cat', out: '1\n2\n3\n' },
    { what: 'many bytes through pipes', script: 'cat /bin/sh /bin/httpd /bin/sh | cat > /tmp/x; ls -l /tmp/x',
      out: /^-rw.* \d{6} .*x\n$/ },
    { what: 'jobs and signals', script: 'cat /dev/null & wait; nc -l 7000 & kill $!; wait $!; echo $?', out: '143\n' },
    { what: 'a status', script: 'sh -c "exit 4" & wait $!', out: '', code: 4 },
    { what: 'a substitution', script: 'echo "$(echo a | cat)$(echo b)"', out: 'ab\n' },
    { what: 'a server and its client', script: 'echo page > /tmp/page; httpd -1 -p 8080 /tmp & ' +
      'while ! wget http://localhost:8080/page 2> /dev/null; do :; done; wait', out: 'page\n' },
    { what: 'labels by exec', script: 'id -Z; cp /bin/id /tmp/id; runcon Other id -Z', out: '_\nOther\n',
      options: ['--uid', '0'] },
  ])('lsm shell: $what', ({ script, out, code = 0, options = [] }) => {
    const told = shell(script, '--quiet', ...options)
    const stdout: unknown = typeof out === 'string' ? out : expect.stringMatching(out)
    expect(told).toEqual({ status: code, stdout, stderr: '' })
  })

  test('lsm sandbox, whose boxes are workers of their own', () => {
    const policy = join(mkdtempSync(join(tmpdir(), 'lsm-box-')), 'policy.json')
    writeFileSync(policy, JSON.stringify({ version: 1, allow: { read: ['/proc'] } }))
    const cat = fileURLToPath(new URL('../../wasi/programs/cat.wasm', import.meta.url))
    expect(run([executable, 'sandbox', '--policy', policy, cat], 'typed'))
      .toEqual({ status: 0, stdout: 'typed', stderr: '' })
    rmSync(dirname(policy), { recursive: true })
  })

  test('a script on standard input', () => {
    expect(run([executable, 'shell', '--quiet'], 'for i in a b; do echo $i; done | cat\nexit 3\n'))
      .toEqual({ status: 3, stdout: 'a\nb\n', stderr: '' })
  })

  const hasScript = spawnSync('script', ['--version']).status === 0
  test.skipIf(!hasScript)('a terminal: a prompt, an interrupt, a status', async () => {
    const command = `stty rows 33 cols 99; '${node}' --no-warnings '${executable}' shell --quiet`
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    let shown = ''
    child.stdout.on('data', (bytes: Buffer) => void (shown += bytes.toString()))
    const shows = async (text: string | RegExp) => {
      await expect.poll(() => shown).toMatch(text)
      shown = ''
    }
    await shows(/\$ $/)
    child.stdin.write('echo a | cat\r')
    await shows(/\na\r*\n[^]*\$ $/)
    child.stdin.write('cat\r')
    await shows(/cat\r*\n/)
    child.stdin.write('typed\r')
    await shows(/typed\r*\ntyped\r*\n/)
    child.stdin.write('\x03')
    await shows(/\$ $/)
    child.stdin.write('echo $?\r')
    await shows(/130\r*\n/)
    child.stdin.write('exit 5\r')
    expect(await new Promise((resolve) => void child.on('close', resolve))).toBe(5)
  })

  test('the library: programs beside one another, waiting, killed, what cannot be, and components', async () => {
    const components = mkdtempSync(join(tmpdir(), 'lsm-components-'))
    writeFileSync(join(components, 'two.wasm'), await fetcher('api.example:00000'))
    writeFileSync(join(components, 'three.wasm'), await fetcher3('api.example:00000'))
    const told = run([join(folder, 'test/talk.mjs'), components])
    rmSync(components, { recursive: true })
    expect(told.stderr).toBe('')
    expect(told.stdout.split('\n').slice(-3)).toEqual(['two 0 page of / ', 'three 0 page of / ', ''])
    expect(told.stdout.split('\n').slice(0, 2)).toEqual(['killed by 9', 'killed by 15 through the fifo'])
    expect(told.stdout).toContain('cannot-wait')
  })
})
