/** Text that others have written, in messages that people read on a terminal. */

const escapeOf = (char: string): string => {
  const code = char.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/**
 * The same text with `\x1b` and the like in place of characters that would act instead of being seen: controls but tab
 * and end of line, and what turns the direction of text. Terminals and editors obey those.
 */
export const printable = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escapeOf)

/** A sentence and what to do about it, printable, as messages of errors are: `no such hook (did you mean x?)`. */
export const withHint = (sentence: string, hint: string | null): string =>
  printable(hint === null || hint === '' ? sentence : `${sentence} (${hint})`)
