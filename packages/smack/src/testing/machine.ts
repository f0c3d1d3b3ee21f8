/** A stack with Smack and objects around it, for tests: everything is made and labelled through the hooks. */
import {
  AF_UNIX, CAP_FULL_SET, capCopy, capRaise, CapSet, ENODATA, FMODE_READ, PF_KTHREAD, S_IFDIR, S_IFREG, S_IFSOCK,
  SOCK_STREAM, SOCKFS_MAGIC, TMPFS_MAGIC, XATTR_NAME_SMACK, XATTR_NAME_SMACKEXEC, XATTR_NAME_SMACKMMAP,
  XATTR_NAME_SMACKTRANSMUTE,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, noHost, ref } from '@lsmkit/core'
import type {
  AuditRecord, Cred, Dentry, File, FsContext, Inode, KernIpcPerm, Key, LsmTable, MsgMsg, Profile, PseudoFile, PseudoIo,
  RequestSock, SkBuff, Sock, Sockaddr, Socket, Stack, SuperBlock, Task, UserNamespace, VfsMount,
} from '@lsmkit/core'
import { policyOf, smack } from '../lsm.ts'
import type { SmackOptions } from '../lsm.ts'
import { SET_FIELDS } from '../parse/long-rule.ts'
import { writeLongRules } from '../parse/rule-write.ts'
import type { Policy } from '../policy.ts'

export const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
export const latin1 = (value: Uint8Array): string => String.fromCharCode(...value)

export interface TaskTraits {
  readonly caps?: readonly number[]
  readonly kernelThread?: boolean
  /** Rules it has set for itself, as load-self2 takes them. */
  readonly selfRules?: string
  readonly user_ns?: UserNamespace
}

export interface InodeTraits {
  readonly mode?: number
  readonly sb?: SuperBlock
  readonly exec?: string
  readonly mmap?: string
  readonly transmute?: boolean
}

let numbers = 100

export class Machine {
  readonly policy: Policy
  readonly stack: Stack<'6.12'>
  readonly lsm: LsmTable
  /** What the kernel log got. */
  readonly log: string[] = []
  /** Attributes the file system keeps. */
  readonly xattrs = new Map<Inode, Map<string, Uint8Array>>()
  /** Answers of NetLabel: what each socket's packets carry, and which packets were refused. */
  readonly options = new Map<object, object | null>()
  readonly refused: SkBuff[] = []
  readonly idle: Task
  readonly sb: SuperBlock
  readonly mount: VfsMount

  constructor(options: SmackOptions = {}, profile: Profile = '6.12') {
    this.policy = policyOf(options)
    const printk = (line: string) => void this.log.push(line)
    const lsms = [capability(), smack({ ...options, policy: this.policy, printk })]
    this.stack = createStack({ lsms, profile }) as Stack<'6.12'>
    this.lsm = this.stack.lsm
    this.stack.host = {
      ...noHost,
      __vfs_getxattr: (inode, name) => this.xattrs.get(inode)?.get(name) ?? -ENODATA,
      __vfs_setxattr: (_idmap, dentry, name, value) => {
        this.store(dentry.d_inode!, name, value)
        return 0
      },
      prepare_creds: () => this.copyCred(this.stack.current.task.cred),
      commit_creds: (next) => {
        const { task } = this.stack.current
        task.cred = task.real_cred = next
        return 0
      },
      SOCKET_I: (inode) => this.#sockets.get(inode) ?? null,
      netlbl_sock_setattr: (sk, option) => {
        this.options.set(sk, option)
        return 0
      },
      netlbl_req_setattr: (req, option) => {
        this.options.set(req, option)
        return 0
      },
      netlbl_skbuff_err: (skb) => void this.refused.push(skb),
    }
    this.idle = this.stack.current.task
    this.sb = this.superBlock(TMPFS_MAGIC)
    this.mount = {
      mnt_root: this.sb.s_root!,
      mnt_sb: this.sb,
      mnt_flags: 0,
      mnt_idmap: { uid_map: [], gid_map: [] },
      mnt_parent: null,
      mnt_mountpoint: null,
      mnt_devname: 'tmpfs',
    }
  }

  readonly #sockets = new Map<Inode, Socket>()

  /** Rules of the system, as load2 takes them; `;` stands for a newline. */
  rules(text: string): this {
    writeLongRules(this.policy.labels, this.policy.rules, text.replaceAll(';', '\n'), SET_FIELDS)
    return this
  }

  /** The number of a label. */
  label(text: string): number {
    return this.policy.labels.import(text)
  }

  text(label: number): string {
    return this.policy.labels.text(label)
  }

  task(label: string, { caps = [], kernelThread = false, selfRules = '', user_ns }: TaskTraits = {}): Task {
    const cred = this.copyCred(this.idle.cred)
    this.lsm.kernel_act_as.ask(cred, this.label(label))
    if (user_ns !== undefined) cred.user_ns = user_ns
    cred.cap_effective = new CapSet()
    for (const cap of caps) capRaise(cred.cap_effective, cap)
    cred.cap_permitted = capCopy(cred.cap_effective)
    const pid = numbers++
    const task = this.stack.objects.task(pid, pid, cred, cred)
    task.comm = `${label.slice(0, 15)}`
    if (kernelThread) task.flags |= PF_KTHREAD
    if (selfRules !== '') this.as(task, () => this.write('load-self2', selfRules.replaceAll(';', '\n')))
    return task
  }

