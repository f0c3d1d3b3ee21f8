/**
 * Rows that tell a story about objects, by id: each gives its answer in the table's own words. `task label A, no
 * capabilities` and the like are the table's, and so are the names of labels.
 */
import {
  AF_INET, AF_INET6, AF_UNIX, ATTR_FORCE, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_SYS_PTRACE, CGROUP2_SUPER_MAGIC,
  errnoName, EXT4_SUPER_MAGIC, F_GETLK, F_SETOWN, FMODE_READ, FMODE_WRITE, IPC_INFO, IPC_STAT, KEY_NEED_READ,
  KEY_NEED_SETATTR, LSM_ATTR_CURRENT, LSM_ID_SMACK, LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, lsmCtxSize, MAY_APPEND,
  MAY_CHDIR, MAY_OPEN, MAY_READ, MAY_WRITE, packLsmCtx, PIPEFS_MAGIC, PROC_SUPER_MAGIC, PTRACE_MODE_ATTACH, S_IFDIR,
  S_IFREG, S_IFSOCK, S_IWUGO, SETVAL, SIGTERM, SMACK_MAGIC, TMPFS_MAGIC, XATTR_NAME_SMACK,
} from '@lsmkit/abi'
import { nop_mnt_idmap, ref } from '@lsmkit/core'
import type { Inode, PeersecBuffer, SuperBlock, Task, Xattr } from '@lsmkit/core'
import { Machine, bytes, latin1 } from './machine.ts'
import type { InodeTraits } from './machine.ts'

/** 0 or the errno's name, as the table has it. */
const shown = (rc: number): string => (rc < 0 ? errnoName(rc) : String(rc))

/** Task A without capabilities acts on something labelled B. */
const onInode = (
  rules: string,
  act: (m: Machine, inode: Inode) => number,
  label = 'B',
  traits: InodeTraits = {},
): string => {
  const m = new Machine().rules(rules)
  const inode = m.inode(label, traits)
  return shown(m.as(m.task('A'), () => act(m, inode)))
}

const onTask = (rules: string, act: (m: Machine, target: Task) => number): string => {
  const m = new Machine().rules(rules)
  const target = m.task('B')
  return shown(m.as(m.task('A'), () => act(m, target)))
}

const setxattr = (m: Machine, inode: Inode, name: string, value: string): number =>
  m.lsm.inode_setxattr.ask(nop_mnt_idmap, m.dentry(inode), name, bytes(value), value.length, 0)

/** CAP_MAC_ADMIN, task A, inode A unless told otherwise. */
const adminSets = (
  name: string,
  value: string,
  { task = 'A', inode = 'A', onlycap = '', mode = S_IFREG | 0o644 } = {},
): string => {
  const m = new Machine()
  const target = m.inode(inode, { mode })
  if (onlycap !== '') m.policy.onlycap = [m.label(onlycap)]
  const rc = m.as(m.task(task, { caps: [CAP_MAC_ADMIN] }), () => setxattr(m, target, name, value))
  if (rc === 0) m.lsm.inode_post_setxattr.tell(m.dentry(target), name, bytes(value), value.length, 0)
  return rc === 0 && m.isTransmuting(target) ? '0; transmute flag set' : shown(rc)
}

/** Makes something in directory D as `task`; what it is labelled, and what is stored with it. */
const create = (rules: string, { task = 'A', dir = 'D', transmute = true, mode = S_IFREG | 0o644 } = {}) => {
  const m = new Machine().rules(rules)
  const parent = m.inode(dir, { mode: S_IFDIR | 0o755, transmute })
  return m.as(m.task(task), () => {
    const inode = m.newInode(mode)
    const stored: Xattr[] = []
    m.lsm.inode_init_security.ask(
      inode,
      parent,
      null,
      (_inode, xattrs) => {
        stored.push(...xattrs)
        return 0
      },
      null,
    )
    return { label: m.inodeLabel(inode), transmutes: m.isTransmuting(inode), names: stored.map(({ name }) => name) }
  })
}

