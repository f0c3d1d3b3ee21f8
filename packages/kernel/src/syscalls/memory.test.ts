/** Address spaces: answers by table, and what holds whatever is mapped in whatever order. */
import {
  AT_FDCWD, EACCES, EAGAIN, EBADF, EBUSY, EFAULT, EINVAL, ENODEV, ENOMEM, EPERM, MADV_COLLAPSE, MADV_DOFORK,
  MADV_DONTDUMP, MADV_DONTFORK, MADV_DONTNEED, MADV_FREE, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_REMOVE,
  MADV_WIPEONFORK, MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_LOCKED, MAP_PRIVATE, MAP_SHARED,
  MLOCK_ONFAULT, MREMAP_FIXED, MREMAP_MAYMOVE, MS_INVALIDATE, MS_NOEXEC, MS_SYNC, O_RDONLY, O_RDWR, O_WRONLY, PAGE_SIZE,
  PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE, READ_IMPLIES_EXEC, RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, TASK_SIZE,
  VM_DONTDUMP, VM_EXEC, VM_LOCKED, MAP_SHARED_VALIDATE, MAP_UNINITIALIZED,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nativeFile } from '../state/exec/native.ts'
import { pagesOf, spaceOf } from '../state/mm/address-space.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { bootForTest } from '../testing/boot.ts'

const RW = PROT_READ | PROT_WRITE
const ANON = MAP_PRIVATE | MAP_ANONYMOUS
const PAGE = PAGE_SIZE

const kernel = bootForTest({ mounts: [{ type: 'tmpfs', target: '/noexec', flags: MS_NOEXEC }] })
const { sys, fork, init, file } = kernel
file('/f', 'x'.repeat(100), 0o666)
file('/noexec/f', 'x', 0o666)
const open = (task: Task, path: string, flags: number) => sys.openat(task, AT_FDCWD, path, flags, 0)
const anon = (task: Task, pages = 1, prot = RW) => sys.mmap(task, 0, pages * PAGE, prot, ANON, -1, 0)
const vmas = (task: Task) => spaceOf(task.mm!).vmas