  /** A task with every capability: the administrator. */
  root(label = '_'): Task {
    const task = this.task(label)
    task.cred.cap_effective = capCopy(CAP_FULL_SET)
    return task
  }

  /** Runs as `task`, and comes back. */
  as<T>(task: Task, body: () => T): T {
    const before = this.stack.current.task
    this.stack.current.task = task
    try {
      return body()
    } finally {
      this.stack.current.task = before
    }
  }

  labelOf(task: Task): string {
    const secid = ref(0)
    this.lsm.task_getsecid_obj.tell(task, secid)
    return this.text(secid.value)
  }

  credLabel(cred: Cred): string {
    const secid = ref(0)
    this.lsm.cred_getsecid.tell(cred, secid)
    return this.text(secid.value)
  }

  superBlock(magic: number, { user_ns = this.userNs, options = '' } = {}): SuperBlock {
    const sb = this.stack.objects.super_block(1, { name: 'fs', fs_flags: 0 }, user_ns)
    sb.s_magic = magic
    sb.s_id = 'fs'
    this.lsm.sb_alloc_security.ask(sb)
    const root = this.stack.objects.inode(S_IFDIR | 0o755, sb, numbers++)
    this.lsm.inode_alloc_security.ask(root)
    sb.s_root = this.stack.objects.dentry({ name: '/', len: 1 }, sb)
    sb.s_root.d_inode = root
    if (options !== '') this.mountOptions(sb, options)
    return sb
  }

  /** As sb_set_mnt_opts with `smackfsroot=R,…`; '' is not an option. */
  mountOptions(sb: SuperBlock, options: string): number {
    const given = ref<object | null>(null)
    const rc = options === '' ? 0 : this.lsm.sb_eat_lsm_opts.ask(ref(options), given)
    return rc || this.lsm.sb_set_mnt_opts.ask(sb, given.value, 0, ref(0))
  }

  fsContext(): FsContext {
    return {
      fs_type: this.sb.s_type,
      root: null,
      cred: this.idle.cred,
      user_ns: this.userNs,
      security: null,
      source: null,
      sb_flags: 0,
      sb_flags_mask: 0,
      purpose: 0,
      fs_private: null,
    }
  }

  /** An inode without a label, as the file system makes it. */
  newInode(mode = S_IFREG | 0o644, sb = this.sb): Inode {
    const inode = this.stack.objects.inode(mode, sb, numbers++)
    this.lsm.inode_alloc_security.ask(inode)
    return inode
  }

  inode(label: string, { mode = S_IFREG | 0o644, sb = this.sb, exec, mmap, transmute }: InodeTraits = {}): Inode {
    const inode = this.newInode(mode, sb)
    const set = (name: string, text: string): void =>
      this.lsm.inode_post_setxattr.tell(this.dentry(inode), name, bytes(text), text.length, 0)
    set(XATTR_NAME_SMACK, label)
    if (exec !== undefined) set(XATTR_NAME_SMACKEXEC, exec)
    if (mmap !== undefined) set(XATTR_NAME_SMACKMMAP, mmap)
    if (transmute === true) set(XATTR_NAME_SMACKTRANSMUTE, 'TRUE')
    return inode
  }

  inodeLabel(inode: Inode): string {
    return latin1(this.getSecurity(inode, 'SMACK64') as Uint8Array)
  }

  isTransmuting(inode: Inode): boolean {
    return latin1(this.getSecurity(inode, 'SMACK64TRANSMUTE') as Uint8Array) === 'TRUE'
  }

  getSecurity(inode: Inode, name: string): Uint8Array | number {
    const buffer = ref<Uint8Array | null>(null)
    const rc = this.lsm.inode_getsecurity.ask(this.mount.mnt_idmap, inode, name, buffer, true)
    return rc < 0 ? rc : buffer.value!
  }

  /** What the label of a task would be that executes it, '' when none is set. */
  execLabel(inode: Inode): string {
    const cred = this.copyCred(this.idle.cred)
    const file = this.file(inode)
    this.lsm.bprm_creds_for_exec.ask({ ...this.bprm(file, cred) })
    return this.credLabel(cred) === this.labelOf(this.idle) ? '' : this.credLabel(cred)
  }

  bprm(file: File, cred: Cred, unsafe = 0) {
    return {
      cred,
      file,
      executable: null,
      filename: 'x',
      interp: 'x',
      unsafe,
      per_clear: 0,
      secureexec: false,
      argc: 1,
      envc: 0,
      buf: new Uint8Array(256),
      mm: null,
      point_of_no_return: false,
      is_check: false,
    }
  }

  store(inode: Inode, name: string, value: Uint8Array): void {
    if (!this.xattrs.has(inode)) this.xattrs.set(inode, new Map())
    this.xattrs.get(inode)!.set(name, value)
  }

