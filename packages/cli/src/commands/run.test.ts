import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AT_FDCWD, EACCES, ENOENT, EPERM, EROFS, S_IFIFO, SIGXCPU, SYS_chmod, SYS_faccessat2, SYS_mknodat, SYS_setuid,
} from '@lsmkit/abi'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'
import { callProgram, DATA, previewProgram, spinProgram, trapProgram } from '../../test/wasm.ts'

// The command loads its runner when it is first used: here, outside of a test's time.
await import('./run.ts')

const cwd = mkdtempSync(join(tmpdir(), 'lsm-run-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const file = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(cwd, name), bytes)
  return name
}
const become = file('become-root.wasm', callProgram(SYS_setuid, [0]))
const change = file('change-user.wasm', callProgram(SYS_setuid, [1000]))
const broken = file('broken.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 9))
/** Asks whether `path` may be read or written (R_OK and W_OK of access(2)). */
const access = (path: string, mode: 'read' | 'write' = 'read'): string =>
  file(`${mode}${path.replaceAll('/', '-')}.wasm`,
    callProgram(SYS_faccessat2, [AT_FDCWD, DATA, mode === 'read' ? 4 : 2], path))
const run = (...args: readonly string[]) => lsm(['run', '--syscalls', ...args], { cwd })

test('processes and sockets come with --posix alone', async () => {
  const sh = join(import.meta.dirname, '../../../wasi/programs/sh.wasm')
  const args = ['--dir', '/', sh, '-c', '/usr/bin/sh.wasm -c "exit 4"; echo $?']
  expect(await lsm(['run', ...args], { cwd }))
    .toMatchObject({ code: 126, stderr: expect.stringContaining('it needs the option `posix`') })
  expect(await lsm(['run', '--posix', ...args], { cwd })).toEqual({ code: 0, stdout: '4\n', stderr: '' })
})

describe('the exit code is the status of the program', () => {
  test.each([
    { args: ['--uid', '0', become], code: 0, why: 'root may become root' },
    { args: [become], code: EPERM, why: 'others may not' },
    { args: ['--uid', '1000', '--caps', 'cap_setuid=p', become], code: 0, why: 'the capability outlives execve' },
    { args: ['--uid', '0', '--caps', 'cap_chown=p', change], code: EPERM, why: 'root holds no more' },
    { args: [access('/nowhere')], code: ENOENT, why: 'errno comes through' },
    { args: ['not-there.wasm'], code: 127, why: 'not found' },
    { args: ['.'], code: 126, why: 'a folder' },
    { args: [file('text.wasm', 'echo')], code: 126, why: 'no program' },
    { args: [broken], code: 126, why: 'a broken module' },
    { args: [file('trap.wasm', trapProgram())], code: 128 + 4, why: 'SIGILL' },
  ])('$code: $why', async ({ args, code }) => {
    expect(await run(...args)).toMatchObject({ code, stdout: '' })
  })
})

test('a program with threads runs in workers', async () => {
  const threads = join(import.meta.dirname, '../../../wasi/programs/test/threads.wasm')
  expect(await lsm(['run', threads], { cwd })).toEqual({ code: 0, stdout: '4000\n', stderr: '' })
})

test('a folder of the host is there, and cannot be written', async () => {
  file('data.txt', 'text')
  expect((await run('--mount', '.:/data:ro', access('/data/data.txt'))).code).toBe(0)
  expect((await run('--mount', '.:/data', access('/data/data.txt', 'write'))).code).toBe(EROFS)
  expect((await run('--mount', '.:/data:rw', access('/data/data.txt', 'write'))).code).toBe(0)
  if (process.platform === 'linux') {
    expect((await run('--mount', '.:/data:rw,native', access('/data/data.txt', 'write'))).code).toBe(0)
    expect((await run('--mount', '.:/data:labels', access('/data/data.txt', 'write'))).code).toBe(EROFS)
  }
  expect((await run(access('/data/data.txt'))).code).toBe(ENOENT)
  expect((await run('--mount', 'nowhere:/data', become)).code).toBe(3)
})

describe('a program is a guest', () => {
  const WORD = 512
  const plain = (...args: readonly string[]) => lsm(['run', ...args], { cwd })
  const preopen = file('preopen.wasm', previewProgram('fd_prestat_get', [3, WORD]))
  const variables = file('variables.wasm', previewProgram('environ_sizes_get', [WORD, WORD + 4], { answerAt: WORD }))
  const opens = file('opens.wasm', previewProgram(
    'path_open', [3, 0, DATA, 8, 0, 2n, 0n, 0, WORD], { data: 'data.txt' },
  ))
  const makes = file('makes.wasm', previewProgram('path_create_directory', [3, DATA, 8], { data: 'made.dir' }))
  const [BADF, ROFS] = [8, 69]

  test.each([
    { args: [preopen], code: BADF, why: 'no directory is open unless one is asked for' },
    { args: ['--dir', '/', preopen], code: 0, why: 'a directory of the tree' },
    { args: ['--dir', '/none', preopen], code: 126, why: 'one that is not there' },
    { args: ['--mount', '.:/data', opens], code: 0, why: 'a folder is open under its name' },
    { args: ['--mount', '.:/', opens], code: 0, why: 'a folder as the root' },
    { args: ['--mount', '.:/', '--dir', '/tmp', opens], code: 0, why: 'and a directory of the tree beside it' },
    { args: ['--mount', '.:/', makes], code: ROFS, why: 'read-only' },
    { args: ['--mount', '.:/:rw', makes], code: 0, why: 'unless it is to be written' },
    { args: ['--mount', 'made.dir:/', opens], code: 44, why: 'what is there is that folder' },
    { args: [variables], code: 0, why: 'no environment' },
    { args: ['--env', 'HOME=/home', variables], code: 1, why: 'but what is given' },
    { args: [become], code: 126, why: 'no system calls by number' },
    { args: ['--time', '200ms', file('spin.wasm', spinProgram())], code: 128 + SIGXCPU, why: 'time is limited' },
    { args: ['--memory', '1', preopen], code: 126, why: 'memory is limited' },
    { args: ['--unlimited', '--dir', '/', preopen], code: 0, why: 'nothing is' },
    { args: ['--descriptors', '3', '--dir', '/', preopen], code: 126, why: 'descriptors are limited' },
    { args: ['--processes', 'none', '--inodes', '9', '--loops', 'none', '--dir', '/', preopen], code: 0,
      why: 'by name' },
  ])('$code: $why', async ({ args, code }) => {
    file('data.txt', 'text')
    expect(await plain(...args)).toMatchObject({ code, stdout: '' })
  })
})

test('--strace tells each call, and who refused', async () => {
  const { stderr } = await run('--uid', '1000', '--strace', '--lsm', 'capability', '--quiet', become)
  expect(stderr).toMatch(/^\[pid \d+\] execve\("\/usr\/bin\/become-root.wasm", .*\) = 0$/m)
  expect(stderr).toMatch(/^\[pid \d+\] setuid\(0\) = -1 EPERM <capable: capability>$/m)
})

describe('the smaller modules, by boot arguments and options', () => {
  const reveal = file('reveal.wasm', callProgram(SYS_chmod, [DATA, 0o666], '/sys/kernel/debug/sched/verbose'))
  const uids = file('uids.txt', '0:0\n')
  test.each([
    { lsm: 'lockdown', args: ['--uid', '0', '--cmdline', 'lockdown=integrity', reveal], refused: 'locked_down' },
    { lsm: 'lockdown', args: ['--uid', '0', '--option', 'lockdown.level=confidentiality', reveal],
      refused: 'locked_down' },
    { lsm: 'safesetid', args: ['--uid', '0', '--option', `safesetid.uidPolicy=@${uids}`, change],
      refused: 'task_fix_setuid' },
  ])('$lsm $args', async ({ lsm: name, args, refused }) => {
    const { code, stderr } = await run('--uid', '0', '--lsm', name, ...args)
    expect(stderr).toContain(`lsm: refused by ${refused} ${name}, once`)
    expect(code).not.toBe(0)
  })

  test.each([
    { option: 'lockdown.level=all', code: 3, says: '`level` is not one of none, integrity, confidentiality' },
    { option: 'lockdown.levle=integrity', code: 3, says: 'did you mean `level`?' },
    { option: 'lockdwon.level=integrity', code: 2, says: 'did you mean `lockdown`?' },
    { option: 'yama.ptraceScope=2', code: 2, says: '`yama` is not in the stack' },
    { option: 'lockdown=integrity', code: 2, says: '--option MODULE.NAME=VALUE' },
    { option: 'lockdown.level=@nowhere', code: 3, says: '`nowhere` cannot be read: ENOENT' },
  ])('--option $option is a mistake', async ({ option, code, says }) => {
    const ran = await run('--lsm', 'lockdown', '--option', option, become)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain(says)
  })

  test('explain takes them too', async () => {
    const option = 'loadpin.exclude=["firmware"]'
    const { stdout, code } = await lsm(['explain', '--lsm', 'loadpin,yama', '--option', option], { cwd })
    expect({ code, said: /loadpin +106/.test(stdout) }).toEqual({ code: 0, said: true })
  })
})

describe('--permissive-lsm', () => {
  test('what a module refuses is recorded and allowed, and the end says how often', async () => {
    const args = ['--uid', '1000', '--lsm', 'capability', '--permissive-lsm', 'capability']
    const { code, stderr } = await run(...args, '--audit', '-', become)
    expect(code).toBe(0)
    expect(stderr).toMatch(/^type=LSM_WOULD_DENY .*lsm=capability hook=capable .*error=EPERM permissive=1/m)
    expect(stderr).toMatch(/^lsm: permissive, would be refused by capable capability, once$/m)
    expect(JSON.parse((await run(...args, '--json', become)).stdout)).toMatchObject({
      status: 0, denials: [], wouldDeny: [{ hook: 'capable', lsm: 'capability', error: 'EPERM', uid: 1000 }],
    })
  })

  test('a module that is not there cannot be permissive: a misspelt one would enforce', async () => {
    expect(await run('--permissive-lsm', 'capabilty', become)).toMatchObject({
      code: 2, stderr: expect.stringContaining('did you mean `capability`?'),
    })
  })

  test('explain says it loudly', async () => {
    const { stdout } = await lsm(['explain', '--lsm', 'smack', '--permissive-lsm', 'smack,bpf'])
    expect(stdout).toMatch(/^smack +\d+ +PERMISSIVE/m)
    expect(stdout).toContain('warning: `smack` IS PERMISSIVE: what it refuses is recorded and allowed')
    expect(stdout).toContain('warning: `bpf` IS PERMISSIVE')
  })
})

test('--audit writes lines of JSON', async () => {
  await run('--uid', '1000', '--audit', 'audit.jsonl', become)
  const lines = readFileSync(join(cwd, 'audit.jsonl'), 'utf8').trim().split('\n')
  const denial = { kind: 'denial', hook: 'capable', lsm: 'capability', error: 'EPERM' }
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining(denial))
})

test('--audit - writes the text of the kernel on stderr', async () => {
  const { stderr } = await run('--uid', '1000', '--audit', '-', become)
  expect(stderr).toMatch(/^type=LSM_DENIED msg=audit\(.*lsm=capability hook=capable/m)
})

test('--json', async () => {
  const { code, stdout } = await run('--uid', '1000', '--lsm', 'capability', '--json', become)
  expect(code).toBe(EPERM)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1, lsms: ['capability'], status: EPERM, signal: 0, stdout: '',
    denials: [{ hook: 'capable', lsm: 'capability', error: 'EPERM', uid: 1000 }],
  })
})

