/** Code shared by the files of selinuxfs: who may write, how a write is read, and answers to questions. */
import { EBUSY, EFBIG, EINVAL, ENOMEM, ERANGE, PAGE_SIZE } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import type { PermissionName } from '../class-map.ts'
import { contextText } from '../context-text.ts'
import { SECINITSID_SECURITY } from '../initial-sids.ts'
import type { Selinux } from '../state.ts'

/** A page less its header and a NUL. */
const TRANSACTION_LIMIT = PAGE_SIZE - 8 - 1
/** What a descriptor has been asked, even if it was no question. */
const ASKED = Uint8Array.of()

/** May the running task do this with the policy? 0 or -EACCES. */
export const mayDo = (selinux: Selinux, perm: PermissionName<'security'>): number =>
  currentHas(selinux, SECINITSID_SECURITY, SECCLASS.security, AV.security[perm])

export const readOnly = (name: string, read: PseudoFile['read'], mode = 0o444): PseudoFile =>
  ({ name, mode, read: read! })

/** As sscanf's `%d` and `%u`: a number at the start of the text, cut to 32 bits; null of none. */
export const scanInt = (text: string): number | null => {
  const found = /^\s*(-?\d+)/.exec(text)
  return found === null ? null : Number(found[1]) | 0
}
export const scanUnsigned = (text: string): number | null => {
  const found = /^\s*(\d+)/.exec(text)
  return found === null ? null : Number(found[1]) >>> 0
}

type Write = NonNullable<PseudoFile['write']>

/** A number written in one piece, by those who may: `set` takes it, and answers 0 or -errno. */
export const numberWrite = (
  scan: (text: string) => number | null, set: (value: number) => number, mayWrite = (): number => 0,
): Write =>
  ({ pos }, data) => {
    if (data.length >= PAGE_SIZE) return -ENOMEM
    if (pos !== 0) return -EINVAL
    const refused = mayWrite()
    if (refused !== 0) return refused
    const value = scan(contextText(data))
    if (value === null) return -EINVAL
    return set(value) || data.length
  }

/** A write that nobody looks at before the task has been asked about. */
export const guarded = (selinux: Selinux, perm: PermissionName<'security'>, write: Write): Write =>
  (io, data) => mayDo(selinux, perm) || write(io, data)

/**
 * One question a descriptor, answered by reading it (selinux_transaction_write). The answer is text or -errno. Without
 * a permission anybody may ask.
 */
export const transaction = (
  selinux: Selinux, name: string, perm: PermissionName<'security'> | null, ask: (text: string) => string | number,
): PseudoFile => ({
  name,
  mode: 0o666,
  read: ({ answer }) => answer ?? ASKED,
  write(io, data) {
    if (data.length > TRANSACTION_LIMIT) return -EFBIG
    if (io.answer !== null) return -EBUSY
    io.answer = ASKED
    const refused = perm === null ? 0 : mayDo(selinux, perm)
    if (refused !== 0) return refused
    const answer = ask(contextText(data))
    if (typeof answer === 'number') return answer
    const bytes = new TextEncoder().encode(answer)
    if (bytes.length > TRANSACTION_LIMIT) return -ERANGE
    io.answer = bytes
    return data.length
  },
})

/** `comm (pid)` of who writes, as lines of the kernel log have it. */
export const writer = ({ ctx: { current: { task } } }: Selinux): string => `SELinux: ${task.comm} (${task.pid})`

/** Says once that what was written to a file has no effect any more. */
export const saysRetired = (selinux: Selinux, name: string): (() => void) => {
  let said = false
  return () => {
    if (!said) selinux.printk(`${writer(selinux)} wrote to ${name}. This is no longer supported.`)
    said = true
  }
}
