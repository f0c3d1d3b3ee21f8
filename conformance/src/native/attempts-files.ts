/** Attempts to read, change and execute files outside. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { basename, join, relative } from 'node:path'
import { AT_FDCWD, contents, openAt, text, unixAddress, words } from './target.ts'
import type { Attempt, Target } from './target.ts'

const O_WRONLY = 1
const O_RDWR = 2
const O_CREAT = 0o100
const O_TRUNC = 0o1000
const O_APPEND = 0o2000
const O_PATH = 0o10000000
const O_TMPFILE = 0o20200000

let made = 0
const fresh = ({ work }: Target): string => join(work, `a${process.pid}-${made++}`)

/** Names that lead to the secret. */
const ways: readonly (readonly [name: string, path: (t: Target) => string])[] = [
  ['its path', (t) => t.secret],
  ['a relative path', (t) => relative(process.cwd(), t.secret)],
  ['dots from the own folder', (t) => `${t.work}/../${basename(t.outside)}/${basename(t.secret)}`],
  ['doubled slashes', (t) => t.secret.replaceAll('/', '//')],
  ['/proc/self/root', (t) => `/proc/self/root${t.secret}`],
  ['/proc/thread-self/root', (t) => `/proc/thread-self/root${t.secret}`],
  ['/proc/self/cwd', (t) => `/proc/self/cwd/${relative(process.cwd(), t.secret)}`],
  ['/proc/1/root', (t) => `/proc/1/root${t.secret}`],
  ['the root of its starter', (t) => `/proc/${t.supervisor}/root${t.secret}`],
  ['the root of its parent', (t) => `/proc/${t.parent}/root${t.secret}`],
  ['the folder of a process outside', (t) => `/proc/${t.sleeper}/cwd/${basename(t.secret)}`],
  ['a descriptor of a process outside', (t) => `/proc/${t.sleeper}/fd/0`],
  ['a symbolic link', (t) => {
    const link = fresh(t)
    symlinkSync(t.secret, link)
    return link
  }],
  ['a link to the folder', (t) => {
    const link = fresh(t)
    symlinkSync(t.outside, link)
    return join(link, basename(t.secret))
  }],
  ['a chain of links', (t) => {
    let to = t.secret
    for (let i = 0; i < 5; i++) {
      const link = fresh(t)
      symlinkSync(to, link)
      to = link
    }
    return to
  }],
  ['a link to /proc/self/root', (t) => {
    const link = fresh(t)
    symlinkSync('/proc/self/root', link)
    return link + t.secret
  }],
  ['a hard link', (t) => {
    const link = fresh(t)
    linkSync(t.secret, link)
    return link
  }],
  ['a rename of the folder around it', (t) => {
    const moved = fresh(t)
    renameSync(join(t.outside, 'folder'), moved)
    renameSync(moved, join(t.outside, 'folder'))
    return t.secret
  }],
]

const reads: Attempt[] = ways.map(([name, path]) =>
  ({ name: `read by ${name}`, run: (t) => contents(t, openAt(t, path(t))) }))

const otherReads: Attempt[] = [
  ['open', (t: Target) => contents(t, t.sys.call('open', text(t.secret), 0))],
  ['openat2', (t: Target) => contents(t, t.sys.call('openat2', AT_FDCWD, text(t.secret), words(0, 0, 0), 24))],
  ['a descriptor of its folder', (t: Target) => {
    const at = openAt(t, t.outside, O_PATH)
    return contents(t, t.sys.call('openat', at, text(basename(t.secret)), 0))
  }],
  ['opening an O_PATH descriptor again', (t: Target) =>
    contents(t, openAt(t, `/proc/self/fd/${openAt(t, t.secret, O_PATH)}`))],
  ['opening an O_PATH descriptor by /dev/fd', (t: Target) =>
    contents(t, openAt(t, `/dev/fd/${openAt(t, t.secret, O_PATH)}`))],
  ['changing to its folder', (t: Target) => {
    const before = process.cwd()
    process.chdir(t.outside)
    const found = contents(t, openAt(t, basename(t.secret)))
    process.chdir(before)
    return found
  }],
  ['fchdir of an O_PATH descriptor', (t: Target) => {
    const before = process.cwd()
    t.sys.call('fchdir', openAt(t, t.outside, O_PATH))
    const found = contents(t, openAt(t, basename(t.secret)))
    process.chdir(before)
    return found
  }],
  ['a handle', (t: Target) => {
    const handle = new Uint8Array(136)
    new DataView(handle.buffer).setUint32(0, 128, true)
    const mount = new Uint8Array(4)
    if (t.sys.call('name_to_handle_at', AT_FDCWD, text(t.secret), handle, mount, 0) < 0) return false
    return contents(t, t.sys.call('open_by_handle_at', openAt(t, t.work), handle, 0))
  }],
  ['listing its folder', (t: Target) => {
    const fd = openAt(t, t.outside, 0o200000)
    return fd < 0 ? fd : t.sys.call('getdents64', fd, new Uint8Array(4096), 4096)
  }],
  ['cat', (t: Target) => spawnSync('cat', [t.secret], { encoding: 'utf8' }).stdout],
  ['a shell', (t: Target) => spawnSync('sh', ['-c', `read x < ${t.secret}; echo $x`], { encoding: 'utf8' }).stdout],
  ['a shell that sources it', (t: Target) => spawnSync('sh', ['-c', `. ${t.secret}`], { encoding: 'utf8' }).stderr],
  ['the loader', (t: Target) => {
    const loader = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'].find((path) => existsSync(path)) ?? ''
    return spawnSync(loader, ['/bin/cat', t.secret], { encoding: 'utf8' }).stdout
  }],
  ['copy_file_range', (t: Target) => {
    const path = fresh(t)
    const to = openAt(t, path, O_RDWR | O_CREAT)
    t.sys.call('copy_file_range', openAt(t, t.secret), null, to, null, 100, 0)
    return readFileSync(path, 'utf8')
  }],
  ['sendfile', (t: Target) => {
    const path = fresh(t)
    t.sys.call('sendfile', openAt(t, path, O_RDWR | O_CREAT), openAt(t, t.secret), null, 100)
    return readFileSync(path, 'utf8')
  }],
  ['exchanging it with an own file', (t: Target) => {
    const own = fresh(t)
    writeFileSync(own, 'own')
    if (t.sys.call('renameat2', AT_FDCWD, text(own), AT_FDCWD, text(t.secret), 2) < 0) return false
    const found = readFileSync(own, 'utf8')
    t.sys.call('renameat2', AT_FDCWD, text(own), AT_FDCWD, text(t.secret), 2)
    return found
  }],
].map(([name, run]) => ({ name: `read by ${name as string}`, run: run as Attempt['run'] }))

