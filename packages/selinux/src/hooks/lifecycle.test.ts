/** What objects are given when they are made and copied, and what of their labels is told; on plain objects. */
import {
  AF_INET, AUDIT_PID, AUDIT_SUBJ_TYPE, CapSet, EACCES, ECANCELED, EINVAL, ENOPARAM, EOPNOTSUPP, F_SETOWN,
  FMODE_BACKING, FMODE_READ, GETVAL, IPC_STAT, LSM_ATTR_EXEC, LSM_PRLIMIT_READ, LSM_PRLIMIT_WRITE, O_RDONLY,
  RLIMIT_NOFILE, S_IFDIR, S_IFREG, SIGIO, SOCK_STREAM, VM_READ,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { FsContext, Inode, Sock } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bytes, domain, Machine, object } from '../testing/machine.ts'

const m = new Machine()
const { lsm, build } = m

const opener = m.task('b_t')
const asB = <T>(body: () => T): T => m.as(opener, body)
const inode = (i_mode: number = S_IFREG | 0o644): Inode => m.label(build.anInode({ i_mode }), 'o_t')
const labelOf = (of: Inode): string => {
  const [text, length] = [ref<string | null>(null), ref(0)]
  lsm.inode_getsecctx.ask(of, text, length)
  return (text.value ?? '').replace(/\0$/, '')
}

