/** Handlers that report every call. */
import type { Import } from './guard.ts'
import type { Preview1, Preview1Name } from './preview1/table.ts'
import type { Process } from './process.ts'
import { previewCall } from './trace.ts'
import type { PreviewCall } from './trace.ts'
import type { Answer } from './waiting/waits.ts'

/** The handlers; each calls `onCall`. */
export const traced = (process: Process, calls: Preview1<Answer>): Readonly<Record<string, Import>> => {
  const { onCall } = process
  if (onCall === null) return calls
  return Object.fromEntries(
    Object.entries(calls).map(([name, call]) =>
      [name, traceOne(process, name as Preview1Name, call as Import, onCall)]),
  )
}

const traceOne = (process: Process, name: Preview1Name, call: Import, onCall: (call: PreviewCall) => void): Import => {
  const told = (args: (number | bigint)[]): Answer => {
    const tell = (errno: number | null): void =>
      onCall(previewCall(process.memory, name, args.slice(0, call.length), errno))
    let answer: Answer
    try {
      answer = call(...args) as Answer
    } catch (error) {
      tell(null)
      throw error
    }
    if (typeof answer === 'number') {
      tell(answer)
      return answer
    }
    return answer.then(
      (errno) => {
        tell(errno)
        return errno
      },
      (error: unknown) => {
        tell(null)
        throw error
      },
    )
  }
  // The guard goes by the number of parameters: nine is its widest.
  return (a, b, c, d, e, f, g, h, i) => told([a, b, c, d, e, f, g, h, i])
}
