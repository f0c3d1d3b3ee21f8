/** `lsm exec --audit`: Landlock's own records of refusals, beside the denials of the watch. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { joinAudit, openKernelAudit, readAuditEvents } from '@lsmkit/native'
import type { AuditEvent, JoinedEvent, NativeDenial } from '@lsmkit/native'
import { oneLine } from '@lsmkit/abi'
import { CommandError } from '../command-error.ts'

/** The word that stands for the kernel itself. */
const KERNEL = 'kernel'
/** Milliseconds between looks into the socket of the kernel, which holds a few hundred records. */
const OFTEN = 100

/** What has been logged since the start. */
interface AuditSource {
  readonly events: () => readonly AuditEvent[]
  readonly close: () => void
}

/** What a file has behind its present end. */
const fileSource = (file: string): AuditSource => {
  if (!existsSync(file)) {
    throw new CommandError('usage', `\`${file}\` is not there`, '--audit kernel, or a file of auditd')
  }
  const { size } = statSync(file)
  return { events: () => readAuditEvents(readFileSync(file).subarray(size).toString('utf8')), close: () => undefined }
}

const kernelSource = (): AuditSource => {
  const kernel = openKernelAudit()
  const timer = setInterval(() => kernel.drain(), OFTEN)
  timer.unref()
  return {
    events: () => kernel.events(),
    close: () => {
      clearInterval(timer)
      kernel.close()
    },
  }
}

/** Throws CommandError, and NativeError without the right to read. */
export const auditSource = (given: string): AuditSource => (given === KERNEL ? kernelSource() : fileSource(given))

export const joinedEvents = (source: AuditSource, denials: readonly NativeDenial[]): readonly JoinedEvent[] =>
  joinAudit(source.events(), denials)

/** One line for people: what was refused, and whether a watch has seen it. */
export const eventText = ({ event, denial }: JoinedEvent): string => {
  const { blockers, path, port, comm, serial } = event
  const object = path ?? (port === null ? '' : `port ${port}`)
  const seen = denial === null ? '' : ', as the watch has seen it'
  return oneLine(`${comm ?? 'a program'}: the kernel refused ${blockers.join(', ')} ${object}`.trimEnd() +
    ` (audit ${serial}${seen})`)
}
