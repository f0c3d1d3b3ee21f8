/** execve: which answer when, what the new program has, and what is left of the old one. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_SECURE, AT_SYMLINK_NOFOLLOW, AT_UID, CLOCK_MONOTONIC, CLONE_CHILD_CLEARTID, CLONE_FILES,
  CLONE_FS, CLONE_NEWTIME, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, E2BIG, EACCES, EBUSY, ECHILD, EFAULT, EINVAL, ELOOP,
  ENOENT, ENOEXEC, ENOTDIR, EPERM, ETXTBSY, MS_NOEXEC, MS_NOSUID, O_CLOEXEC, O_PATH, O_RDONLY, O_WRONLY,
  PR_SET_NO_NEW_PRIVS, RLIMIT_STACK, SA_NOCLDSTOP, SIGCHLD, SIGKILL, SIGUSR1, SIGUSR2, SIG_BLOCK, SI_TIMER, _STK_LIM,
  errnoName,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Binprm, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { kernelSiginfo } from '../task/signal-info.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { nativeFile } from '../state/exec/native.ts'

const WASM = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 10, 1, 0, 11, 1, 0)
const boot = (lsms: Parameters<typeof bootForTest>[0] = {}) => {
  const kernel = bootForTest({
    mounts: [
      { type: 'tmpfs', target: '/nosuid', flags: MS_NOSUID },
      { type: 'tmpfs', target: '/noexec', flags: MS_NOEXEC },
    ],
    ...lsms,
  })
  kernel.file('/prog', WASM, 0o755)
  return kernel
}
const kernel = boot()
const { sys, machine, fork, init, file, cat } = kernel
const imageOf = (task: Task) => threadOf(task).image!
const exec = (task: Task, path: string, argv: readonly string[] = [path], envp: readonly string[] = []) =>
  sys.execve(task, path, argv, envp)

describe('refused, and the caller goes on as it was', () => {
  file('/text', 'hello\n', 0o755)
  file('/empty', '', 0o755)
  file('/plain', WASM, 0o644)
  file('/noexec/prog', WASM, 0o755)
  file('/badelf', '\x7fELF', 0o755)
  file('/half', '#!/prog\nx', 0o755)
  file('/lost', '#!/nowhere\n', 0o755)
  file('/lostnative', nativeFile('nobody'), 0o755)
  file('/bang', '#!', 0o755)
  file('/todir', '#!/tmp\n', 0o755)
  file('/self', '#!/self\n', 0o755)
  sys.symlink(init, '/link', '/link')
  sys.symlink(init, '/prog', '/toprog')
  sys.mknod(init, '/fifo', 0o010755, 0)
  const rows: Record<string, readonly [call: (task: Task) => number, errno: number]> = {
    'no file': [(t) => exec(t, '/nothing'), ENOENT],
    'an empty name': [(t) => exec(t, ''), ENOENT],
    'through a file': [(t) => exec(t, '/prog/x'), ENOTDIR],
    'a directory': [(t) => exec(t, '/tmp'), EACCES],
    'a fifo': [(t) => exec(t, '/fifo'), EACCES],
    'without x': [(t) => exec(t, '/plain'), EACCES],
    'on a noexec mount': [(t) => exec(t, '/noexec/prog'), EACCES],
    'a loop of symlinks': [(t) => exec(t, '/link'), ELOOP],
    text: [(t) => exec(t, '/text'), ENOEXEC],
    'nothing in it': [(t) => exec(t, '/empty'), ENOEXEC],
    'another format': [(t) => exec(t, '/badelf'), ENOEXEC],
    'a script of nobody': [(t) => exec(t, '/lost'), ENOENT],
    'a native program of nobody': [(t) => exec(t, '/lostnative'), ENOENT],
    'a script of an empty name is one of the working directory': [(t) => exec(t, '/bang'), EACCES],
    'a script of a directory': [(t) => exec(t, '/todir'), EACCES],
    'a script of itself': [(t) => exec(t, '/self'), ELOOP],
    'a symlink not to be followed': [
      (t) => sys.execveat(t, AT_FDCWD, '/toprog', ['x'], [], AT_SYMLINK_NOFOLLOW),
      ELOOP,
    ],
    'unknown flags': [(t) => sys.execveat(t, AT_FDCWD, '/prog', ['x'], [], 1), EINVAL],
    'argv that is no list of strings': [(t) => sys.execve(t, '/prog', [1] as never, []), EFAULT],
    'envp that is no list': [(t) => sys.execve(t, '/prog', ['x'], 'A=1' as never), EFAULT],
    'a name that is none': [(t) => sys.execve(t, 7 as never, ['x'], []), EFAULT],
    'one long string': [(t) => exec(t, '/prog', ['x'.repeat(131072)]), E2BIG],
    'many strings': [
      (t) =>
        exec(
          t,
          '/prog',
          Array.from({ length: 3 }, () => 'x'),
          Array.from({ length: 2_000_000 }, () => ''),
        ),
      E2BIG,
    ],
    'an environment beyond a quarter of the stack': [
      (t) =>
        exec(
          t,
          '/prog',
          ['x'],
          Array.from({ length: 20 }, () => 'y'.repeat(131000)),
        ),
      E2BIG,
    ],
  }
  test.each(Object.entries(rows))('%s', (_, [call, errno]) => {
    const task = fork()
    const { cred, mm, comm } = task
    expect(call(task)).toBe(-errno)
    expect([task.cred, task.mm, task.comm, task.in_execve]).toEqual([cred, mm, comm, 0])
    expect(sys.openat(init, AT_FDCWD, '/prog', O_WRONLY, 0)).toBeGreaterThanOrEqual(0)
    for (let fd = 0; fd < 8; fd++) sys.close(init, fd)
  })
  test('the longest string that fits', () => {
    expect(exec(fork(), '/prog', ['x'.repeat(131071)])).toBe(0)
  })
})

describe('a text that is busy', () => {
  test('is not executed while somebody may write it', () => {
    file('/writing', WASM, 0o755)
    const task = fork()
    const fd = sys.openat(init, AT_FDCWD, '/writing', O_WRONLY, 0)
    expect(exec(task, '/writing')).toBe(-ETXTBSY)
    sys.close(init, fd)
    expect(exec(task, '/writing')).toBe(0)
  })
  test('is not written while somebody executes it', () => {
    file('/busy', WASM, 0o755)
    const task = fork()
    expect(exec(task, '/busy')).toBe(0)
    expect([sys.openat(init, AT_FDCWD, '/busy', O_WRONLY, 0), sys.truncate(init, '/busy', 0)]).toEqual([
      -ETXTBSY,
      -ETXTBSY,
    ])
    sys.exit_group(task, 0)
    const fd = sys.openat(init, AT_FDCWD, '/busy', O_WRONLY, 0)
    expect(fd).toBeGreaterThanOrEqual(0)
    sys.close(init, fd)
  })
})

describe('the new program', () => {
  test('has its strings, its name, and an auxiliary vector', () => {
    const task = fork()
    expect(exec(task, '/prog', ['a', 'b c'], ['X=1', 'Y='])).toBe(0)
    expect(imageOf(task)).toMatchObject({ kind: 'wasm', argv: ['a', 'b c'], envp: ['X=1', 'Y='], secureexec: false })
    expect(new Map(imageOf(task).auxv).get(AT_UID)).toBe(0)
    expect([task.comm, cat(task, '/proc/self/cmdline'), cat(task, '/proc/self/environ')]).toEqual([
      'prog',
      'a\0b c\0',
      'X=1\0Y=\0',
    ])
  })
  test('never has an empty argv', () => {
    const task = fork()
    expect([exec(task, '/prog', []), imageOf(task).argv]).toEqual([0, ['']])
    expect([sys.execve(task, '/prog', null, null), imageOf(task).argv]).toEqual([0, ['']])
  })
  test('a name of more than 15 bytes is cut', () => {
    file('/a-very-long-program-name', WASM, 0o755)
    const task = fork()
    exec(task, '/a-very-long-program-name')
    expect(task.comm).toBe('a-very-long-pro')
  })
  test('by descriptor alone', () => {
    const task = fork()
    const fd = sys.openat(task, AT_FDCWD, '/prog', O_PATH, 0)
    expect(sys.execveat(task, fd, '', ['x'], [], AT_EMPTY_PATH)).toBe(0)
    expect([task.comm, imageOf(task).argv]).toEqual(['prog', ['x']])
    expect(sys.execveat(task, fd, '', ['x'], [], 0)).toBe(-ENOENT)
  })
  test('a native program by its name', () => {
    machine.programs.set('hello', () => 3)
    file('/hello', nativeFile('hello'), 0o755)
    const task = fork()
    exec(task, '/hello')
    const image = imageOf(task)
    expect(image.kind === 'native' && image.program({ task, argv: [], envp: [] })).toBe(3)
  })
})

describe('scripts', () => {
  file('/s', '#!/prog -x  y \n', 0o755)
  file('/s2', '#! /s\n', 0o755)
  test('hand their name to the interpreter', () => {
    const task = fork()
    exec(task, '/s', ['zero', 'one'])
    expect([imageOf(task).argv, task.comm]).toEqual([['/prog', '-x  y', '/s', 'one'], 's'])
  })
  test('and so does a script of a script', () => {
    const task = fork()
    exec(task, '/s2', ['zero', 'one'])
    expect(imageOf(task).argv).toEqual(['/prog', '-x  y', '/s', '/s2', 'one'])
  })
  test('five deep, not six', () => {
    file('/d0', '#!/prog\n', 0o755)
    for (let i = 1; i < 6; i++) file(`/d${i}`, `#!/d${i - 1}\n`, 0o755)
    expect([exec(fork(), '/d4'), exec(fork(), '/d5')]).toEqual([0, -ELOOP])
  })
  test('their own set-id bits do not count', () => {
    file('/suid.sh', '#!/prog\n', 0o4755)
    const task = fork(init, 1000)
    expect([exec(task, '/suid.sh'), task.cred.euid]).toEqual([0, 1000])
  })
  test('through a descriptor that the exec closes: the interpreter could not open it', () => {
    const task = fork()
    const fd = sys.openat(task, AT_FDCWD, '/s', O_RDONLY | O_CLOEXEC, 0)
    expect(sys.execveat(task, fd, '', ['x'], [], AT_EMPTY_PATH)).toBe(-ENOENT)
    const open = sys.openat(task, AT_FDCWD, '/s', O_RDONLY, 0)
    expect([sys.execveat(task, open, '', ['x'], [], AT_EMPTY_PATH), imageOf(task).argv[2]]).toEqual([
      0,
      `/dev/fd/${open}`,
    ])
  })
})

describe('set-id bits', () => {
  const rows: Record<
    string,
    readonly [path: string, mode: number, uid: number, prepare: (task: Task) => void, euid: number, egid: number]
  > = {
    'set-user-ID': ['/id', 0o4755, 5, () => {}, 5, 1000],
    'set-group-ID': ['/id', 0o2755, 5, () => {}, 1000, 5],
    'set-group-ID without group x is for locking': ['/id', 0o2745, 5, () => {}, 1000, 1000],
    'on a nosuid mount': ['/nosuid/id', 0o6755, 5, () => {}, 1000, 1000],
    'with no_new_privs': ['/id', 0o6755, 5, (t) => void sys.prctl(t, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 1000, 1000],
  }
  test.each(Object.entries(rows))('%s', (_, [path, mode, uid, prepare, euid, egid]) => {
    file(path, WASM, 0o755)
    sys.chown(init, path, uid, uid)
    sys.chmod(init, path, mode)
    const task = fork(init, 1000)
    prepare(task)
    expect(exec(task, path)).toBe(0)
    const { cred } = task
    expect([cred.uid, cred.euid, cred.gid, cred.egid]).toEqual([1000, euid, 1000, egid])
    expect(task.mm!.dumpable).toBe(euid === 1000 && egid === 1000 ? 1 : 0)
    sys.exit_group(task, 0)
  })
})

test('what the program must not read it must not dump', () => {
  file('/unreadable', WASM, 0o711)
  const task = fork(init, 1000)
  expect([exec(task, '/unreadable'), task.mm!.dumpable]).toEqual([0, 0])
})

describe('what stays and what goes', () => {
  test('close-on-exec descriptors, handlers, other threads, shared tables', () => {
    const task = fork()
    const kept = sys.openat(task, AT_FDCWD, '/', O_RDONLY, 0)
    const gone = sys.openat(task, AT_FDCWD, '/', O_RDONLY | O_CLOEXEC, 0)
    sys.rt_sigaction(task, SIGUSR1, { handler: () => {}, flags: 4, mask: 8n }, null, 8)
    const tid = sys.clone(task, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES, 0, null, null, 0)
    const sharer = machine.tasks.find(sys.clone(task, CLONE_FILES | SIGCHLD, 0, null, null, 0))!
    expect(exec(task, '/prog')).toBe(0)
    const open = (t: Task, fd: number) => sys.fcntl(t, fd, 1, 0) >= 0
    expect([open(task, kept), open(task, gone), open(sharer, gone), machine.tasks.find(tid)]).toEqual([
      true,
      false,
      true,
      null,
    ])
    const old = { handler: 'ignore' as const, flags: 0, mask: 0n }
    sys.rt_sigaction(task, SIGUSR1, null, old, 8)
    expect(old).toMatchObject({ handler: 'default', mask: 0n })
  })
  test('a thread that executes becomes the process', () => {
    const task = fork()
    const pid = task.pid
    const thread = machine.tasks.find(sys.clone(task, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0))!
    expect(exec(thread, '/prog')).toBe(0)
    expect([thread.pid, sys.gettid(thread), sys.getpid(thread), machine.tasks.find(pid)]).toEqual([
      pid,
      pid,
      pid,
      thread,
    ])
    sys.kill(init, pid, SIGKILL)
    expect(sys.wait4(init, pid, null, 0, null)).toBe(pid)
  })
  test('with a shared fs structure the LSMs are told it is unsafe', () => {
    const unsafe: number[] = []
    const own = boot({
      lsms: [
        defineLsm({
          name: 'watcher',
          abi: '1.0',
          id: 200,
          hooks: { bprm_creds_from_file: (bprm) => (unsafe.push(bprm.unsafe), 0) },
        }),
      ],
    })
    const task = own.fork()
    own.sys.execve(task, '/prog', ['x'], [])
    const sharer = own.machine.tasks.find(own.sys.clone(task, CLONE_FS | SIGCHLD, 0, null, null, 0))!
    own.sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    own.sys.execve(task, '/prog', ['x'], [])
    own.sys.exit_group(sharer, 0)
    own.sys.execve(task, '/prog', ['x'], [])
    expect(unsafe).toEqual([0, 1 | 4, 4])
  })
})

describe('LSMs', () => {
  test.each(['bprm_creds_for_exec', 'bprm_check_security', 'bprm_creds_from_file'] as const)(
    'a refusal by %s leaves the old program',
    (hook) => {
      const own = boot({ lsms: [defineLsm({ name: 'refuser', abi: '1.0', id: 200, hooks: { [hook]: () => -EPERM } })] })
      const task = own.fork()
      const { cred, mm } = task
      expect(own.sys.execve(task, '/prog', ['x'], [])).toBe(-EPERM)
      expect([task.cred, task.mm, cred.usage]).toEqual([cred, mm, cred.usage])
      const fd = own.sys.openat(own.init, AT_FDCWD, '/prog', O_WRONLY, 0)
      expect(fd).toBeGreaterThanOrEqual(0)
    },
  )
  test('AT_SECURE is what they say', () => {
    const secure = defineLsm({
      name: 'secure',
      abi: '1.0',
      id: 200,
      hooks: { bprm_creds_from_file: (bprm) => ((bprm.secureexec = true), 0) },
    })
    const own = boot({ lsms: [secure] })
    const task = own.fork()
    own.sys.execve(task, '/prog', ['x'], [])
    const image = threadOf(task).image!
    expect([image.secureexec, new Map(image.auxv).get(AT_SECURE)]).toEqual([true, 1])
  })
  test('a refusal that comes too late kills', () => {
    const late = defineLsm({ name: 'late', abi: '1.0', id: 200, hooks: { mmap_file: () => -EACCES } })
    const own = boot({ lsms: [late] })
    const task = own.fork()
    expect(own.sys.execve(task, '/prog', ['x'], [])).toBeLessThan(0)
    const stat = { value: 0 }
    expect([own.sys.wait4(own.init, task.pid, stat, 0, null), stat.value]).toEqual([task.pid, 11])
  })
  test('each interpreter is judged, in the order they are opened', () => {
    const seen: string[] = []
    const watcher = defineLsm({
      name: 'watcher',
      abi: '1.0',
      id: 200,
      hooks: {
        bprm_check_security: (bprm) => (
          seen.push(`${bprm.filename} ${bprm.interp} ${bprm.file.f_path.dentry.d_name.name}`),
          0
        ),
      },
    })
    const own = boot({ lsms: [watcher] })
    own.file('/s', '#!/prog\n', 0o755)
    own.sys.execve(own.fork(), '/s', ['x'], [])
    expect(seen).toEqual(['/s /s s', '/s /prog prog'])
  })
})

test('a format of unknown bytes asks whether a module may be looked for', () => {
  const asked: string[] = []
  const watcher = defineLsm({
    name: 'watcher',
    abi: '1.0',
    id: 200,
    hooks: { kernel_module_request: (name) => (asked.push(name), 0) },
  })
  const own = boot({ lsms: [watcher] })
  own.file('/odd', '\x7fELF', 0o755)
  own.file('/text', 'hello', 0o755)
  expect(['/odd', '/text'].map((path) => errnoName(own.sys.execve(own.fork(), path, ['x'], [])))).toEqual([
    'ENOEXEC',
    'ENOEXEC',
  ])
  expect(asked).toEqual(['binfmt-464c'])
})

describe('what a new program starts without', () => {
  test('timers of timer_create and what they sent; interval timers stay', () => {
    const task = fork()
    const id = { value: 0 }
    sys.timer_create(task, CLOCK_MONOTONIC, { sigev_notify: 0, sigev_signo: SIGUSR1 }, id)
    sys.setitimer(task, 0, { it_value: { tv_sec: 9, tv_usec: 0 }, it_interval: { tv_sec: 0, tv_usec: 0 } }, null)
    sys.rt_sigprocmask(task, SIG_BLOCK, 5n << 9n, null, 8)
    machine.signals.send(SIGUSR1, { ...kernelSiginfo(SIGUSR1), si_code: SI_TIMER }, task, 'process')
    sys.kill(init, task.pid, SIGUSR2)
    expect(exec(task, '/prog')).toBe(0)
    expect(sys.timer_delete(task, id.value)).toBe(-EINVAL)
    expect(signalOf(task).shared_pending.set).toBe(1n << BigInt(SIGUSR2 - 1))
    expect(machine.timers.intervalTimers(task)[0]!.expires).not.toBe(0)
  })
  test('flags and masks of signals that are ignored, an alternate stack, a list of robust locks, a rseq area', () => {
    const task = fork()
    const stack = { ss_sp: 0x10000, ss_flags: 0, ss_size: 65536 }
    sys.rt_sigaction(task, SIGUSR1, { handler: 'ignore', flags: SA_NOCLDSTOP, mask: 1n }, null, 8)
    sys.sigaltstack(task, stack, null)
    sys.set_robust_list(task, 0x20000, 24)
    sys.rseq(task, 0x30000, 32, 0, 0)
    const now = (of: Task) => {
      const [old, head] = [{ ss_sp: 0, ss_flags: 0, ss_size: 0 }, { value: 0 }]
      sys.sigaltstack(of, null, old)
      sys.get_robust_list(of, 0, head, { value: 0 })
      return [old.ss_sp, head.value, sys.rseq(of, 0x40000, 32, 0, 0)]
    }
    const child = fork(task)
    expect(now(child)).toEqual([0x10000, 0, -EBUSY])
    expect([exec(task, '/prog'), now(task)]).toEqual([0, [0, 0, 0]])
    expect(threadOf(task).sighand.action[SIGUSR1]).toEqual({ handler: 'ignore', flags: 0, mask: 0n })
  })
  test('the place where its end would be told, which who shares the memory learns at once', () => {
    const [alone, shared] = [{ value: 7 }, { value: 7 }]
    const of = (flags: number, tid: { value: number }) => {
      const pid = sys.clone(init, flags | CLONE_CHILD_CLEARTID | SIGCHLD, 0, null, tid, 0)
      const task = machine.tasks.find(pid)!
      expect(exec(task, '/prog')).toBe(0)
      return threadOf(task).clear_child_tid
    }
    expect([of(0, alone), of(CLONE_VM, shared), alone.value, shared.value]).toEqual([null, null, 7, 0])
  })
  test('an exit signal of its own', () => {
    const parent = fork()
    const task = machine.tasks.find(sys.clone(parent, SIGUSR1, 0, null, null, 0))!
    expect(sys.wait4(parent, -1, null, 1, null)).toBe(-ECHILD)
    expect([exec(task, '/prog'), sys.wait4(parent, -1, null, 1, null)]).toEqual([0, 0])
  })
  test('more than the usual stack, where it has gained privilege', () => {
    const hooks = { bprm_creds_from_file: (bprm: Binprm) => ((bprm.secureexec = true), 0) }
    const limits = [kernel, boot({ lsms: [defineLsm({ name: 'secures', abi: '1.0', id: 200, hooks })] })].map((own) => {
      const task = own.fork()
      own.sys.setrlimit(task, RLIMIT_STACK, { rlim_cur: 1e9, rlim_max: Infinity })
      expect(own.sys.execve(task, '/prog', ['x'], [])).toBe(0)
      return signalOf(task).rlim[RLIMIT_STACK]!.rlim_cur
    })
    expect(limits).toEqual([1e9, _STK_LIM])
  })
  test('the time namespace of before, where another was waiting', () => {
    const task = fork()
    sys.unshare(task, CLONE_NEWTIME)
    const { time_ns, time_ns_for_children } = threadOf(task).nsproxy
    expect([exec(task, '/prog'), threadOf(task).nsproxy.time_ns === time_ns_for_children, time_ns]).toEqual([
      0, true, expect.not.objectContaining({ inum: time_ns_for_children.inum }),
    ])
  })
})
