/** Lines that somebody types. */
import type { Io } from '../io.ts'

const MOST_LINE = 65536
/** Milliseconds between two looks at an input that has nothing yet. */
const PAUSE = 20
const NEWLINE = 0x0a

/** To the end of the line, without it; null at the end of the input, and for a line without one. */
export const typedLine = async (io: Pick<Io, 'stdin'>): Promise<string | null> => {
  const [byte, bytes] = [new Uint8Array(1), [] as number[]]
  const text = (): string => new TextDecoder().decode(Uint8Array.from(bytes))
  while (bytes.length < MOST_LINE) {
    const length = io.stdin(byte)
    if (length === null) await new Promise((done) => setTimeout(done, PAUSE))
    else if (length === 0) return bytes.length === 0 ? null : text()
    else if (byte[0] === NEWLINE) return text()
    else bytes.push(byte[0]!)
  }
  return null
}
