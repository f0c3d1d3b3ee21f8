/** Operations under Landlock by up to five processes that restrict themselves; their answers are `ok` or an errno. */
import { SIG_SETMASK, SIGCHLD } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { sockaddrUn } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import { abis } from '@lsmkit/landlock/plan'
import type { Builtin, CMachine } from '../c/machine.ts'
import { bootOn, errnoOr, stackWith } from '../kernel.ts'
import { profileOf } from '../profile.ts'
import type { SessionActor, SessionKind } from './player.ts'

const TREE = '/s'
const EVERY_SIGNAL = (1n << 64n) - 1n

/** Slots 0 to 7 hold descriptors of files and sockets, slots 8 to 15 those of rulesets. */
const operations = {
  create: `struct landlock_ruleset_attr r = { y, z, w };
    keep(8 + x, landlock_create_ruleset(&r, sizeof r, 0))`,
  rule: `fd = opened(open(c, O_PATH | O_CLOEXEC)); struct landlock_path_beneath_attr r = { y, fd };
    landlock_add_rule(slot(8 + x), LANDLOCK_RULE_PATH_BENEATH, &r, 0)`,
  fdrule: `struct landlock_path_beneath_attr r = { z, slot(y) };
    landlock_add_rule(slot(8 + x), LANDLOCK_RULE_PATH_BENEATH, &r, 0)`,
  port: `struct landlock_net_port_attr r = { y, z };
    landlock_add_rule(slot(8 + x), LANDLOCK_RULE_NET_PORT, &r, 0)`,
  restrict: 'landlock_restrict_self(slot(8 + x), y)',
  nnp: 'prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)',
  user: 'setresgid(1000, 1000, 1000); setresuid(1000, 1000, 1000); prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)',
  spawn: 'spawn(x)',
  open: 'keep(x, open(b, z | O_NONBLOCK, 0777))',
  close: 'close(take(x))',
  ftrunc: 'ftruncate(slot(x), y)',
  ioctl: 'memset(buf, 0, 256); ioctl(slot(x), y, buf)',
  trunc: 'truncate(a, y)',
  mkdir: 'mkdir(a, 0777)',
  rmdir: 'rmdir(a)',
  unlink: 'unlink(a)',
  mknod: 'mknod(a, y, z)',
  symlink: 'symlink(a, b)',
  link: 'link(a, b)',
  flink: 'linkat(slot(x), "", AT_FDCWD, b, AT_EMPTY_PATH)',
  rename: 'renameat2(AT_FDCWD, a, AT_FDCWD, b, z)',
  exec: 'execve(a, av, ev)',
  list: 'fd = open(a, O_RDONLY | O_DIRECTORY)',
  stat: 'struct stat st; stat(a, &st)',
  chdir: 'chdir(a)',
  fchdir: 'fchdir(slot(x))',
  chmod: 'chmod(a, y)',
  mount: 'mount("none", a, "tmpfs", 0, "mode=777")',
  bind: 'mount(a, b, NULL, MS_BIND, NULL)',
  move: 'mount(a, b, NULL, MS_MOVE, NULL)',
  remount: 'mount("none", a, NULL, MS_REMOUNT, "mode=777")',
  umount: 'umount2(a, y)',
  tree: 'keep(x, open_tree(AT_FDCWD, b, OPEN_TREE_CLONE))',
  attach: 'move_mount(slot(x), "", AT_FDCWD, b, MOVE_MOUNT_F_EMPTY_PATH)',
  fdopen: 'sprintf(note, "/proc/self/fd/%d", slot(y)); keep(x, open(note, z | O_NONBLOCK))',
  sock: 'keep(x, socket(y, z, w))',
  sbind: 'bind(slot(x), raw_address(b), strlen(b) / 2)',
  sconnect: 'connect(slot(x), raw_address(b), strlen(b) / 2)',
  listen: 'listen(slot(x), 100)',
  ubind: 'bind(slot(x), unix_address(b), unix_size(b))',
  uconnect: 'connect(slot(x), unix_address(b), unix_size(b))',
  ssendto: 'sendto(slot(x), "x", 1, MSG_DONTWAIT, raw_address(b), strlen(b) / 2)',
  usendto: 'sendto(slot(x), "x", 1, MSG_DONTWAIT, unix_address(b), unix_size(b))',
  usend: 'send(slot(x), "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL)',
  pipe: 'pipe2(pp, O_NONBLOCK); keep(x, pp[0]); keep((x + 1) % 8, pp[1])',
  async: 'fcntl(slot(x), F_SETFL, O_NONBLOCK | O_ASYNC)',
  setown: 'fcntl(slot(x), F_SETOWN, strcmp(b, "g") == 0 ? -pid(0) : pid(y))',
  write: 'write(slot(x), "x", 1)',
  kill: 'kill(pid(x), y)',
  pending: 'pending()',
  robust: 'get_robust_list(pid(x), &s, &t)',
  readvm: `struct iovec local = { buf, 1 }, remote = { (void *)8, 1 };
    process_vm_readv(pid(x), &local, 1, &remote, 1, 0)`,
}

