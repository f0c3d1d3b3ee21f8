/**
 * `#!` scripts (fs/binfmt_script.c): the line is read from the first 256 bytes, and the interpreter is loaded
 * instead.
 */
import { BINPRM_BUF_SIZE, ENOENT, ENOEXEC } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Binfmt } from '../state/exec/binfmt.ts'

const HASH = 0x23
const BANG = 0x21
const NEWLINE = 0x0a
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09
const decoder = new TextDecoder()

export interface ScriptLine {
  readonly interpreter: string
  /** Everything after the blanks behind the interpreter, as one argument. */
  readonly argument: string | null
}

/**
 * Reads the first line; null when there is no whole interpreter in it. Without a newline in the buffer the interpreter
 * must be followed by a blank or NUL, or its name may have been cut; an argument may be cut.
 */
export const parseScriptLine = (buf: Uint8Array): ScriptLine | null => {
  const line = buf.subarray(0, BINPRM_BUF_SIZE)
  let end = line.indexOf(NEWLINE)
  if (end < 0) {
    const start = skipBlanks(line, 2, line.length)
    if (start >= line.length) return null
    if (nextTerminator(line, start, line.length) >= line.length) return null
    end = line.length - 1
  }
  while (end > 2 && isBlank(line[end - 1]!)) end--
  const start = skipBlanks(line, 2, end)
  if (start >= end) return null
  const stop = nextTerminator(line, start, end)
  const interpreter = decoder.decode(line.subarray(start, stop))
  const isNul = stop < end && line[stop] === 0
  const from = stop < end && !isNul ? skipBlanks(line, stop, end) : end
  const argument = from < end ? decoder.decode(untilNul(line.subarray(from, end))) : null
  return { interpreter, argument }
}

const skipBlanks = (line: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end && isBlank(line[at]!)) at++
  return at
}
const nextTerminator = (line: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end && !isBlank(line[at]!) && line[at] !== 0) at++
  return at
}
const untilNul = (bytes: Uint8Array): Uint8Array => {
  const nul = bytes.indexOf(0)
  return nul < 0 ? bytes : bytes.subarray(0, nul)
}

/** `openExec` opens the interpreter as an exec does: the file, or -errno. */
export const scriptFormat = (openExec: (name: string) => File | number): Binfmt => ({
  name: 'script',
  match: (buf) => buf[0] === HASH && buf[1] === BANG,
  load(bprm) {
    const line = parseScriptLine(bprm.buf)
    if (line === null) return -ENOEXEC
    if (bprm.path_inaccessible) return -ENOENT
    const { interpreter, argument } = line
    const rc = bprm.spliceArgs([interpreter, ...(argument === null ? [] : [argument]), bprm.interp])
    if (rc !== 0) return rc
    bprm.interp = interpreter
    const file = openExec(interpreter)
    if (typeof file === 'number') return file
    bprm.interpreter = file
    return 0
  },
})
