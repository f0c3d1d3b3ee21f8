/** The launcher as something that can be executed: a file in memory, or one in the folder for temporary files. */
import { closeSync, mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EINVAL, errnoName, MFD_CLOEXEC, MFD_EXEC } from '@lsmkit/abi'
import { NativeError } from '../native-error.ts'
import { memfdCreate } from '../sys/files.ts'
import type { System } from '../sys/system.ts'

export interface ImageFile {
  readonly path: string
  readonly close: () => void
}

const F_DUPFD_CLOEXEC = 1030
/** Above all that a child is given. */
const FIRST_FD = 64

const inMemory = (system: System): number => {
  const fd = memfdCreate(system, 'lsmkit-launcher', MFD_CLOEXEC | MFD_EXEC)
  // before 6.3 there is no such flag
  return fd === -EINVAL ? memfdCreate(system, 'lsmkit-launcher', MFD_CLOEXEC) : fd
}

/** Where files in memory may not be executed (vm.memfd_noexec). */
const onDisk = (image: Uint8Array): ImageFile => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-launcher-'))
  const path = join(folder, 'launcher')
  writeFileSync(path, image, { mode: 0o700 })
  return { path, close: () => rmSync(folder, { recursive: true, force: true }) }
}

export const imageFile = (system: System, image: Uint8Array): ImageFile => {
  const first = inMemory(system)
  if (first < 0) return onDisk(image)
  const fd = system.call('fcntl', first, F_DUPFD_CLOEXEC, FIRST_FD)
  closeSync(first)
  if (fd < 0) throw new NativeError('start-failed', `\`fcntl\` answered ${errnoName(fd)}`)
  for (let at = 0; at < image.length;) at += writeSync(fd, image, at)
  return { path: `/proc/self/fd/${fd}`, close: () => closeSync(fd) }
}
