/** `wasi:cli`: arguments, environment, the standard streams, exit. */
import { WASI_FILETYPE_CHARACTER_DEVICE } from '@lsmkit/abi'
import type { Callee } from '../callee.ts'
import { Resource } from '../handles.ts'
import { FileInput, FileOutput } from './file-streams.ts'

/** Bytes of a string in a list: its place and its length. */
const STRING = 8

export const environmentFunctions = (callee: Callee) => {
  const { process } = callee
  const putList = (ret: number, rows: readonly (readonly string[])[], width: number): number => {
    const size = width * STRING
    const place = rows.length === 0 ? 4 : callee.allocate(rows.length * size, 4)
    rows.forEach((row, i) => row.forEach((text, j) => callee.putText(place + i * size + j * STRING, text)))
    callee.put32(ret, place, rows.length)
    return 0
  }
  return {
    'get-environment': (ret: number) =>
      putList(ret, process.environ.strings.map((pair) => {
        const at = pair.indexOf('=')
        return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      }), 2),
    'get-arguments': (ret: number) => putList(ret, process.argv.strings.map((text) => [text]), 1),
    /** A program begins at its first directory, as in preview 1. */
    'initial-cwd'(ret: number) {
      callee.put8(ret, 0)
      return 0
    },
  }
}

export const exitFunctions = ({ process }: Callee) => ({
  exit: (isError: number) => process.stop({ kind: 'exited', status: isError === 0 ? 0 : 1 }),
  'exit-with-code': (status: number) => process.stop({ kind: 'exited', status: status & 0xff }),
})

export const stdinFunctions = (callee: Callee) => ({
  'get-stdin': () => callee.hand(new FileInput({ fd: 0 }, null)),
})
export const stdoutFunctions = (callee: Callee) => ({
  'get-stdout': () => callee.hand(new FileOutput({ fd: 1 }, null)),
})
export const stderrFunctions = (callee: Callee) => ({
  'get-stderr': () => callee.hand(new FileOutput({ fd: 2 }, null)),
})

/** It says no more than that there is one. */
class Terminal extends Resource {
  readonly fd: number

  constructor(fd: number) {
    super()
    this.fd = fd
  }
}

const terminal = (callee: Callee, fd: number) => (ret: number) => {
  const descriptor = callee.process.descriptors.find(fd)
  const isTerminal = descriptor !== null && descriptor.isStream && descriptor.type === WASI_FILETYPE_CHARACTER_DEVICE
  callee.put8(ret, isTerminal ? 1 : 0)
  if (isTerminal) callee.put32(ret + 4, callee.hand(new Terminal(fd)))
  return 0
}

export const terminalStdinFunctions = (callee: Callee) => ({ 'get-terminal-stdin': terminal(callee, 0) })
export const terminalStdoutFunctions = (callee: Callee) => ({ 'get-terminal-stdout': terminal(callee, 1) })
export const terminalStderrFunctions = (callee: Callee) => ({ 'get-terminal-stderr': terminal(callee, 2) })
