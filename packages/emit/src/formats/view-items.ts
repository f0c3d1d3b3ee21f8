/** Items for formats that make a tree of mounts. */
import type { Plain } from '../plain.ts'
import { isBeneath } from '../question.ts'
import type { Question } from '../question.ts'
import { isKind, narrower, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'

const reads = (question: Question): boolean =>
  question.kind === 'path' && (question.right === 'read' || question.right === 'list')
const executes = (question: Question): boolean => question.kind === 'path' && question.right === 'execute'

const isAt = (question: Question, path: string): boolean => question.kind === 'path' && isBeneath(question.path, path)

/** Places that may be written and not read. */
export const writeOnlyItems = ({ nodes }: Plain): Unsaid[] => nodes
  .filter(({ rights }) => rights.write && !rights.read)
  .map(({ path }) => wider('write-only', 'allow: write', `what may be written below \`${path}\` may be read too`,
    (question) => reads(question) && isAt(question, path)))

/** Places that may be read and not executed, for mounts without `noexec`. */
export const noExecItems = ({ nodes }: Plain, format: string): Unsaid[] => nodes
  .filter(({ rights }) => (rights.read || rights.write) && !rights.execute)
  .map(({ path }) => wider('no-exec', 'allow: exec',
    `${format} has no \`noexec\`: programs below \`${path}\` may be executed`,
    (question) => executes(question) && isAt(question, path)))

export type Network = 'none' | 'own' | 'shared'

/** With hosts the network is the host's; without, a loopback of its own. */
export const networkOf = ({ hosts, families }: Plain): Network =>
  hosts.rules.length > 0 ? 'shared' : families.tcp ? 'own' : 'none'

/** Ports are not judged; hosts only as all or nothing. */
export const networkItems = (plain: Plain, format: string): Unsaid[] => {
  const network = networkOf(plain)
  if (network === 'none') return []
  const own = wider('ports', plain.connect.length > 0 ? 'allow: connect' : 'allow: listen',
    `${format} judges no ports: any of its loopback may be used`, isKind('connect', 'listen'))
  if (network === 'own') return [own]
  const hosts = plain.allow.hosts.map((_, at) => wider('hosts', `allow: hosts[${at}]`,
    `${format} knows no names of hosts: every host may be connected to`, isKind('host')))
  const shared = wider('shared-network', 'allow: hosts',
    'the network of the host is shared, with its abstract UNIX sockets',
    (question) => question.kind === 'outside' && question.what === 'abstract-socket')
  return [own, ...hosts, ...(plain.families.unix ? [shared] : [])]
}

/** UNIX sockets are judged by what is mounted, not by the lists. */
export const unixItems = (plain: Plain, format: string): Unsaid[] => (plain.families.unix ? [
  wider('unix-sockets', 'allow: connect',
    `${format} judges no paths of UNIX sockets: any that is in the tree may be used`, isKind('unix')),
] : [])

/** Folders in memory that the program may not write: nobody fills them. */
export const emptyItems = ({ nodes, mounts }: Plain): Unsaid[] => nodes
  .filter(({ path, rights }) => !rights.write && rights.read &&
    mounts.filter(({ target }) => isBeneath(path, target)).at(-1)?.place.kind === 'memory')
  .map(({ path }) => narrower('empty-memory', `mounts: ${path}`, `\`${path}\` is an empty folder that nobody may fill`,
    (question) => isAt(question, path)))
