/** The tree that programs find: the demo's, with the C tools in /usr/bin and a place to work in. */
import { AT_FDCWD, XATTR_NAME_SMACK } from '@lsmkit/abi'
import { labelForSmack } from '@lsmkit/demo/smack-policy'
import { growTree, HOME, must, VISITOR_UID, writeFile } from '@lsmkit/demo/tree'
import type { Kernel } from '@lsmkit/kernel'

const NOTES = `${HOME}/notes.txt`

/** `tools` are C programs by their name in /usr/bin. */
export const growConsoleTree = (kernel: Kernel, tools: Readonly<Record<string, Uint8Array>>): void => {
  growTree(kernel, Object.fromEntries(Object.entries(tools).map(([name, bytes]) => [`/usr/bin/${name}`, bytes])))
  writeFile(kernel, NOTES, new TextEncoder().encode('Remember the milk.\n'), 0o644)
  must(kernel.sys.fchownat(kernel.init, AT_FDCWD, NOTES, VISITOR_UID, VISITOR_UID, 0), NOTES)
}

/** Devices that everybody may use, as udev labels them for Smack. */
const devices = ['/dev/null', '/dev/zero', '/dev/tty', '/dev/ptmx']

/** Smack's labels and rules; a guest of Smack's is who executes the shell. */
export const labelForGuests = (kernel: Kernel): void => {
  labelForSmack(kernel, HOME, ['/usr/bin/sh'])
  const { sys, init } = kernel
  for (const path of [...devices, NOTES]) {
    const label = path.startsWith('/dev') ? '*' : 'Home'
    must(sys.setxattr(init, path, XATTR_NAME_SMACK, new TextEncoder().encode(label), 0), path)
  }
}
