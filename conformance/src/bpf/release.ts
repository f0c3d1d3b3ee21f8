/** `--kernel RELEASE`: the kernel whose verifier is asked. */
import { kernelReleases } from '@lsmkit/bpf/verifier'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import type { Options } from '../suite.ts'
import { UsageError } from '../suite.ts'

/** 6.12 unless given. Throws UsageError for a release that is not in `known`. */
export const releaseOf = (
  { kernel = '6.12' }: Options, known: readonly KernelRelease[] = kernelReleases,
): KernelRelease => {
  const release = known.find((one) => one === kernel)
  if (release === undefined)
    throw new UsageError(`this suite has no table of the kernel release \`${kernel}\``, `releases: ${known.join(', ')}`)
  return release
}
