/** Binary formats: loaders of files (fs/exec.c, search_binary_handler). */
import type { ExecBinprm } from './binprm.ts'

export interface Binfmt {
  readonly name: string
  /** Whether the first bytes of the file are of this format. */
  match(buf: Uint8Array): boolean
  /**
   * 0: loaded, or `bprm.interpreter` is open and loading goes on with it. -ENOEXEC: not this format after all, others
   * are tried. Any other -errno ends the exec.
   */
  load(bprm: ExecBinprm): number
}

/** Whether a text file may begin with this byte: no kernel module is requested for text. */
export const isPrintable = (byte: number): boolean => byte === 0x09 || byte === 0x0a || (byte >= 0x20 && byte <= 0x7e)
