/** The tree that programs find: the tour's, with the C tools in /usr/bin and a place to work in. */
import { AT_FDCWD, errnoName, O_CREAT, O_TRUNC, O_WRONLY, XATTR_NAME_SMACK } from '@lsmkit/abi'
import { XATTR_NAME_WARDEN } from '@lsmkit-examples/own-lsm'
import { labelForSmack } from '@lsmkit/demo/smack-policy'
import type { Kernel } from '@lsmkit/kernel'

export const HOME = '/home/visitor'
export const VISITOR_UID = 1000

type Entry = readonly [path: string, mode: number, contents?: string, mark?: string]

const passwd = 'root:x:0:0::/root:/bin/sh\nvisitor:x:1000:1000::/home/visitor:/bin/sh\n'

/** In order: a mark of warden's on a folder is inherited by what is made in it. */
const tree: readonly Entry[] = [
  ['/etc', 0o755],
  ['/etc/passwd', 0o644, passwd],
  ['/etc/shadow', 0o600, 'root:$y$j9T$not.a.real.hash:20000::::::\n', 'secret'],
  ['/usr', 0o755],
  ['/usr/bin', 0o755, undefined, 'system'],
  ['/usr/bin/login', 0o755, '#!/bin/sh\n'],
  // taken by Ruby itself when it is asked for
  ['/usr/bin/ruby', 0o755, '#!/bin/sh\n'],
  ['/srv', 0o755],
  ['/srv/report', 0o644, 'figures of the quarter\n'],
  ['/srv/tool', 0o777, '#!/bin/sh\n'],
  ['/srv/tour', 0o755, undefined, 'guest'],
]

/** `tools` are C programs by their name in /usr/bin. */
export const growTree = (kernel: Kernel, tools: Readonly<Record<string, Uint8Array>>): void => {
  const { sys, init } = kernel
  for (const entry of tree) make(kernel, entry)
  must(sys.symlinkat(init, 'usr/bin', AT_FDCWD, '/bin'), '/bin')
  for (const [name, bytes] of Object.entries(tools)) writeFile(kernel, `/usr/bin/${name}`, bytes, 0o755)
  make(kernel, ['/home', 0o755])
  make(kernel, [HOME, 0o700])
  make(kernel, [`${HOME}/notes.txt`, 0o644, 'Remember the milk.\n'])
  for (const path of [HOME, `${HOME}/notes.txt`])
    must(sys.fchownat(init, AT_FDCWD, path, VISITOR_UID, VISITOR_UID, 0), path)
}

/** Devices that everybody may use, as udev labels them for Smack. */
const devices = ['/dev/null', '/dev/zero', '/dev/tty', '/dev/ptmx']

/** Smack's labels and rules; a guest of Smack's is who executes the shell. */
export const labelForGuests = (kernel: Kernel): void => {
  labelForSmack(kernel, HOME, ['/usr/bin/sh'])
  const { sys, init } = kernel
  for (const path of [...devices, `${HOME}/notes.txt`]) {
    const label = path.startsWith('/dev') ? '*' : 'Home'
    must(sys.setxattr(init, path, XATTR_NAME_SMACK, new TextEncoder().encode(label), 0), path)
  }
}

const make = (kernel: Kernel, [path, mode, contents, mark]: Entry): void => {
  const { sys, init } = kernel
  if (contents === undefined) {
    const rc = sys.mkdirat(init, AT_FDCWD, path, mode)
    if (rc < 0 && errnoName(rc) !== 'EEXIST') must(rc, path)
  } else writeFile(kernel, path, new TextEncoder().encode(contents), mode)
  if (mark !== undefined) must(sys.setxattr(init, path, XATTR_NAME_WARDEN, new TextEncoder().encode(mark), 0), path)
}

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
