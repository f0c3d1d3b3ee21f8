/** System calls of the measured kernel. The lines that say `lsm.` are what the variants take away or replace. */
import { EACCES, EBADF, ENOENT, FMODE_READ, MAY_EXEC, MAY_READ } from '@lsmkit/abi'
import type { MiniDentry, MiniMachine } from './machine.ts'
import { MiniFile } from './machine.ts'

/** The hooks asked, with any objects: a host may bring its own. */
export type MiniTable = Readonly<Record<string, { ask(...args: unknown[]): number; tell(...args: unknown[]): void }>>

export const walkOf = (lsm: MiniTable) => {
  let found: MiniDentry | null = null
  function walk(root: MiniDentry, path: readonly string[]): number {
    let at = root
    for (let i = 0; i < path.length; i++) {
      const rc = lsm.inode_permission!.ask(at.d_inode, MAY_EXEC)
      if (rc !== 0) return rc
      const next = at.children.get(path[i]!)
      if (next === undefined) return -ENOENT
      at = next
    }
    found = at
    return 0
  }
  return { walk, result: () => found! }
}

export const readSyscalls = (lsm: MiniTable, m: MiniMachine) => {
  function sys_read(fd: number, buf: Uint8Array, count: number): number {
    const file = m.fds[fd]
    if (file === undefined || (file.f_mode & FMODE_READ) === 0) return -EBADF
    const rc = lsm.file_permission!.ask(file, MAY_READ)
    if (rc !== 0) return rc
    return file.f_op.read(file, buf, count)
  }
  return { sys_read }
}

export const statSyscalls = (lsm: MiniTable, m: MiniMachine) => {
  const { walk, result } = walkOf(lsm)
  function sys_stat(path: readonly string[], out: Int32Array): number {
    let rc = walk(m.root, path)
    if (rc !== 0) return rc
    const dentry = result()
    rc = lsm.inode_getattr!.ask(dentry)
    if (rc !== 0) return rc
    const { i_mode, i_size, i_ino } = dentry.d_inode
    out[0] = i_mode
    out[1] = i_size
    out[2] = i_ino
    return 0
  }
  return { sys_stat }
}

export const openSyscalls = (lsm: MiniTable, m: MiniMachine) => {
  const { walk, result } = walkOf(lsm)
  function sys_open(path: readonly string[], mode: number): number {
    let rc = walk(m.root, path)
    if (rc !== 0) return rc
    const dentry = result()
    rc = lsm.inode_permission!.ask(dentry.d_inode, MAY_READ)
    if (rc !== 0) return rc
    const file = new MiniFile(mode, { dentry }, m.operations[0]!)
    rc = lsm.file_open!.ask(file)
    return rc !== 0 ? rc : m.install(file)
  }
  function sys_close(fd: number): number {
    const file = m.fds[fd]
    if (file === undefined) return -EBADF
    m.fds[fd] = undefined
    // `void`: what a variant puts in its place may begin with a parenthesis, and would be a call of the line above
    void lsm.file_release!.tell(file)
    return 0
  }
  return { sys_open, sys_close }
}

type Handler = (a: never, b: never, c: never) => number

/** The boundary: what a handler throws denies. */
export const boundary =
  (handlers: readonly Handler[]) =>
    (nr: number, a?: unknown, b?: unknown, c?: unknown): number => {
      try {
        return handlers[nr]!(a as never, b as never, c as never) | 0
      } catch {
        return -EACCES
      }
    }