test('options behind the program are its own', async () => {
  expect((await run('--uid', '0', become, '--uid', '1000')).code).toBe(0)
})

test('a file that only root may read', async () => {
  expect((await run('--uid', '1000', access('/proc/1/mem'))).code).toBe(EACCES)
})

describe('--selinux', () => {
  const policy = file('confined.cil', `${kernelClassesCil()}
(handleunknown deny) (mls false) (user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0)))
(type kernel_t) (type guest_t) (type free_t) (type fs_t) (type bin_t) (type notes_t) (type secret_t)
(typeattribute any) (typeattributeset any (kernel_t guest_t free_t fs_t bin_t notes_t secret_t))
(roletype r any) (roletype object_r any)
(sid kernel) (sidcontext kernel (u r kernel_t ((s0) (s0))))
(sid security) (sidcontext security (u object_r fs_t ((s0) (s0))))
(sid unlabeled) (sidcontext unlabeled (u object_r fs_t ((s0) (s0))))
(sidorder (kernel security unlabeled))
(fsuse trans tmpfs (u object_r fs_t ((s0) (s0)))) (genfscon proc "/" (u object_r fs_t ((s0) (s0))))
(allow kernel_t any (kernel_class (every))) (allow free_t any (kernel_class (every)))
(allow any fs_t (filesystem (associate)))
(typetransition kernel_t bin_t process guest_t)
(allow guest_t bin_t (file (entrypoint execute read open getattr map)))
(allow guest_t kernel_t (fd (use))) (allow guest_t fs_t (dir (search getattr)))
`)
  file('contexts', '/usr/bin/.*  u:object_r:bin_t\n/home  u:object_r:secret_t\n')
  const home = access('/home')

  test.each([
    { args: [home], code: 0, why: 'a file without a label of its own leads to no domain' },
    { args: ['--file-contexts', 'contexts', home], code: EACCES, why: 'labelled, the program is a guest' },
    { args: ['--file-contexts', 'contexts', '--permissive', home], code: 0, why: 'it is only recorded' },
    { args: ['--file-contexts', 'contexts', '--context', 'u:r:free_t', home], code: 0, why: 'it is what it is told' },
  ])('$code: $why', async ({ args, code }) => {
    expect(await run('--selinux', policy, ...args)).toMatchObject({ code })
  })

  test('the program\'s refusals are recorded, and no others', async () => {
    const { stderr } = await run('--selinux', policy, '--file-contexts', 'contexts', '--audit', '-', '--quiet', home)
    const records = stderr.split('\n').filter((line) => line.includes('avc:'))
    expect(records).toHaveLength(1)
    expect(records[0]).toMatch(/denied {2}\{ read \} .*scontext=u:r:guest_t tcontext=u:object_r:secret_t tclass=dir/)
  })

  test('what cannot be labelled is told', async () => {
    file('odd', '/home  u:object_r:nosuch_t\n')
    const { code, stderr } = await run('--selinux', policy, '--file-contexts', 'odd', home)
    expect(code).toBe(0)
    expect(stderr).toContain('`/home` cannot be labelled u:object_r:nosuch_t: EINVAL')
  })

  test.each([
    { args: ['--file-contexts', 'contexts'], code: 2, says: '`--file-contexts` needs a policy' },
    { args: ['--permissive'], code: 2, says: '`--permissive` needs a policy' },
    { args: ['--selinux', 'become-root.wasm'], code: 3, says: 'magic' },
    { args: ['--selinux', policy, '--context', 'u:r:nosuch_t'], code: 2, says: 'cannot be the context: EINVAL' },
    { args: ['--selinux', policy, '--file-contexts', 'nowhere'], code: 3, says: '`nowhere` cannot be read: ENOENT' },
  ])('$code: $says', async ({ args, code, says }) => {
    const answer = await run(...args, home)
    expect(answer.code).toBe(code)
    expect(answer.stderr).toContain(says)
  })

  test('Smack stays away unless it is named; beside it SELinux does not come up', async () => {
    expect(JSON.parse((await run('--selinux', policy, '--json', home)).stdout)).toMatchObject({
      lsms: ['capability', 'yama', 'selinux'],
    })
  })
})

