/** Whether the verifier of a release loads the program of a recorded row. */
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { verify } from '@lsmkit/bpf/verifier'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import { constantProgram } from './constant-program.ts'

export interface ConstantVerdict {
  /** 0 or -errno. */
  readonly errno: number
  /** The last line of the log before its counts; empty for an accepted program. */
  readonly line: string
}

/** With our types, which have the hooks of that release. */
export const verifyConstant = (
  hook: string, returns: number, sleepable: boolean, release: KernelRelease,
): ConstantVerdict => {
  const object = constantProgram('row', hook, returns, sleepable, release)
  const { errno, log } = verify(object.programs[0]!, { object, kernelBtf: vmlinuxBtf(release), kernel: release })
  const lines = log.split('\n').filter((line) => line !== '' && !/^processed \d/.test(line))
  return { errno, line: errno === 0 ? '' : lines.at(-1) ?? '' }
}
