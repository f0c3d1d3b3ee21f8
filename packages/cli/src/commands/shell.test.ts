import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'
import { hasTerminals, typeAt } from '../../test/test-terminal.ts'

const shell = (script: string, ...options: string[]) => lsm(['shell', ...options, '-c', script])

interface Script {
  what: string
  script: string
  options?: string[]
  args?: string[]
  out: string | RegExp
  code?: number
}

describe('lsm shell', () => {
  test('a script on standard input', async () => {
    const stdin = 'echo one\nfor i in a b; do\n  echo $i\ndone | cat\nexit 3\necho never\n'
    expect(await lsm(['shell', '--quiet'], { stdin })).toEqual({ code: 3, stdout: 'one\na\nb\n', stderr: '' })
  })

  test.each([
    { what: 'words', script: `X='a  b'; echo $X "$X" '$X' \\$X \${Y:-none} a*b`, out: 'a b a  b $X $X none a*b\n' },
    { what: 'conditions', script: 'false || echo no && ! false && echo yes', out: 'no\nyes\n' },
    { what: 'if and while', script: 'if test -d /bin; then while :; do echo dir; exit 5; done; fi', out: 'dir\n',
      code: 5 },
    { what: 'substitution', script: 'echo "$(echo a | cat)$(echo b)"', out: 'ab\n' },
    { what: 'redirection',
      script: 'echo 1 > f; echo 2 >> f; cat < f; ls /no 2>&1 | cat > g; cat g; (echo x; echo y) > h; cat h',
      out: '1\n2\nls: /no: No such file or directory\nx\ny\n' },
    { what: 'globs', script: 'cd /bin; echo c*', out: 'cat chcon chmod cp\n' },
    { what: 'variables of one command and exported', script: 'X=1 sh -c "echo $X\\$X"; export Y=2; sh -c "echo \\$Y"',
      out: '1\n2\n' },
    { what: 'jobs',
      script: 'sh -c "exit 4" & wait $!; echo $?; sleep 1000 & kill -STOP $!; kill %1 2>&1; wait; echo over',
      out: '4\nover\n' },
    { what: 'arguments', script: 'echo "$#" "$0" "$@"', args: ['name', 'one', 'two words'],
      out: '2 name one two words\n' },
    { what: 'a copy and a move', script: 'cp /bin/cat /tmp/mine; mv /tmp/mine /tmp/x; echo hi | /tmp/x; ls /tmp',
      out: 'hi\nx\n' },
    { what: 'a tree made and removed',
      script: 'mkdir -p a/b/c a; echo 1 > a/b/c/f; echo 2 > a/g; rm a 2>&1; rm -r a; rm -f a; mkdir a; mkdir a 2>&1',
      out: 'rm: a: Is a directory\nmkdir: a: File exists\n', code: 1 },
    { what: 'modes',
      script: 'echo > f; chmod 640 f; ls -l f; chmod u+x,g-r,o=rw f; ls -l f; chmod +8 f 2> /dev/null; echo $?',
      out: /^-rw-r----- .*\n-rwx---rw- .*\n2\n$/ },
    { what: 'sleep, to its end and ended', script: 'sleep 0.01 .01; echo $?; sleep 1000 & kill $!; wait $!; echo $?',
      out: '0\n143\n' },
    { what: 'memory that is given back', options: ['--memory', '256 KiB'],
      script: 'D="0 1 2 3 4 5 6 7 8 9"; X=$D; for i in 1 2 3 4 5 6; do X=$X$X; done; ' +
        'for i in $D; do for j in $D; do for k in $D; do Y=$X$i$j$k; done; done; done; echo $i$j$k',
      out: '999\n' },
    { what: 'what is not there', script: 'nosuch 2> /dev/null; echo $?; /tmp 2> /dev/null; echo $?',
      out: '127\n126\n' },
  ] as Script[])('$what', async ({ script, options = [], args = [], out, code = 0 }) => {
    const stdout = out instanceof RegExp ? expect.stringMatching(out) as string : out
    expect(await lsm(['shell', '--quiet', ...options, '-c', script, ...args])).toEqual({ code, stdout, stderr: '' })
  })

  test('sockets of the loopback, and files over them', async () => {
    // a client may come before the server listens
    const retried = (command: string): string => `until ${command}; do :; done`
    const http = `echo page > /tmp/page; httpd -1 -p 8080 /tmp & ${retried('wget http://localhost:8080/page')}; wait`
    expect((await shell(http)).stdout).toBe('page\n')
    const missing = `httpd -1 -p 8080 /tmp & ${retried('wget http://127.0.0.1:8080/none; test $? = 8')}`
    expect((await shell(missing)).stderr).toContain('404 Not Found')
    const tcp = retried('echo over tcp | nc localhost 7000')
    expect((await shell(`nc -l 7000 > /tmp/got & ${tcp}; wait; cat /tmp/got`)).stdout).toBe('over tcp\n')
    // the server's side ends at once, and the client's input comes later all the same
    const unix = retried('(sleep 0.2; echo over unix) | nc -U /tmp/s')
    expect((await shell(`nc -U -l /tmp/s & ${unix}; wait`)).stdout).toBe('over unix\n')
    expect((await shell('nc localhost 9; echo $?')).stdout).toBe('1\n')
    expect((await shell('httpd -p 80 /tmp; echo $?', '--uid', '1000')).stdout).toBe('1\n')
  })

  test('a client that walks out of the directory of httpd gets what the stack lets it have', async () => {
    const attack = 'mkdir=/tmp/www; echo secret > /tmp/secret; chcon Vault /tmp/secret; echo page > /home/page; ' +
      'httpd -p 80 /home & until wget http://localhost/page; do :; done; ' +
      'wget http://localhost/../tmp/secret; echo $?; kill $!'
    const under = (...options: string[]) => shell(attack, '--uid', '0', '--caps',
      'cap_net_bind_service,cap_mac_admin=p',
      ...options)
    expect((await under('--lsm', 'capability')).stdout).toContain('page\nsecret\n0\n')
    const smack = await under('--lsm', 'smack')
    expect(smack.stdout).toBe('page\n8\n')
    expect(smack.stderr).toContain('403 Forbidden')
  })

  test('a gateway to the host, off unless it is given, behind the hooks', async () => {
    const server = createServer((socket) => {
      const head = 'HTTP/1.0 200 OK\r\n\r\n'
      let asked = ''
      socket.on('data', (bytes) => {
        asked += String(bytes)
        if (asked.endsWith('\r\n\r\n')) socket.end(`${head}${'x'.repeat(500_000)}${asked.slice(0, 9)}`)
      })
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const gateway = ['--gateway', `10.0.0.1:80=127.0.0.1:${port}`, '--gateway', '10.0.0.2:80=127.0.0.1:1']
    const get = 'wget http://10.0.0.1/page > got; echo $?; ls -l got'
    const { stdout } = await shell(get, ...gateway)
    expect(stdout).toMatch(/^0\n-rw-r--r-- +1 +1000 +1000 +500009 got\n$/)
    expect(await shell('wget http://10.0.0.1/', '--quiet')).toMatchObject({ code: 1, stdout: '' })
    expect((await shell('wget http://10.0.0.2/; echo $?; wget http://10.0.0.3/; echo $?', ...gateway)).stderr)
      .toMatch(/Connection refused[^]*Network unreachable/)
    // Smack's ambient label has no access to another one
    const labelled = 'runcon Other wget http://10.0.0.1/page; echo $?'
    expect(await shell(labelled, ...gateway, '--lsm', 'smack', '--uid', '0')).toMatchObject({ stdout: '1\n' })
    expect(await lsm(['shell', '--gateway', 'nowhere'])).toMatchObject({ code: 2 })
    await new Promise((resolve) => void server.close(resolve))
  })

  test('labels: those of Smack, by exec and by chcon', async () => {
    const { stdout } = await shell(
      'id -Z; ls -dZ /bin/cat; cp /bin/id /tmp/id; chcon Mine /tmp/id; ls -Z /tmp; runcon Other id -Z', '--lsm',
      'smack',
      '--uid', '0',
    )
    expect(stdout).toBe('_\n_ /bin/cat\nMine id\nOther\n')
  })

  test('another shell of the caller, and files of the host', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lsmkit-shell-'))
    afterAll(() => rmSync(dir, { recursive: true }))
    writeFileSync(join(dir, 'file'), 'of the host\n')
    expect((await shell('cat /mnt/file', '--mount', `${dir}:/mnt:ro`)).stdout).toBe('of the host\n')
    const cat = fileURLToPath(new URL('../../../wasi/programs/cat.wasm', import.meta.url))
    expect(await lsm(['shell', '--quiet', '--shell', cat], { stdin: 'echoed' })).toMatchObject({ code: 0,
      stdout: 'echoed' })
    expect(await lsm(['shell', '--shell', join(dir, 'none')])).toMatchObject({ code: 3 })
  })
})

describe('lsm shell on a terminal', () => {
  test.skipIf(!hasTerminals)('a prompt, editing, job control, and the size of the window', async () => {
    const { shown, code } = await typeAt('shell --quiet', [
      ['echo helol\x7f\x7flo\r', '\nhello\n$ '],
      ['cat\r', 'cat\n'],
      ['line\r', 'line\nline\n'],
      ['\x1a', 'Stopped  cat\n$ '],
      ['jobs\r', '[1] Stopped  cat\n$ '],
      ['fg\r', 'fg\n'],
      // what answers is in the foreground
      ['line\r', 'line\nline\n'],
      ['\x03', '$ '],
      ['cat &\r', '$ '],
      ['until read a b state c < /proc/$!/stat; test $state = T; do :; done\r', '\n$ '],
      ['jobs\r', 'Stopped  cat \n$ '],
      ['exit 7\r', 'exit 7'],
    ])
    expect(code).toBe(7)
    expect(shown).toContain('\nhello\n$ ')
  })
})
