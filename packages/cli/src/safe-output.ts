/**
 * The one way by which commands print. A line is one line whatever names stand in it, nothing in it drives the terminal
 * but our own colours, and a runner of GitHub takes none for a command.
 */
import { printable, workflowLines } from '@lsmkit/abi/safe-text'
import type { Io } from './io.ts'
import type { Output } from './output.ts'

/** Colours and weights that commands use. What hides text is none of them. */
// oxlint-disable-next-line no-control-regex
const STYLE = /\u001b\[(?:0|1|2|4|22|24|3[0-7]|39|9[0-7])m/g

const plainLine = (text: string): string => printable(text).replaceAll('\n', '\\n')

const styledLine = (text: string): string => {
  let line = ''
  let from = 0
  for (const { 0: style, index } of text.matchAll(STYLE)) {
    line += plainLine(text.slice(from, index)) + style
    from = index + style.length
  }
  return line + plainLine(text.slice(from))
}

/** One line of ours as it may be printed. */
export const safeLine = (text: string, hasColors: () => boolean): string => {
  const line = text.includes('\u001b') && hasColors() ? styledLine(text) : plainLine(text)
  return process.env['GITHUB_ACTIONS'] === undefined ? line : workflowLines(line)
}

/** The same output, whose lines are safe. */
export const safeOutput = <T extends Output>(out: T): T => {
  const hasColors = (): boolean => out.colors.isColorSupported
  return Object.create(out, {
    print: { value: (line: string) => out.print(safeLine(line, hasColors)) },
    note: { value: (line: string) => out.note(safeLine(line, hasColors)) },
  }) as T
}

/** Output of a program or a reporter, as bytes that are not checked again. */
export const putBytes = (io: Io, text: string): void => io.stdout(new TextEncoder().encode(text))