/** A name outside that is not there yet. */
const newName = (t: Target): string => join(t.outside, `new-${process.pid}-${made++}`)
/** A file outside that may be lost. */
const loose = (t: Target): string => join(t.outside, 'loose')

type Call = (t: Target) => number | boolean
const own = (t: Target): string => {
  const path = fresh(t)
  writeFileSync(path, 'own')
  return path
}

const linkOut = (t: Target, fd: number): number =>
  t.sys.call('linkat', AT_FDCWD, text(`/proc/self/fd/${fd}`), AT_FDCWD, text(newName(t)), 0x400)

const writes: readonly (readonly [string, Call])[] = [
  ['open for writing', (t) => openAt(t, loose(t), O_WRONLY)],
  ['open for reading and writing', (t) => openAt(t, loose(t), O_RDWR)],
  ['open for appending', (t) => openAt(t, loose(t), O_WRONLY | O_APPEND)],
  ['open and cut', (t) => openAt(t, loose(t), O_WRONLY | O_TRUNC)],
  ['open for reading and cut', (t) => openAt(t, loose(t), O_TRUNC)],
  ['creat', (t) => t.sys.call('creat', text(loose(t)), 0o600)],
  ['open a new file', (t) => openAt(t, newName(t), O_WRONLY | O_CREAT)],
  ['O_TMPFILE', (t) => openAt(t, t.outside, O_TMPFILE | O_RDWR)],
  ['truncate', (t) => t.sys.call('truncate', text(loose(t)), 1)],
  ['mkdir', (t) => t.sys.call('mkdirat', AT_FDCWD, text(newName(t)), 0o700)],
  ['rmdir', (t) => t.sys.call('unlinkat', AT_FDCWD, text(join(t.outside, 'empty')), 0x200)],
  ['unlink', (t) => t.sys.call('unlinkat', AT_FDCWD, text(join(t.outside, 'lost')), 0)],
  ['symlink', (t) => t.sys.call('symlinkat', text('x'), AT_FDCWD, text(newName(t)))],
  ['link out of the own folder', (t) => t.sys.call('linkat', AT_FDCWD, text(own(t)), AT_FDCWD, text(newName(t)), 0)],
  ['link a descriptor out', (t) =>
    linkOut(t, openAt(t, own(t)))],
  ['link an O_TMPFILE out', (t) =>
    linkOut(t, openAt(t, t.work, O_TMPFILE | O_RDWR))],
  ['rename out of the own folder', (t) =>
    t.sys.call('renameat2', AT_FDCWD, text(own(t)), AT_FDCWD, text(newName(t)), 0)],
  ['rename over a file outside', (t) =>
    t.sys.call('renameat2', AT_FDCWD, text(own(t)), AT_FDCWD, text(join(t.outside, 'over')), 0)],
  ['rename outside', (t) => {
    const to = newName(t)
    return t.sys.call('renameat2', AT_FDCWD, text(loose(t)), AT_FDCWD, text(to), 0) === 0 &&
      t.sys.call('renameat2', AT_FDCWD, text(to), AT_FDCWD, text(loose(t)), 0) === 0
  }],
  ['move a folder out', (t) => {
    const folder = fresh(t)
    mkdirSync(folder)
    return t.sys.call('renameat2', AT_FDCWD, text(folder), AT_FDCWD, text(newName(t)), 0)
  }],
  ['write through a link', (t) => {
    const link = fresh(t)
    symlinkSync(newName(t), link)
    return openAt(t, link, O_WRONLY | O_CREAT)
  }],
  ['make through a linked folder', (t) => {
    const link = fresh(t)
    symlinkSync(t.outside, link)
    return t.sys.call('mkdirat', AT_FDCWD, text(join(link, basename(newName(t)))), 0o700)
  }],
  ['mkfifo', (t) => t.sys.call('mknodat', AT_FDCWD, text(newName(t)), 0o010600, 0)],
  ['mknod of a file', (t) => t.sys.call('mknodat', AT_FDCWD, text(newName(t)), 0o100600, 0)],
  ['mknod of a device', (t) => t.sys.call('mknodat', AT_FDCWD, text(fresh(t)), 0o020600, 0x103)],
  ['mknod of a block device', (t) => t.sys.call('mknodat', AT_FDCWD, text(fresh(t)), 0o060600, 0x700)],
  ['bind a UNIX socket', (t) => {
    const address = unixAddress(newName(t))
    return t.sys.call('bind', t.sys.call('socket', 1, 1, 0), address, address.length)
  }],
  ['chmod', (t) => t.sys.call('fchmodat', AT_FDCWD, text(loose(t)), 0o644)],
  ['fchmodat2', (t) => t.sys.call('fchmodat2', AT_FDCWD, text(loose(t)), 0o644, 0)],
  ['chown', (t) => t.sys.call('fchownat', AT_FDCWD, text(loose(t)), process.getuid!(), process.getgid!(), 0)],
  ['utimes', (t) => t.sys.call('utimensat', AT_FDCWD, text(loose(t)), null, 0)],
  ['setxattr', (t) => t.sys.call('setxattr', text(loose(t)), text('user.lsmkit'), text('x'), 1, 0)],
  ['removexattr', (t) => t.sys.call('removexattr', text(loose(t)), text('user.attempt'))],
  ['chmod of an O_PATH descriptor by /proc', (t) =>
    t.sys.call('fchmodat', AT_FDCWD, text(`/proc/self/fd/${openAt(t, loose(t), O_PATH)}`), 0o644)],
  ['core pattern', (t) => openAt(t, '/proc/sys/kernel/core_pattern', O_RDWR)],
  ['sysctl', (t) => openAt(t, '/proc/sys/kernel/ns_last_pid', O_RDWR)],
  ['sysrq', (t) => openAt(t, '/proc/sysrq-trigger', O_WRONLY)],
  ['a device of memory', (t) => openAt(t, '/dev/mem', 0)],
  ['kernel messages', (t) => openAt(t, '/dev/kmsg', 0x800)],
  ['/dev/shm', (t) => openAt(t, `/dev/shm/lsmkit-${process.pid}`, O_RDWR | O_CREAT)],
  ['/tmp', (t) => openAt(t, `/tmp/lsmkit-attempt-${process.pid}`, O_RDWR | O_CREAT)],
  ['a device that is not named', (t) => openAt(t, '/dev/full', O_WRONLY)],
]

