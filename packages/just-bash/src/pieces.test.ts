/** How much of a file `head` reads, by its arguments. */
import { expect, test } from 'vitest'
import { enoughForHead } from './pieces.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
/** Reads `aaaa\\n` again and again until that is enough: how many bytes that takes; null: all there is. */
const taken = (args: readonly string[]): number | null => {
  const enough = enoughForHead(args)?.()
  if (enough === undefined) return null
  const piece = encode('aaaa\n')
  for (let read = piece.length; read < 1000; read += piece.length) if (enough.takes(piece)) return read
  return 1000
}

test.each<[args: string, read: number | null]>([
  ['f', 50], ['-n 3 f', 15], ['-n3 f', 15], ['-3 f', 15], ['--lines=3 f', 15], ['--lines 3 f', 15], ['-qn 3 f g', 15],
  ['-c 7 f', 10], ['-c7 f', 10], ['--bytes=7', 10], ['--bytes 7 f', 10], ['-c 0 f', 5], ['-q -v -n 1 -- f', 5],
  ['-n 1 -c 12 f', 15], ['- f', 50],
  ['-n -3 f', null], ['-c -7 f', null], ['-c 1K f', null], ['--wrong f', null], ['-n', null], ['-x f', null],
])('head %s', (args, read) => {
  expect(taken(args.split(' '))).toBe(read)
})
