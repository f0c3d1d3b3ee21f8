/** A sink that gets whole lines. */
import type { Sink } from '@lsmkit/wasi'

export const lineSink = (told: (line: string) => void): Sink => {
  const decoder = new TextDecoder()
  let rest = ''
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() as string
    for (const line of lines) told(line)
  }
}
