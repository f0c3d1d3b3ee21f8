/** Random words of the profile language: paths, globs, labels, and lists of what rules take. */
import { xorshift } from '../sessions/xorshift.ts'

export class Words {
  readonly pick: (n: number) => number

  constructor(seed: number) {
    this.pick = xorshift(seed * 7919 + 13)
    for (let i = 0; i < 8; i++) this.pick(2)
  }

  /** True once in `n` times. */
  rarely(n: number): boolean {
    return this.pick(n) === 0
  }

  one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!
  }

  /** Some of the list, each at most once, in any order; at least `least`. */
  some<T>(list: readonly T[], least = 1): T[] {
    const left = [...list]
    const many = Math.min(list.length, least + this.pick(3))
    return Array.from({ length: many }, () => left.splice(this.pick(left.length), 1)[0]!)
  }

  part(): string {
    return this.rarely(400) ? this.one(MISTAKES) : this.one(PARTS)
  }

  /** A path or glob; one in eight is quoted. */
  path(): string {
    const depth = 1 + this.pick(4)
    let text = ''
    for (let i = 0; i < depth; i++) text += `/${this.part()}`
    if (this.rarely(6)) text += this.one(['/', '/**', '/*', '**', '*', '//', '/**/', '{,/}'])
    if (this.rarely(12)) text = `@{${this.one(VARIABLES)}}${text}`
    if (this.rarely(25)) text = `"/sp ace${text}"`
    else if (this.rarely(12)) text = `"${text}"`
    return text
  }

  label(): string {
    return this.one(LABELS)
  }
}

const PARTS = [
  'a', 'b', 'cc', 'dir', 'bin', 'usr', 'lib', 'x1', 'a*', '*b', '*', '**', '?', 'q?', '[abc]', '[^ab]', '[a-z]',
  '[0-9]?', 'a.b', 'a+b',
  '{a,b}', '{,dir}', '{a,{b,c}x}', 'x{1,2}y', 'a-b', '*.txt', '*.{c,h}', 'long_name_here', 'e\\*f', 'e\\?', 'o\\101',
  'h\\x41',
  'b\\{c', 'A', '$v', 'n^m', '[a^b]', '.hid', '..x', '{a,b}{c,d}', '**.d', 'a**b', '[[]', '[\\]]', '[\\-a]', 'c\\,d',
  '(p)',
  '|', 'a{b,}', '[*]', '***', 'd\\d65',
] as const
/** Parts that no pattern can have. */
const MISTAKES = ['[!a]', '[]]', '[a-c-]', 'a}', '{a', '{a}', 'a\\', '[z'] as const
export const VARIABLES = ['A', 'B', 'C', 'profile_name'] as const

const LABELS = [
  'unconfined', 'a', 'b//c', 'p*', '/usr/bin/x', '@{profile_name}', 'p1//&p2', '[ab]*', '"l l"', ':ns:x', ':ns://x',
  '{a,b}', '**', 'snap.*',
] as const

export const CAPABILITIES = [
  'chown', 'kill', 'net_admin', 'sys_admin', 'bpf', 'perfmon', 'checkpoint_restore', 'mac_admin', 'syslog', 'setuid',
  'audit_read',
] as const
export const FAMILIES = [
  'inet', 'inet6', 'unix', 'netlink', 'packet', 'unspec', 'mctp', 'x25', 'bluetooth', 'vsock', 'key',
] as const
export const TYPES = ['stream', 'dgram', 'raw', 'seqpacket', 'rdm', 'packet', 'tcp', 'udp', 'icmp'] as const
export const NET_ACCESSES = [
  'create', 'bind', 'listen', 'accept', 'connect', 'shutdown', 'getattr', 'setattr', 'getopt', 'setopt', 'send',
  'receive', 'r', 'w', 'rw',
] as const
export const SIGNALS = [
  'hup', 'int', 'kill', 'term', 'usr1', 'chld', 'exists', 'rtmin+0', 'rtmin+7', 'rtmin+32', 'emt', 'stp',
] as const
export const MOUNT_OPTIONS = [
  'ro', 'rw', 'nosuid', 'suid', 'nodev', 'noexec', 'exec', 'sync', 'remount', 'bind', 'rbind', 'move', 'private',
  'rprivate', 'shared', 'slave',
  'make-shared', 'unbindable', 'relatime', 'strictatime', 'lazytime', 'noatime', 'silent', 'acl', 'iversion',
  'nosymfollow', 'mand', 'dirsync',
  'nouser', 'norelatime', 'loud',
] as const
export const FLAGS = [
  'complain', 'enforce', 'kill', 'unconfined', 'prompt', 'default_allow', 'audit', 'attach_disconnected',
  'mediate_deleted', 'chroot_relative',
  'attach_disconnected.path=/disc', 'debug', 'kill.signal=int', 'error=EPERM', 'interruptible', 'chroot_attach',
  'delegate_deleted',
] as const
export const EXECS = ['ix', 'px', 'Px', 'cx', 'Cx', 'ux', 'Ux', 'pix', 'Pix', 'cix', 'CUx', 'pux', 'PUx', 'x'] as const
