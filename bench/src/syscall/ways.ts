/** Ways of having files: our kernel under one stack or another, and what else there is in JavaScript. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WASI as NodeWasi } from 'node:wasi'
import { File, PreopenDirectory, WASI as ShimWasi } from '@bjorn3/browser_wasi_shim'
import type { Inode } from '@bjorn3/browser_wasi_shim'
import {
  AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY, WASI_OFLAGS_CREAT, WASI_RIGHTS_FD_READ, WASI_RIGHTS_FD_SEEK,
  WASI_RIGHTS_FD_WRITE, XATTR_NAME_SMACK,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, securityOff } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, Kstat } from '@lsmkit/kernel'
import type { BootOptions, Kernel } from '@lsmkit/kernel'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'
import { Volume } from 'memfs'
import type { Files } from './acts.ts'

export const FILES = 100
const SIZE = 64
const content = new Uint8Array(SIZE).fill(0x61)
const buffer = new Uint8Array(SIZE)
const names = Array.from({ length: FILES }, (_, i) => `file${i}`)
const paths = names.map((name) => `/srv/files/${name}`)
const newPaths = names.map((name) => `/srv/files/new-${name}`)

const ok = (rc: number): number => {
  if (rc < 0) throw new Error(`a call was refused: ${rc}`)
  return rc
}

/** Who uses the files is no root and, where there are labels, reads and writes by a rule. */
const USER = 1000
const RULES = Array.from({ length: 100 }, (_, i) => `User Label${i} r\n`).join('') + 'User Files rwxa\n'

const label = ({ sys, init }: Kernel, path: string, text: string): void =>
  void ok(sys.setxattr(init, path, XATTR_NAME_SMACK, new TextEncoder().encode(text), 0))

const say = ({ sys }: Kernel, task: Task, path: string, text: string): void => {
  const fd = ok(sys.openat(task, AT_FDCWD, path, O_WRONLY, 0))
  ok(sys.write(task, fd, new TextEncoder().encode(text)))
  ok(sys.close(task, fd))
}

const kernelFiles = (stack: BootOptions['stack'], labelled = false): Files => {
  const kernel = bootKernel({ stack })
  const { sys, init, machine } = kernel
  for (const dir of ['/srv', '/srv/files']) ok(sys.mkdirat(init, AT_FDCWD, dir, 0o755))
  ok(sys.chown(init, '/srv/files', USER, USER))
  for (const path of paths) {
    const fd = ok(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o644))
    ok(sys.write(init, fd, content))
    ok(sys.fchown(init, fd, USER, USER))
    ok(sys.close(init, fd))
    if (labelled) label(kernel, path, 'Files')
  }
  const task = machine.tasks.find(ok(sys.fork(init)))!
  if (labelled) {
    label(kernel, '/srv/files', 'Files')
    say(kernel, init, '/sys/fs/smackfs/load2', RULES)
    say(kernel, task, '/proc/self/attr/current', 'User')
  }
  ok(sys.setresgid(task, USER, USER, USER))
  ok(sys.setresuid(task, USER, USER, USER))
  const kstat = new Kstat()
  const open = ok(sys.openat(task, AT_FDCWD, paths[0]!, O_RDWR, 0))
  return {
    stat: (i) => void ok(sys.stat(task, paths[i]!, kstat)),
    read(i) {
      const fd = ok(sys.openat(task, AT_FDCWD, paths[i]!, O_RDONLY, 0))
      ok(sys.read(task, fd, buffer))
      ok(sys.close(task, fd))
    },
    write: () => void ok(sys.pwrite64(task, open, content, 0)),
    create(i) {
      ok(sys.close(task, ok(sys.openat(task, AT_FDCWD, newPaths[i]!, O_CREAT | O_WRONLY, 0o644))))
      ok(sys.unlink(task, newPaths[i]!))
    },
  }
}

const memfs = (): Files => {
  const vol = Volume.fromJSON({})
  vol.mkdirSync('/srv/files', { recursive: true })
  for (const path of paths) vol.writeFileSync(path, content)
  const open = vol.openSync(paths[0]!, 'r+')
  return {
    stat: (i) => void vol.statSync(paths[i]!),
    read(i) {
      const fd = vol.openSync(paths[i]!, 'r')
      vol.readSync(fd, buffer, 0, SIZE, null as never)
      vol.closeSync(fd)
    },
    write: () => void vol.writeSync(open, content, 0, SIZE, 0),
    create(i) {
      vol.closeSync(vol.openSync(newPaths[i]!, 'w'))
      vol.unlinkSync(newPaths[i]!)
    },
  }
}

