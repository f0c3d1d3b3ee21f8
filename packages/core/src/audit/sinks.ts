/** Sinks that write lines: `write` gets each with its end, and decides where it goes. */
import { jsonLine } from './json-lines.ts'
import { kernelText } from './kernel-text.ts'
import type { AuditSink } from './options.ts'

/** docs/audit-schema.md. */
export const jsonLinesSink = (write: (line: string) => void): AuditSink => (record) => write(`${jsonLine(record)}\n`)

/** As in /var/log/audit/audit.log. */
export const kernelTextSink = (write: (line: string) => void): AuditSink => (record) => write(`${kernelText(record)}\n`)
