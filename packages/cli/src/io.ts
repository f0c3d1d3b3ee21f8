/** The world a command sees: results on stdout, talk on stderr, colours only where they are wanted. */
import { constants, existsSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import pc from 'picocolors'
import { decodedText, joined } from './bounded-read.ts'
import type { Output } from './output.ts'

export interface Io extends Output {
  /** Bytes as they are, of a wrapped program. */
  stdout(bytes: Uint8Array): void
  stderr(bytes: Uint8Array): void
  /** Fills the buffer with at most its length, and says with how much; 0 is the end, null that nothing is there yet. */
  stdin(buffer: Uint8Array): number | null
  /** The terminal of standard input and output, null if they are not a terminal. */
  terminal(): HostTerminal | null
  /** Relative paths start here. */
  readonly cwd: string
}

/** A terminal whose every byte is ours, from `begin` to `end`. */
export interface HostTerminal {
  size(): { rows: number; columns: number }
  /** `onResize`: the size may have changed. */
  begin(onInput: (bytes: Uint8Array) => void, onResize: () => void): void
  end(): void
}

const STDIN = 0
const STDOUT = 1
const STDERR = 2

/** To look at a stream of Node is to make it, which takes milliseconds. A pipe, a file or /dev/null is no terminal. */
const mayBeTerminal = (fd: number): boolean => {
  const stats = fstatSync(fd)
  return stats.isCharacterDevice() && stats.rdev !== nullDevice()
}

/** `devNull` of node:os, which takes a millisecond to load. */
const devNull = process.platform === 'win32' ? '\\\\.\\nul' : '/dev/null'

const nullDevice = (): number | null => {
  const stats = existsSync(devNull) ? statSync(devNull) : null
  return stats?.isCharacterDevice() === true ? stats.rdev : null
}

const processTerminal = (): HostTerminal | null => {
  if (!mayBeTerminal(STDIN) || !mayBeTerminal(STDOUT)) return null
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) return null
  return {
    size: () => ({ rows: stdout.rows, columns: stdout.columns }),
    begin(onInput, onResize) {
      stdin.setRawMode(true)
      stdin.on('data', onInput)
      stdout.on('resize', onResize)
    },
    end() {
      stdin.setRawMode(false)
      stdin.pause()
    },
  }
}

const encoder = new TextEncoder()

/** Ten milliseconds of nothing. */
const pause = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)

/**
 * Standard input, opened again so that reading never waits; a descriptor of our own, because who shares ours may not
 * expect that. What cannot be opened again, or has a position that goes with it, is read as it is.
 */
const openStdin = (): number => {
  try {
    const kind = fstatSync(STDIN)
    if (kind.isFIFO() || kind.isCharacterDevice())
      return openSync(`/proc/self/fd/${STDIN}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    // not on this host, or not this user
  }
  return STDIN
}

const stdinReader = (): Io['stdin'] => {
  let fd = -1
  return (buffer) => {
    if (fd < 0) fd = openStdin()
    try {
      return readSync(fd, buffer)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return 0
      if (code === 'EAGAIN') return null
      throw error
    }
  }
}

/**
 * Writes all there is before it returns: streams keep in memory what a slow reader has not taken yet, and that can be
 * gigabytes. A reader that has had enough (`lsm hooks | head`) is no error.
 */
const write = (fd: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(0)
      if (code !== 'EAGAIN') throw error
      pause()
    }
  }
}

const writeLine = (fd: number, line: string): void => write(fd, encoder.encode(`${line}\n`))

export const processIo = (): Io => {
  // to look at a stream of Node is to make it, which takes milliseconds
  let colors: Io['colors'] | undefined
  return {
    print: (line) => writeLine(STDOUT, line),
    note: (line) => writeLine(STDERR, line),
    stdout: (bytes) => write(STDOUT, bytes),
    stderr: (bytes) => write(STDERR, bytes),
    stdin: stdinReader(),
    terminal: processTerminal,
    cwd: process.env.INIT_CWD ?? process.cwd(),
    get colors() {
      return (colors ??= pc.createColors(pc.isColorSupported && process.stdout.isTTY))
    },
  }
}

/** Pieces of stdin, to its end. */
export function* stdinPieces(io: Io): Generator<Uint8Array> {
  const buffer = new Uint8Array(65536)
  for (let n = io.stdin(buffer); n !== 0; n = io.stdin(buffer)) {
    if (n === null) pause()
    else yield buffer.slice(0, n)
  }
}

/** All of stdin as text. Throws TooLong. */
export const stdinText = (io: Io): string => decodedText(joined(stdinPieces(io)))
