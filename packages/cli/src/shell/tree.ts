/** The tree of `lsm shell`: the tools of `@lsmkit/wasi` in /bin, and a place to work in. */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { AT_FDCWD, errnoName, O_CREAT, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'
import { readBounded } from '../bounded-read.ts'
import { CommandError } from '../command-error.ts'
import { reading } from '../host-file.ts'

const WASM = '.wasm'
const OTHER_UID = 1001

/** On the host. */
const toolsFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs')

/** `shell`: a file of the host in the place of our /bin/sh. */
export const growTree = (kernel: Kernel, uid: number, shell: string | null): void => {
  const { sys, init } = kernel
  for (const dir of ['/bin', '/etc', '/tmp', '/home']) must(sys.mkdirat(init, AT_FDCWD, dir, 0o755), dir)
  must(sys.fchmodat(init, AT_FDCWD, '/tmp', 0o1777), '/tmp')
  must(sys.fchownat(init, AT_FDCWD, '/home', uid, uid, 0), '/home')
  const folder = toolsFolder()
  for (const file of readdirSync(folder).filter((name) => name.endsWith(WASM)))
    addFile(kernel, `/bin/${basename(file, WASM)}`, readBounded(join(folder, file)))
  if (shell !== null) addFile(kernel, '/bin/sh', reading(shell, () => readBounded(shell)))
  addOtherUser(kernel, uid, readBounded(join(folder, `sh${WASM}`)))
}

/** `/bin/other-user`: a shell that executes as another user (setuid), to try what users may do to each other. */
const addOtherUser = (kernel: Kernel, uid: number, shell: Uint8Array): void => {
  const { sys, init } = kernel
  const path = '/bin/other-user'
  const other = uid === OTHER_UID ? OTHER_UID + 1 : OTHER_UID
  addFile(kernel, path, shell)
  must(sys.fchownat(init, AT_FDCWD, path, other, other, 0), path)
  must(sys.fchmodat(init, AT_FDCWD, path, 0o4755), path)
}

const addFile = ({ sys, init }: Kernel, path: string, bytes: Uint8Array): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, 0o755), path)
  for (let at = 0; at < bytes.length;) at += must(sys.write(init, fd, bytes.subarray(at)), path)
  must(sys.close(init, fd), path)
}

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new CommandError('badInput', `the tree cannot be made: ${what}: ${errnoName(rc)}`)
  return rc
}
