/** Real programs under a stack of ours: what its modules refuse is refused, and all else works as without. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createNativeBox } from '../exec/native-box.ts'
import { launchWatched } from './testing/launch.ts'
import { openWatch } from './watch.ts'

const isThere = await openWatch().then((watch) => watch.end()).then(() => true, (error: Error) => {
  process.stderr.write(`skipped: programs cannot be mediated here: ${error.message}\n`)
  return false
})

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lsm-mediate-')))
afterAll(() => rmSync(folder, { recursive: true }))
const module = new URL('./testing/vault.mjs', import.meta.url).href
const vault = join(folder, 'vault')
const forbidden = realpathSync(execFileSync('sh', ['-c', 'command -v id'], { encoding: 'utf8' }).trim())
const mediation = { modules: [{ module, export: 'vault', options: { folder: vault, program: forbidden } }] }

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
  mkdirSync(vault)
  writeFileSync(join(vault, 'secret'), 'secret\n')
  writeFileSync(join(folder, 'kept'), 'kept\n')
  writeFileSync(join(folder, 'plain'), 'plain\n')
})

const hasPython = existsSync('/usr/bin/python3')
if (!hasPython) process.stderr.write('skipped: messages under mediation need /usr/bin/python3\n')

const policy = { allow: { read: ['/'], write: ['/'], exec: ['/'] } }
const shell = (script: string) =>
  launchWatched(['sh', '-c', script], { policy, accept: ['attributes'], mediation, cwd: folder })

/** Each line is run, and what it prints and answers is compared. */
const answers = (stdout: string): string[] => stdout.trimEnd().split('\n')

