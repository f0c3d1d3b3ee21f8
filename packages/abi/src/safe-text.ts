/**
 * Text that others have written, made safe for the place where it is shown. Names of files, labels, programs and
 * policies come from strangers: a newline in one begins a line of ours, an escape sequence drives the terminal, a
 * backtick ends a quotation, and `::add-mask::` at the start of a line commands a runner.
 *
 * Each function is for one medium, and its answer has the medium in its type: what prints takes `SafeText`, so that a
 * raw name does not compile.
 */

declare const medium: unique symbol
/** Where text is safe: lines on a terminal; one line of it or of a log; Markdown; GitHub's runner; a model's prompt. */
export type Medium = 'terminal' | 'line' | 'markdown' | 'workflow' | 'prompt'
/** Text that one of the functions below has made, or that is a constant of ours (`ours`). */
export type SafeText<M extends Medium> = string & { readonly [medium]: M }

/** Nearly all text. The expression of `escaped` takes V8 a millisecond to read, and most processes never need it. */
const PLAIN = /^[\n\t -~]*$/

/** V8 keeps all matches of an expression in one list, and ends the process where there are 134,217,728. */
const PIECE = 2 ** 20

/** No piece ends between the halves of a character. */
const pieces = (text: string): string[] => {
  const found: string[] = []
  for (let from = 0; from < text.length;) {
    const half = (text.charCodeAt(from + PIECE - 1) & 0xfc00) === 0xd800
    const to = from + PIECE - (half ? 1 : 0)
    found.push(text.slice(from, to))
    from = to
  }
  return found
}

/**
 * Text with escapes for what acts instead of being seen, but for tab and end of line: controls (C0, C1), what turns the
 * direction of text, what has no width, tags, separators of lines and paragraphs, and halves of characters.
 */
const escaped = (text: string, escape: (char: string) => string): string => {
  if (PLAIN.test(text)) return text
  if (text.length > PIECE) return pieces(text).map((piece) => escaped(piece, escape)).join('')
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escape)
}

/** A byte of a name that is not UTF-8 is kept as half a character, from 80 on. */
const BYTE = 0xdc00

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')
const escapeOf = (char: string): string => {
  const code = char.codePointAt(0)!
  if (code < 0x100) return `\\x${hex(code, 2)}`
  if (code >= BYTE + 0x80 && code <= BYTE + 0xff) return `\\x${hex(code - BYTE, 2)}`
  return code > 0xffff ? `\\u{${hex(code, 5)}}` : `\\u${hex(code, 4)}`
}

/**
 * Text of several lines for a terminal: the same with `\x1b` and the like in place of characters that would act instead
 * of being seen. Doing it twice changes nothing.
 */
export const printable = (text: string): SafeText<'terminal'> => escaped(text, escapeOf) as SafeText<'terminal'>

/** As long as the longest path of Linux; a name that is longer says little more. */
const MOST = 4096

const shortened = (text: string, most: number): string => {
  if (text.length <= most) return text
  const [head, tail] = [Math.ceil(most * 0.75), Math.floor(most * 0.25)]
  return `${text.slice(0, head)}…(${text.length - head - tail} more characters)…${text.slice(-tail)}`
}

/** One line, for a terminal, a log or a sentence: ends of lines and tabs are shown. At most 4,096 characters. */
export const oneLine = (text: string, most = MOST): SafeText<'line'> =>
  printable(shortened(text, most)).replaceAll('\n', '\\n').replaceAll('\t', '\\t') as string as SafeText<'line'>

/** Behind one of ours, a backtick of a name would end the quotation. */
const unquoted = (text: string): string => text.replaceAll('`', '\\x60')

/**
 * A line of ours in which names stand: sentence`\`${path}\`: refused by ${lsm}`. Each value is made safe; one that
 * stands between backticks cannot end them.
 */
export const sentence = (words: TemplateStringsArray, ...values: readonly unknown[]): SafeText<'line'> =>
  words.reduce((line, word, i) => {
    const value = oneLine(String(values[i - 1]))
    return line + (line.endsWith('`') && word.startsWith('`') ? unquoted(value) : value) + word
  }) as SafeText<'line'>

/**
 * A code span, where neither HTML nor mentions nor links count. It is one line, and its fence is longer than any run
 * of backticks in it.
 */
export const markdownCode = (text: string): SafeText<'markdown'> => {
  const line = oneLine(text)
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const inner = /^`|`$|^ .* $|^$/.test(line) ? ` ${line} ` : line
  return (fence + inner + fence) as SafeText<'markdown'>
}

/** The data of a command of GitHub's runner, as @actions/core escapes it; lines stay lines. */
export const workflowData = (text: string): SafeText<'workflow'> =>
  printable(text.replaceAll('\r\n', '\n'))
    .replaceAll('%', '%25').replaceAll('\n', '%0A').replaceAll('\t', '%09') as string as SafeText<'workflow'>

/** A property of such a command: neither colon nor comma. */
export const workflowProperty = (text: string): SafeText<'workflow'> =>
  workflowData(text).replaceAll(':', '%3A').replaceAll(',', '%2C') as string as SafeText<'workflow'>

/** Lines that a runner reads and takes for no command: it obeys `::` at the start of one, and `##[` anywhere. */
export const workflowLines = (text: string): SafeText<'workflow'> =>
  text.replace(/^(\s*):(?=:)/gm, '$1\\x3a').replaceAll('##[', '#\\x23[') as SafeText<'workflow'>

/** A sentence of ours in what a model reads: one line of at most 2,000 characters, without what could end a tag. */
export const promptText = (text: string): SafeText<'prompt'> =>
  oneLine(text, 2000).replace(/[<>]/g, (char) => `\\x${hex(char.charCodeAt(0), 2)}`) as string as SafeText<'prompt'>

/**
 * A name in what a model reads: one line of at most 1,000 characters, without what could end a quotation, a fence or a
 * tag. It stays something that a stranger has written.
 */
export const promptName = (text: string): SafeText<'prompt'> =>
  unquoted(promptText(shortened(text, 1000))) as SafeText<'prompt'>

const unitsOf = (char: string): string =>
  Array.from({ length: char.length }, (_, i) => `\\u${hex(char.charCodeAt(i), 4)}`).join('')

/** JSON that can be printed: the same document, with escapes for what acts on a terminal. */
export const printableJson = (json: string): SafeText<'terminal'> =>
  escaped(json, unitsOf) as SafeText<'terminal'>

/** A text that is safe already, and what to do about it: messages of errors are such, `no hook x (did you mean y?)`. */
export const withHint = (text: SafeText<'line' | 'terminal'>, hint: string | null): SafeText<'terminal'> =>
  (hint === null || hint === '' ? text : `${text} (${oneLine(hint)})`) as string as SafeText<'terminal'>