describe('tasks', () => {
  const b = asB(() => build.aTask())
  const next = m.cred('a_t')
  b.cred = b.real_cred = opener.cred

  const cases: readonly { hook: string; ask: () => number; check: string }[] = [
    { hook: 'ptrace_traceme', ask: () => lsm.ptrace_traceme.ask(b), check: 'b_t a_t process { ptrace }' },
    { hook: 'capget', ask: () => lsm.capget.ask(b, new CapSet(), new CapSet(), new CapSet()),
      check: 'a_t b_t process { getcap }' },
    { hook: 'capset', ask: () => lsm.capset.ask(next, opener.cred, new CapSet(), new CapSet(), new CapSet()),
      check: 'b_t a_t process { setcap }' },
    { hook: 'task_alloc', ask: () => lsm.task_alloc.ask(build.bareTask(), 0), check: 'a_t a_t process { fork }' },
    { hook: 'task_setioprio', ask: () => lsm.task_setioprio.ask(b, 0), check: 'a_t b_t process { setsched }' },
    { hook: 'task_getioprio', ask: () => lsm.task_getioprio.ask(b), check: 'a_t b_t process { getsched }' },
    { hook: 'task_setscheduler', ask: () => lsm.task_setscheduler.ask(b), check: 'a_t b_t process { setsched }' },
    { hook: 'task_prlimit', ask: () => lsm.task_prlimit.ask(opener.cred, opener.cred, LSM_PRLIMIT_READ),
      check: 'b_t b_t process { getrlimit }' },
    { hook: 'task_prlimit', ask: () => lsm.task_prlimit.ask(opener.cred, opener.cred, LSM_PRLIMIT_WRITE),
      check: 'b_t b_t process { setrlimit }' },
    { hook: 'task_setrlimit', ask: () => lsm.task_setrlimit.ask(b, RLIMIT_NOFILE, { rlim_cur: 1, rlim_max: 1 }),
      check: 'a_t b_t process { setrlimit }' },
    { hook: 'userns_create', ask: () => lsm.userns_create.ask(opener.cred),
      check: 'a_t a_t user_namespace { create }' },
    { hook: 'getprocattr', ask: () => lsm.getprocattr.ask(b, 0, 'prev', ref(null)),
      check: 'a_t b_t process { getattr }' },
  ]
  test.each(cases)('$hook: $check', ({ ask, check }) => {
    const who = m.task('a_t')
    const answers = m.checks(who, ask)
    expect(answers[0]).toBe(check)
  })

  test('only a changed hard limit is asked about', () => {
    const { rlim_max } = b.signal!.rlim[RLIMIT_NOFILE]!
    expect(m.checks('n_t', () => lsm.task_setrlimit.ask(b, RLIMIT_NOFILE, { rlim_cur: 1, rlim_max }))).toEqual([0])
  })

  test('who may nothing is refused', () => {
    expect(m.checks('n_t', () => lsm.task_setscheduler.ask(b)))
      .toEqual(['DENIED n_t b_t process { setsched }', -EACCES])
    expect(m.checks('n_t', () => lsm.userns_create.ask(b.cred)).at(-1)).toBe(-EACCES)
  })

  test('task_getsecid_obj, task_to_inode', () => {
    const [secid, proc] = [ref(0), build.anInode({ i_mode: S_IFDIR | 0o555 })]
    lsm.task_getsecid_obj.tell(b, secid)
    lsm.task_to_inode.tell(b, proc)
    expect([m.text(secid.value), labelOf(proc)]).toEqual([domain('b_t'), domain('b_t')])
  })

  test('cred_transfer, kernel_create_files_as: labels go over', () => {
    const moved = m.cred('a_t')
    lsm.cred_transfer.tell(moved, opener.cred)
    const secid = ref(0)
    lsm.cred_getsecid.tell(moved, secid)
    expect(m.text(secid.value)).toBe(domain('b_t'))
    expect(m.checks('a_t', () => lsm.kernel_create_files_as.ask(moved, inode())))
      .toEqual(['a_t o_t kernel_service { create_files_as }', 0])
  })

  test('vm_enough_memory asks for sys_admin without a record', () => {
    expect(m.checks('a_t', () => void lsm.vm_enough_memory.ask(build.aMm(), 1))).toEqual([])
  })

  test('setselfattr sets what getselfattr and execve find', () => {
    const task = m.task('a_t')
    m.as(task, () => {
      const text = bytes(domain('b_t'))
      const ctx = new Uint8Array(32 + text.length)
      const view = new DataView(ctx.buffer)
      view.setBigUint64(0, 101n, true)
      view.setBigUint64(16, BigInt(ctx.length), true)
      view.setBigUint64(24, BigInt(text.length), true)
      ctx.set(text, 32)
      expect(lsm.setselfattr.ask(LSM_ATTR_EXEC, ctx, ctx.length, 0)).toBe(0)
      const value = ref<string | null>(null)
      lsm.getprocattr.ask(task, 101, 'exec', value)
      expect(value.value).toBe(`${domain('b_t')}\0`)
    })
  })

  test('bprm_committing_creds, bprm_committed_creds: nothing is closed or reset where the domain stays', () => {
    const task = m.task('a_t')
    m.as(task, () => {
      const file = build.aFile({ inode: inode(), f_flags: O_RDONLY })
      const bprm = build.aBinprm(file, { cred: m.cred('a_t') })
      lsm.bprm_committing_creds.tell(bprm)
      lsm.bprm_committed_creds.tell(bprm)
      expect(task.signal!.rlim[RLIMIT_NOFILE]!.rlim_cur).toBeGreaterThan(0)
    })
  })
})

