/**
 * Lines of a service for systemd (systemd.exec(5), systemd.resource-control(5)): a drop-in with the tree, families of
 * sockets, ports to bind, capabilities and limits. Written for systemd 257; older ones pass over what they do not know.
 */
import { limitNumbers } from '@lsmkit/sandbox/policy-parts'
import type { Limits } from '@lsmkit/sandbox/policy-parts'
import { specialCalls } from '../calls.ts'
import type { Format } from '../format.ts'
import type { Plain } from '../plain.ts'
import { isBeneath } from '../question.ts'
import { isKind, lost, lostParts, narrower, wider } from '../unsaid.ts'
import type { Unsaid } from '../unsaid.ts'
import { viewsOf } from '../view.ts'
import type { View } from '../view.ts'
import { hostCalls } from './docker.ts'
import { serviceAnswers, serviceOf, serviceTaken } from './systemd-service.ts'
import { userNumber } from './user.ts'
import { emptyItems, networkOf, unixItems, writeOnlyItems } from './view-items.ts'

/** A word of a line: `%` starts a specifier, and blanks end a word. */
const word = (text: string): string => {
  const escaped = text.replaceAll('%', '%%')
  return /[\s"'\\]/.test(escaped) ? `"${escaped.replace(/["\\]/g, '\\$&')}"` : escaped
}

const pair = (source: string, target: string): string =>
  word([source, target].map((text) => text.replace(/[\\:]/g, '\\$&')).join(':'))

const limitLines = (limits: Limits): string[] => {
  const { time, memory, processes, descriptors } = limitNumbers(limits)
  const line = (name: string, value: number, unit = ''): string[] =>
    (Number.isFinite(value) ? [`${name}=${Math.ceil(value)}${unit}`] : [])
  return [
    ...line('RuntimeMaxSec', time, 'ms'), ...line('MemoryMax', memory), ...line('TasksMax', processes),
    ...line('LimitNOFILE', descriptors),
  ]
}

const viewLine = ({ kind, target, source, readOnly, noExec }: View): string => {
  switch (kind) {
    case 'bind': return `${readOnly ? 'BindReadOnlyPaths' : 'BindPaths'}=${pair(source!, target)}`
    // there is no layer for changes, so there are none
    case 'overlay': return `BindReadOnlyPaths=${pair(source!, target)}`
    case 'tmpfs': return `TemporaryFileSystem=${pair(target, `${readOnly ? 'ro' : 'rw'}${noExec ? ',noexec' : ''}`)}`
    case 'hidden': return `InaccessiblePaths=${word(target)}`
  }
}

/** With a line about executing at the same path, systemd 257 shows the folder of the host instead of one in memory. */
const isShown = ({ kind }: View): boolean => kind === 'bind' || kind === 'overlay'

const treeLines = (views: readonly View[]): string[] => [
  ...(views.some(({ target }) => target === '/') ? [] : ['TemporaryFileSystem=/:ro,noexec']),
  ...views.map(viewLine),
  ...views.filter(isShown).map(({ target, noExec }) => `${noExec ? 'NoExecPaths' : 'ExecPaths'}=${word(target)}`),
]

const hasAddresses = ({ hosts }: Plain): boolean =>
  hosts.rules.length > 0 && hosts.rules.every(({ kind }) => kind === 'address')

const networkLines = (plain: Plain): string[] => {
  const { families: { tcp, udp, unix }, hosts, listen } = plain
  const names = [...(unix ? ['AF_UNIX'] : []), ...(tcp || udp ? ['AF_INET', 'AF_INET6'] : [])]
  return [
    ...(networkOf(plain) === 'shared' ? [] : ['PrivateNetwork=yes']),
    `RestrictAddressFamilies=${names.length === 0 ? 'none' : names.join(' ')}`,
    ...listen.map((port) => `SocketBindAllow=tcp:${port}`), 'SocketBindDeny=any',
    ...(hasAddresses(plain)
      ? ['IPAddressDeny=any', `IPAddressAllow=localhost ${[...new Set(hosts.rules.map(({ host }) => host))].join(' ')}`]
      : []),
  ]
}

const callLines = (): string[] => {
  const refused = [...specialCalls].filter(([, { kind }]) => kind !== 'namespace')
    .map(([name, { kind }]) => (kind === 'absent' ? `${name}:ENOSYS` : name))
  return [
    'SystemCallArchitectures=native', `SystemCallFilter=~${refused.join(' ')}`, 'SystemCallErrorNumber=EPERM',
    'RestrictNamespaces=yes', 'CapabilityBoundingSet=', 'AmbientCapabilities=', 'NoNewPrivileges=yes',
  ]
}

const variable = ([name, value]: [string, string]): string =>
  `Environment="${`${name}=${value}`.replaceAll('%', '%%').replace(/["\\]/g, '\\$&')}"`

const linesOf = (plain: Plain): string[] => {
  const { env = {}, limits = {}, user: given } = plain.policy
  const user = userNumber(given)
  return [
    '[Service]', ...treeLines(viewsOf(plain)), 'PrivateIPC=yes', 'PrivatePIDs=yes', ...networkLines(plain),
    ...callLines(), ...(user === null ? [] : [`User=${user}`]), ...Object.entries(env).map(variable),
    ...limitLines(limits),
  ]
}

const hostItems = (plain: Plain): Unsaid[] => plain.allow.hosts.map((_, at) => wider('hosts', `allow: hosts[${at}]`,
  hasAddresses(plain) ? 'systemd judges addresses without their ports'
    : 'systemd knows no names of hosts: every host may be connected to', isKind('host')))

const copyItems = (plain: Plain): Unsaid[] => viewsOf(plain).filter(({ kind }) => kind === 'overlay')
  .map(({ target }) => narrower('copy-on-write', `mounts: ${target}`,
    `systemd has no layer for changes: nothing may be written below \`${target}\``,
    (question) => question.kind === 'path'))

/** RestrictAddressFamilies is a filter of socket(2) alone. */
const pairItem = ({ families: { unix } }: Plain): Unsaid => wider('pairs', 'allow: connect',
  'systemd lets every pair of sockets be made: datagrams of one reach UNIX sockets that are in the tree',
  (question) => question.kind === 'pair' || (!unix && question.kind === 'unix'))

/** Folders in memory that programs may execute in, below a place where they may not. */
const memoryItems = (plain: Plain): Unsaid[] => {
  const views = viewsOf(plain)
  return views.filter((view) => view.kind === 'tmpfs' && !view.noExec && views.some((above) =>
    isShown(above) && above.noExec && isBeneath(view.target, above.target))).map(({ target }) => narrower(
    'exec-memory', 'allow: exec', `systemd cannot let programs in memory below \`${target}\` be executed`,
    (question) => question.kind === 'path' && question.right === 'execute' && isBeneath(question.path, target)))
}

const unsaidOf = (plain: Plain): Unsaid[] => [
  ...writeOnlyItems(plain), ...emptyItems(plain), ...copyItems(plain), ...memoryItems(plain),
  ...(plain.families.tcp ? [
    wider('ports', 'allow: connect', 'systemd judges no ports that are connected to', isKind('connect')),
    lost('bind-ports', 'allow: listen',
      'ports to listen on are held by a systemd with +BPF_FRAMEWORK alone (`systemctl --version`): not by Debian\'s'),
    wider('sockets', 'allow: connect', 'a family of sockets has all of its types, UDP and raw ones too',
      (question) => question.kind === 'socket' && (question.family === 2 || question.family === 10)),
    ...hostItems(plain),
    ...(plain.hosts.rules.length > 0 ? [wider('shared-network', 'allow: hosts',
      'the network of the host is shared, with its abstract UNIX sockets',
      (question) => question.kind === 'outside' && question.what === 'abstract-socket')] : []),
  ] : []),
  ...unixItems(plain, 'systemd'), pairItem(plain), hostCalls(),
  ...lostParts(plain, 'systemd', [
    'env', 'limits.time', 'limits.memory', 'limits.processes', 'limits.descriptors',
    ...(userNumber(plain.policy.user) === null ? [] : ['user']),
  ]),
]

export const systemd: Format = {
  title: 'drop-in of a systemd service',
  file: 'sandbox.conf',
  write: (plain) => ({ text: `${linesOf(plain).join('\n')}\n` }),
  unsaid: unsaidOf,
  answers: (written) => serviceAnswers(serviceOf(written)),
  take: (written) => serviceTaken(serviceOf(written)),
}
