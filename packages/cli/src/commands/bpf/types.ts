/** `lsm bpf types`: the types of our kernel, for compilers and other tools. */
import { headerOf, vmlinuxBtf, vmlinuxBytes } from '@lsmkit/bpf/vmlinux'
import type { Io } from '../../io.ts'
import { writeFile } from '../../output-files.ts'

export interface TypesOptions {
  /** `h`: vmlinux.h; `btf`: a raw `.BTF` section. */
  readonly format: 'h' | 'btf'
  /** A file in place of stdout. */
  readonly output?: string
}

export const typesCommand = (io: Io, { format, output }: TypesOptions): void => {
  const bytes = format === 'btf' ? vmlinuxBytes() : new TextEncoder().encode(headerOf(vmlinuxBtf()))
  if (output === undefined) return io.stdout(bytes)
  writeFile(io, output, bytes)
}
