/** Releases of `--kernel` of the verifier, apart from it: help and completion do not load it (a test compares). */
import type { KernelRelease } from '@lsmkit/bpf/kernels'

export const kernelNames =
  ['5.10', '5.15', '6.1', '6.6', '6.12', '6.18', '7.3'] as const satisfies readonly KernelRelease[]