/** A file of a file system that is seen for the first time. */
const instantiate = (
  magic: number,
  {
    stored = {},
    options = '',
    root = false,
    task = '_',
  }: {
    stored?: Readonly<Record<string, string>>
    options?: string
    root?: boolean
    task?: string
  } = {},
): string => {
  const m = new Machine()
  const sb = m.superBlock(magic, { options })
  const inode = m.as(m.task(task), () => m.newInode(S_IFREG | 0o644, sb))
  for (const [name, value] of Object.entries(stored)) m.store(inode, name, bytes(value))
  const dentry = m.dentry(inode, root ? null : sb.s_root)
  m.as(m.task(task), () => m.lsm.d_instantiate.tell(dentry, inode))
  return m.inodeLabel(inode)
}

/** Another namespace's file system, mounted by its own task A. */
const untrusted = (m: Machine, root = 'A'): SuperBlock => {
  const ns = m.childNs()
  const sb = m.superBlock(EXT4_SUPER_MAGIC, { user_ns: ns })
  m.as(m.task(root, { user_ns: ns }), () => m.mountOptions(sb, ''))
  return sb
}

const execute = ({
  exec = 'B',
  unsafe = 0,
  tracer,
  sb = (m: Machine) => m.sb,
}: {
  exec?: string
  unsafe?: number
  tracer?: string
  sb?: (m: Machine) => SuperBlock
} = {}) => {
  const m = new Machine()
  const inode = m.inode('_', { exec, sb: sb(m) })
  const task = m.task('A')
  if (tracer !== undefined) {
    task.ptrace = 1
    task.parent = m.task(tracer)
  }
  return m.as(task, () => {
    const bprm = m.bprm(m.file(inode), m.copyCred(task.cred), unsafe)
    const rc = m.lsm.bprm_creds_for_exec.ask(bprm)
    return { rc: shown(rc), label: m.credLabel(bprm.cred), secure: bprm.secureexec ? 1 : 0 }
  })
}

const map = (rules: string, { mmap = 'M' as string | undefined, selfRules = '' } = {}): string => {
  const m = new Machine().rules(rules)
  const file = m.file(m.inode('_', mmap === undefined ? {} : { mmap }))
  return shown(m.as(m.task('A', { selfRules }), () => m.lsm.mmap_file.ask(file, 0, 0)))
}

const attach = (rules: string, ptrace: number, caps: readonly number[] = []): string => {
  const m = new Machine().rules(rules)
  m.policy.ptrace = ptrace
  const target = m.task('B')
  return shown(m.as(m.task('A', { caps }), () => m.lsm.ptrace_access_check.ask(target, PTRACE_MODE_ATTACH)))
}

/** Writes attr/current as task A. */
const setCurrent = (text: string, { caps = [CAP_MAC_ADMIN] as readonly number[], relabel = '' } = {}): string => {
  const m = new Machine()
  const task = m.task('A')
  if (relabel !== '') m.as(m.root('A'), () => m.write('relabel-self', relabel))
  const actor = caps.length === 0 ? task : m.task('A', { caps })
  return m.as(actor, () => {
    const rc = m.lsm.setprocattr.ask(0, 'current', bytes(text), text.length)
    return rc < 0 ? errnoName(rc) : `${rc}; label ${m.labelOf(actor)}`
  })
}

const receive = (rules: string, caps: readonly number[] = []): string => {
  const m = new Machine().rules(rules)
  const socket = m.by('S', () => m.socket())
  const file = m.file(socket.inode)
  return shown(m.as(m.task('A', { caps }), () => m.lsm.file_receive.ask(file)))
}

