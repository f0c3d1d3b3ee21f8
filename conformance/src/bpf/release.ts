/** `--kernel RELEASE`: the kernel whose verifier is asked. */
import { kernelReleases } from '@lsmkit/bpf/verifier'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import type { Options } from '../suite.ts'
import { UsageError } from '../suite.ts'

/** 6.12 unless given. */
export const releaseOf = ({ kernel = '6.12' }: Options): KernelRelease => {
  const release = kernelReleases.find((one) => one === kernel)
  if (release === undefined)
    throw new UsageError(`\`${kernel}\` is not a kernel release with tables`, `releases: ${kernelReleases.join(', ')}`)
  return release
}
