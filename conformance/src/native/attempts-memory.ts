/** Attempts by children that share memory with the one that started them. */
import { join } from 'node:path'
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM, LAST, SIGCHLD, callsOfChild, placed, steady } from './machine-code.ts'
import type { ChildResult, RawCall } from './machine-code.ts'
import { AT_FDCWD, abstractAddress, text } from './target.ts'
import type { Attempt, Target } from './target.ts'

const CLONE_FS = 0x200
const CLONE_FILES = 0x400
const CLONE_SIGHAND = 0x800
const CLONE_PARENT = 0x8000
const CLONE_SYSVSEM = 0x4_0000
const CLONE_UNTRACED = 0x80_0000
const CLONE_IO = 0x8000_0000

const kinds: readonly (readonly [name: string, flags: number])[] = [
  ['a child in the same memory', CLONE_VM | SIGCHLD],
  ['a child of vfork', CLONE_VM | CLONE_VFORK | SIGCHLD],
  ['a child with the same descriptors', CLONE_VM | CLONE_FILES | SIGCHLD],
  ['a child with the same folder', CLONE_VM | CLONE_FS | SIGCHLD],
  ['a child without a signal', CLONE_VM],
  ['a child that is not traced', CLONE_VM | CLONE_UNTRACED | SIGCHLD],
  ['a child with the same input and output', (CLONE_VM | CLONE_IO | SIGCHLD) >>> 0],
  ['a sister', CLONE_VM | CLONE_PARENT | SIGCHLD],
  ['a thread without a library',
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM],
]

const SIGWINCH = 28
const SIZE = 4096
let made = 0

const has = ({ last }: ChildResult): boolean => last !== null && last >= 0

/** What the child does, and whether that got out. */
const acts: readonly (readonly [name: string, run: (t: Target, flags: number) => boolean])[] = [
  ['reads', (t, flags) => {
    const found = steady(SIZE)
    callsOfChild(t, flags, [
      ['openat', AT_FDCWD, placed(t, text(t.secret)), 0, 0], ['read', LAST, t.sys.address(found), SIZE],
    ])
    return Buffer.from(found).includes(t.canary)
  }],
  ['makes a folder', (t, flags) => {
    const path = join(t.outside, `by-child-${process.pid}-${made++}`)
    return has(callsOfChild(t, flags, [['mkdirat', AT_FDCWD, placed(t, text(path)), 0o700]]))
  }],
  ['sends a signal', (t, flags) => has(callsOfChild(t, flags, [['kill', t.sleeper, SIGWINCH]]))],
  ['connects', (t, flags) => {
    const address = abstractAddress(t.abstract)
    const calls: RawCall[] = [['socket', 1, 1, 0], ['connect', LAST, placed(t, address), address.length]]
    return has(callsOfChild(t, flags, calls))
  }],
]

export const memoryAttempts: readonly Attempt[] = kinds.flatMap(([kind, flags]) => acts.map(([act, run]): Attempt => ({
  name: `${kind}: ${act}`, alone: true, run: (t) => run(t, flags),
})))
