/** One measured kernel: a few files, some open descriptors of two kinds, and its system call table. */
import { FMODE_READ } from '@lsmkit/abi'
import { MiniFile, MiniMachine } from './machine.ts'
import { boundary, openSyscalls, readSyscalls, statSyscalls } from './syscalls.ts'
import type { MiniTable } from './syscalls.ts'

export const SYS = { read: 0, stat: 1, open: 2, close: 3 } as const
export const PATH: readonly string[] = ['srv', 'app', 'lib', 'data', 'file']

export const bootMini = (lsm: MiniTable) => {
  const m = new MiniMachine()
  m.make(PATH, 16)
  m.make(['srv', 'other'], 16)
  const dentry = m.root.children.get('srv')!.children.get('other')!
  for (const op of m.operations) m.install(new MiniFile(FMODE_READ, { dentry }, op))
  const { sys_read } = readSyscalls(lsm, m)
  const { sys_stat } = statSyscalls(lsm, m)
  const { sys_open, sys_close } = openSyscalls(lsm, m)
  return { call: boundary([sys_read, sys_stat, sys_open, sys_close]), sys_read, sys_stat, sys_open }
}

export type MiniKernel = ReturnType<typeof bootMini>
