/**
 * Random profile texts, the same for a seed everywhere. Most are well formed; some hold mistakes that a compiler must
 * refuse.
 */
import {
  CAPABILITIES, EXECS, FAMILIES, FLAGS, MOUNT_OPTIONS, NET_ACCESSES, SIGNALS, TYPES, VARIABLES, Words,
} from './words.ts'

/** Accesses alone, or in parentheses. */
const accesses = (words: Words, list: readonly string[]): string => {
  if (words.rarely(3)) return ''
  if (words.rarely(2)) return ` ${words.one(list)}`
  return ` (${words.some(list).join(words.one([', ', ' ', ',']))})`
}

const prefix = (words: Words, owner: boolean, priority: boolean): string => [
  priority && words.rarely(10) ? `priority=${words.one(['1', '5', '-3', '20', '+2'])} ` : '',
  words.rarely(7) ? 'audit ' : '',
  words.rarely(4) ? words.one(['deny ', 'deny ', 'deny ', 'allow ', 'prompt ']) : '',
  owner && words.rarely(4) ? words.one(['owner ', 'owner ', 'other ']) : '',
].join('')

const filePerms = (words: Words, denies: boolean): string => {
  let perms = words.one(['r', 'w', 'rw', 'a', 'ra', 'k', 'l', 'm', 'rm', 'mr', 'rwk', 'rl', 'wl', 'rwlk', 'mrw', 'R'])
  if (words.rarely(300)) perms = 'wa'
  if (words.rarely(12)) perms = ''
  if (perms !== '' && !words.rarely(14)) return perms
  return perms + (denies ? 'x' : words.one(EXECS.slice(0, words.rarely(12) ? EXECS.length : EXECS.length - 1)))
}

const TARGETS = ['kid', 'other', '&st', 'a//b', ':ns:t', '"q q"', 'x//&y', 'kid2', '@{profile_name}//k'] as const

const fileRule = (words: Words): string => {
  const before = prefix(words, true, true)
  const perms = filePerms(words, before.includes('deny') !== words.rarely(100))
  const executes = /x/i.test(perms) && !before.includes('deny')
  const target = (executes && words.rarely(3)) || (perms.includes('l') && words.rarely(8))
    ? ` -> ${executes ? words.one(TARGETS) : words.path()}`
    : ''
  const file = words.rarely(8) ? 'file ' : ''
  const mode = executes && words.rarely(10) ? words.one(['safe ', 'unsafe ']) : ''
  const path = words.path()
  if (words.rarely(40)) return `${before}file,`
  return words.rarely(5)
    ? `${before}${file}${mode}${perms} ${path}${target},`
    : `${before}${file}${mode}${path} ${perms}${target},`
}

const linkRule = (words: Words): string =>
  `${prefix(words, true, true)}link ${words.rarely(3) ? 'subset ' : ''}${words.path()} -> ${words.path()},`

const changeProfile = (words: Words): string => {
  const exec = words.rarely(3) ? ` ${words.one(['', '', 'safe ', 'unsafe '])}${words.path()}` : ''
  const target = words.rarely(5)
    ? ''
    : ` -> ${words.one(['t1', 't*', ':ns:t', '&t', 'a//b', '**', '"t t"', '@{profile_name}//^h', 'a//&b'])}`
  return `${prefix(words, false, false)}change_profile${exec}${target},`
}

const capability = (words: Words): string =>
  `${prefix(words, false, false)}capability${words.rarely(9) ? '' : ` ${words.some(CAPABILITIES).join(' ')}`},`

const endpoint = (words: Words): string => [
  words.rarely(2) ? ` ip=${words.one(['127.0.0.1', '::1', 'none', '10.0.0.255', 'fe80::1:2'])}` : '',
  words.rarely(2) ? ` port=${words.one(['80', '8080', '0', '1023-1024', '443-445', '65535'])}` : '',
].join('')

const network = (words: Words): string => {
  const family = words.rarely(6) ? '' : ` ${words.one(words.rarely(8) ? TYPES : FAMILIES)}`
  const types = family.startsWith(' inet') ? TYPES : TYPES.slice(0, words.rarely(50) ? TYPES.length : 6)
  const type = family !== '' && !TYPES.includes(family.trim() as 'raw') && words.rarely(2) ? ` ${words.one(types)}` : ''
  const ends = (family.startsWith(' inet') || words.rarely(100)) && words.rarely(5)
    ? endpoint(words) + (words.rarely(3) ? ` peer=(ip=::1${endpoint(words).replace(/ ip=\S+/u, '')})` : '')
    : ''
  const before = prefix(words, false, false)
  return `${before}network${words.rarely(3) ? accesses(words, NET_ACCESSES) : ''}${family}${type}${ends},`
}

