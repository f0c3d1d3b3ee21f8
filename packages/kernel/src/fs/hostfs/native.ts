/** Native calls, where this host has them. */
import { closeSync, openSync } from 'node:fs'
import { errnoName, O_DIRECTORY, O_PATH } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core'
import { NativeCalls } from './native-calls.ts'

let known: NativeCalls | null = null

/** Native calls cannot be had on this host. */
export class HostfsError extends LsmkitError<'no-native'> {}

export const noNative = (message: string, hint: string, cause?: unknown): HostfsError =>
  new HostfsError('no-native', message, { place: 'hostfs: native', hint, cause })

const WITHOUT = 'leave `native` out: folders work without it, by the calls of Node'

/** One for all folders of the process. Throws HostfsError. */
export const nativeCalls = (): NativeCalls => {
  if (known !== null) return known
  const { platform, arch } = process
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw noNative(`${platform} on ${arch} has no native calls`, WITHOUT)
  }
  let calls: NativeCalls
  try {
    calls = new NativeCalls(arch)
  } catch (cause) {
    throw noNative('`koffi` cannot be loaded', 'npm install koffi', cause)
  }
  assertOpens(calls)
  return (known = calls)
}

/** An old kernel, or a filter of system calls as containers have it, refuses openat2. */
const assertOpens = (calls: NativeCalls): void => {
  // a process behind walls may not read this folder; it may name it
  const root = openSync('/', O_PATH | O_DIRECTORY)
  const fd = calls.reopen(root, O_PATH | O_DIRECTORY)
  closeSync(root)
  if (fd < 0) throw noNative(`openat2 is refused with ${errnoName(-fd)}`, WITHOUT)
  calls.close(fd)
}
