/** `--stdin FILE`: a file of the host as what a program reads. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { reading } from '../host-file.ts'
import type { Io } from '../io.ts'

/** The same world, with that input and no terminal. */
export const withStdin = (io: Io, file: string | undefined): Io => {
  if (file === undefined) return io
  const fd = reading(file, () => open(resolve(io.cwd, file)))
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

/** A folder can be opened, and fails where it is read. */
const open = (path: string): number => {
  const fd = openSync(path, 'r')
  if (fstatSync(fd).isDirectory()) readSync(fd, new Uint8Array(1))
  return fd
}