describe('files', () => {
  test('file_alloc_security, file_set_fowner, file_send_sigiotask: the opener owns it until another takes it', () => {
    const file = asB(() => build.bareFile({ inode: inode() }))
    expect(asB(() => lsm.file_alloc_security.ask(file))).toBe(0)
    const fown = { file } as never
    const target = m.task('a_t')
    expect(m.checks('a_t', () => lsm.file_send_sigiotask.ask(target, fown, 0))[0]).toBe('b_t a_t process { signal }')
    m.as(m.task('n_t'), () => lsm.file_set_fowner.tell(file))
    expect(m.checks('a_t', () => lsm.file_send_sigiotask.ask(target, fown, SIGIO)))
      .toEqual(['DENIED n_t a_t process { signal }', -EACCES])
    expect(m.checks('n_t', () => lsm.file_fcntl.ask(file, F_SETOWN, 0)).at(-1)).toBe(-EACCES)
  })

  test('backing_file_alloc, mmap_backing_file, backing_file_free: the user\'s file is who opened it', () => {
    const user = asB(() => build.aFile({ inode: inode() }))
    const task = m.task('a_t')
    const f_mode = FMODE_READ | FMODE_BACKING
    const backing = m.as(task, () => build.aFile({ inode: inode(), f_cred: task.cred, f_mode }))
    expect(lsm.backing_file_alloc.ask(backing, user)).toBe(0)
    const vma = build.aVma({ vm_flags: VM_READ })
    expect(m.checks(task, () => lsm.mmap_backing_file.ask(vma, backing, user)))
      .toEqual(['a_t o_t file { map }', 'a_t b_t fd { use }', 'a_t o_t file { read }', 0])
    lsm.backing_file_free.tell(backing)
  })
})

describe('inodes', () => {
  const dir = m.label(build.anInode({ i_mode: S_IFDIR | 0o755 }), 'd_t')
  const parent = build.aDentry({ inode: dir, name: 'd' })
  const inDir = (name: string) => build.aDentry({ inode: null, name, d_parent: parent })

  test('inode_alloc_security, inode_free_security', () => {
    const fresh = build.bareInode()
    expect(lsm.inode_alloc_security.ask(fresh)).toBe(0)
    lsm.inode_free_security.tell(fresh)
  })

  test.each([['n', 'o_t'], ['special', 'anon_t']])('inode_init_security: `%s` is %s, by the rules', (name, type) => {
    const fresh = build.anInode()
    const written: string[] = []
    const rc = m.as(m.task('a_t'), () => lsm.inode_init_security.ask(fresh, dir, build.qstr(name), (_inode, xattrs) => {
      for (const { name: suffix, value } of xattrs) {
        written.push(`${suffix}=${new TextDecoder().decode(value ?? undefined)}`)
      }
      return 0
    }, null))
    expect([rc, labelOf(fresh), written]).toEqual([0, object(type), [`selinux=${object(type)}\0`]])
  })

  test('dentry_init_security tells the label of a file that is not there yet', () => {
    const [name, ctx, length] = [ref<string | null>(null), ref<Uint8Array | null>(null), ref(0)]
    const rc = m.as(m.task('a_t'), () =>
      lsm.dentry_init_security.ask(inDir('special'), S_IFREG, build.qstr('special'), name, ctx, length))
    expect([rc, name.value, new TextDecoder().decode(ctx.value!)])
      .toEqual([0, 'security.selinux', `${object('anon_t')}\0`])
  })

  test('dentry_create_files_as, inode_copy_up: credentials that create it with a label', () => {
    const next = m.cred('a_t')
    expect(lsm.dentry_create_files_as.ask(inDir('n'), S_IFREG, build.qstr('n'), m.cred('a_t'), next)).toBe(0)
    const made = ref<typeof next | null>(null)
    expect(m.as(m.task('a_t'), () => lsm.inode_copy_up.ask(build.aDentry({ inode: inode() }), made))).toBe(0)
    for (const cred of [next, made.value!]) {
      const fresh = build.anInode()
      const task = build.aTask({ cred })
      m.as(task, () => lsm.inode_init_security.ask(fresh, dir, build.qstr('other'), null, null))
      expect(labelOf(fresh)).toBe(object('o_t'))
    }
  })

  test('inode_copy_up_xattr: the label is not copied, others are nobody\'s business', () => {
    const dentry = build.aDentry({ inode: inode() })
    expect(lsm.inode_copy_up_xattr.ask(dentry, 'security.selinux')).toBe(-ECANCELED)
    expect(lsm.inode_copy_up_xattr.ask(dentry, 'user.x')).toBe(-EOPNOTSUPP)
  })

  test('kernfs_init_security: a node inherits by the rules', () => {
    const xattrs = new Map([['security.selinux', bytes(object('d_t'))]])
    const above = { name: '', parent: null, mode: S_IFDIR | 0o755, xattrs }
    const node = { name: 'special', parent: above, mode: S_IFREG | 0o644, xattrs: new Map<string, Uint8Array>() }
    expect(m.as(m.task('a_t'), () => lsm.kernfs_init_security.ask(above, node))).toBe(0)
    expect(new TextDecoder().decode(node.xattrs.get('security.selinux'))).toBe(`${object('anon_t')}\0`)
  })

  test('inode_setsecurity, inode_listsecurity, inode_xattr_skipcap, ismaclabel', () => {
    const [of, value] = [inode(), bytes(object('d_t'))]
    expect(lsm.inode_setsecurity.ask(of, 'selinux', value, value.length, 0)).toBe(0)
    expect(labelOf(of)).toBe(object('d_t'))
    expect(lsm.inode_setsecurity.ask(of, 'other', value, value.length, 0)).toBe(-EOPNOTSUPP)
    expect(lsm.inode_listsecurity.ask(of, null, 0)).toBe('security.selinux\0'.length)
    expect([lsm.ismaclabel.ask('selinux'), lsm.ismaclabel.ask('other')]).toEqual([1, 0])
    expect(lsm.inode_xattr_skipcap.ask('security.selinux')).not.toBe(0)
  })

  test('inode_notifysecctx, inode_invalidate_secctx, release_secctx', () => {
    const of = inode()
    expect(lsm.inode_notifysecctx.ask(of, object('d_t'), object('d_t').length)).toBe(0)
    expect(labelOf(of)).toBe(object('d_t'))
    lsm.inode_invalidate_secctx.tell(of)
    lsm.release_secctx.tell('', 0)
  })

  test('inode_setsecctx writes the attribute through the host', () => {
    const written: string[] = []
    const other = new Machine({}, {
      __vfs_setxattr: (_idmap, _dentry, name, value) => {
        written.push(`${name}=${new TextDecoder().decode(value)}`)
        return 0
      },
    })
    const dentry = other.build.aDentry()
    expect(other.lsm.inode_setsecctx.ask(dentry, object('o_t'), object('o_t').length)).toBe(0)
    expect(written[0]).toContain(`security.selinux=${object('o_t')}`)
  })
})

