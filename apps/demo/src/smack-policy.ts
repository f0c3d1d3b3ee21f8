/** Smack's part of the tour's machine: who is labelled how, set the way an init of Linux does it, through smackfs. */
import { AT_FDCWD, errnoName, O_WRONLY, XATTR_NAME_SMACK, XATTR_NAME_SMACKEXEC } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'

/** A guest reads what has no label of its own (`_`), writes its home, and may only read and execute the system. */
export const smackRules = `
_ System rx
Guest System rx
Guest Home rwxat
`

/** Capabilities count for tasks of `_` alone: a guest that is root stays a guest. */
const onlycap = '_'

type Mark = readonly [path: string, attribute: string, label: string]

const marksOf = (home: string, scripts: readonly string[]): readonly Mark[] => [
  ['/etc/shadow', XATTR_NAME_SMACK, 'Secret'],
  ['/usr/bin', XATTR_NAME_SMACK, 'System'],
  ['/usr/bin/login', XATTR_NAME_SMACK, 'System'],
  ['/usr/bin/ruby', XATTR_NAME_SMACK, 'System'],
  ['/tmp', XATTR_NAME_SMACK, '*'],
  [home, XATTR_NAME_SMACK, 'Home'],
  ...scripts.map((path): Mark => [path, XATTR_NAME_SMACKEXEC, 'Guest']),
]

/** Does nothing on a machine without smackfs. A process that executes one of `scripts` becomes a guest. */
export const labelForSmack = (kernel: Kernel, home: string, scripts: readonly string[]): void => {
  const { sys, init } = kernel
  if (sys.faccessat(init, AT_FDCWD, '/sys/fs/smackfs/load2', 0) < 0) return
  for (const [path, attribute, label] of marksOf(home, scripts)) {
    must(sys.setxattr(init, path, attribute, new TextEncoder().encode(label), 0), path)
  }
  writeSmackFile(kernel, 'load2', smackRules)
  writeSmackFile(kernel, 'onlycap', onlycap)
}

/** Writes to a file of smackfs. */
export const writeSmackFile = ({ sys, init }: Kernel, name: string, text: string): void => {
  const path = `/sys/fs/smackfs/${name}`
  const fd = must(sys.openat(init, AT_FDCWD, path, O_WRONLY, 0), path)
  must(sys.write(init, fd, new TextEncoder().encode(text)), path)
  sys.close(init, fd)
}

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`Smack cannot be set up: ${what}: ${errnoName(rc)}`)
  return rc
}