const mountOptions = (words: Words): string => {
  const list = words.some(MOUNT_OPTIONS)
  return ` options${words.one(['=', '=', ' in '])}(${list.join(words.one([',', ' ']))})`
}

const mount = (words: Words): string => {
  const type = words.rarely(3) ? ` fstype${words.one(['=', '=('])}` : ''
  const list = (): string => `${type}${words.some(['tmpfs', 'ext*', 'proc', 'fuse.*']).join(', ')})`
  const types = type === '' ? '' : type.endsWith('(') ? list() : `${type}xfs`
  const options = (words.rarely(2) ? mountOptions(words) : '') + (words.rarely(12) ? mountOptions(words) : '')
  const conditions = types + options
  const source = words.rarely(3)
    ? ''
    : ` ${words.one([words.path(), words.path(), 'none', 'tmpfs', '/dev/sd*', 'detached', 'overlay'])}`
  const target = words.rarely(3) ? '' : ` -> ${words.path()}`
  const before = prefix(words, false, true)
  switch (words.pick(8)) {
    case 0: return `${before}umount${words.rarely(2) ? '' : ` ${words.path()}`},`
    case 1: return `${before}remount${words.rarely(2) ? mountOptions(words) : ''} ${words.path()},`
    case 2: {
      const old = words.rarely(2) ? ` oldroot=${words.path()}` : ''
      return `${before}pivot_root${old}${words.rarely(2) ? ` ${words.path()}` : ''}${words.rarely(6) ? ' -> pt' : ''},`
    }
    default: return `${before}mount${conditions}${source}${target},`
  }
}

const peer = (words: Words): string => words.rarely(2) ? '' : ` peer=${words.label()}`

const signal = (words: Words): string => {
  const set = words.rarely(2) ? ` set=(${words.some(SIGNALS).join(words.one([' ', ', ']))})` : ''
  const before = prefix(words, false, true)
  return `${before}signal${accesses(words, ['send', 'receive', 'r', 'w', 'rw', 'read', 'write'])}${set}${peer(words)},`
}

const PTRACE = ['read', 'trace', 'readby', 'tracedby', 'r', 'w', 'rw'] as const

const ptrace = (words: Words): string =>
  `${prefix(words, false, true)}ptrace${accesses(words, PTRACE)}${peer(words)},`

const unix = (words: Words): string => {
  const address = (): string => words.one(['@abs*', 'none', 'auto', '@a/b', '"@a b"', '@@{profile_name}', '@{A}'])
  const type = words.rarely(2) ? ` type=${words.one(['stream', 'dgram', 'seqpacket', 'raw', 'none'])}` : ''
  const own = words.rarely(2) ? ` addr=${address()}` : ''
  const sides = words.some([`label=${words.label()}`, `addr=${address()}`])
  const other = words.rarely(3) ? ` peer=(${sides.join(words.one([',', ' ']))})` : ''
  const perms = accesses(words, other === '' ? NET_ACCESSES : ['send', 'receive', 'connect', 'rw'])
  return `${prefix(words, false, true)}unix${perms}${type}${own}${other},`
}

const dbus = (words: Words): string => {
  const bus = words.rarely(2) ? ` bus=${words.one(['session', 'system', 's*'])}` : ''
  const before = prefix(words, false, true)
  if (words.rarely(4)) {
    return `${before}dbus ${words.one(['bind', '(bind)'])}${bus} name=${words.one(['org.a', 'org.*'])},`
  }
  if (words.rarely(5)) return `${before}dbus${words.one(['', ' eavesdrop'])}${bus},`
  const conditions = words.some(
    ['path=/org/a/**', 'interface=org.i', 'member=M*', `path="${words.part()}"`].slice(0, 3), 0,
  ).join(' ')
  const ends = words.some(['name=org.x', `label=${words.label()}`]).join(words.one([', ', ' ']))
  const other = words.rarely(2) ? ` peer=(${ends})` : ''
  return `${before}dbus${accesses(words, ['send', 'receive', 'rw'])}${bus} ${conditions}${other},`
}

