/** `lsm bpf header`: the folder of `lsmkit.h`, for a compiler's `-I`. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Io } from '../../io.ts'
import { printJson } from '../../output.ts'

export const headerCommand = (io: Io, { json = false }: { readonly json?: boolean }): void => {
  const header = createRequire(import.meta.url).resolve('@lsmkit/bpf/objects/lsmkit.h')
  if (json) return printJson(io, { folder: dirname(header), header })
  return io.print(dirname(header))
}
