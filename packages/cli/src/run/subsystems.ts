/**
 * The parts of the kernel that a program runs on. A plain program reaches the folders that are opened to it, and
 * nothing else of the tree: its kernel starts sooner without subsystems and mounts that it cannot reach.
 */
import type { ChosenBootOptions } from '@lsmkit/kernel/boot'
import { limitNames } from '@lsmkit/wasi/limits'

/** Options that show a program, or the one who runs it, nothing of the kernel. */
const PLAIN: ReadonlySet<string> = new Set([
  'uid', 'user', 'caps', 'env', 'stdin', 'mount', 'unlimited', 'quiet', 'json', ...limitNames,
])

/** A module of WebAssembly, not a component. */
const CORE = '\0asm\x01\0\0\0'

const isPlain = (image: Uint8Array, options: object): boolean =>
  Buffer.from(image.buffer, image.byteOffset, image.length).toString('latin1', 0, CORE.length) === CORE &&
  Object.entries(options).every(([name, value]) => value === undefined || PLAIN.has(name))

type KernelParts = Required<Pick<ChosenBootOptions, 'subsystems' | 'usualMounts'>>

export const kernelPartsFor = async (
  image: Uint8Array, options: object, hasTerminal: boolean,
): Promise<KernelParts> => {
  if (!isPlain(image, options)) {
    return { subsystems: (await import('@lsmkit/kernel/subsystems')).everySubsystem, usualMounts: true }
  }
  if (!hasTerminal) return { subsystems: [], usualMounts: false }
  return { subsystems: (await import('@lsmkit/kernel/subsystems/programs')).programSubsystems, usualMounts: true }
}