describe('System V IPC', () => {
  const cases: readonly { hook: string; ask: () => number; check: string }[] = [
    { hook: 'msg_queue_alloc_security', ask: () => lsm.msg_queue_alloc_security.ask(build.bareIpc()),
      check: 'a_t a_t msgq { create }' },
    { hook: 'shm_alloc_security', ask: () => lsm.shm_alloc_security.ask(build.bareIpc()),
      check: 'a_t a_t shm { create }' },
    { hook: 'sem_alloc_security', ask: () => lsm.sem_alloc_security.ask(build.bareIpc()),
      check: 'a_t a_t sem { create }' },
    { hook: 'msg_queue_associate', ask: () => lsm.msg_queue_associate.ask(asB(() => build.anIpc('msg_queue')), 0),
      check: 'a_t b_t msgq { associate }' },
    { hook: 'msg_queue_msgctl', ask: () => lsm.msg_queue_msgctl.ask(asB(() => build.anIpc('msg_queue')), IPC_STAT),
      check: 'a_t b_t msgq { getattr associate }' },
    { hook: 'shm_associate', ask: () => lsm.shm_associate.ask(asB(() => build.anIpc('shm')), 0),
      check: 'a_t b_t shm { associate }' },
    { hook: 'sem_associate', ask: () => lsm.sem_associate.ask(asB(() => build.anIpc('sem')), 0),
      check: 'a_t b_t sem { associate }' },
    { hook: 'sem_semctl', ask: () => lsm.sem_semctl.ask(asB(() => build.anIpc('sem')), GETVAL),
      check: 'a_t b_t sem { read }' },
    { hook: 'sem_semop', ask: () => lsm.sem_semop.ask(asB(() => build.anIpc('sem')), [], 0, 1),
      check: 'a_t b_t sem { read write }' },
  ]
  test.each(cases)('$hook: $check', ({ ask, check }) => {
    const task = m.task('a_t')
    const answers = m.checks(task, ask)
    expect(answers.slice(-2)).toEqual([check, 0])
    expect(m.checks('n_t', ask).at(-1)).toBe(-EACCES)
  })

  test('msg_msg_alloc_security, ipc_getsecid', () => {
    expect(lsm.msg_msg_alloc_security.ask(build.bareMsg())).toBe(0)
    const secid = ref(0)
    lsm.ipc_getsecid.tell(asB(() => build.anIpc('shm')), secid)
    expect(m.text(secid.value)).toBe(domain('b_t'))
  })
})

