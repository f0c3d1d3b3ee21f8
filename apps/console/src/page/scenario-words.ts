/** The fields allowed at a place of a scenario file, derived from the lines above it. */
import { scenarioFields } from '@lsmkit/testkit/scenario'

export interface Word {
  readonly label: string
  readonly detail: string
}

type Part = keyof typeof scenarioFields

const details: Readonly<Record<Part, string>> = {
  top: 'part of the scenario',
  object: 'of an object',
  identity: 'of an identity',
  step: 'of a step',
  expect: 'expected',
}

const words = (part: Part): Word[] => scenarioFields[part].map((label) => ({ label, detail: details[part] }))

const listed = (labels: readonly string[], detail: string): Word[] => labels.map((label) => ({ label, detail }))

const constants = [
  'O_RDONLY',
  'O_WRONLY',
  'O_RDWR',
  'O_CREAT',
  'O_TRUNC',
  'O_APPEND',
  'O_PATH',
  'AT_FDCWD',
  'R_OK',
  'W_OK',
  'X_OK',
  'PTRACE_SEIZE',
  'PTRACE_ATTACH',
  'PR_SET_NO_NEW_PRIVS',
  'PR_SET_PTRACER',
  'SIGTERM',
  'SIGKILL',
]
const errnos = ['EACCES', 'EPERM', 'ENOENT', 'EEXIST', 'EBADF', 'EINVAL', 'ESRCH', 'BLOCKS']

/** `before` is the text in front of the word. */
export const scenarioWords = (before: string, modules: readonly string[]): Word[] => {
  const lines = before.split('\n')
  const line = lines.at(-1)!
  const part = /^(\w+):/.exec(lines.findLast((one) => /^\w+:/.test(one)) ?? '')?.[1] ?? ''
  if (/\b(lsms|permissive): *\[?[^\]]*$/.test(line) || /\bby: *$/.test(line)) return listed(modules, 'module')
  if (/\berrno: *$/.test(line)) return listed(errnos, 'errno')
  if (/\bas: *$/.test(line)) return listed(identities(before), 'identity')
  if (/expect: *\{[^}]*$/.test(line)) return words('expect')
  if (/\[[^\]]*$/.test(line)) return listed([...constants, ...identities(before).map((name) => `$${name}`)], 'argument')
  if (!/^\s/.test(line) && !line.startsWith('-')) return words('top')
  if (part === 'steps') return words('step')
  if (part === 'objects' && line.includes('{')) return words('object')
  if (part === 'identities' && line.includes('{')) return words('identity')
  return []
}

const identities = (text: string): string[] => {
  const [, block = ''] = /^identities:\n((?: .*\n?)*)/m.exec(text) ?? []
  return ['init', ...[...block.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name!)]
}
