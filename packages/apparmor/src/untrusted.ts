/** Names in records that may hold anything: quoted, or in hexadecimal where a reader could be deceived. */
import { hexText } from '@lsmkit/abi'
import { nameBytes } from './name.ts'

const isControl = (byte: number): boolean => byte === 0x22 || byte < 0x21 || byte > 0x7e

/** As `audit_log_untrustedstring`. */
export const untrusted = (name: string): string => {
  const bytes = nameBytes(name)
  if (!bytes.some(isControl)) return `"${name}"`
  return hexText(bytes).toUpperCase()
}
