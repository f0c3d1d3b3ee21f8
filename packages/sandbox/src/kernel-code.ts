/**
 * The choice of the code that the kernel of a box is loaded from: scripts, which start sooner, or the packages, if
 * somebody works with the kernels of boxes by means of them.
 */
import { OptionError } from '@lsmkit/core/option-rules'
import { FileError } from '@lsmkit/kernel/files'
import type * as inline from './inline.ts'
import { loadBuilt } from './node-host.ts'
import { SandboxError } from './sandbox-error.ts'
import type { ShellSource } from './shell.ts'

/** Whether code of the user, which imports the packages, is to work with the kernel: it would not know the scripts'. */
export const joinsKernel = (modules: readonly unknown[] = [], shell: ShellSource | null): boolean =>
  modules.length > 0 || (shell !== null && shell.isHanded !== true)

type Inline = Pick<typeof inline, 'openInline'>
interface Here {
  loadHere(script: string, classes: readonly unknown[]): Promise<Inline | null>
}

let needsPackages = false
let scripts: Promise<Inline | null> | null = null

/** From now on, inline boxes run on the packages. */
export const usePackages = (): void => void (needsPackages = true)

/** Null where the scripts cannot run, or do not stand for the packages. */
const loadScripts = async (): Promise<Inline | null> => {
  const here = loadBuilt('./here.cjs') as Here | null
  return here === null ? null : here.loadHere('inline.js', [OptionError, FileError, SandboxError])
}

/** The code of an inline box. A program whose boxes are all in the worker never loads it. */
export const inlineCode = async (): Promise<Inline> =>
  (needsPackages ? null : await (scripts ??= loadScripts())) ?? import('./inline.ts')