  /** A name for the inode; without a parent it is the root of its file system. */
  dentry(inode: Inode | null, parent: Dentry | null = this.sb?.s_root ?? null, name = 'f'): Dentry {
    const dentry = this.stack.objects.dentry({ name, len: name.length }, inode?.i_sb ?? this.sb)
    dentry.d_inode = inode
    dentry.d_parent = parent
    return dentry
  }

  file(inode: Inode, f_mode = FMODE_READ, cred = this.stack.current.task.cred): File {
    const path = { mnt: this.mount, dentry: this.dentry(inode) }
    const file = this.stack.objects.file(f_mode, 0, path, inode, cred)
    this.lsm.file_alloc_security.ask(file)
    return file
  }

  socket(family = AF_UNIX, type = SOCK_STREAM, kern = 0): Socket & { sk: Sock } {
    const inode = this.newInode(S_IFSOCK | 0o777, this.#sockfs)
    const socket = this.stack.objects.socket(type, inode)
    socket.sk = this.sock(family, type)
    socket.sk.sk_socket = socket
    this.#sockets.set(inode, socket)
    this.lsm.socket_post_create.ask(socket, family, type, 0, kern)
    return socket as Socket & { sk: Sock }
  }

  sock(family = AF_UNIX, type = SOCK_STREAM): Sock {
    const sk = this.stack.objects.sock(family, type, 0)
    this.lsm.sk_alloc_security.ask(sk, family, 0)
    return sk
  }

  /** Made by a task of this label. */
  by<T>(label: string, make: () => T): T {
    return this.as(this.task(label), make)
  }

  ipc(label: string): KernIpcPerm {
    const perm: KernIpcPerm = {
      id: 7,
      key: 0x1234,
      uid: 0,
      gid: 0,
      cuid: 0,
      cgid: 0,
      mode: 0o600,
      seq: 0,
      deleted: false,
      security: null,
    }
    this.by(label, () => this.lsm.shm_alloc_security.ask(perm))
    return perm
  }

  message(): MsgMsg {
    return { m_type: 1, m_ts: 0, text: new Uint8Array(), security: null }
  }

  /** '' makes one that has no label yet. */
  key(label: string): Key {
    const key: Key = {
      serial: 42,
      type: { name: 'user' },
      description: 'k',
      uid: 0,
      gid: 0,
      perm: 0,
      flags: 0,
      payload: null,
      security: null,
    }
    const blank = this.stack.objects.cred(this.userNs)
    this.lsm.cred_alloc_blank.ask(blank, 0)
    this.lsm.key_alloc.ask(key, label === '' ? blank : this.task(label).cred, 0)
    return key
  }

  address(family: number, addr: string, port: number, length: number): Sockaddr {
    return { family, addr, port, raw: new Uint8Array(length) }
  }

  packet(traits: Partial<SkBuff>): SkBuff {
    return {
      sk: null,
      protocol: 0x0800,
      len: 0,
      data: new Uint8Array(),
      secmark: 0,
      dev: { name: 'lo', ifindex: 1 },
      saddr: '10.0.0.9',
      daddr: '10.0.0.1',
      sport: 1000,
      dport: 80,
      ip_protocol: 6,
      netlabel: null,
      secid: 0,
      ...traits,
    }
  }

  request(): RequestSock {
    return { secid: 0, peer_secid: 0, rsk_listener: null, security: null }
  }

  /** One descriptor on a file of smackfs. */
  open(name: string): { io: PseudoIo; write: (text: string) => number; read: (room?: number) => string | number } {
    const tree = this.stack.pseudoFs.find(({ type }) => type === 'smackfs')!
    const declared: PseudoFile = tree.files().find((file) => file.name === name)!
    const io: PseudoIo = { file: null as never, pos: 0, answer: null, state: null }
    return {
      io,
      write: (text) => declared.write!(io, bytes(text)),
      read: (room) => {
        if (room !== undefined) io.room = room
        const read = declared.read!(io)
        return typeof read === 'object' ? latin1(read) : read
      },
    }
  }

  write(name: string, text: string): number {
    return this.open(name).write(text)
  }

  read(name: string): string | number {
    return this.open(name).read()
  }

  /** Texts of the records Smack has written. */
  get records(): string[] {
    const texts = (record: AuditRecord): string[] => (record.kind === 'text' ? [record.text] : [])
    return this.stack.audit.records.flatMap(texts)
  }

  get userNs(): UserNamespace {
    return this.idle.cred.user_ns
  }

  /** A user namespace below the initial one, whose owner is root. */
  childNs(): UserNamespace {
    return { ...this.userNs, parent: this.userNs, level: 1 }
  }

  get #sockfs(): SuperBlock {
    return (this.#madeSockfs ??= this.superBlock(SOCKFS_MAGIC))
  }

  #madeSockfs: SuperBlock | null = null

  copyCred(cred: Cred): Cred {
    const next = Object.assign(this.stack.objects.cred(cred.user_ns), cred, { security: null }) as Cred
    next.cap_effective = capCopy(cred.cap_effective)
    this.lsm.cred_prepare.ask(next, cred, 0)
    return next
  }
}
