/** For tests: a stack with Lockdown, and its file. */
import { S_IFREG } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import type { PseudoFile, PseudoIo } from '@lsmkit/core'
import { ask, buildersFor } from '@lsmkit/testkit'
import { lockdown } from '../src/lsm.ts'
import type { LockdownOptions } from '../src/lsm.ts'

export const aLockdown = (options: LockdownOptions = {}, cmdline = '') => {
  const log: string[] = []
  const lsm = lockdown({ printk: (line) => log.push(line), ...options })
  const stack = createStack({ lsms: [lsm], capability: 'none', cmdline })
  const build = buildersFor(stack)
  const task = build.aTask({ comm: 'kexec' })
  stack.current.task = task

  const file: PseudoFile = stack.pseudoFs.at(-1)!.files()[0]!
  const io: PseudoIo = {
    file: build.aFile({ inode: build.anInode({ i_mode: S_IFREG | file.mode }) }), pos: 0, answer: null, state: null,
  }
  const write = (text: string): number =>
    file.write!(io, Uint8Array.from(text, (char) => char.charCodeAt(0)))
  const shown = (): unknown => file.read!(io)
  const asked = (what: number) => ask(stack, 'locked_down', what)
  return { stack, log, file, write, shown, asked }
}
