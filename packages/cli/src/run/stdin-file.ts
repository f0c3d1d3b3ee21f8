/** `--stdin FILE`: a file of the host as what a program reads. */
import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'

/** The same world, with that input and no terminal. */
export const withStdin = (io: Io, file: string | undefined): Io => {
  if (file === undefined) return io
  const fd = open(resolve(io.cwd, file))
  let isOver = false
  return Object.assign(Object.create(io) as Io, {
    terminal: () => null,
    stdin: (buffer: Uint8Array) => {
      if (isOver) return 0
      const length = readSync(fd, buffer)
      isOver = length === 0
      if (isOver) closeSync(fd)
      return length
    },
  })
}

const open = (path: string): number => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new CommandError('usage', `\`${path}\` cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}
