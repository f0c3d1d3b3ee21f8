/** Recorded sessions, read from a file of JSON lines. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Header, Line, Prelude, Session } from '../../src/posix/session.ts'

export interface Sessions {
  header: Header
  preludes: Map<string, Prelude>
  sessions: Session[]
}

/** Of a file that may be gzipped. */
export const readText = (path: string): string => {
  const bytes = readFileSync(path)
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

export const readSessions = (path: string): Sessions => {
  const lines = readText(path).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
  const header = lines.find((line) => line.kind === 'header')
  if (header === undefined) throw new Error(`\`${path}\` has no header line`)
  return {
    header,
    preludes: new Map(lines.filter((line) => line.kind === 'prelude').map((line) => [line.name, line])),
    sessions: lines.filter((line) => line.kind === 'session'),
  }
}
