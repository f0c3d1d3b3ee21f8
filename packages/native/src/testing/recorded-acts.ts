/** The log of a guest in which Landlock has refused acts (scripts/walls/audit.ts), act by act. For tests. */
import { EACCES, EPERM } from '@lsmkit/abi'
import { readAuditEvents } from '../audit/audit-events.ts'
import type { AuditEvent } from '../audit/audit-events.ts'

/** Each act: the blockers that the kernel names, its errno, and the path or port that the record has. */
const expected: Readonly<Record<string, readonly [blockers: string, errno: number, where: string | number | null]>> = {
  'read-file': ['fs.read_file', EACCES, '/secret'],
  'write-file': ['fs.write_file', EACCES, '/secret'],
  'cut-file': ['fs.truncate', EACCES, '/secret'],
  'make-dir': ['fs.make_dir', EACCES, '/'],
  'make-fifo': ['fs.make_fifo', EACCES, '/'],
  'make-link': ['fs.make_sym', EACCES, '/'],
  'remove-file': ['fs.remove_file', EACCES, '/'],
  'remove-dir': ['fs.remove_dir', EACCES, '/'],
  'list-dir': ['fs.read_dir', EACCES, '/folder'],
  execute: ['fs.execute,fs.read_file', EACCES, '/secret'],
  'connect-tcp': ['net.connect_tcp', EACCES, 80],
  'bind-tcp': ['net.bind_tcp', EACCES, 8080],
  // the zero byte of an abstract name
  'connect-abstract': ['scope.abstract_unix_socket', EPERM, ' walls'],
  'send-signal': ['scope.signal', EPERM, null],
  trace: ['ptrace', EPERM, null],
  'connect-unix': ['fs.resolve_unix', EACCES, '/socket'],
  'connect-udp': ['net.connect_send_udp', EACCES, 53],
}

export interface Act {
  readonly name: string
  readonly errno: number
  readonly events: readonly AuditEvent[]
}

const MARK = /walls: (act|errno|abi) ([\w-]+) (-?\d+)/

/** LANDLOCK_ACCESS, LANDLOCK_DOMAIN and SYSCALL. */
const KEPT = /audit: type=(1423|1424|1300) audit\(/

/** Lines of the console that are about the acts: the announcements, and the records of Landlock and of its calls. */
export const auditLines = (console: string): string[] =>
  console.split('\n').filter((line) => MARK.test(line) || KEPT.test(line))

export const actsOf = (log: readonly string[]): string[] =>
  log.flatMap((line) => (MARK.exec(line)?.[1] === 'errno' ? [MARK.exec(line)![2]!] : []))

/** The events between the announcement of an act and its errno. */
export const eventsOfActs = (log: readonly string[]): Act[] => {
  const acts: Act[] = []
  let lines: string[] = []
  for (const line of log) {
    const [, what, name, number] = MARK.exec(line) ?? []
    if (what === 'act') lines = []
    else if (what === 'errno') acts.push({ name: name!, errno: Number(number), events: readAuditEvents(lines) })
    else lines.push(line)
  }
  return acts
}

/** One event, with the blocker, the path or port, and the errno of that act. */
export const isExpected = ({ name, errno, events: [event, ...more] }: Act): boolean => {
  const [blockers, rc, where] = expected[name] ?? []
  return event !== undefined && more.length === 0 && errno === rc && event.blockers.join() === blockers &&
    (event.path ?? event.port) === where
}
