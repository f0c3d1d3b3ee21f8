/** The machine of the tour: mounts, users, files and their marks, and a neighbour that only sleeps. */
import { createSubject } from '@lsmkit/cli'
import type { Subject } from '@lsmkit/cli'
import type { Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { ruleset } from '@lsmkit/landlock'
import { programsFolder } from './programs.ts'
import type { Programs } from './programs.ts'
import { labelForSelinux } from './selinux-policy.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { labelForSmack } from './smack-policy.ts'
import type { Composition } from './stacks.ts'
import { growTree, HOME, must, VISITOR_UID } from './tree.ts'

export const RUBY = '/usr/bin/ruby'
/** Ruby is the script's interpreter; the script is what carries the mark. */
export const SCRIPT = '/srv/tour/visit.rb'
/** A C program; a process that executes it is a guest, as with a script. */
export const WORK = '/srv/tour/work.wasm'
export const CAPRAISE = '/opt/programs/capraise.wasm'

export interface System {
  readonly kernel: Kernel
  /** Pid of a process of the visitor's user that is not a visitor. */
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

/**
 * Boots and fills the tree. `scripts` are Ruby programs by path, or WASI programs, run by whoever the tour runs as;
 * `policy` is SELinux's, where it is in the stack. Without `programs` Ruby is an empty file.
 */
export const bootSystem = (
  { boot, landlock }: Pick<Composition, 'boot' | 'landlock'>, policy: SelinuxPolicy,
  scripts: Readonly<Record<string, string | Uint8Array>>, programs?: Programs,
): System => {
  const kernel = bootKernel({
    stack: boot,
    ...(landlock === null ? {} : { landlock }),
    hostname: 'tour',
    mounts: [
      { type: 'tmpfs', target: '/tmp', data: 'mode=1777,size=64m', source: 'tmp' },
      { type: hostfs({ path: programsFolder }), target: '/opt/programs', source: 'programs' },
    ],
  })
  const written = Object.entries(scripts).map(([path, text]) => [path, bytesOf(text)] as const)
  growTree(kernel, { [RUBY]: programs?.ruby ?? new Uint8Array(), ...Object.fromEntries(written) })
  labelForSmack(kernel, HOME, Object.keys(scripts))
  labelForSelinux(kernel, policy.labels)
  const bear = (as: Subject): Task => {
    const task = createSubject(kernel, as)
    if (landlock !== null) ownRules.restrict(kernel, task)
    return task
  }
  return { kernel, neighbour: sleepingNeighbour(kernel), bear }
}

const bytesOf = (text: string | Uint8Array): Uint8Array =>
  (typeof text === 'string' ? new TextEncoder().encode(text) : text)

/** It has executed its program, and nobody runs it. */
const sleepingNeighbour = (kernel: Kernel): number => {
  const task = createSubject(kernel, { uid: VISITOR_UID })
  must(kernel.sys.execve(task, CAPRAISE, ['agent'], []), 'the neighbour')
  return task.pid
}