describe.skipIf(!isThere)('mediate', () => {
  test('a module of a third party refuses opens, removals, moves and programs, whatever the name', async () => {
    const { stdout, denials } = await shell(`
      cat vault/secret 2>/dev/null || echo refused
      cat ${vault}/../vault/./secret 2>/dev/null || echo refused
      ln -s vault/secret link; cat link 2>/dev/null || echo refused
      ln vault/secret hard 2>/dev/null; cat hard || echo refused
      rm -f kept 2>/dev/null; ls kept
      mv kept moved 2>/dev/null; ls kept
      ${forbidden} 2>/dev/null || echo refused
      cat plain
    `)
    expect(answers(stdout)).toEqual(
      ['refused', 'refused', 'refused', 'secret', 'kept', 'kept', 'refused', 'plain'])
    expect(denials.map(({ by, call, path }) => [by, call, path])).toEqual([
      ['vault', 'openat', `${vault}/secret`], ['vault', 'openat', `${vault}/secret`],
      ['vault', 'openat', `${vault}/secret`], ['vault', 'unlinkat', join(folder, 'kept')],
      ['vault', 'renameat2', join(folder, 'kept')], ['vault', 'execve', forbidden],
    ])
    expect(denials[0]!.sentence).toContain('refused by vault')
  })

  test('what is permitted is done as without a stack', async () => {
    const script = `
      umask 027; mkdir d d/e; echo 1 > d/f; echo 2 >> d/f; cat d/f; ln d/f d/g; ln -s f d/l; cat d/l
      mv d/f d/h; chmod 640 d/h; rm d/g; mkfifo p; (echo through > p &); cat p; rmdir d/e; cp plain copy; touch new
      exec 3<> plain; echo over >&3; exec 3>&-; cat plain; truncate -s 2 copy 2>/dev/null; cat copy; echo
      echo text > /dev/null; cat /dev/null; echo $(readlink /proc/self/exe | wc -l)
    `
    const { stdout, stderr, code, denials } = await shell(script)
    const state = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().map((name) => {
      const path = join(folder, name)
      const { mode, nlink } = lstatSync(path)
      return [name, mode, nlink, lstatSync(path).isFile() ? readFileSync(path, 'utf8') : '']
    })
    const mediated = { stdout, stderr, code, state: state() }
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
    mkdirSync(vault)
    writeFileSync(join(vault, 'secret'), 'secret\n')
    writeFileSync(join(folder, 'kept'), 'kept\n')
    writeFileSync(join(folder, 'plain'), 'plain\n')
    const plain = execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' })
    expect(mediated).toEqual({ stdout: plain, stderr: '', code: 0, state: state() })
    expect(denials).toEqual([])
  })

  test('nobody leaves: namespaces, roots, the watcher itself', async () => {
    const { stdout } = await shell(`
      unshare -U true 2>/dev/null || echo refused
      chroot / true 2>/dev/null || echo refused
      kill -0 ${process.pid} 2>/dev/null || echo refused
      kill -9 -1 2>/dev/null || echo refused
      sleep 5 & kill $! && echo killed
    `)
    expect(answers(stdout)).toEqual(['refused', 'refused', 'refused', 'refused', 'killed'])
    expect(existsSync(`/proc/${process.pid}`)).toBe(true)
  })

  test('links of /proc lead to the program’s own, and to nobody else’s', async () => {
    const { stdout } = await shell(`
      echo stdin | cat /dev/stdin
      echo own | (cat /proc/self/fd/0)
      cat plain | (ln -s /proc/self/fd/0 by-link; cat by-link)
      cat /proc/${process.pid}/environ >/dev/null 2>&1 || echo refused
      cat /proc/self/environ >/dev/null && echo own
      cat /proc/${process.pid}/cwd/package.json >/dev/null 2>&1 || echo refused
      cut -d' ' -f1 /proc/${process.pid}/stat
    `)
    expect(answers(stdout)).toEqual(['stdin', 'own', 'plain', 'refused', 'own', 'refused', String(process.pid)])
  })

  test.skipIf(!hasPython)('messages are sent by the watch, each to the address that was asked about', async () => {
    const taken = join(vault, 'socket')
    const taker = spawn('/usr/bin/python3', ['-c',
      `import socket, time; s = socket.socket(1, 2); s.bind('${taken}'); print(flush=True); time.sleep(60)`])
    await once(taker.stdout, 'data')
    const command = ['/usr/bin/python3', new URL('./testing/messages.py', import.meta.url).pathname, folder, taken]
    const unix = { allow: { ...policy.allow, connect: ['unix'], listen: ['unix'] } } as const
    const { stdout, stderr, denials } = await launchWatched(command, {
      policy: unix, accept: ['attributes', 'unix-paths'], mediation, cwd: folder,
    })
    taker.kill()
    expect(stderr).toBe('')
    expect(answers(stdout)).toEqual([
      '6 sendto', '8 relative', '7 sendmsg', '6 rights /dev/null', '9 connected', '70000 xxxxxxxxxxxx',
      '2 0 [7, 7]', '1 0 [7, 0]', '-1 13 [0, 0]',
    ])
    expect(denials.map(({ call, path }) => [call, path])).toEqual([['sendmmsg', taken]])
  })

  test.skipIf(process.geteuid!() !== 0)('the watch has the rights of the policy’s user', async () => {
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o755)
    chmodSync(folder, 0o777)
    writeFileSync(join(folder, 'private'), 'of root\n', { mode: 0o600 })
    const { stdout } = await launchWatched(['sh', '-c', `
      cat private 2>/dev/null || echo refused
      cat plain; echo new > new; mkdir made; stat -c '%u %g' new made
      chmod 666 plain 2>/dev/null || echo refused
    `], { policy: { ...policy, user: 65_534 }, accept: ['attributes'], mediation, cwd: folder })
    expect(answers(stdout)).toEqual(['refused', 'plain', '65534 65534', '65534 65534', 'refused'])
  })

  test('processes that have ended keep no descriptor, and a watch that has ended none', async () => {
    const held = (): number => readdirSync('/proc/self/fd').length
    // the first watch of a process loads what later ones share
    await shell('true')
    const before = held()
    const watch = await openWatch({ mediation })
    const script = 'i=0; while [ $i -lt 200 ]; do (exit 0); i=$((i+1)); done; echo done; read x'
    const box = createNativeBox(policy, { accept: ['attributes'] })
    const { process: started } = box.start('sh', ['-c', script], { watch, stdio: ['pipe', 'pipe', 'ignore'] })
    await once(started.stdout!, 'data')
    expect(held() - before).toBeLessThan(100)
    started.stdin!.end()
    await started.ended
    await watch.end()
    expect(held() - before).toBeLessThan(5)
  })

  test('a path that has led to one file leads to another by now, over a link or by a new name', async () => {
    const { stdout, denials } = await shell(`
      mkdir way; echo first > way/file; cp plain second
      for round in 1 2 3; do cat ${folder}/way/file; done
      mv second way/file; cat ${folder}/way/file
      rm way/file; cat ${folder}/way/file 2>/dev/null || echo absent
      ln -s ${vault}/secret way/file; cat ${folder}/way/file 2>/dev/null || echo refused
      rm -r way; cp vault/../plain other; ln -s . way; ln -s vault/secret file
      cat ${folder}/way/file 2>/dev/null || echo refused
      cat /proc/self/comm; echo /proc/self/comm | xargs head -n 1
    `)
    expect(answers(stdout)).toEqual(
      ['first', 'first', 'first', 'plain', 'absent', 'refused', 'refused', 'cat', 'head'])
    expect(denials.map(({ path }) => path)).toEqual([`${vault}/secret`, `${vault}/secret`])
  })

  test('a name that changes under the watch gains nothing', async () => {
    const [open, kept] = [join(folder, 'plain'), join(vault, 'secret')]
    const script = new URL('./testing/race.mjs', import.meta.url).pathname
    const command = [process.execPath, script, import.meta.url, open, kept]
    const without = JSON.parse(execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' }))
    // both are there to be had without a stack
    expect(without.secret).toBeGreaterThan(0)
    const { stdout, denials } = await launchWatched(command, { policy, accept: ['attributes'], mediation })
    const { secret, plain, refused, torn } = JSON.parse(stdout)
    expect(secret).toBe(0)
    expect(refused).toBeGreaterThan(0)
    expect(plain + refused + torn).toBeGreaterThan(2999)
    expect(new Set(denials.filter(({ by }) => by === 'vault').map(({ path }) => path))).toEqual(new Set([kept]))
  })
})
