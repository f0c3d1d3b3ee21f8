/** `lsm bpf types`: the types of our kernel, for compilers and other tools. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { headerOf, vmlinuxBtf, vmlinuxBytes } from '@lsmkit/bpf/vmlinux'
import { reading } from '../../host-file.ts'
import type { Io } from '../../io.ts'

export interface TypesOptions {
  /** `h`: vmlinux.h; `btf`: a raw `.BTF` section. */
  readonly format: 'h' | 'btf'
  /** A file in place of stdout. */
  readonly output?: string
}

export const typesCommand = (io: Io, { format, output }: TypesOptions): void => {
  const bytes = format === 'btf' ? vmlinuxBytes() : new TextEncoder().encode(headerOf(vmlinuxBtf()))
  if (output === undefined) return io.stdout(bytes)
  reading(output, () => writeFileSync(resolve(io.cwd, output), bytes), 'written')
}
