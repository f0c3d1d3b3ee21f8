/** /sys/kernel/security/loadpin/dm-verity: by ioctl it is given a file that lists digests to be trusted. */
import {
  EFAULT, EINVAL, EPERM, EPROTO, LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, READING_POLICY, SECURITYFS_MAGIC,
} from '@lsmkit/abi'
import type { PseudoFile, PseudoFs, Ref } from '@lsmkit/core'
import type { LoadPin } from './state.ts'

const HEADER = '# LOADPIN_TRUSTED_VERITY_ROOT_DIGESTS'
/** Bytes of the longest list. */
const LONGEST = 4095

/** As `strim`: what `isspace` of the kernel takes off both ends, the no-break space included. */
const trimmed = (text: string): string => text.replace(/^[\t-\r \xa0]+|[\t-\r \xa0]+$/g, '')
const isDigest = (line: string): boolean => /^(?:[0-9a-f]{2})*$/i.test(line)

/**
 * The digests of a list, in lower case; null if it is not a list, or lists nothing. With the kernel's quirk: behind
 * blanks there is no header to be checked, and the first line is a digest as the others are.
 */
export const parseDigests = (bytes: Uint8Array): string[] | null => {
  const end = bytes.indexOf(0)
  const text = new TextDecoder('latin1').decode(end < 0 ? bytes : bytes.subarray(0, end))
  const lines = trimmed(text).split('\n')
  const hasHeader = trimmed(text[0] ?? '') !== '' || lines[0] === ''
  if (hasHeader && lines.shift() !== HEADER) return null
  return lines.length > 0 && lines.every(isDigest) ? lines.map((line) => line.toLowerCase()) : null
}

/** As `read_trusted_verity_root_digests`: taken once; a failure is for good. */
const trust = (loadpin: LoadPin, fd: number): number => {
  if (loadpin.refusesDigests || loadpin.trusted.size > 0) return -EPERM
  const bytes = loadpin.ctx.host.kernel_read_file!(fd, LONGEST, READING_POLICY)
  if (bytes === null) return -EINVAL
  const digests = typeof bytes === 'number' ? null : parseDigests(bytes)
  if (digests === null) {
    loadpin.refusesDigests = true
    return typeof bytes === 'number' ? bytes : -EPROTO
  }
  for (const digest of digests) loadpin.trusted.add(digest)
  return 0
}

const verityFile = (loadpin: LoadPin): PseudoFile => ({
  name: 'loadpin/dm-verity',
  mode: 0o600,
  seekable: false,
  ioctl(_io, cmd, arg) {
    if (cmd !== LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS) return -EINVAL
    if (typeof arg !== 'object' || arg === null) return -EFAULT
    return trust(loadpin, (arg as Ref<number>).value)
  },
})

export const loadpinFs = (loadpin: LoadPin): PseudoFs => {
  const files = [verityFile(loadpin)]
  return { type: 'securityfs', magic: SECURITYFS_MAGIC, mountPoint: '/sys/kernel/security', files: () => files }
}