type Import = (...args: unknown[]) => number
const PREOPEN = 3
/** Where things lie in the memory that the calls of WASI take their arguments from. */
const AT = { names: 1024, newNames: 8192, stat: 64, fd: 128, iovec: 136, count: 144, data: 512 } as const

/** The calls a program compiled for WASI makes, below a directory that is its descriptor 3. */
const wasiFiles = (wasi: Readonly<Record<string, Import>>, memory: WebAssembly.Memory): Files => {
  const bytes = new Uint8Array(memory.buffer)
  const view = new DataView(memory.buffer)
  const encoder = new TextEncoder()
  const put = (at: number, text: string): readonly [at: number, length: number] =>
    [at, encoder.encodeInto(text, bytes.subarray(at)).written]
  const own = names.map((name, i) => put(AT.names + i * 32, name))
  const fresh = names.map((name, i) => put(AT.newNames + i * 32, `new-${name}`))
  bytes.set(content, AT.data)
  view.setUint32(AT.iovec, AT.data, true)
  view.setUint32(AT.iovec + 4, SIZE, true)
  const zero = (errno: number): void => {
    if (errno !== 0) throw new Error(`a call was refused: ${errno}`)
  }
  const { path_open, path_filestat_get, path_unlink_file, fd_read, fd_pwrite, fd_close } = wasi
  const open = ([at, length]: readonly [number, number], oflags: number, rights: number): number => {
    zero(path_open!(PREOPEN, 1, at, length, oflags, BigInt(rights), 0n, 0, AT.fd))
    return view.getUint32(AT.fd, true)
  }
  const held = open(own[0]!, 0, WASI_RIGHTS_FD_READ | WASI_RIGHTS_FD_SEEK | WASI_RIGHTS_FD_WRITE)
  return {
    stat: (i) => zero(path_filestat_get!(PREOPEN, 1, own[i]![0], own[i]![1], AT.stat)),
    read(i) {
      const fd = open(own[i]!, 0, WASI_RIGHTS_FD_READ)
      zero(fd_read!(fd, AT.iovec, 1, AT.count))
      zero(fd_close!(fd))
    },
    write: () => zero(fd_pwrite!(held, AT.iovec, 1, 0n, AT.count)),
    create(i) {
      zero(fd_close!(open(fresh[i]!, WASI_OFLAGS_CREAT, WASI_RIGHTS_FD_WRITE)))
      zero(path_unlink_file!(PREOPEN, fresh[i]![0], fresh[i]![1]))
    },
  }
}

const shim = (): Files => {
  const files = new Map<string, Inode>(names.map((name) => [name, new File(content.slice())]))
  const memory = new WebAssembly.Memory({ initial: 1 })
  const none = new PreopenDirectory('none', new Map())
  const wasi = new ShimWasi([], [], [none, none, none, new PreopenDirectory('/', files)])
  wasi.inst = { exports: { memory } }
  return wasiFiles(wasi.wasiImport as Record<string, Import>, memory)
}

/** The system calls of the host, in `folder`. */
const node = (folder: string): Files => {
  mkdirSync(folder, { recursive: true })
  for (const name of names) writeFileSync(join(folder, name), content)
  const memory = new WebAssembly.Memory({ initial: 1 })
  const wasi = new NodeWasi({ version: 'preview1', preopens: { '/': folder } })
  wasi.initialize({ exports: { memory } })
  return wasiFiles(wasi.wasiImport as unknown as Record<string, Import>, memory)
}

export const ways = {
  'full stack': () => kernelFiles(createStack({ lsms: [capability(), yama(), smack()] }), true),
  'capability': () => kernelFiles(createStack({ lsms: [capability()] })),
  'security off': () => kernelFiles(securityOff({ capability: capability() })),
  'memfs': memfs,
  'browser_wasi_shim': shim,
  'node:wasi': node,
} satisfies Record<string, (folder: string) => Files>
export type Way = keyof typeof ways
