/** Functions in the texts of smack-fs that no C library has: labelled things, and descriptors that are sent. */
import { AT_FDCWD, O_CREAT, O_WRONLY, S_IFIFO } from '@lsmkit/abi'
import type { Actor } from '../c/actor.ts'
import type { Builtin, CMachine } from '../c/machine.ts'
import { passing } from '../operations/passing.ts'

const encoder = new TextEncoder()
/** The first bytes of an executable file. */
export const PROGRAM = encoder.encode('\x7frow')
const HELLO = encoder.encode('hello')
const OWNER = 1000

export const helpers = (m: CMachine, { sys }: Actor): Record<string, Builtin> => {
  const attribute = (path: string, name: string, value: string): number =>
    sys.lsetxattr(path, `security.${name}`, encoder.encode(value), 0)
  const make = (path: string, contents: Uint8Array, label: string): number => {
    const fd = sys.openat(AT_FDCWD, path, O_CREAT | O_WRONLY, 0o777)
    if (fd < 0) return fd
    sys.write(fd, contents)
    sys.close(fd)
    const rc = sys.chown(path, OWNER, OWNER) || sys.setxattr(path, 'user.t', encoder.encode('v'), 0)
    return rc || attribute(path, 'SMACK64', label)
  }
  return {
    file: (name, label) => make(m.text(name)!, HELLO, m.text(label)!),
    program: (name, label) => make(m.text(name)!, PROGRAM, m.text(label)!),
    fifo: (name, label) =>
      sys.mknod(m.text(name), S_IFIFO | 0o777, 0) || attribute(m.text(name)!, 'SMACK64', m.text(label)!),
    dir: (name, label) => {
      const path = m.text(name)!
      return sys.mkdir(path, 0o777) || sys.chown(path, OWNER, OWNER) || attribute(path, 'SMACK64', m.text(label)!)
    },
    label: (name, label) => attribute(m.text(name)!, 'SMACK64', m.text(label)!),
    attribute: (name, key, value) => attribute(m.text(name)!, m.text(key)!, m.text(value)!),
    execute: (name) => sys.execve(m.text(name)!, [m.text(name)!], []),
    ...passing(m, sys),
  }
}
