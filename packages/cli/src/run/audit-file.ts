/** `--audit FILE`: every record as a line of JSON, as it is made; `-` prints the kernel's text on stderr. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { jsonLine, kernelText } from '@lsmkit/core'
import type { AuditSink } from '@lsmkit/core'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'

export interface AuditFile {
  readonly sink: AuditSink
  /** Earlier records are left out. */
  begin(): void
  close(): void
}

export const openAudit = (io: Io, file: string | undefined): AuditFile => {
  if (file === undefined) return { sink: () => {}, begin: () => {}, close: () => {} }
  if (file === '-') return begun((record) => io.note(kernelText(record)), () => {})
  const fd = open(resolve(io.cwd, file))
  return begun((record) => void writeSync(fd, `${jsonLine(record)}\n`), () => closeSync(fd))
}

const begun = (write: AuditSink, close: () => void): AuditFile => {
  let isHeard = false
  return {
    sink: (record) => {
      if (isHeard) write(record)
    },
    begin: () => void (isHeard = true),
    close,
  }
}

const open = (path: string): number => {
  try {
    return openSync(path, 'w')
  } catch (error) {
    throw new CommandError('usage', `\`${path}\` cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