const unixAddress = (name: string): Uint8Array => sockaddrUn(name.replace(/^@/, '\0'))

/** Actor 0 leads a process group, and has every signal blocked. */
const leaderOf = ({ sys, init, machine }: Kernel): Task => {
  sys.umask(init, 0)
  sys.mkdir(init, TREE, 0o777)
  sys.mount(init, 'none', TREE, 'tmpfs', 0, 'mode=777')
  const leader = machine.tasks.find(sys.fork(init))!
  sys.rt_sigprocmask(leader, SIG_SETMASK, EVERY_SIGNAL, null, 8)
  sys.rt_sigaction(leader, SIGCHLD, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
  sys.setpgid(leader, 0, 0)
  sys.chdir(leader, TREE)
  return leader
}

/** Numbers of the signals that wait, in their order. */
const pending = ({ sys }: SessionActor): string => {
  const found: number[] = []
  for (;;) {
    const sig = sys.rt_sigtimedwait(EVERY_SIGNAL, null, { tv_sec: 0, tv_nsec: 0 }, 8)
    if (sig <= 0) return found.join(' ') || 'none'
    if (sig !== SIGCHLD) found.push(sig)
  }
}

const helpers = (m: CMachine, actor: SessionActor): Record<string, Builtin> => {
  const { player, sys } = actor
  return {
    spawn: (number) => {
      if (player.actors.has(number)) return player.say('busy')
      player.add(number, actor.taskOf(sys.fork()), actor.slots)
      return 0
    },
    pending: () => player.say(pending(actor)),
    raw_address: (hex) => m.place(Buffer.from(m.text(hex)!, 'hex')),
    unix_address: (name) => m.place(unixAddress(m.text(name)!)),
    unix_size: (name) => unixAddress(m.text(name)!).length,
  }
}

export const landlockSessions: SessionKind = {
  operations,
  helpers,
  options: ['remembers', 'kernel'],
  boot(parameters, options) {
    const { remembers } = options
    const given = Number(/(?:^| )abi=(\d+)/.exec(parameters)?.[1])
    const abi = abis.find((one) => one === given)
    const module = landlock({ remembers: remembers !== 'no', ...(abi === undefined ? {} : { abi }) })
    const kernel = bootOn(stackWith([module], { profile: profileOf(options) }), {
      landlock: module.engine,
      // as Debian builds its kernels
      sysctl: { protected_hardlinks: 1, protected_symlinks: 1, protected_fifos: 0, protected_regular: 0 },
    })
    return { kernel, first: leaderOf(kernel) }
  },
  show: (rc) => errnoOr(rc, 'ok'),
  missing: () => 'absent',
}
