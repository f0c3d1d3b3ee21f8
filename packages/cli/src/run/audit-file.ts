/** `--audit FILE`: every record as a line of JSON, as it is made; `-` prints the kernel's text on stderr. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { jsonLine, kernelText } from '@lsmkit/core'
import type { AuditSink } from '@lsmkit/core'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'

export interface AuditFile {
  readonly sink: AuditSink
  close(): void
}

export const openAudit = (io: Io, file: string | undefined): AuditFile => {
  if (file === undefined) return { sink: () => {}, close: () => {} }
  if (file === '-') return { sink: (record) => io.note(kernelText(record)), close: () => {} }
  const fd = open(resolve(io.cwd, file))
  return { sink: (record) => void writeSync(fd, `${jsonLine(record)}\n`), close: () => closeSync(fd) }
}

const open = (path: string): number => {
  try {
    return openSync(path, 'w')
  } catch (error) {
    throw new CommandError('usage', `\`${path}\` cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