const connectUnix = (rules: string, caps: readonly number[] = []): string => {
  const m = new Machine().rules(rules)
  const [client, listener, accepted] = [
    m.by('A', () => m.sock()),
    m.by('B', () => m.sock()),
    m.by('B', () => m.sock()),
  ]
  return shown(m.as(m.task('A', { caps }), () => m.lsm.unix_stream_connect.ask(client, listener, accepted)))
}

const connectInet = (hosts: string, to: string, caps: readonly number[] = []): string => {
  const m = new Machine()
  if (hosts !== '') m.write('netlabel', hosts)
  return m.as(m.task('A', { caps }), () => {
    const socket = m.socket(AF_INET)
    return shown(m.lsm.socket_connect.ask(socket, m.address(AF_INET, to, 80, 16), 16))
  })
}

/** A packet for a socket labelled `label`. */
const deliver = (label: string, netlabel: object | null): string => {
  const m = new Machine()
  const sk = m.by('A', () => m.socket(AF_INET))
  m.lsm.inode_setsecurity.ask(sk.inode, 'SMACK64IPIN', bytes(label), label.length, 0)
  return shown(m.lsm.socket_sock_rcv_skb.ask(sk.sk, m.packet({ netlabel })))
}

const ipc = (rules: string, act: (m: Machine, perm: ReturnType<Machine['ipc']>) => number): string => {
  const m = new Machine().rules(rules)
  const perm = m.ipc('B')
  return shown(m.as(m.task('A'), () => act(m, perm)))
}

const key = (rules: string, label: string, need: number): string => {
  const m = new Machine().rules(rules)
  const target = m.key(label)
  const task = m.task('A')
  return shown(m.as(task, () => m.lsm.key_permission.ask({ key: target, possessed: false }, task.cred, need)))
}

/** Writes to smackfs with CAP_MAC_ADMIN, or without any capability. */
const write = (file: string, text: string, caps: readonly number[] = [CAP_MAC_ADMIN]): string => {
  const m = new Machine()
  return shown(m.as(m.task('A', { caps }), () => m.write(file, text)))
}

const quoted = (text: string | number): string => `"${String(text).replaceAll('\n', '\\n').replaceAll('\0', '\\0')}"`