const foreign = (t: Target): string => {
  const path = fresh(t)
  copyFileSync('/bin/true', path)
  chmodSync(path, 0o700)
  return path
}

const execs: readonly (readonly [string, (t: Target) => boolean])[] = [
  ['a copy in the own folder', (t) => spawnSync(foreign(t)).status === 0],
  ['a script in the own folder', (t) => {
    const path = fresh(t)
    writeFileSync(path, '#!/bin/sh\nexit 42\n', { mode: 0o700 })
    return spawnSync(path).status === 42
  }],
  ['a program outside', (t) => spawnSync(join(t.outside, 'program')).status === 0],
  ['a program outside over a link', (t) => {
    const link = fresh(t)
    symlinkSync(join(t.outside, 'program'), link)
    return spawnSync(link).status === 0
  }],
  ['a file in memory', (t) => {
    const fd = t.sys.call('memfd_create', text('x'), 0)
    if (fd < 0) return false
    const bytes = readFileSync('/bin/true')
    t.sys.call('write', fd, bytes, bytes.length)
    return spawnSync(`/proc/${process.pid}/fd/${fd}`).status === 0
  }],
  ['a sealed file in memory', (t) => {
    const fd = t.sys.call('memfd_create', text('x'), 0x8)
    const bytes = readFileSync('/bin/true')
    t.sys.call('write', fd, bytes, bytes.length)
    return fd >= 0 && spawnSync(`/proc/${process.pid}/fd/${fd}`).status === 0
  }],
  ['a copy by its descriptor', (t) => spawnSync(`/proc/${process.pid}/fd/${openAt(t, foreign(t))}`).status === 0],
]

export const fileAttempts: readonly Attempt[] = [
  ...reads, ...otherReads, ...writes.map(([name, run]) => ({ name: `change: ${name}`, run })),
  ...execs.map(([name, run]) => ({ name: `execute ${name}`, run })),
]
