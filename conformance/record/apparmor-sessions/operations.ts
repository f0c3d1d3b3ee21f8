/** Operations of random sessions by theme. `{name}` stands for a word of that list in words.ts. */

const FILES = [
  'open {path} {open} 0644 {slot}', 'open {path} {open} 0644 {slot}', 'open {file} {open} 0644 {slot}', 'read {slot}',
  'write {slot} {text}', 'close {slot}', 'mk {path}', 'mkdir {new} 0755', 'rmdir {dir}', 'unlink {path}',
  'symlink {file} {new}', 'link {file} {new}', 'link {path} {new}', 'rename {path} {new}', 'rename {path} {path}',
  'rename2 {path} {path} {rename}', 'chmod {path} {mode}', 'chown {path} {uid} {uid}', 'lchown {path} {uid} {uid}',
  'truncate {file} 3', 'access {path} {access}', 'stat {path}', 'lstat {path}', 'readlink {path}', 'statfs {path}',
  'mknod {new} {node}', 'fchmod {slot} {mode}', 'fchown {slot} {uid} {uid}', 'ftruncate {slot} 2', 'fstat {slot}',
  'flock {slot} {flock}', 'setlk {slot} {lock}', 'mmap {slot} {prot} {map}', 'mprotect {slot} {prot} {prot} {map}',
  'utimens {path}', 'setxattr {file} user.x {text}', 'getxattr {file} user.x', 'listxattr {file}',
  'removexattr {file} user.x', 'getdents {dir}', 'cat {file}', 'linkfd {slot} {new}', 'fallocate {slot} 9',
  'setfl {slot} {setfl}', 'memfd m {slot}', 'chdir {dir}', 'fdinfo',
] as const
const EXEC = [
  'exec {program}', 'exec {program}', 'exec {program}', 'execat {program}', 'attr exec {change}', 'attr exec {change}',
  'rattr exec', 'rattr current', 'nnp', 'open {program} O_PATH 0 4', 'execfd 4',
  'open {file} O_RDWR 0 {slot}',
  'fdinfo', 'read {slot}', 'capget', 'getrlimit {rlimit}', 'attr current {change}', 'fork {actor}',
] as const
const CHANGE = [
  'attr current {change}', 'attr current {change}', 'attr current {hat}', 'attr current {hat}', 'attr exec {change}',
  'attr {attrfile} {change}', 'rattr {attrfile}', 'rattr current {actor}', 'wattr current {actor} {change}',
  'lsmset {lsmattr} {change}', 'lsmset {lsmattr} {hat}', 'lsmget {lsmattr}', 'lsmget {lsmattr} {size}', 'nnp',
  'exec {program}', 'fork {actor}', 'open {file} {open} 0644 {slot}', 'stat {path}', 'setuid 1000', 'nop',
] as const
const TASKS = [
  'kill {actor} {signal}', 'kill {actor} {signal}', 'kill {actor} {signal}', 'pidfd_kill {actor} {signal}',
  'ptrace_attach {actor}', 'ptrace_seize {actor}', 'vm_readv {actor}', 'procread {actor} {procfile}',
  'proclink {actor} {proclink}', 'kcmp {actor}', 'pidfd_getfd {actor} 0', 'setpriority {nice} {actor}',
  'prlimit {actor} {rlimit} {limit} {limit}', 'attr current {change}', 'fork {actor}', 'rattr current {actor}',
  'getrlimit {rlimit}', 'setrlimit {rlimit} {limit} {limit}', 'dumpable', 'exec {program}',
] as const
const NET = [
  'socket AF_UNIX {type} 0 {slot}', 'socket {family} {inettype} 0 {slot}', 'socketpair AF_UNIX {type} {slot} {slot}',
  'bind {slot} {address}', 'connect {slot} {address}', 'listen {slot}', 'accept {slot} {slot}', 'send {slot}',
  'recv {slot}', 'getsockopt {slot} {sockopt}', 'sendfd {slot}', 'recvfd {slot}', 'open {file} O_RDWR 0 {slot}',
  'attr current {change}', 'read {slot}', 'write {slot} {text}', 'fdinfo', 'exec {program}',
] as const
const MOUNT = [
  'mount tmpfs {mountpoint} tmpfs {mountflags}', 'mount {dir} {mountpoint} - MS_BIND',
  'mount - {mountpoint} - {retype}',
  'mount {dir} {mountpoint} - MS_BIND|MS_REC', 'mount - {mountpoint} - MS_REMOUNT|{mountflags}',
  'mount {mountpoint} {mountpoint} - MS_MOVE', 'umount {mountpoint}', 'umount {mountpoint} MNT_DETACH',
  'mount proc {mountpoint} proc 0', 'mount x {mountpoint} nosuchfs 0', 'pivot_root {mountpoint} {mountpoint}',
  'open_tree {mountpoint} 1 {slot}', 'fsmount tmpfs {slot}', 'unshare {unshare}', 'open {path} {open} 0644 {slot}',
  'mk {path}', 'attr current {change}', 'chroot {dir}', 'stat {path}', 'setns {ns}',
] as const
const CAPS = [
  'chown {file} {uid} {uid}', 'setuid {uid}', 'setgid {uid}', 'sethostname', 'setdomainname', 'syslog', 'acct',
  'init_module', 'swapoff', 'iopl', 'ioperm', 'mlock', 'reboot', 'settime', 'adjtimex', 'vhangup',
  'setpriority -5', 'sched', 'mknod {new} c', 'chroot {dir}', 'capget', 'capkeep {caps}', 'keepcaps',
  'unshare {unshare}',
  'clone {actor} {unshare}', 'attr current {change}', 'setrlimit {rlimit} {limit} {limit}', 'mq_open {mq} {mqopen}',
  'mq_unlink {mq}', 'msgget', 'setxattr {file} trusted.x {text}', 'setfsuid {uid}', 'id',
] as const
/** By the unconfined actor 0. */
const POLICY = [
  'replace {policy}', 'replace {policy}', 'remove {profile}', 'load {policy}', 'replace {badpolicy}',
  'put {parameter} {mode_word}',
  'query {query}', 'query {query}', 'open /sys/kernel/security/apparmor/.access O_RDWR 0 5', 'write 5 {query}',
  'read 5',
  'cat /sys/kernel/security/apparmor/profiles', 'put /proc/sys/kernel/apparmor_restrict_unprivileged_unconfined {bool}',
  'rattr current {actor}', 'kill {actor} {signal}',
] as const

export const THEMES = {
  file: FILES, exec: EXEC, change: CHANGE, tasks: TASKS, net: NET, mount: MOUNT, caps: CAPS,
} as const
export type Theme = keyof typeof THEMES
export const policyOperations = POLICY
