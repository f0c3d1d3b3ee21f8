/** Random profiles for sessions: rules about the files, labels and calls that sessions have to do with. */
import type { Words } from '../apparmor-compile/words.ts'

export const PROFILES = ['a', 'b', 'c', 'd'] as const
export const HATS = ['h1', 'h2', 'kid'] as const
export const PROGRAMS = ['x1', 'x2', 'x3', 'x4'] as const

const PATHS = [
  '/t/f1', '/t/f2', '/t/f3', '/t/f*', '/t/[fn]1', '/t/n*', '/t/', '/t/*', '/t/**', '/t/d/', '/t/d/*', '/t/d/**',
  '/t/{d,e}/f?', '/t/e/', '/t/e/**', '/t/l*', '/t/d/f1', '/t/**/', '/t/m/**',
] as const
const FILE_PERMS = ['r', 'w', 'rw', 'a', 'ra', 'rk', 'rwk', 'rwl', 'l', 'rwm', 'm', 'rm', 'wk', 'rwlkm', 'mrw'] as const
const EXEC = [
  'ix', 'px', 'Px', 'cx', 'Cx', 'ux', 'Ux', 'pix', 'Pix', 'cix', 'Cix', 'pux', 'PUx', 'CUx', 'rix', 'mrix', 'mrpx',
] as const
const TARGETS = ['b', 'c', 'd', 'kid', '&b', '&c', 'a//kid', 'none', '/t/bin/x4', 'b//&c'] as const
const LABELS = ['', ' peer=a', ' peer=b', ' peer=unconfined', ' peer=@{profile_name}', ' peer={b,c}',
  ' peer=a//h*'] as const

const CLASS_RULES = [
  'capability,', 'capability chown dac_override,', 'capability sys_admin,', 'capability kill sys_ptrace setuid setgid,',
  'capability net_admin net_raw mknod,', 'capability sys_resource sys_nice,',
  'capability dac_read_search fowner fsetid,',
  'network,', 'network unix,', 'network unix stream,', 'network inet,', 'network inet dgram,', 'network inet6 stream,',
  'network netlink raw,', 'network (create, send) unix,', 'mount,', 'umount,', 'mount fstype=tmpfs -> /t/m/,',
  'mount options=(rw, bind) /t/d/ -> /t/m/,', 'mount options in (ro, nosuid, remount) -> /t/m/,', 'remount /t/m/,',
  'mount options=(rw, make-private) -> /t/m/,', 'umount /t/m/,', 'pivot_root,', 'pivot_root oldroot=/t/m/old/ /t/m/,',
  'userns,', 'signal,', 'signal send,', 'signal receive,', 'signal send set=(term, usr1, kill),', 'ptrace,',
  'ptrace read,',
  'ptrace trace,', 'ptrace (readby, tracedby),', 'io_uring,', 'change_profile,', 'change_profile -> b,',
  'change_profile -> {c,d},', 'change_profile -> a//kid,', 'change_profile /t/bin/x1 -> b,',
  'change_profile unsafe /t/bin/* -> c,', 'change_profile -> &b,', 'change_profile -> **,',
  'set rlimit nofile <= 100,', 'set rlimit nproc <= 50,', 'set rlimit fsize <= 1M,', 'set rlimit nice <= 5,', 'unix,',
  'link /t/l* -> /t/f*,', 'link subset /t/** -> /t/d/*,', '/proc/** r,', '/proc/*/attr/** rw,',
  '/sys/kernel/security/apparmor/** rw,', 'mqueue,',
] as const

const LABELLED = /^(?:signal|ptrace)/u
const UNPREFIXED = /^set rlimit/u

const prefix = (words: Words, isFile: boolean): string => [
  words.rarely(6) ? 'audit ' : '', words.rarely(6) ? 'deny ' : '', isFile && words.rarely(5) ? 'owner ' : '',
].join('')

const fileRule = (words: Words): string => `${prefix(words, true)}${words.one(PATHS)} ${words.one(FILE_PERMS)},`

const execRule = (words: Words, program: string): string => {
  if (words.rarely(12)) return `deny /t/bin/${program} x,`
  const mode = words.one(EXEC)
  const target = /[pc]/iu.test(mode) && words.rarely(2) ? ` -> ${words.one(TARGETS)}` : ''
  return `${words.rarely(8) ? 'audit ' : ''}/t/bin/${program} ${mode}${target},`
}

/** One rule a program: the parser takes no two of a kind that execute in different ways. */
const execRules = (words: Words): string[] => {
  const programs = words.some(PROGRAMS, 0)
  if (words.rarely(3)) return [...programs, words.one(['x*', '*'])].map((one) => execRule(words, one))
  return [...programs.map((one) => execRule(words, one)), ...(words.rarely(5) ? ['file,'] : [])]
}

const classRule = (words: Words): string => {
  const rule = words.one(CLASS_RULES)
  if (UNPREFIXED.test(rule)) return rule
  const whole = LABELLED.test(rule) ? `${rule.replace(/,$/u, '')}${words.one(LABELS)},` : rule
  const before = prefix(words, false)
  return /change_profile.* unsafe/u.test(rule) ? rule : `${before}${whole}`
}

const rules = (words: Words, indent: string): string[] => {
  const lines: string[] = []
  // a program that cannot be mapped dies, so most profiles let it
  if (!words.rarely(6)) lines.push('/t/bin/** mr,')
  if (words.rarely(2)) lines.push('/t/** r,')
  if (words.rarely(5)) lines.push('capability,', '/{,**} rwlk,')
  for (let i = 2 + words.pick(6); i > 0; i--) lines.push(fileRule(words))
  lines.push(...execRules(words))
  for (let i = 1 + words.pick(8); i > 0; i--) lines.push(classRule(words))
  return lines.map((line) => indent + line)
}

const FLAGS = [
  '', '', '', '', 'complain', 'complain', 'kill', 'audit', 'attach_disconnected', 'mediate_deleted', 'unconfined',
  'complain,audit', 'attach_disconnected,mediate_deleted', 'chroot_relative', 'default_allow',
] as const

const flags = (words: Words): string => {
  const some = words.one(FLAGS)
  return some === '' ? '' : ` flags=(${some})`
}

const block = (words: Words, head: string): string[] => [`  ${head}${flags(words)} {`, ...rules(words, '    '), '  }']

const profile = (words: Words, name: string, attachment: string): string[] => [
  `profile ${name}${attachment}${flags(words)} {`,
  ...rules(words, '  '),
  ...(words.rarely(2) ? block(words, '^h1') : []),
  ...(words.rarely(3) ? block(words, '^h2') : []),
  ...(words.rarely(2) ? block(words, 'profile kid') : []),
  '}',
]

/** A policy with most of the profiles. */
export const generatePolicy = (words: Words): string => {
  const lines: string[] = []
  for (const name of PROFILES) {
    if (name !== 'a' && words.rarely(6)) continue
    const attachment = words.rarely(3) ? ` /t/bin/${words.one([...PROGRAMS, 'x{3,4}'])}` : ''
    lines.push(...profile(words, name, attachment))
  }
  if (words.rarely(3)) lines.push(...profile(words, '/t/bin/x4', ''))
  return `${lines.join('\n')}\n`
}
