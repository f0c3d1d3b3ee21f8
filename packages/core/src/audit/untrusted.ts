/** Text that a program could have chosen, made safe for a line of `key=value` pairs. */
import { hexText } from '@lsmkit/abi'

/** As `audit_log_untrustedstring`: in quotes, or as hexadecimal when a byte of it is a blank, a quote or not ASCII. */
export const untrusted = (text: string): string => (/["\0-\x20]|[^\0-\x7e]/.test(text) ? hex(text) : `"${text}"`)

/**
 * A sentence of an LSM's, in records the kernel does not know: in quotes with its blanks, as hexadecimal only when a
 * quote or a control character could end the value early.
 */
export const sentence = (text: string): string => (/["\p{Cc}]/u.test(text) ? hex(text) : `"${text}"`)

const hex = (text: string): string => hexText(new TextEncoder().encode(text)).toUpperCase()
