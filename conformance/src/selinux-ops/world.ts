/**
 * The surroundings of an operation of the table: a kernel under the recorded policy, `/w` as the recorder had it, and a
 * task of domain `s_t` whose checks are noted.
 */
import {
  AT_FDCWD, AUDIT_AVC, auditTypeName, O_CREAT, O_WRONLY, RLIMIT_NOFILE, SIGUSR1,
} from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { DEFAULT_PROFILE } from '@lsmkit/core'
import type { AuditRecord, Profile, Stack, Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { selinux } from '@lsmkit/selinux'
import { callsOf, TaskWorld } from '../c/actor.ts'
import type { Calls } from '../c/actor.ts'
import { bootOn, stackWith } from '../kernel.ts'
import type { Operation } from '../operations/operation.ts'
import { Stage } from '../operations/stage.ts'
import { domain, encode, object } from './actor.ts'
import type { SelinuxActor } from './actor.ts'
import { checkOf } from './check.ts'
import { helpers } from './helpers.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'

/** A WebAssembly module stands for the program: like the recorded one it has constants, code and data to map. */
const PROGRAM = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 10, 1, 0, 11, 1, 0)

/** Milliseconds since the epoch, for all of a row. */
const NOW = 1_700_000_000_000
const SOFT_NOFILE = 1024
const HARD_NOFILE = 4096

/** The recorder's kernel of 6.12 was a small one; the later ones are Debian's, without its modules. */
const builtBy = (profile: Profile) =>
  profile === '6.12'
    ? { FANOTIFY_ACCESS_PERMISSIONS: false, XFRM_USER: false, CPU_MITIGATIONS: false }
    : { XFRM_USER: false }

export class World extends TaskWorld implements SelinuxActor {
  readonly stack: Stack
  readonly kernel: Kernel
  readonly task: Task
  readonly sys: Calls
  readonly root: Calls
  readonly checks: string[] = []
  noting = false
  /** The policy loaded at boot, and the one loaded now. */
  readonly policy: Uint8Array
  current: Uint8Array

  constructor(policy: Uint8Array, profile: Profile = DEFAULT_PROFILE) {
    super()
    this.policy = this.current = policy
    const onAudit = (record: AuditRecord): void => {
      if (this.noting && record.kind === 'text') this.note(record.type, record.text)
    }
    this.stack = stackWith([selinux({ policy })], {
      profile, audit: { denials: false, capacity: 16, sinks: [onAudit] },
    })
    this.kernel = bootOn(this.stack, {
      clock: () => NOW,
      config: builtBy(profile),
      bpf: () => bpf().engine(this.stack),
      sysctl: { legacy_tiocsti: 1, dmesg_restrict: 0 },
    })
    this.task = this.kernel.init
    this.sys = this.root = callsOf(this.kernel, this.task)
    this.setUp()
    this.scene()
  }

  note(type: number, text: string): void {
    if (type !== AUDIT_AVC) this.checks.push(`!${auditTypeName(type)}`)
    else this.checks.push(checkOf(text))
  }

  setUp(): void {
    const { root } = this
    this.label('/', 'root_t')
    for (const path of ['/sys', '/sys/fs']) this.label(path, 'sysfs_t')
    // who is forked from it has an image, and open what is closed on execve
    this.program('/probe', 'root_t')
    this.must(root.execve('/probe', ['probe'], []), 'execve')
    this.must(root.mkdir('/w', 0o777), '/w')
    this.must(root.mount('tmpfs', '/w', 'tmpfs', 0, 'mode=777'), 'mount')
    this.label('/w', 'd_t')
    this.must(root.chdir('/w'), 'chdir')
    this.must(root.umask(0), 'umask')
    root.setrlimit(RLIMIT_NOFILE, { rlim_cur: SOFT_NOFILE, rlim_max: HARD_NOFILE })
  }

  /** The files that all operations find in /w. */
  scene(): void {
    const { root } = this
    this.file('f', 'o_t')
    this.file('g', 'l_t')
    this.must(root.mkdir('d', 0o777), 'd')
    this.label('d', 'td_t')
    this.file('d/f', 'o_t')
    this.must(root.mkdir('d/sub', 0o777), 'd/sub')
    this.label('d/sub', 'o_t')
    this.must(root.symlink('f', 'l'), 'l')
    this.label('l', 'l_t')
    this.program('x', 'o_t')
  }

  label(path: string, type: string): void {
    this.must(this.root.lsetxattr(path, 'security.selinux', encode(object(type)), 0), `label ${path}`)
  }

  file(path: string, type: string, contents: string | Uint8Array = 'hello', mode = 0o777): void {
    const { root } = this
    const fd = this.must(root.openat(AT_FDCWD, path, O_CREAT | O_WRONLY, 0o600), path)
    root.write(fd, typeof contents === 'string' ? encode(contents) : contents)
    this.must(root.fchmod(fd, mode), path)
    root.close(fd)
    this.label(path, type)
  }

  program(path: string, type: string): void {
    this.file(path, type, PROGRAM, 0o755)
  }

  /** A child of process 1 in a domain of its own. */
  person(type: string): World {
    const world = this.child()
    const { sys } = world
    const fd = this.must(sys.openat(AT_FDCWD, '/proc/self/attr/current', O_WRONLY, 0), 'attr/current')
    this.must(sys.write(fd, encode(domain(type))), `domain ${type}`)
    this.must(sys.close(fd), 'close')
    return world
  }

  /** Loaded by `kernel_t`. */
  load(policy: Uint8Array): void {
    this.current = policy
    const fd = this.must(this.root.openat(AT_FDCWD, '/sys/fs/selinux/load', O_WRONLY, 0), 'load')
    this.must(this.root.write(fd, policy), 'load')
    this.root.close(fd)
  }

  reload(): void {
    this.load(this.current)
  }

  settle(): void {
    this.kernel.machine.runRcu()
  }

  /** Plays an operation; another policy, if there is one, is loaded once it has been set up. */
  play(operation: Operation, policy: Uint8Array | null = null): Outcome {
    const stage = new Stage<SelinuxActor>(helpers)
    const { rc, actor } = stage.play(this, operation, {
      other: () => this.person('p_t'),
      actor: () => {
        const made = this.person('s_t')
        made.sys.rt_sigaction(SIGUSR1, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
        return made
      },
    }, () => {
      if (policy !== null) this.load(policy)
      this.noting = true
    })
    this.noting = false
    return outcomeOf(actor, stage, rc, operation.tells)
  }
}