describe('sockets and what they are copied to', () => {
  const secidOf = (sk: Sock): string => {
    const flow = { flowic_secid: 0, flowic_mark: 0, flowic_proto: 0 }
    lsm.sk_getsecid.tell(sk, flow)
    return m.text(flow.flowic_secid)
  }

  test('sk_alloc_security, socket_post_create, sk_clone_security, sock_graft, sk_free_security', () => {
    const socket = asB(() => build.aSocket({ family: AF_INET, type: SOCK_STREAM }))
    asB(() => lsm.socket_post_create.ask(socket, AF_INET, SOCK_STREAM, 0, 0))
    const child = build.bareSock({ sk_family: AF_INET })
    expect(lsm.sk_alloc_security.ask(child, AF_INET, 0)).toBe(0)
    lsm.sk_clone_security.tell(socket.sk!, child)
    expect([secidOf(socket.sk!), secidOf(child)]).toEqual([domain('b_t'), domain('b_t')])
    const accepted = build.aSocket({ family: AF_INET, type: SOCK_STREAM })
    accepted.sk = child
    lsm.sock_graft.tell(child, accepted)
    expect(m.checks('a_t', () => lsm.socket_listen.ask(accepted, 1))).toEqual(['a_t b_t tcp_socket { listen }', 0])
    lsm.sk_free_security.tell(child)
  })

  test('mptcp_add_subflow: a subflow is labelled as its socket', () => {
    const [whole, part] = [asB(() => build.aSocket({ family: AF_INET })), build.aSock({ sk_family: AF_INET })]
    asB(() => lsm.socket_post_create.ask(whole, AF_INET, SOCK_STREAM, 0, 0))
    expect([lsm.mptcp_add_subflow.ask(whole.sk!, part), secidOf(part)]).toEqual([0, domain('b_t')])
  })

  test('tun_dev_alloc_security, ib_alloc_security: of who makes them', () => {
    const [tun, agent] = asB(() => [build.aTunDev(), build.anInfiniBandAgent()] as const)
    expect(m.checks('a_t', () => lsm.tun_dev_attach_queue.ask(tun)))
      .toEqual(['a_t b_t tun_socket { attach_queue }', 0])
    expect(m.checks('a_t', () => lsm.ib_endport_manage_subnet.ask(agent, 'mlx5_0', 1))[0]).toMatch(/^b_t /)
  })

  test('xfrm_decode_session, xfrm_policy_free_security: nothing comes through IPsec', () => {
    const secid = ref(99)
    expect([lsm.xfrm_decode_session.ask(build.anSkb(), secid), secid.value]).toEqual([0, 0])
    lsm.xfrm_policy_free_security.tell({} as never)
  })
})

