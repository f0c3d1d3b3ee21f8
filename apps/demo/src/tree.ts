/** The common parts of every machine of the demo: users, files and their marks, and how files are written to it. */
import { AT_FDCWD, errnoName, O_CREAT, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import { XATTR_NAME_WARDEN } from '@lsmkit-examples/own-lsm'
import type { Kernel } from '@lsmkit/kernel'

export const VISITOR_UID = 1000
export const HOME = '/home/visitor'

/** Without contents it is a folder; the mark is warden's. */
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
  // its place: Ruby is written there where it runs
  ['/usr/bin/ruby', 0o755, '#!/bin/sh\n'],
  ['/srv', 0o755],
  ['/srv/report', 0o644, 'figures of the quarter\n'],
  // anybody may write and execute it
  ['/srv/tool', 0o777, '#!/bin/sh\n'],
  ['/srv/tour', 0o755, undefined, 'guest'],
  ['/home', 0o755],
  [HOME, 0o700],
]

/** `programs` are files by path, which everybody may execute. */
export const growTree = (kernel: Kernel, programs: Readonly<Record<string, Uint8Array>>): void => {
  const { sys, init } = kernel
  for (const entry of tree) make(kernel, entry)
  must(sys.symlinkat(init, 'usr/bin', AT_FDCWD, '/bin'), '/bin')
  must(sys.fchownat(init, AT_FDCWD, HOME, VISITOR_UID, VISITOR_UID, 0), HOME)
  for (const [path, bytes] of Object.entries(programs)) writeFile(kernel, path, bytes, 0o755)
}

const make = (kernel: Kernel, [path, mode, contents, mark]: Entry): void => {
  const { sys, init } = kernel
  if (contents === undefined) {
    const rc = sys.mkdirat(init, AT_FDCWD, path, mode)
    if (rc < 0 && errnoName(rc) !== 'EEXIST') must(rc, path)
  } else writeFile(kernel, path, new TextEncoder().encode(contents), mode)
  if (mark !== undefined) must(sys.setxattr(init, path, XATTR_NAME_WARDEN, new TextEncoder().encode(mark), 0), path)
}

/** By init, whatever its umask is. */
export const writeFile = ({ sys, init }: Kernel, path: string, bytes: Uint8Array, mode: number): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode), path)
  for (let at = 0; at < bytes.length;) at += must(sys.write(init, fd, bytes.subarray(at)), path)
  must(sys.close(init, fd), path)
  must(sys.fchmodat(init, AT_FDCWD, path, mode), path)
}

export const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`the tree cannot be made: ${what}: ${errnoName(rc)}`)
  return rc
}