describe('--landlock', () => {
  const read = access('/tmp', 'read')

  test('the program is left what was named, and itself', async () => {
    const data = access('/data/data.txt')
    file('data.txt', 'text')
    const restricted = ['--mount', '.:/data:ro', '--landlock', 'read=/data', '--json']
    expect(JSON.parse((await run(...restricted, data)).stdout)).toMatchObject({
      lsms: ['capability', 'landlock', 'yama', 'smack'], status: 0,
    })
    expect((await run('--lsm', 'landlock', read)).code).toBe(0)
  })

  test('a refusal is told with its layer and right', async () => {
    const mkfifo = file('mkfifo.wasm', callProgram(SYS_mknodat, [AT_FDCWD, DATA, S_IFIFO | 0o644, 0], '/tmp/x'))
    expect((await run(mkfifo)).code).toBe(0)
    const { code, stdout } = await run('--landlock', 'read=/', '--json', mkfifo)
    expect(code).toBe(EACCES)
    expect(JSON.parse(stdout)).toMatchObject({
      denials: [{ hook: 'path_mknod', lsm: 'landlock', reason: 'layer 1 of 1 does not allow fs.make_fifo' }],
    })
    expect((await run('--landlock', 'write=/tmp', mkfifo)).code).toBe(0)
  })

  test.each([
    { args: ['--landlock', 'red=/data'], code: 2, says: 'did you mean `read`?' },
    { args: ['--landlock', 'connect=http'], code: 2, says: '`http` is not a port' },
    { args: ['--landlock', 'scope=signals'], code: 2, says: 'scope' },
    { args: ['--landlock', 'read=/', '--option', 'landlock.abi=12'], code: 2, says: '`abi` is not one of' },
    { args: ['--landlock', 'read=/nowhere'], code: 3, says: '`/nowhere` cannot be opened: ENOENT' },
  ])('$code: $says', async ({ args, code, says }) => {
    const answer = await run(...args, read)
    expect(answer.code).toBe(code)
    expect(answer.stderr).toContain(says)
  })
})