describe('mount options', () => {
  const context = (): FsContext => ({
    fs_type: { name: 'tmpfs', fs_flags: 0 }, root: null, cred: opener.cred, user_ns: opener.cred.user_ns,
    security: null, source: null, sb_flags: 0, sb_flags_mask: 0, purpose: 0, fs_private: null,
  } as unknown as FsContext)
  const param = (key: string, string: string | null = object('o_t'), type = 2) =>
    ({ key, type, string, blob: null, file: null })

  test('fs_context_parse_param, fs_context_dup, sb_free_mnt_opts', () => {
    const fc = context()
    expect([
      lsm.fs_context_parse_param.ask(fc, param('context')),
      lsm.fs_context_parse_param.ask(fc, param('seclabel', null, 1)),
      lsm.fs_context_parse_param.ask(fc, param('seclabel', 'x')),
      lsm.fs_context_parse_param.ask(fc, param('fscontext', null)),
    ]).toEqual([0, 0, -EINVAL, -EINVAL])
    expect(lsm.fs_context_parse_param.ask(context(), param('size'))).toBe(-ENOPARAM)
    expect(lsm.fs_context_parse_param.ask(fc, param('rootcontext', object('gone_t')))).toBe(-EINVAL)
    const copy = context()
    expect([lsm.fs_context_dup.ask(copy, fc), copy.security]).toEqual([0, fc.security])
    lsm.sb_free_mnt_opts.tell(ref(fc.security))
  })

  test('fs_context_submount takes over what the mount was given; sb_mnt_opts_compat refuses another', () => {
    const fc = context()
    lsm.fs_context_parse_param.ask(fc, param('fscontext'))
    const sb = build.bareSuperBlock()
    lsm.sb_alloc_security.ask(sb)
    const root = build.anInode({ i_mode: S_IFDIR | 0o755, i_sb: sb })
    sb.s_root = build.aDentry({ name: '/', inode: root, d_sb: sb })
    expect(m.as(m.task('a_t'), () => lsm.sb_set_mnt_opts.ask(sb, fc.security, 0, ref(0)))).toBe(0)
    const below = context()
    expect(lsm.fs_context_submount.ask(below, sb)).toBe(0)
    expect([below.security === null, lsm.sb_mnt_opts_compat.ask(sb, below.security)]).toEqual([false, 0])
    expect(lsm.sb_mnt_opts_compat.ask(sb, null)).toBe(-EINVAL)
    const other = context()
    lsm.fs_context_parse_param.ask(other, param('fscontext', object('d_t')))
    expect(lsm.sb_mnt_opts_compat.ask(sb, other.security)).toBe(-EINVAL)
  })
})

describe('keys, tokens, events, audit rules', () => {
  test('key_alloc: of who makes it', () => {
    const key = build.bareKey()
    expect(lsm.key_alloc.ask(key, opener.cred, 0)).toBe(0)
    const buffer = ref<string | null>(null)
    lsm.key_getsecurity.ask(key, buffer)
    expect(buffer.value).toBe(`${domain('b_t')}\0`)
  })

  test('bpf_token_create, bpf_token_free, perf_event_alloc', () => {
    const token = { allowed_cmds: 0n, allowed_maps: 0n, allowed_progs: 0n, allowed_attachs: 0n, security: null }
    expect(asB(() => lsm.bpf_token_create.ask(token, {}, build.aPath()))).toBe(0)
    lsm.bpf_token_free.tell(token)
    const event = asB(() => build.aPerfEvent())
    expect(m.checks('a_t', () => lsm.perf_event_read.ask(event))).toEqual(['a_t b_t perf_event { read }', 0])
  })

  test('audit_rule_known, audit_rule_free', () => {
    const rule = (type: number) => ({ fields: [{ type, op: 0, val: 0, lsm_str: null, lsm_rule: null }] }) as never
    expect([lsm.audit_rule_known.ask(rule(AUDIT_SUBJ_TYPE)), lsm.audit_rule_known.ask(rule(AUDIT_PID))]).toEqual([1, 0])
    lsm.audit_rule_free.tell({})
  })
})