test.each<readonly [what: string, call: (task: Task, at: number) => number, rc: number]>([
  ['mmap of a length', (t) => sys.mmap(t, 0, -PAGE, RW, ANON, -1, 0), -ENOMEM],
  ['mmap of less than a page less', (t) => sys.mmap(t, 0, -1, RW, ANON, -1, 0), -ENOMEM],
  ['mmap at a fixed address', (t) => sys.mmap(t, -PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM],
  ['munmap of a length', (t, at) => sys.munmap(t, at, -PAGE), -EINVAL],
  ['munmap at an address', (t) => sys.munmap(t, -PAGE, TASK_SIZE), -EINVAL],
  ['mremap from a length', (t, at) => sys.mremap(t, at, -PAGE, PAGE, MREMAP_MAYMOVE, 0), -EINVAL],
  ['mremap to a length', (t, at) => sys.mremap(t, at, PAGE, -PAGE, MREMAP_MAYMOVE, 0), -ENOMEM],
  ['mremap to an address', (t, at) => sys.mremap(t, at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, -PAGE), -EINVAL],
  ['mprotect of a length', (t, at) => sys.mprotect(t, at, -PAGE, PROT_READ), -ENOMEM],
  ['mprotect at an address', (t) => sys.mprotect(t, -PAGE, TASK_SIZE, PROT_READ), -ENOMEM],
  ['madvise of a length', (t, at) => sys.madvise(t, at, -PAGE, MADV_DONTFORK), -EINVAL],
  ['madvise at an address', (t) => sys.madvise(t, -PAGE, TASK_SIZE, MADV_DONTFORK), -ENOMEM],
  ['mlock of a length', (t, at) => sys.mlock(t, at, -PAGE), -EINVAL],
  ['mlock at an address', (t) => sys.mlock(t, -PAGE, TASK_SIZE), -ENOMEM],
  ['msync of a length', (t, at) => sys.msync(t, at, -PAGE, MS_SYNC), -ENOMEM],
  ['mincore of a length', (t, at) => sys.mincore(t, at, -PAGE, new Uint8Array(1)), -ENOMEM],
  ['mseal of a length', (t, at) => sys.mseal(t, at, -PAGE, 0), -EINVAL],
])('negative is beyond all that can be mapped: %s', (_what, call, rc) => {
  const task = fork()
  const at = anon(task)
  const before = vmas(task).map(({ vm_start, vm_end, vm_flags }) => [vm_start, vm_end, vm_flags])
  expect(call(task, at)).toBe(rc)
  expect(vmas(task).map(({ vm_start, vm_end, vm_flags }) => [vm_start, vm_end, vm_flags])).toEqual(before)
})

test('what is sealed again, or beside what is sealed, is one range with it', () => {
  const task = fork()
  const at = anon(task, 4)
  for (const page of [0, 3, 1, 0, 3]) expect(sys.mseal(task, at + page * PAGE, PAGE, 0)).toBe(0)
  expect(spaceOf(task.mm!).sealed).toEqual([
    { start: at, end: at + 2 * PAGE }, { start: at + 3 * PAGE, end: at + 4 * PAGE },
  ])
})

describe('mmap', () => {
  const map = (path: string, how: number, prot: number, flags: number) => (t: Task) =>
    sys.mmap(t, 0, PAGE, prot, flags, open(t, path, how), 0)
  test.each<readonly [what: string, call: (task: Task) => number, rc: number]>([
    ['nothing', (t) => sys.mmap(t, 0, 0, RW, ANON, -1, 0), -EINVAL],
    ['neither shared nor private', (t) => sys.mmap(t, 0, PAGE, RW, MAP_ANONYMOUS, -1, 0), -EINVAL],
    ['an offset inside a page', (t) => sys.mmap(t, 0, PAGE, RW, ANON, -1, 1), -EINVAL],
    ['no such descriptor', (t) => sys.mmap(t, 0, PAGE, RW, MAP_PRIVATE, 77, 0), -EBADF],
    ['more than there is', (t) => sys.mmap(t, 0, TASK_SIZE, RW, ANON, -1, 0), -ENOMEM],
    ['a fixed address inside a page', (t) => sys.mmap(t, 0x10001, PAGE, RW, ANON | MAP_FIXED, -1, 0), -EINVAL],
    ['a fixed address beyond the end', (t) => sys.mmap(t, TASK_SIZE, PAGE, RW, ANON | MAP_FIXED, -1, 0), -ENOMEM],
    ['where something is', (t) => sys.mmap(t, anon(t), PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), -17],
    ['a directory', map('/', O_RDONLY, PROT_READ, MAP_PRIVATE), -ENODEV],
    ['a file opened for writing alone', map('/f', O_WRONLY, PROT_READ, MAP_SHARED), -EACCES],
    ['to write a file opened for reading', map('/f', O_RDONLY, RW, MAP_SHARED), -EACCES],
    ['to execute on a noexec mount', map('/noexec/f', O_RDONLY, PROT_READ | PROT_EXEC, MAP_PRIVATE), -EPERM],
    [
      'locked beyond the limit',
      (t) => (
        sys.setrlimit(t, RLIMIT_MEMLOCK, { rlim_cur: PAGE, rlim_max: PAGE }),
        kernel.become(t, 1000),
        sys.mmap(t, 0, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0)
      ),
      -EAGAIN,
    ],
    [
      'beyond RLIMIT_AS',
      (t) => (sys.setrlimit(t, RLIMIT_AS, { rlim_cur: PAGE, rlim_max: PAGE }), anon(t, 2)),
      -ENOMEM,
    ],
    [
      'beyond RLIMIT_DATA',
      (t) => (sys.setrlimit(t, RLIMIT_DATA, { rlim_cur: PAGE, rlim_max: PAGE }), anon(t, 2)),
      -ENOMEM,
    ],
  ])('%s', (_, call, rc) => {
    const task = fork()
    const before = vmas(task).length
    expect(call(task)).toBe(rc)
    if (rc !== -17) expect(vmas(task).length).toBe(before)
  })

  test('a fixed mapping replaces what is there, and only that', () => {
    const task = fork()
    const p = anon(task, 3)
    expect(sys.mmap(task, p + PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0)).toBe(p + PAGE)
    expect(vmas(task).filter((vma) => vma.vm_start >= p && vma.vm_end <= p + 3 * PAGE).map(pagesOf)).toEqual([1, 1, 1])
  })
  test('a private mapping of a file may be written, and the file stays open for it', () => {
    const task = fork()
    const fd = open(task, '/f', O_RDONLY)
    const opened = fdTable(task).get(fd)!
    const p = sys.mmap(task, 0, PAGE, RW, MAP_PRIVATE, fd, 0)
    sys.close(task, fd)
    expect([opened.f_count, sys.munmap(task, p, PAGE), opened.f_count]).toEqual([1, 0, 0])
  })
})

describe('mprotect, munmap, mremap, brk', () => {
  test.each<readonly [what: string, call: (task: Task) => number, rc: number]>([
    ['mprotect where nothing is', (t) => sys.mprotect(t, 0x10000, PAGE, PROT_READ), -ENOMEM],
    ['mprotect inside a page', (t) => sys.mprotect(t, anon(t) + 1, PAGE, PROT_READ), -EINVAL],
    ['mprotect of nothing', (t) => sys.mprotect(t, anon(t), 0, PROT_READ), 0],
    ['mprotect beyond the mapping', (t) => sys.mprotect(t, anon(t), 1000 * PAGE, PROT_READ), -ENOMEM],
    [
      'writing to a shared file opened for reading',
      (t) => sys.mprotect(t, sys.mmap(t, 0, PAGE, PROT_READ, MAP_SHARED, open(t, '/f', O_RDONLY), 0), PAGE, RW),
      -EACCES,
    ],
    [
      'executing from a noexec mount',
      (t) =>
        sys.mprotect(
          t,
          sys.mmap(t, 0, PAGE, PROT_READ, MAP_PRIVATE, open(t, '/noexec/f', O_RDONLY), 0),
          PAGE,
          PROT_EXEC,
        ),
      -EACCES,
    ],
    ['a protection that is none', (t) => sys.mprotect(t, anon(t), PAGE, 0x100), -EINVAL],
    ['a key that is none', (t) => sys.pkey_mprotect(t, anon(t), PAGE, RW, 3), -EINVAL],
    ['munmap where nothing is', (t) => sys.munmap(t, 0x10000, PAGE), 0],
    ['munmap of nothing', (t) => sys.munmap(t, 0x10000, 0), -EINVAL],
    ['munmap beyond the end', (t) => sys.munmap(t, TASK_SIZE, PAGE), -EINVAL],
    ['mremap where nothing is', (t) => sys.mremap(t, 0x10000, PAGE, PAGE, 0, 0), -EFAULT],
    ['mremap to nothing', (t) => sys.mremap(t, anon(t), PAGE, 0, 0, 0), -EINVAL],
    ['mremap fixed but not moving', (t) => sys.mremap(t, anon(t), PAGE, PAGE, MREMAP_FIXED, 0x10000), -EINVAL],
    [
      'mremap onto itself',
      (t) => {
        const p = anon(t, 2)
        return sys.mremap(t, p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE)
      },
      -EINVAL,
    ],
    ['mincore where nothing is', (t) => sys.mincore(t, 0x10000, PAGE, new Uint8Array(1)), -ENOMEM],
    ['mincore into nothing', (t) => sys.mincore(t, anon(t), PAGE, null), -EFAULT],
    ['madvise of an unknown kind', (t) => sys.madvise(t, anon(t), PAGE, 999), -EINVAL],
    ['mlock where nothing is', (t) => sys.mlock(t, 0x10000, PAGE), -ENOMEM],
    ['mlockall with unknown flags', (t) => sys.mlockall(t, 64), -EINVAL],
    ['no memory to write and read at all', (t) => sys.mprotect(t, anon(t), PAGE, PROT_NONE), 0],
  ])('%s', (_, call, rc) => expect(call(fork())).toBe(rc))

  test('brk answers where it is, whether it moved or not', () => {
    const task = fork()
    const start = sys.brk(task, 0)
    expect([sys.brk(task, start + 3 * PAGE), sys.brk(task, start + PAGE), sys.brk(task, start - 1)]).toEqual([
      start + 3 * PAGE,
      start + PAGE,
      start + PAGE,
    ])
    sys.setrlimit(task, RLIMIT_DATA, { rlim_cur: PAGE, rlim_max: PAGE })
    expect(sys.brk(task, start + 100 * PAGE)).toBe(start + PAGE)
  })
})

test.each([
  { count: 1, pages: [0x10000], nodes: [0], rc: 0 },
  { count: 0, pages: null, nodes: null, rc: 0 },
  { count: 1, pages: [0x10000], nodes: [1], rc: -ENODEV },
  { count: 1, pages: null, nodes: null, rc: -EFAULT },
  { count: 2 ** 31, pages: [0x10000], nodes: null, rc: -EFAULT },
  { count: -1, pages: [0x10000], nodes: null, rc: -EFAULT },
  { count: 2, pages: [0x10000, 0x11000], nodes: [0], rc: -EFAULT },
])('move_pages of $count with $pages to $nodes: $rc', ({ count, pages, nodes, rc }) => {
  expect(sys.move_pages(init, 0, count, pages, nodes, [], 0)).toBe(rc)
})

describe('what cannot be told apart is one mapping', () => {
  const AT = 0x20000000
  const shape = (task: Task) =>
    vmas(task).filter((vma) => vma.vm_start >= AT && vma.vm_end <= AT + 64 * PAGE)
      .map((vma) => [(vma.vm_start - AT) / PAGE, pagesOf(vma)])
  const put = (task: Task, page: number, pages: number, prot = RW, flags = ANON) =>
    sys.mmap(task, AT + page * PAGE, pages * PAGE, prot, flags | MAP_FIXED, -1, 0)

  test.each<readonly [what: string, steps: (task: Task) => void, shape: number[][]]>([
    ['a hole is filled', (t) => { put(t, 0, 1); put(t, 2, 1); put(t, 1, 1) }, [[0, 3]]],
    ['below another', (t) => { put(t, 1, 1); put(t, 0, 1) }, [[0, 2]]],
    ['others\' rights', (t) => { put(t, 0, 1); put(t, 1, 1, PROT_READ) }, [[0, 1], [1, 1]]],
    ['rights given back', (t) => {
      put(t, 0, 3)
      sys.mprotect(t, AT + PAGE, PAGE, PROT_READ)
      sys.mprotect(t, AT + PAGE, PAGE, RW)
    }, [[0, 3]]],
    ['a lock taken off', (t) => {
      put(t, 0, 3)
      sys.mlock(t, AT + PAGE, PAGE)
      sys.munlock(t, AT, 3 * PAGE)
    }, [[0, 3]]],
    ['advice taken back', (t) => {
      put(t, 0, 3)
      sys.madvise(t, AT, PAGE, MADV_DONTFORK)
      sys.madvise(t, AT, 3 * PAGE, MADV_DOFORK)
    }, [[0, 3]]],
    ['advice that stays', (t) => {
      put(t, 0, 3)
      sys.madvise(t, AT + PAGE, PAGE, MADV_DONTDUMP)
    }, [[0, 1], [1, 1], [2, 1]]],
    ['moved beside another', (t) => {
      put(t, 0, 1)
      put(t, 8, 1)
      sys.mremap(t, AT + 8 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, AT + PAGE)
    }, [[0, 2]]],
    ['grown up to another', (t) => { put(t, 0, 1); put(t, 2, 1); sys.mremap(t, AT, PAGE, 2 * PAGE, 0, 0) }, [[0, 3]]],
    ['sealed', (t) => { put(t, 0, 3); sys.mseal(t, AT + PAGE, PAGE, 0) }, [[0, 1], [1, 1], [2, 1]]],
    ['shared memory of two calls', (t) => {
      for (const page of [0, 1]) put(t, page, 1, RW, MAP_SHARED | MAP_ANONYMOUS)
    }, [[0, 1], [1, 1]]],
  ])('%s', (_, steps, wanted) => {
    const task = fork()
    steps(task)
    expect(shape(task)).toEqual(wanted)
  })

  test('parts of one file, and it is held once', () => {
    const task = fork()
    const fd = open(task, '/f', O_RDONLY)
    const opened = fdTable(task).get(fd)!
    for (const page of [1, 0, 3])
      sys.mmap(task, AT + page * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, page * PAGE)
    expect([shape(task), opened.f_count]).toEqual([[[0, 2], [3, 1]], 3])
  })

  test('file_mprotect is asked once where rights have become equal again', () => {
    let asked = 0
    const hooks = { file_mprotect: () => (asked++, 0) }
    const own = bootForTest({ lsms: [defineLsm({ name: 'counts', abi: '1.0', id: 200, hooks })] })
    const task = own.fork()
    const p = own.sys.mmap(task, 0, 3 * PAGE, RW, ANON, -1, 0)
    for (const prot of [PROT_READ, RW]) own.sys.mprotect(task, p + PAGE, PAGE, prot)
    asked = 0
    own.sys.mprotect(task, p, 3 * PAGE, PROT_READ)
    // what became one with the part before is not met again
    own.sys.mprotect(task, p + PAGE, PAGE, RW)
    own.sys.mprotect(task, p, 3 * PAGE, RW)
    expect(asked).toBe(4)
  })
})

describe('locks and advice go mapping by mapping', () => {
  const holed = (task: Task) => {
    const p = anon(task, 3)
    sys.munmap(task, p + PAGE, PAGE)
    return p
  }
  const locked = (task: Task) => spaceOf(task.mm!).locked_vm
  test('a lock ends at the first hole, advice does not', () => {
    const task = fork()
    const p = holed(task)
    expect([sys.mlock(task, p, 3 * PAGE), locked(task)]).toEqual([-ENOMEM, 1])
    expect([sys.mlock(task, p + PAGE, 2 * PAGE), locked(task)]).toEqual([-ENOMEM, 1])
    expect(sys.madvise(task, p, 3 * PAGE, MADV_DONTDUMP)).toBe(-ENOMEM)
    expect(vmas(task).filter((vma) => vma.vm_flags & VM_DONTDUMP).map(pagesOf)).toEqual([1, 1])
  })
  test('what cannot be reached is locked, and told of', () => {
    const task = fork()
    const p = anon(task, 1, PROT_NONE)
    expect([sys.mlock2(task, p, PAGE, MLOCK_ONFAULT), sys.mlock(task, p, PAGE), locked(task)]).toEqual([0, -ENOMEM, 1])
  })
  test('nothing is locked without a fault', () => {
    const task = fork()
    expect([sys.mlock(task, anon(task, 3, PROT_NONE) + PAGE, 0), locked(task)]).toEqual([0, 0])
  })
  test('a private file that is locked for writing has been changed, as execmod has it', () => {
    const task = fork()
    const p = sys.mmap(task, 0, PAGE, RW, MAP_PRIVATE, open(task, '/f', O_RDONLY), 0)
    sys.mlock(task, p, PAGE)
    expect(vmas(task).find((vma) => vma.vm_start === p)!.anon_vma).toBe(true)
  })
  test.each<readonly [what: string, advice: number, map: (task: Task) => number, rc: number]>([
    ['locked memory', MADV_DONTNEED, (t) => { const p = anon(t); sys.mlock(t, p, PAGE); return p }, -EINVAL],
    ['a file\'s', MADV_FREE, (t) => sys.mmap(t, 0, PAGE, RW, MAP_PRIVATE, open(t, '/f', O_RDWR), 0), -EINVAL],
    ['shared memory', MADV_WIPEONFORK, (t) => sys.mmap(t, 0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), -EINVAL],
    ['memory without a file', MADV_REMOVE, (t) => anon(t), -EINVAL],
    ['a private file', MADV_REMOVE, (t) => sys.mmap(t, 0, PAGE, RW, MAP_PRIVATE, open(t, '/f', O_RDWR), 0), -EACCES],
    ['what cannot be read', MADV_POPULATE_READ, (t) => anon(t, 1, PROT_NONE), -EINVAL],
    ['what cannot be written', MADV_POPULATE_WRITE, (t) => anon(t, 1, PROT_READ), -EINVAL],
    ['nothing', MADV_POPULATE_READ, () => 0x10000, -ENOMEM],
    ['less than a huge page', MADV_COLLAPSE, (t) => anon(t), -EINVAL],
    ['a sealed page that may be written', MADV_DONTNEED, (t) => {
      const p = anon(t)
      sys.mseal(t, p, PAGE, 0)
      return p
    }, 0],
    ['a sealed page that may not', MADV_DONTNEED, (t) => {
      const p = anon(t, 1, PROT_READ)
      sys.mseal(t, p, PAGE, 0)
      return p
    }, -EPERM],
  ])('advice on %s', (_, advice, map, rc) => {
    const task = fork()
    expect(sys.madvise(task, map(task), PAGE, advice)).toBe(rc)
  })
  test('MADV_REMOVE is a hole in the file, which LSMs are asked about', () => {
    const asked: number[] = []
    const hooks = { file_permission: (_file: unknown, mask: number) => (asked.push(mask), 0) }
    const own = bootForTest({ lsms: [defineLsm({ name: 'watch', abi: '1.0', id: 200, hooks })] })
    own.file('/h', 'x'.repeat(PAGE), 0o666)
    const task = own.fork()
    const fd = own.sys.openat(task, AT_FDCWD, '/h', O_RDWR, 0)
    const p = own.sys.mmap(task, 0, PAGE, RW, MAP_SHARED, fd, 0)
    asked.length = 0
    expect([own.sys.madvise(task, p, PAGE, MADV_REMOVE), [...asked], own.cat(task, '/h')]).toEqual([
      0, [2], '\0'.repeat(PAGE),
    ])
  })
  test('a child inherits no locks', () => {
    const task = fork()
    const p = anon(task, 2)
    sys.mlock(task, p, 2 * PAGE)
    const child = fork(task)
    expect([locked(child), vmas(child).some((vma) => vma.vm_flags & VM_LOCKED)]).toEqual([0, false])
    expect([sys.munmap(child, p, PAGE), locked(child), sys.mlock(child, p, 2 * PAGE), locked(task)]).toEqual([
      0, 0, -ENOMEM, 2,
    ])
  })
  test('msync does not forget what is locked', () => {
    const task = fork()
    const p = anon(task)
    sys.mlock(task, p, PAGE)
    expect([sys.msync(task, p, PAGE, MS_INVALIDATE), sys.msync(task, p, PAGE, MS_SYNC)]).toEqual([-EBUSY, 0])
  })
  test('a sealed mapping stops mprotect when it is met, after the hook', () => {
    const task = fork()
    const p = anon(task, 2)
    sys.mseal(task, p + PAGE, PAGE, 0)
    expect([sys.mprotect(task, p, 2 * PAGE, PROT_READ), sys.munmap(task, p, 2 * PAGE)]).toEqual([-EPERM, -EPERM])
    expect(vmas(task).filter((vma) => vma.vm_start >= p && vma.vm_end <= p + 2 * PAGE).map((vma) => vma.vm_flags & 7))
      .toEqual([1, 3])
  })
})

test('a hint is rounded down, and nothing is put just below a stack', () => {
  const task = fork()
  expect(sys.mmap(task, 0x20000800, PAGE, RW, ANON, -1, 0)).toBe(0x20000000)
  sys.mmap(task, 0x30000000, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0)
  const below = 0x30000000 - 256 * PAGE
  expect(sys.mmap(task, below, PAGE, RW, ANON, -1, 0)).not.toBe(below)
  expect(sys.mmap(task, below - PAGE, PAGE, RW, ANON, -1, 0)).toBe(below - PAGE)
})

test('a shared mapping doubled from its middle stays whole', () => {
  const task = fork()
  const p = sys.mmap(task, 0, 3 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
  const copy = sys.mremap(task, p + PAGE, 0, PAGE, MREMAP_MAYMOVE, 0)
  expect(copy).toBeGreaterThan(0)
  expect(vmas(task).filter((vma) => vma.vm_start >= p && vma.vm_end <= p + 3 * PAGE).map(pagesOf)).toEqual([3])
})

test('brk does not shrink over what is not its own, and is executable where reading means that', () => {
  const task = fork()
  kernel.machine.programs.set('brk', () => 0)
  kernel.file('/brk', nativeFile('brk'), 0o755)
  sys.execve(task, '/brk', [], [])
  sys.personality(task, READ_IMPLIES_EXEC)
  const start = Math.ceil(sys.brk(task, 0) / PAGE) * PAGE
  expect(sys.brk(task, start + 2 * PAGE)).toBe(start + 2 * PAGE)
  expect(vmas(task).find((vma) => vma.vm_start === start)!.vm_flags & VM_EXEC).toBe(VM_EXEC)
  sys.munmap(task, start, 2 * PAGE)
  expect(sys.brk(task, start)).toBe(start + 2 * PAGE)
})

describe('LSMs', () => {
  const wary = (hooks: object) => bootForTest({ lsms: [defineLsm({ name: 'wary', abi: '1.0', id: 200, hooks })] })
  test.each([
    ['mmap_addr', EPERM, (k: typeof kernel, t: Task) => k.sys.mmap(t, 0, PAGE, RW, ANON, -1, 0)],
    ['mmap_file', EACCES, (k: typeof kernel, t: Task) => k.sys.mmap(t, 0, PAGE, RW, ANON, -1, 0)],
  ] as const)('%s refuses and nothing is mapped', (hook, errno, call) => {
    const own = wary({ [hook]: () => -errno })
    const task = own.fork()
    const before = vmas(task).length
    expect([call(own, task), vmas(task).length]).toEqual([-errno, before])
  })
  test('file_mprotect stops at the second mapping, after the first has changed', () => {
    let asked = 0
    const own = wary({ file_mprotect: () => (++asked === 2 ? -EACCES : 0) })
    const task = own.fork()
    const p = own.sys.mmap(task, 0, 2 * PAGE, RW, ANON, -1, 0)
    own.sys.mprotect(task, p, PAGE, PROT_READ)
    asked = 0
    expect(own.sys.mprotect(task, p, 2 * PAGE, PROT_NONE)).toBe(-EACCES)
    expect(
      vmas(task)
        .filter((vma) => vma.vm_start >= p && vma.vm_end <= p + 2 * PAGE)
        .map((vma) => vma.vm_flags & 7),
    ).toEqual([0, 3])
  })
})

test('whatever is done in whatever order: mappings are sorted, apart, whole pages, and counted', () => {
  const page = fc.integer({ min: 16, max: 40 }).map((n) => n * PAGE)
  const size = fc.integer({ min: 1, max: 6 }).map((n) => n * PAGE)
  const prot = fc.integer({ min: 0, max: 7 })
  const step = fc.oneof(
    fc.tuple(page, size, prot, fc.constantFrom(0, MAP_FIXED), fc.boolean()).map(
      ([at, len, how, flags, named]) =>
        (t: Task, fd: number) =>
          sys.mmap(
            t,
            at,
            len,
            named ? how & ~2 : how,
            MAP_PRIVATE | flags | (named ? 0 : MAP_ANONYMOUS),
            named ? fd : -1,
            0,
          ),
    ),
    fc.tuple(page, size).map(
      ([at, len]) =>
        (t: Task) =>
          sys.munmap(t, at, len),
    ),
    fc.tuple(page, size, prot).map(
      ([at, len, how]) =>
        (t: Task) =>
          sys.mprotect(t, at, len, how),
    ),
    fc.tuple(page, size, size, page, fc.constantFrom(0, MREMAP_MAYMOVE, MREMAP_MAYMOVE | MREMAP_FIXED)).map(
      ([at, old, len, to, flags]) =>
        (t: Task) =>
          sys.mremap(t, at, old, len, flags, to),
    ),
    fc.tuple(page, size).map(
      ([at, len]) =>
        (t: Task) =>
          sys.mlock(t, at, len),
    ),
    fc.tuple(page, size).map(
      ([at, len]) =>
        (t: Task) =>
          sys.munlock(t, at, len),
    ),
    size.map((len) => (t: Task) => sys.brk(t, sys.brk(t, 0) + len)),
  )
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const task = fork()
    const fd = open(task, '/f', O_RDWR)
    const opened = fdTable(task).get(fd)!
    for (const run of steps) run(task, fd)
    const mm = spaceOf(task.mm!)
    let end = 0
    let total = 0
    let locked = 0
    for (const vma of mm.vmas) {
      if (vma.vm_start < end || vma.vm_start >= vma.vm_end || vma.vm_start % PAGE !== 0 || vma.vm_end % PAGE !== 0)
        return false
      end = vma.vm_end
      total += pagesOf(vma)
      if (vma.vm_flags & VM_LOCKED) locked += pagesOf(vma)
    }
    const held = 1 + mm.vmas.filter((vma) => vma.vm_file === opened).length
    const child = fork(task)
    const copied = spaceOf(child.mm!)
    const same = copied.total_vm === mm.total_vm && copied.vmas.length === mm.vmas.length
    sys.exit_group(child, 0)
    const balanced = opened.f_count === held
    sys.exit_group(task, 0)
    while (sys.wait4(init, -1, null, 1, null) > 0);
    return mm.total_vm === total && mm.locked_vm === locked && same && balanced && opened.f_count === 0
  }), { numRuns: 300 })
})

test.each<readonly [what: string, call: (task: Task) => number, rc: number]>([
  ['MADV_REMOVE of shared memory',
    (t) => sys.madvise(t, sys.mmap(t, 0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), PAGE, MADV_REMOVE), 0],
  ['old flags pass MAP_SHARED_VALIDATE',
    (t) => Math.min(sys.mmap(
      t, 0, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_UNINITIALIZED, open(t, '/f', O_RDONLY), 0), 0), 0],
  ['a barrier has no flags', (t) => sys.membarrier(t, 0, 1, 0), -EINVAL],
])('%s', (_what, call, rc) => expect(call(fork())).toBe(rc))