describe('--apparmor', () => {
  const reader = 'profile reader /usr/bin/read* { /usr/bin/* mr, /** r, deny /usr/** w, }\n'
  const profiles = file('profiles', `${reader}profile jail { /usr/bin/* mrix, }\n`)
  const target = '/usr'
  test.each([
    { args: [access(target)], code: 0, why: 'access(2) is not asked of AppArmor' },
    { args: ['--profile', 'jail', access(target)], code: 0, why: 'the profile is the one named' },
    { args: ['--profile', 'nobody', access(target)], code: 2, why: 'no such profile' },
    { args: ['--lsm', 'apparmor,smack', access(target)], code: 0, why: 'two exclusive modules: the first one runs' },
  ])('$why', async ({ args, code }) => {
    expect(await run('--apparmor', profiles, ...args)).toMatchObject({ code })
  })

  test.each([
    { on: 'smack', args: ['--profile', 'jail'], says: '`jail` cannot be the profile: EOPNOTSUPP' },
    { on: 'apparmor', args: ['--label', 'jail'], says: '`jail` cannot be the label: EOPNOTSUPP' },
    { on: 'smack', args: ['--label', 'a/b'], says: '`a/b` cannot be the label: EINVAL' },
  ])('$args is no label of $on', async ({ on, args, says }) => {
    const answer = await run('--lsm', on, ...args, access(target))
    expect([answer.code, answer.stderr]).toEqual([2, expect.stringContaining(says) as string])
  })
})
