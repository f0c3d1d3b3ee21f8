/** The machine of the tour: mounts, users, files and their marks, and a neighbour that only sleeps. */
import { AT_FDCWD, errnoName, O_CREAT, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import { XATTR_NAME_WARDEN } from '@lsmkit-examples/own-lsm'
import { createSubject } from '@lsmkit/cli'
import type { Subject } from '@lsmkit/cli'
import type { LandlockEngine, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { BootOptions, Kernel } from '@lsmkit/kernel'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { ruleset } from '@lsmkit/landlock'
import { programsFolder } from './programs.ts'
import type { Programs } from './programs.ts'
import { labelForSelinux } from './selinux-policy.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { labelForSmack } from './smack-policy.ts'

export const VISITOR_UID = 1000
export const HOME = '/home/visitor'
export const RUBY = '/usr/bin/ruby'
/** Ruby is the script's interpreter; the script is what carries the mark. */
export const SCRIPT = '/srv/tour/visit.rb'
/** A C program; who executes it is a guest, as with a script. */
export const WORK = '/srv/tour/work.wasm'
/** Anybody may write and execute it. */
const TOOL_FILE = '/srv/tool'
export const CAPRAISE = '/opt/programs/capraise.wasm'

export interface System {
  readonly kernel: Kernel
  /** Pid of a process of the visitor's user that is no visitor. */
  readonly neighbour: number
  /** Somebody who is about to run a program; restricted first where Landlock is in the stack. */
  bear(as: Subject): Task
}

/** What a process of the tour leaves itself of the tree: it reads its data and programs, and writes its folders. */
const ownRules = ruleset({
  read: ['/etc/passwd', '/usr', '/opt', '/proc', '/srv', '/dev', '/tmp', HOME],
  execute: ['/usr/bin', '/opt/programs', '/srv/tour'],
  write: ['/tmp', HOME],
})

type Entry = readonly [path: string, mode: number, contents?: string, mark?: string]

const passwd = 'root:x:0:0::/root:/bin/sh\nvisitor:x:1000:1000::/home/visitor:/bin/sh\n'

/** In order: a mark on a folder is inherited by what is made in it. */
const tree: readonly Entry[] = [
  ['/etc', 0o755],
  ['/etc/passwd', 0o644, passwd],
  ['/etc/shadow', 0o600, 'root:$y$j9T$not.a.real.hash:20000::::::\n', 'secret'],
  ['/usr', 0o755],
  ['/usr/bin', 0o755, undefined, 'system'],
  ['/usr/bin/login', 0o755, '#!/bin/sh\n'],
  ['/srv', 0o755],
  ['/srv/report', 0o644, 'figures of the quarter\n'],
  [TOOL_FILE, 0o755, '#!/bin/sh\n'],
  ['/srv/tour', 0o755, undefined, 'guest'],
]

/**
 * Boots and fills the tree. `scripts` are Ruby programs by path, or WASI programs, run by whoever the tour runs as;
 * `policy` is SELinux's, where it is in the stack.
 */
export const bootSystem = (
  stack: BootOptions['stack'], { ruby }: Programs, scripts: Readonly<Record<string, string | Uint8Array>>,
  policy: SelinuxPolicy, landlock: LandlockEngine | null = null,
): System => {
  const kernel = bootKernel({
    stack,
    ...(landlock === null ? {} : { landlock }),
    hostname: 'tour',
    mounts: [
      { type: 'tmpfs', target: '/tmp', data: 'mode=1777,size=64m', source: 'tmp' },
      { type: hostfs({ path: programsFolder }), target: '/opt/programs', source: 'programs' },
    ],
  })
  for (const entry of tree) make(kernel, entry)
  must(kernel.sys.fchmodat(kernel.init, AT_FDCWD, TOOL_FILE, 0o777), TOOL_FILE)
  must(kernel.sys.symlinkat(kernel.init, 'usr/bin', AT_FDCWD, '/bin'), '/bin')
  write(kernel, RUBY, ruby, 0o755)
  for (const [path, text] of Object.entries(scripts)) write(kernel, path, bytesOf(text), 0o755)
  make(kernel, ['/home', 0o755])
  make(kernel, [HOME, 0o700])
  must(kernel.sys.fchownat(kernel.init, AT_FDCWD, HOME, VISITOR_UID, VISITOR_UID, 0), HOME)
  labelForSmack(kernel, HOME, Object.keys(scripts))
  labelForSelinux(kernel, policy.labels)
  const bear = (as: Subject): Task => {
    const task = createSubject(kernel, as)
    if (landlock !== null) ownRules.restrict(kernel, task)
    return task
  }
  return { kernel, neighbour: sleepingNeighbour(kernel), bear }
}

const make = (kernel: Kernel, [path, mode, contents, mark]: Entry): void => {
  const { sys, init } = kernel
  if (contents === undefined) {
    const rc = sys.mkdirat(init, AT_FDCWD, path, mode)
    if (rc < 0 && errnoName(rc) !== 'EEXIST') must(rc, path)
  } else write(kernel, path, new TextEncoder().encode(contents), mode)
  if (mark !== undefined) must(sys.setxattr(init, path, XATTR_NAME_WARDEN, new TextEncoder().encode(mark), 0), path)
}

const bytesOf = (text: string | Uint8Array): Uint8Array =>
  (typeof text === 'string' ? new TextEncoder().encode(text) : text)

const write = ({ sys, init }: Kernel, path: string, bytes: Uint8Array, mode: number): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode), path)
  for (let at = 0; at < bytes.length;) at += must(sys.write(init, fd, bytes.subarray(at)), path)
  must(sys.close(init, fd), path)
}

/** It has executed its program, and nobody runs it. */
const sleepingNeighbour = (kernel: Kernel): number => {
  const task = createSubject(kernel, { uid: VISITOR_UID })
  must(kernel.sys.execve(task, CAPRAISE, ['agent'], []), 'the neighbour')
  return task.pid
}

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`the system of the tour cannot be set up: ${what}: ${errnoName(rc)}`)
  return rc
}