export const scenarios: Readonly<Record<string, () => string>> = {
  // inode_permission
  'smk-249': () => onInode('', (m, inode) => m.lsm.inode_permission.ask(inode, MAY_READ)),
  'smk-251': () => onInode('', (m, inode) => m.lsm.inode_permission.ask(inode, MAY_OPEN | MAY_CHDIR)),
  'smk-253': () => {
    const m = new Machine()
    const inode = m.inode('B', { sb: untrusted(m, 'C') })
    return shown(m.as(m.task('A', { caps: [CAP_MAC_OVERRIDE] }), () => m.lsm.inode_permission.ask(inode, MAY_READ)))
  },
  'smk-255': () => onInode('A B wa', (m, inode) => m.lsm.inode_permission.ask(inode, MAY_WRITE | MAY_APPEND)),

  // names
  'smk-257': () =>
    onInode('A B w', (m, file) =>
      m.lsm.inode_link.ask(m.dentry(file), m.inode('D', { mode: S_IFDIR }), m.dentry(null)),
    ),
  'smk-259': () =>
    onInode('A B w;A D w', (m, file) => m.lsm.inode_unlink.ask(m.inode('D', { mode: S_IFDIR }), m.dentry(file))),
  'smk-261': () =>
    onInode('A B w', (m, file) => {
      const dir = m.inode('A', { mode: S_IFDIR })
      return m.lsm.inode_rename.ask(dir, m.dentry(file), dir, m.dentry(null), 0)
    }),
  'smk-263': () =>
    onInode(
      '',
      (m, file) => {
        const dir = m.inode('D', { mode: S_IFDIR })
        return m.lsm.inode_rename.ask(dir, m.dentry(file), dir, m.dentry(null), 0)
      },
      'A',
    ),
  'smk-265': () =>
    onInode('', (m, inode) =>
      m.lsm.inode_setattr.ask(nop_mnt_idmap, m.dentry(inode), { ia_valid: ATTR_FORCE } as never),
    ),
  'smk-267': () => onInode('', (m, inode) => m.lsm.inode_getattr.ask({ mnt: m.mount, dentry: m.dentry(inode) }), '_'),

  // extended attributes
  'smk-269': () => onInode('A B w', (m, inode) => setxattr(m, inode, 'user.x', 'v')),
  'smk-271': () => adminSets('security.SMACK64', 'C', { inode: 'B' }),
  'smk-273': () => `${adminSets('security.SMACK64', 'B')} (Smack claims skipcap)`,
  'smk-275': () => adminSets('security.SMACK64', '@'),
  'smk-277': () => adminSets('security.SMACK64EXEC', '@'),
  'smk-279': () => adminSets('security.SMACK64EXEC', '^'),
  'smk-281': () => adminSets('security.SMACK64', '/x'),
  'smk-283': () => onInode('', (m, inode) => setxattr(m, inode, 'security.SMACK64TRANSMUTE', 'TRUE'), 'A'),
  'smk-285': () => adminSets('security.SMACK64TRANSMUTE', 'TRUE', { mode: S_IFDIR | 0o755 }),
  'smk-287': () => adminSets('security.SMACK64TRANSMUTE', 'true', { mode: S_IFDIR | 0o755 }),
  'smk-289': () => adminSets('security.SMACK64', 'B', { onlycap: 'Z' }),
  'smk-291': () => {
    const m = new Machine()
    const sb = m.superBlock(EXT4_SUPER_MAGIC, { options: 'smackfsdef=D' })
    const inode = m.inode('A', { sb })
    const rc = m.as(m.task('A', { caps: [CAP_MAC_ADMIN] }), () =>
      m.lsm.inode_removexattr.ask(nop_mnt_idmap, m.dentry(inode, sb.s_root), XATTR_NAME_SMACK),
    )
    return `${shown(rc)}; in-core label ${m.inodeLabel(inode)}`
  },
  'smk-293': () => {
    const m = new Machine()
    const inode = m.inode('A', { exec: 'X' })
    const rc = m.as(m.task('A', { caps: [CAP_MAC_ADMIN] }), () =>
      m.lsm.inode_removexattr.ask(nop_mnt_idmap, m.dentry(inode), 'security.SMACK64EXEC'),
    )
    return `${shown(rc)}; exec label ${m.execLabel(inode) || 'none'}`
  },
  'smk-295': () => {
    const m = new Machine()
    return shown(m.getSecurity(m.inode('A'), 'SMACK64IPIN') as number)
  },
  'smk-297': () => {
    const m = new Machine()
    return shown(m.lsm.inode_setsecurity.ask(m.socket().inode, 'SMACK64IPNOT', bytes('A'), 1, 0))
  },

  // new inodes
  'smk-299': () => `label ${create('A D rwxt', { transmute: false }).label}`,
  'smk-301': () => {
    const { label, names } = create('A D rwxt')
    return `label ${label}, ${names.includes('SMACK64TRANSMUTE') ? 'a' : 'no'} transmute xattr`
  },
  'smk-303': () => {
    const { label, transmutes } = create('', { task: 'D', mode: S_IFDIR | 0o755 })
    return `label ${label} ${transmutes ? 'with' : 'but no'} transmute flag (needs an explicit rule with t)`
  },
  'smk-305': () => `label ${create('', { dir: '*' }).label}`,
  'smk-307': () => {
    const { label, names } = create('', { mode: S_IFSOCK | 0o755 })
    return `label ${label}, ${names.length === 0 ? 'no' : 'some'} xattr stored`
  },
  'smk-309': () =>
    `label ${instantiate(EXT4_SUPER_MAGIC, { stored: { [XATTR_NAME_SMACK]: '/bad' }, options: 'smackfsdef=X' })}`,
  'smk-311': () => `label ${instantiate(TMPFS_MAGIC)}`,
  'smk-313': () => `label ${instantiate(PIPEFS_MAGIC, { root: true, task: 'A' })}`,
  'smk-315': () => {
    const labels = new Set([instantiate(SMACK_MAGIC), instantiate(CGROUP2_SUPER_MAGIC)])
    return `label ${[...labels].join(' or ')}`
  },
  'smk-317': () => `superblock default (${instantiate(PROC_SUPER_MAGIC)})`,

  // file systems
  'smk-319': () => {
    const m = new Machine()
    return shown(m.as(m.task('A'), () => m.mountOptions(m.superBlock(EXT4_SUPER_MAGIC), 'smackfsdef=X')))
  },
  'smk-321': () => {
    const m = new Machine()
    const sb = untrusted(m)
    const root = sb.s_root!.d_inode!
    const other = m.inode('B', { sb })
    const refused = m.as(m.root('B'), () => m.lsm.inode_permission.ask(other, MAY_READ)) !== 0
    const first = m.newInode(S_IFREG | 0o644, sb)
    m.lsm.d_instantiate.tell(m.dentry(first, sb.s_root), first)
    const both = m.inodeLabel(root) === m.inodeLabel(first) ? m.inodeLabel(root) : 'different'
    const kind = m.isTransmuting(root) ? 'transmuting' : 'plain'
    return `0; root=default=${both}, ${refused ? 'untrusted' : 'trusted'}, root inode ${kind}`
  },
  'smk-323': () => {
    const m = new Machine()
    const sb = m.superBlock(EXT4_SUPER_MAGIC)
    const rc = m.as(m.task('A', { caps: [CAP_MAC_ADMIN] }), () => m.mountOptions(sb, ''))
    const fc = m.fsContext()
    m.lsm.fs_context_submount.ask(fc, sb)
    const labels = fc.security as Record<string, number>
    const text = (field: string) => m.text(labels[field]!)
    const root = m.inodeLabel(sb.s_root!.d_inode!)
    return `${rc}; root=${root} default=${text('default')} floor=${text('floor')} hat=${text('hat')}`
  },
  'smk-325': () => {
    const m = new Machine()
    const sb = m.superBlock(EXT4_SUPER_MAGIC)
    const rc = m.as(m.task('A', { caps: [CAP_MAC_ADMIN] }), () =>
      m.mountOptions(sb, 'smackfsroot=R,smackfstransmute=T'),
    )
    return `${rc}; root=${m.inodeLabel(sb.s_root!.d_inode!)}`
  },
  'smk-327': () => shown(new Machine().lsm.sb_eat_lsm_opts.ask(ref('smackfsdef=A,smackfsdef=B'), ref(null))),
  'smk-329': () => shown(new Machine().lsm.sb_eat_lsm_opts.ask(ref('smackfsroot=/x'), ref(null))),
  'smk-331': () => onInode('', (m, inode) => m.lsm.sb_statfs.ask(m.dentry(inode))),

  // exec
  'smk-333': () => {
    const { label, secure } = execute()
    return `label ${label}, secureexec=${secure}`
  },
  'smk-335': () => execute({ unsafe: LSM_UNSAFE_NO_NEW_PRIVS }).rc,
  'smk-337': () => execute({ unsafe: LSM_UNSAFE_PTRACE, tracer: 'T' }).rc,
  'smk-339': () =>
    execute({ sb: (m) => untrusted(m, 'R') }).label === 'A' ? 'label stays (exec label ignored)' : 'changed',

  // mmap
  'smk-341': () => map('', { mmap: undefined }),
  'smk-343': () => map('A X r'),
  'smk-345': () => map('A M rw'),
  'smk-347': () => map('A X rw;M X r', { selfRules: 'A X r' }),
  'smk-349': () => shown(new Machine().lsm.mmap_file.ask(null, 0, 0)),

  // files
  'smk-351': () => onInode('A B w', (m, inode) => m.lsm.file_open.ask(m.file(inode, FMODE_WRITE))),
  'smk-353': () =>
    onInode('', (m, inode) => m.lsm.file_permission.ask(m.file(inode), MAY_READ)) === '0'
      ? 'no Smack check'
      : 'a check',
  'smk-355': () => onInode('', (m, inode) => m.lsm.file_ioctl.ask(m.file(inode), 0x5401, 0)),
  'smk-357': () => onInode('A B r', (m, inode) => m.lsm.file_lock.ask(m.file(inode), 0)),
  'smk-359': () => onInode('A B w', (m, inode) => m.lsm.file_lock.ask(m.file(inode), 0)),
  'smk-361': () => onInode('', (m, inode) => m.lsm.file_fcntl.ask(m.file(inode), F_GETLK, 0)),
  'smk-363': () => onInode('A B rl', (m, inode) => m.lsm.file_fcntl.ask(m.file(inode), F_SETOWN, 0)),
  'smk-365': () => onInode('A B r', (m, inode) => m.lsm.file_receive.ask(m.file(inode, FMODE_READ))),
  'smk-367': () => receive('A S w'),
  'smk-369': () => receive('', [CAP_MAC_OVERRIDE]),
  'smk-371': () => {
    const m = new Machine()
    const file = m.by('F', () => m.file(m.inode('_')))
    const target = m.task('T', { caps: [CAP_MAC_OVERRIDE] })
    const rc = m.lsm.file_send_sigiotask.ask(target, { pid: 0, uid: 0, euid: 0, signum: 0, file }, 29)
    return `${shown(rc)} (capability of the target counts)`
  },

  // tasks
  'smk-373': () => onTask('A B w', (m, target) => m.lsm.task_getpgid.ask(target)),
  'smk-375': () => onTask('A B r', (m, target) => m.lsm.task_setnice.ask(target, 1)),
  'smk-377': () => onTask('A B w', (m, target) => m.lsm.task_getioprio.ask(target)),
  'smk-379': () => onTask('A B w', (m, target) => m.lsm.task_getscheduler.ask(target)),
  'smk-381': () => onTask('', (m, target) => m.lsm.task_kill.ask(target, null, 0, null)),
  'smk-383': () => onTask('A B r', (m, target) => m.lsm.task_kill.ask(target, null, SIGTERM, null)),
  'smk-385': () => {
    const m = new Machine()
    const { cred } = m.task('A', { caps: [CAP_MAC_OVERRIDE] })
    return shown(m.lsm.task_kill.ask(m.task('B'), null, SIGTERM, cred))
  },
  'smk-387': () => attach('A B r', 0),
  'smk-389': () => attach('A B rw', 1),
  'smk-391': () => attach('', 1, [CAP_MAC_OVERRIDE]),
  'smk-393': () => attach('', 2, [CAP_SYS_PTRACE]),
  'smk-395': () => {
    const m = new Machine().rules('P A rw')
    return shown(m.as(m.task('A'), () => m.lsm.ptrace_traceme.ask(m.task('P'))))
  },
  'smk-397': () => {
    const m = new Machine()
    return shown(m.as(m.task('A'), () => m.lsm.syslog.ask(3)))
  },
  'smk-399': () => {
    const m = new Machine()
    m.policy.syslog = m.label('S')
    return shown(m.as(m.task('A', { caps: [CAP_MAC_OVERRIDE] }), () => m.lsm.syslog.ask(3)))
  },

  // attributes
  'smk-401': () => setCurrent('B', { caps: [] }),
  'smk-403': () => {
    const m = new Machine()
    const task = m.root('A')
    return m.as(task, () => {
      m.write('relabel-self', 'B C')
      task.cred.cap_effective.lo = task.cred.cap_effective.hi = 0
      m.lsm.setprocattr.ask(0, 'current', bytes('B'), 1)
      return m.labelOf(task) === 'B' ? shown(m.lsm.setprocattr.ask(0, 'current', bytes('C'), 1)) : 'not relabelled'
    })
  },
  'smk-405': () => setCurrent('B\0'),
  'smk-407': () => setCurrent('B\0\n'),
  'smk-409': () => setCurrent('@'),
  'smk-411': () => setCurrent('*x'),
  'smk-413': () => setCurrent('foo/bar', { caps: [] }),
  'smk-415': () => setCurrent('x'.repeat(256)),
  'smk-417': () => {
    const m = new Machine()
    return shown(m.lsm.getprocattr.ask(m.idle, 0, 'prev', ref(null)))
  },
  'smk-419': () => {
    const m = new Machine()
    const ctx = packLsmCtx({ id: BigInt(LSM_ID_SMACK), flags: 1n, ctx: bytes('B\0') })
    const set = () => m.lsm.setselfattr.ask(LSM_ATTR_CURRENT, ctx, lsmCtxSize(2), 0)
    return shown(m.as(m.task('A', { caps: [CAP_MAC_ADMIN] }), set))
  },

  // sockets
  'smk-421': () => {
    const m = new Machine()
    const socket = m.by('A', () => m.socket())
    const label = (name: string) => latin1(m.getSecurity(socket.inode, name) as Uint8Array)
    const packet: PeersecBuffer = { value: null, length: 0 }
    m.lsm.socket_getpeersec_stream.ask(socket, packet, ref(0), 256)
    const peer = latin1(packet.value!) === '\0' ? 'none' : 'some'
    return `in=${label('SMACK64IPIN')} out=${label('SMACK64IPOUT')} packet=${peer}`
  },
  'smk-423': () => connectUnix('A B w'),
  'smk-425': () => connectUnix('', [CAP_MAC_OVERRIDE]),
  'smk-427': () => {
    const m = new Machine()
    const [from, to] = [m.by('A', () => m.socket(AF_UNIX)), m.by('B', () => m.socket(AF_UNIX))]
    return shown(m.as(m.task('A'), () => m.lsm.unix_may_send.ask(from, to)))
  },
  'smk-429': () => connectInet('', '10.1.1.1'),
  'smk-431': () => connectInet('10.0.0.0/8 H', '10.1.1.1', [CAP_MAC_OVERRIDE]),
  'smk-433': () => connectInet('0.0.0.0/0 H', '0.0.0.0'),
  'smk-435': () => {
    const m = new Machine()
    return shown(m.lsm.socket_sendmsg.ask(m.socket(AF_INET), { msg_name: null, msg_flags: 0, control: [] }, 1))
  },
  'smk-437': () => deliver('A', null),
  'smk-439': () => deliver('*', null),
  'smk-441': () => `${deliver('*', { doi: 3, level: 17, categories: [3] })} (treated as @)`,
  'smk-443': () => {
    const m = new Machine({ acceptUnlabeled: false }).rules('_ A w')
    const socket = m.by('A', () => m.socket(AF_INET))
    const rc = m.lsm.inet_conn_request.ask(socket.sk, m.packet({}), m.request())
    return `${shown(rc)} (subject ${/subject="(.*?)"/.exec(m.records.at(-1)!)![1]})`
  },
  'smk-445': () => {
    const m = new Machine()
    const [value, length] = [{ value: null, length: 0 } as PeersecBuffer, ref(0)]
    m.lsm.socket_getpeersec_stream.ask(m.socket(), value, length, 1)
    return latin1(value.value!) === '\0' ? `empty string, length ${length.value}` : 'a label'
  },
  'smk-447': () => {
    const m = new Machine()
    const socket = m.by('A', () => m.socket(AF_INET6))
    return shown(m.lsm.socket_sock_rcv_skb.ask(socket.sk, m.packet({ protocol: 0x86dd, saddr: '::1' })))
  },
  'smk-449': () => {
    const m = new Machine()
    return shown(m.lsm.socket_bind.ask(m.socket(AF_INET6), m.address(AF_INET6, '::', 80, 16), 16))
  },

  // System V IPC
  'smk-451': () => ipc('A B r', (m, perm) => m.lsm.shm_associate.ask(perm, 0o600)),
  'smk-453': () => ipc('A B r', (m, perm) => m.lsm.shm_shmctl.ask(perm, IPC_STAT)),
  'smk-455': () => ipc('', (m, perm) => m.lsm.shm_shmctl.ask(perm, IPC_INFO)),
  'smk-457': () => ipc('A B r', (m, perm) => m.lsm.sem_semop.ask(perm, [], 0, 0)),
  'smk-459': () => ipc('A B r', (m, perm) => m.lsm.sem_semctl.ask(perm, SETVAL)),
  'smk-461': () => ipc('', (m, perm) => m.lsm.msg_queue_msgsnd.ask(perm, m.message(), 0)),
  'smk-463': () => ipc('A B r', (m, perm) => m.lsm.ipc_permission.ask(perm, S_IWUGO)),

  // keys and io_uring
  'smk-465': () => key('A B r', 'B', KEY_NEED_SETATTR),
  'smk-467': () => key('', '', KEY_NEED_READ),
  'smk-469': () => {
    const m = new Machine()
    return shown(m.as(m.task('A'), () => m.lsm.uring_sqpoll.ask()))
  },
  'smk-471': () => {
    const m = new Machine()
    return shown(m.as(m.task('A'), () => m.lsm.uring_override_creds.ask(m.task('B').cred)))
  },

  // smackfs
  'smk-473': () => {
    const m = new Machine()
    m.write('onlycap', 'A B')
    return `reads ${quoted(m.read('onlycap'))} (newest first, each followed by a space)`
  },
  'smk-475': () => write('onlycap', 'A', []),
  'smk-477': () => write('load-self2', 'A B r', []),
  'smk-479': () => write('ptrace', '3'),
  'smk-481': () => {
    const m = new Machine()
    m.write('ptrace', '1')
    return quoted(m.read('ptrace'))
  },
  'smk-483': () => quoted(new Machine().read('logging')),
  'smk-485': () => {
    const m = new Machine()
    return `${quoted(m.read('direct'))} and ${quoted(m.read('mapped'))} (no newline)`
  },
  'smk-487': () => write('doi', '0'),
  'smk-489': () => quoted(new Machine().read('ambient')),
  'smk-491': () => {
    const m = new Machine()
    m.write('ambient', 'ABC')
    return shown(m.open('ambient').read(3) as number)
  },
  'smk-493': () => write('access', 'A'.padEnd(24) + 'B'.padEnd(24) + 'rwxat', []),
  'smk-495': () => {
    const m = new Machine()
    return m.as(m.task('A', { caps: [CAP_MAC_OVERRIDE] }), () => {
      m.label('B')
      const file = m.open('access2')
      file.write('A B r')
      return `"${String(file.read()).replace('\0', '')}"`
    })
  },
  'smk-497': () => {
    const m = new Machine().rules('A B rb')
    const file = m.open('access2')
    file.write('A B r')
    return `"${String(file.read()).replace('\0', '')}"`
  },
  'smk-499': () => {
    const m = new Machine()
    const file = m.open('load2')
    file.io.pos = 1
    return shown(file.write('A B r'))
  },

  // audit
  'smk-501': () => {
    const m = new Machine()
    m.as(m.task('A'), () => m.lsm.inode_permission.ask(m.inode('B'), MAY_READ))
    const [, body, tail] = /^(.*?)( pid=\d+ comm="A" dev="fs" ino=\d+)$/.exec(m.records.at(-1)!) ?? []
    return `${body}${tail === undefined ? '' : ' then common fields'}`
  },
}