const mqueue = (words: Words): string => {
  const kind = words.one(['posix', 'sysv'])
  const type = words.rarely(2) ? ` type=${kind}` : ''
  const names = (kind === 'posix') === words.rarely(40) ? ['17', '4294967295'] : ['/q', '/q*']
  const name = words.rarely(2) ? ` ${words.one(names)}` : ''
  const perms = accesses(words, ['create', 'open', 'delete', 'getattr', 'setattr', 'read', 'write', 'rw'])
  return `${prefix(words, false, true)}mqueue${perms}${type}${words.rarely(3) ? ` label=${words.label()}` : ''}${name},`
}

const LIMITS = [
  'nofile <= 1024', 'cpu <= 5 minutes', 'as <= 10MB', 'nice <= -5', 'core <= infinity', 'rttime <= 7 ms', 'fsize <= 3K',
  'nproc <= 010', 'cpu <= 10', 'nproc <= 0x10',
] as const

const small = (words: Words): string => words.one([
  `${prefix(words, false, true)}userns${words.one(['', ' create'])},`,
  `${prefix(words, false, true)}io_uring${words.one(['', ' sqpoll', ' override_creds', ' (sqpoll, override_creds)'])}${
    words.rarely(3) ? ` label=${words.label()}` : ''},`,
  `set rlimit ${words.one(LIMITS)},`,
  words.rarely(8) ? `${words.one(['', 'audit ', 'deny ', 'audit deny '])}all,` : 'capability,',
])

const RULES = [
  fileRule, fileRule, fileRule, fileRule, fileRule, fileRule, linkRule, changeProfile, capability, network, mount,
  signal, ptrace, unix,
  dbus, mqueue, small,
] as const

const rules = (words: Words, many: number, depth: number, indent: string): string[] => {
  const lines: string[] = []
  for (let i = 0; i < many; i++) {
    if (depth < 2 && words.rarely(40)) lines.push(...block(words, depth, indent))
    else lines.push(indent + words.one(RULES)(words))
  }
  return lines
}

const block = (words: Words, depth: number, indent: string): string[] => {
  const inner = (many: number): string[] => rules(words, many, depth + 1, `${indent}  `)
  if (words.rarely(2)) {
    const test = words.one(['$yes', 'not $yes', 'defined @{A}', 'defined @{NONE}', 'not defined @{NONE}'])
    return [`${indent}if ${test} {`, ...inner(1 + words.pick(2)), `${indent}} else {`, ...inner(1), `${indent}}`]
  }
  if (words.rarely(3)) return [`${indent}${words.one(['audit', 'deny', 'owner'])} {`, ...inner(1), `${indent}}`]
  const head = words.one(['profile kid', '^hat1', 'hat hat2', 'profile kid2 /kid/*', 'profile "k k"'])
  return [`${indent}${head}${flags(words)} {`, ...inner(1 + words.pick(3)), `${indent}}`]
}

const flags = (words: Words): string => {
  if (!words.rarely(5)) return ''
  const list = words.some(FLAGS, words.rarely(3) ? 1 : 0).slice(0, words.rarely(4) ? 3 : 1)
  return ` flags=(${list.join(words.one([',', ' ']))})`
}

const head = (words: Words, index: number): string => {
  const xattrs = words.rarely(15) ? ` xattrs=(${words.some(['user.a=foo', 'security.x', 'user.b=b*']).join(' ')})` : ''
  const attachment = words.rarely(3) ? ` ${words.path()}` : ''
  const name = words.one([
    `profile p${index}`, `profile p${index}`, `/usr/bin/p${index}`, `profile "p ${index}"`, `profile :ns:p${index}`,
    `/bin/p${index}*`, `profile p${index}{a,b}`,
  ])
  return `${name}${attachment}${xattrs}${flags(words)} {`
}

const variable = (words: Words, name: string, index: number): string => {
  const values = words.some(['/va', '/vb/', 'w*x', '{p,q}', index > 0 ? '@{A}' : '/vc', '"/s p"'])
  return `@{${name}}=${values.join(' ')}`
}

const preamble = (words: Words): string[] => [
  '$yes = true',
  ...VARIABLES.slice(0, 3).map((name, index) => variable(words, name, index)),
  ...(words.rarely(3) ? ['@{A}+=/more'] : []),
  ...(words.rarely(6) ? [`alias /${words.one(['a', 'usr', 'usr/bin'])} -> /${words.one(['mnt/a', 'u'])},`] : []),
]

/** The text of a seed. */
export const generateText = (seed: number): string => {
  const words = new Words(seed)
  const lines = preamble(words)
  const many = words.rarely(6) ? 2 : 1
  for (let index = 0; index < many; index++) {
    lines.push(head(words, index), ...rules(words, 1 + words.pick(14), 0, '  '), '}')
  }
  return `${lines.join('\n')}\n`
}
