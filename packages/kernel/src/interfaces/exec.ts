/** execve(2) and what it loads, as the rest of the kernel sees them. */
import type { File } from '@lsmkit/core'
import type { Binfmt } from '../state/exec/binfmt.ts'
import type { ExecBinprm } from '../state/exec/binprm.ts'
import type { NativeProgram } from '../state/exec/native.ts'

export interface Exec {
  /** In the order in which they are asked. */
  readonly formats: readonly Binfmt[]
  registerBinfmt(format: Binfmt): void
  /** Registers a `hostFormat`, for a shell that is handed a kernel and does not load one. */
  registerHostFormat(name: string, match: (start: Uint8Array) => boolean, program: NativeProgram): void
  open_exec(name: string): File | number
  begin_new_exec(bprm: ExecBinprm): number
  setup_stack(bprm: ExecBinprm): number
  do_execveat(
    dfd: number, name: unknown, argv: readonly string[] | null, envp: readonly string[] | null, flags: number,
  ): number
}

export interface FirmwareLoader {
  request_firmware(name: string): Uint8Array | number
}
