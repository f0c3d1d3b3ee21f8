/**
 * Smack labels as text: which bytes they have and where one ends in a longer text (smk_parse_label_len).
 *
 * Text from user space is a string of one character a byte (parse/bytes.ts); its end counts as the NUL of C.
 */
import { EINVAL } from '@lsmkit/abi'

/** A label by number: its secid, which is positive. 0 is not a label. */
export type Label = number

/** Bytes of the field in the old formats; a label that shall be written there has at most 23. */
export const SMK_LABELLEN = 24
/** Bytes of the longest label and its NUL. */
export const SMK_LONGLABEL = 256

const MINUS = 0x2d
const TILDE = 0x7e
const SPACE = 0x20

/** Printable, and none of `"` `'` `/` `\`. All else, the end of the text included, ends a label. */
export const isLabelByte = (byte: number): boolean =>
  byte > SPACE && byte <= TILDE && byte !== 0x22 && byte !== 0x27 && byte !== 0x2f && byte !== 0x5c

/**
 * Where the label that starts at `at` ends: the longest run of label bytes among the next `len` ones; `len` outside 1
 * to
 * 256 stands for 256. -EINVAL when there is none, when it starts with `-` (an option such as `-CIPSO`), or when it does
 * not end within 255 bytes.
 */
export const labelEnd = (text: string, at: number, len = 0): number => {
  if (text.charCodeAt(at) === MINUS) return -EINVAL
  const limit = at + (len <= 0 || len > SMK_LONGLABEL ? SMK_LONGLABEL : len)
  let end = at
  while (end < limit && isLabelByte(text.charCodeAt(end))) end++
  return end === at || end - at >= SMK_LONGLABEL ? -EINVAL : end
}

/** The label a text starts with, or null: `parseLabel('foo/bar')` is `foo`. `len` as in `labelEnd`. */
export const parseLabel = (text: string, len = 0): string | null => {
  const end = labelEnd(text, 0, len)
  return end < 0 ? null : text.slice(0, end)
}
