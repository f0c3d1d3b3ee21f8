/** Kernel objects as views over linear memory. Generated from the field tables by scripts/generate-objects.ts: do not edit. */
import type { Cred, Dentry, File, Inode, Sock, Socket, SuperBlock, Task } from './index.ts'
import { MemoryObject } from './linear-memory.ts'
import type { LinearMemory } from './linear-memory.ts'
import { MemoryCapSet, writeCaps, writePath, writeQstr } from './memory-parts.ts'

/** 184 bytes. */
export class TaskView extends MemoryObject implements Task {
  private held_comm!: Task['comm']
  private held_real_cred!: Task['real_cred']
  private held_cred!: Task['cred']
  private held_ptracer_cred!: Task['ptracer_cred']
  private held_real_parent!: Task['real_parent']
  private held_parent!: Task['parent']
  private held_group_leader!: Task['group_leader']
  private held_mm!: Task['mm']
  private held_fs!: Task['fs']
  private held_files!: Task['files']
  private held_signal!: Task['signal']
  private held_thread!: Task['thread']
  private held_security!: Task['security']

  constructor(
    memory: LinearMemory,
    pid: Task['pid'],
    tgid: Task['tgid'],
    real_cred: Task['real_cred'],
    cred: Task['cred'],
  ) {
    super(memory, 184)
    this.pid = pid
    this.tgid = tgid
    this.comm = ''
    this.static_prio = 120
    this.loginuid = 4294967295
    this.sessionid = 4294967295
    this.real_cred = real_cred
    this.cred = cred
    this.ptracer_cred = null
    this.real_parent = null
    this.parent = null
    this.group_leader = null
    this.mm = null
    this.fs = null
    this.files = null
    this.signal = null
    this.thread = null
    this.security = null
  }

  get pid(): Task['pid'] {
    return this.memory.view.getInt32(this.addr, true)
  }

  set pid(value: Task['pid']) {
    this.memory.view.setInt32(this.addr, value, true)
  }

  get tgid(): Task['tgid'] {
    return this.memory.view.getInt32(this.addr + 4, true)
  }

  set tgid(value: Task['tgid']) {
    this.memory.view.setInt32(this.addr + 4, value, true)
  }

  get comm(): Task['comm'] {
    return this.held_comm
  }

  set comm(value: Task['comm']) {
    this.held_comm = value
    this.memory.writeText(this.addr + 8, 16, value)
  }

  get flags(): Task['flags'] {
    return this.memory.view.getUint32(this.addr + 24, true)
  }

  set flags(value: Task['flags']) {
    this.memory.view.setUint32(this.addr + 24, value, true)
  }

  get ptrace(): Task['ptrace'] {
    return this.memory.view.getUint32(this.addr + 28, true)
  }

  set ptrace(value: Task['ptrace']) {
    this.memory.view.setUint32(this.addr + 28, value, true)
  }

  get exit_state(): Task['exit_state'] {
    return this.memory.view.getInt32(this.addr + 32, true)
  }

  set exit_state(value: Task['exit_state']) {
    this.memory.view.setInt32(this.addr + 32, value, true)
  }

  get exit_code(): Task['exit_code'] {
    return this.memory.view.getInt32(this.addr + 36, true)
  }

  set exit_code(value: Task['exit_code']) {
    this.memory.view.setInt32(this.addr + 36, value, true)
  }

  get pdeath_signal(): Task['pdeath_signal'] {
    return this.memory.view.getInt32(this.addr + 40, true)
  }

  set pdeath_signal(value: Task['pdeath_signal']) {
    this.memory.view.setInt32(this.addr + 40, value, true)
  }

  get personality(): Task['personality'] {
    return this.memory.view.getUint32(this.addr + 44, true)
  }

  set personality(value: Task['personality']) {
    this.memory.view.setUint32(this.addr + 44, value, true)
  }

  get atomic_flags(): Task['atomic_flags'] {
    return this.memory.readUnsigned64(this.addr + 48)
  }

  set atomic_flags(value: Task['atomic_flags']) {
    this.memory.write64(this.addr + 48, value)
  }

  get static_prio(): Task['static_prio'] {
    return this.memory.view.getInt32(this.addr + 56, true)
  }

  set static_prio(value: Task['static_prio']) {
    this.memory.view.setInt32(this.addr + 56, value, true)
  }

  get policy(): Task['policy'] {
    return this.memory.view.getUint32(this.addr + 60, true)
  }

  set policy(value: Task['policy']) {
    this.memory.view.setUint32(this.addr + 60, value, true)
  }

  get rt_priority(): Task['rt_priority'] {
    return this.memory.view.getUint32(this.addr + 64, true)
  }

  set rt_priority(value: Task['rt_priority']) {
    this.memory.view.setUint32(this.addr + 64, value, true)
  }

  get ioprio(): Task['ioprio'] {
    return this.memory.view.getInt32(this.addr + 68, true)
  }

  set ioprio(value: Task['ioprio']) {
    this.memory.view.setInt32(this.addr + 68, value, true)
  }

  get in_execve(): Task['in_execve'] {
    return this.memory.view.getUint8(this.addr + 72)
  }

  set in_execve(value: Task['in_execve']) {
    this.memory.view.setUint8(this.addr + 72, value)
  }

  get loginuid(): Task['loginuid'] {
    return this.memory.view.getUint32(this.addr + 76, true)
  }

  set loginuid(value: Task['loginuid']) {
    this.memory.view.setUint32(this.addr + 76, value, true)
  }

  get sessionid(): Task['sessionid'] {
    return this.memory.view.getUint32(this.addr + 80, true)
  }

  set sessionid(value: Task['sessionid']) {
    this.memory.view.setUint32(this.addr + 80, value, true)
  }

  get real_cred(): Task['real_cred'] {
    return this.held_real_cred
  }

  set real_cred(value: Task['real_cred']) {
    this.held_real_cred = value
    this.memory.writePointer(this.addr + 88, value)
  }

  get cred(): Task['cred'] {
    return this.held_cred
  }

  set cred(value: Task['cred']) {
    this.held_cred = value
    this.memory.writePointer(this.addr + 96, value)
  }

  get ptracer_cred(): Task['ptracer_cred'] {
    return this.held_ptracer_cred
  }

  set ptracer_cred(value: Task['ptracer_cred']) {
    this.held_ptracer_cred = value
    this.memory.writePointer(this.addr + 104, value)
  }

  get real_parent(): Task['real_parent'] {
    return this.held_real_parent
  }

  set real_parent(value: Task['real_parent']) {
    this.held_real_parent = value
    this.memory.writePointer(this.addr + 112, value)
  }

  get parent(): Task['parent'] {
    return this.held_parent
  }

  set parent(value: Task['parent']) {
    this.held_parent = value
    this.memory.writePointer(this.addr + 120, value)
  }

  get group_leader(): Task['group_leader'] {
    return this.held_group_leader
  }

  set group_leader(value: Task['group_leader']) {
    this.held_group_leader = value
    this.memory.writePointer(this.addr + 128, value)
  }

  get mm(): Task['mm'] {
    return this.held_mm
  }

  set mm(value: Task['mm']) {
    this.held_mm = value
    this.memory.writePointer(this.addr + 136, value)
  }

  get fs(): Task['fs'] {
    return this.held_fs
  }

  set fs(value: Task['fs']) {
    this.held_fs = value
    this.memory.writePointer(this.addr + 144, value)
  }

  get files(): Task['files'] {
    return this.held_files
  }

  set files(value: Task['files']) {
    this.held_files = value
    this.memory.writePointer(this.addr + 152, value)
  }

  get signal(): Task['signal'] {
    return this.held_signal
  }

  set signal(value: Task['signal']) {
    this.held_signal = value
    this.memory.writePointer(this.addr + 160, value)
  }

  get thread(): Task['thread'] {
    return this.held_thread
  }

  set thread(value: Task['thread']) {
    this.held_thread = value
    this.memory.writePointer(this.addr + 168, value)
  }

  get security(): Task['security'] {
    return this.held_security
  }

  set security(value: Task['security']) {
    this.held_security = value
    this.memory.writePointer(this.addr + 176, value)
  }
}

/** 152 bytes. */
export class CredView extends MemoryObject implements Cred {
  private held_cap_inheritable: Cred['cap_inheritable']
  private held_cap_permitted: Cred['cap_permitted']
  private held_cap_effective: Cred['cap_effective']
  private held_cap_bset: Cred['cap_bset']
  private held_cap_ambient: Cred['cap_ambient']
  private held_session_keyring!: Cred['session_keyring']
  private held_process_keyring!: Cred['process_keyring']
  private held_thread_keyring!: Cred['thread_keyring']
  private held_request_key_auth!: Cred['request_key_auth']
  private held_security!: Cred['security']
  private held_user_ns!: Cred['user_ns']
  private held_group_info!: Cred['group_info']

  constructor(memory: LinearMemory, user_ns: Cred['user_ns']) {
    super(memory, 152)
    this.held_cap_inheritable = new MemoryCapSet(this, 48)
    this.held_cap_permitted = new MemoryCapSet(this, 56)
    this.held_cap_effective = new MemoryCapSet(this, 64)
    this.held_cap_bset = new MemoryCapSet(this, 72)
    this.held_cap_ambient = new MemoryCapSet(this, 80)
    this.usage = 1
    this.session_keyring = null
    this.process_keyring = null
    this.thread_keyring = null
    this.request_key_auth = null
    this.security = null
    this.user_ns = user_ns
    this.group_info = { gid: [] }
  }

  get usage(): Cred['usage'] {
    return this.memory.readSigned64(this.addr)
  }

  set usage(value: Cred['usage']) {
    this.memory.write64(this.addr, value)
  }

  get uid(): Cred['uid'] {
    return this.memory.view.getUint32(this.addr + 8, true)
  }

  set uid(value: Cred['uid']) {
    this.memory.view.setUint32(this.addr + 8, value, true)
  }

  get gid(): Cred['gid'] {
    return this.memory.view.getUint32(this.addr + 12, true)
  }

  set gid(value: Cred['gid']) {
    this.memory.view.setUint32(this.addr + 12, value, true)
  }

  get suid(): Cred['suid'] {
    return this.memory.view.getUint32(this.addr + 16, true)
  }

  set suid(value: Cred['suid']) {
    this.memory.view.setUint32(this.addr + 16, value, true)
  }

  get sgid(): Cred['sgid'] {
    return this.memory.view.getUint32(this.addr + 20, true)
  }

  set sgid(value: Cred['sgid']) {
    this.memory.view.setUint32(this.addr + 20, value, true)
  }

  get euid(): Cred['euid'] {
    return this.memory.view.getUint32(this.addr + 24, true)
  }

  set euid(value: Cred['euid']) {
    this.memory.view.setUint32(this.addr + 24, value, true)
  }

  get egid(): Cred['egid'] {
    return this.memory.view.getUint32(this.addr + 28, true)
  }

  set egid(value: Cred['egid']) {
    this.memory.view.setUint32(this.addr + 28, value, true)
  }

  get fsuid(): Cred['fsuid'] {
    return this.memory.view.getUint32(this.addr + 32, true)
  }

  set fsuid(value: Cred['fsuid']) {
    this.memory.view.setUint32(this.addr + 32, value, true)
  }

  get fsgid(): Cred['fsgid'] {
    return this.memory.view.getUint32(this.addr + 36, true)
  }

  set fsgid(value: Cred['fsgid']) {
    this.memory.view.setUint32(this.addr + 36, value, true)
  }

  get securebits(): Cred['securebits'] {
    return this.memory.view.getUint32(this.addr + 40, true)
  }

  set securebits(value: Cred['securebits']) {
    this.memory.view.setUint32(this.addr + 40, value, true)
  }

  get cap_inheritable(): Cred['cap_inheritable'] {
    return this.held_cap_inheritable
  }

  set cap_inheritable(value: Cred['cap_inheritable']) {
    writeCaps(this.memory, this.addr + 48, value)
  }

  get cap_permitted(): Cred['cap_permitted'] {
    return this.held_cap_permitted
  }

  set cap_permitted(value: Cred['cap_permitted']) {
    writeCaps(this.memory, this.addr + 56, value)
  }

  get cap_effective(): Cred['cap_effective'] {
    return this.held_cap_effective
  }

  set cap_effective(value: Cred['cap_effective']) {
    writeCaps(this.memory, this.addr + 64, value)
  }

  get cap_bset(): Cred['cap_bset'] {
    return this.held_cap_bset
  }

  set cap_bset(value: Cred['cap_bset']) {
    writeCaps(this.memory, this.addr + 72, value)
  }

  get cap_ambient(): Cred['cap_ambient'] {
    return this.held_cap_ambient
  }

  set cap_ambient(value: Cred['cap_ambient']) {
    writeCaps(this.memory, this.addr + 80, value)
  }

  get jit_keyring(): Cred['jit_keyring'] {
    return this.memory.view.getUint8(this.addr + 88)
  }

  set jit_keyring(value: Cred['jit_keyring']) {
    this.memory.view.setUint8(this.addr + 88, value)
  }

  get session_keyring(): Cred['session_keyring'] {
    return this.held_session_keyring
  }

  set session_keyring(value: Cred['session_keyring']) {
    this.held_session_keyring = value
    this.memory.writePointer(this.addr + 96, value)
  }

  get process_keyring(): Cred['process_keyring'] {
    return this.held_process_keyring
  }

  set process_keyring(value: Cred['process_keyring']) {
    this.held_process_keyring = value
    this.memory.writePointer(this.addr + 104, value)
  }

  get thread_keyring(): Cred['thread_keyring'] {
    return this.held_thread_keyring
  }

  set thread_keyring(value: Cred['thread_keyring']) {
    this.held_thread_keyring = value
    this.memory.writePointer(this.addr + 112, value)
  }

  get request_key_auth(): Cred['request_key_auth'] {
    return this.held_request_key_auth
  }

  set request_key_auth(value: Cred['request_key_auth']) {
    this.held_request_key_auth = value
    this.memory.writePointer(this.addr + 120, value)
  }

  get security(): Cred['security'] {
    return this.held_security
  }

  set security(value: Cred['security']) {
    this.held_security = value
    this.memory.writePointer(this.addr + 128, value)
  }

  get user_ns(): Cred['user_ns'] {
    return this.held_user_ns
  }

  set user_ns(value: Cred['user_ns']) {
    this.held_user_ns = value
    this.memory.writePointer(this.addr + 136, value)
  }

  get group_info(): Cred['group_info'] {
    return this.held_group_info
  }

  set group_info(value: Cred['group_info']) {
    this.held_group_info = value
    this.memory.writePointer(this.addr + 144, value)
  }
}

/** 120 bytes. */
export class InodeView extends MemoryObject implements Inode {
  private held_i_sb!: Inode['i_sb']
  private held_i_private!: Inode['i_private']
  private held_security!: Inode['security']

  constructor(memory: LinearMemory, i_mode: Inode['i_mode'], i_sb: Inode['i_sb'], i_ino: Inode['i_ino']) {
    super(memory, 120)
    this.i_mode = i_mode
    this.i_sb = i_sb
    this.i_ino = i_ino
    this.i_nlink = 1
    this.i_private = null
    this.security = null
  }

  get i_mode(): Inode['i_mode'] {
    return this.memory.view.getUint16(this.addr, true)
  }

  set i_mode(value: Inode['i_mode']) {
    this.memory.view.setUint16(this.addr, value, true)
  }

  get i_uid(): Inode['i_uid'] {
    return this.memory.view.getUint32(this.addr + 4, true)
  }

  set i_uid(value: Inode['i_uid']) {
    this.memory.view.setUint32(this.addr + 4, value, true)
  }

  get i_gid(): Inode['i_gid'] {
    return this.memory.view.getUint32(this.addr + 8, true)
  }

  set i_gid(value: Inode['i_gid']) {
    this.memory.view.setUint32(this.addr + 8, value, true)
  }

  get i_flags(): Inode['i_flags'] {
    return this.memory.view.getUint32(this.addr + 12, true)
  }

  set i_flags(value: Inode['i_flags']) {
    this.memory.view.setUint32(this.addr + 12, value, true)
  }

  get i_sb(): Inode['i_sb'] {
    return this.held_i_sb
  }

  set i_sb(value: Inode['i_sb']) {
    this.held_i_sb = value
    this.memory.writePointer(this.addr + 16, value)
  }

  get i_ino(): Inode['i_ino'] {
    return this.memory.readUnsigned64(this.addr + 24)
  }

  set i_ino(value: Inode['i_ino']) {
    this.memory.write64(this.addr + 24, value)
  }

  get i_nlink(): Inode['i_nlink'] {
    return this.memory.view.getUint32(this.addr + 32, true)
  }

  set i_nlink(value: Inode['i_nlink']) {
    this.memory.view.setUint32(this.addr + 32, value, true)
  }

  get i_rdev(): Inode['i_rdev'] {
    return this.memory.view.getUint32(this.addr + 36, true)
  }

  set i_rdev(value: Inode['i_rdev']) {
    this.memory.view.setUint32(this.addr + 36, value, true)
  }

  get i_size(): Inode['i_size'] {
    return this.memory.readSigned64(this.addr + 40)
  }

  set i_size(value: Inode['i_size']) {
    this.memory.write64(this.addr + 40, value)
  }

  get i_atime_sec(): Inode['i_atime_sec'] {
    return this.memory.readSigned64(this.addr + 48)
  }

  set i_atime_sec(value: Inode['i_atime_sec']) {
    this.memory.write64(this.addr + 48, value)
  }

  get i_mtime_sec(): Inode['i_mtime_sec'] {
    return this.memory.readSigned64(this.addr + 56)
  }

  set i_mtime_sec(value: Inode['i_mtime_sec']) {
    this.memory.write64(this.addr + 56, value)
  }

  get i_ctime_sec(): Inode['i_ctime_sec'] {
    return this.memory.readSigned64(this.addr + 64)
  }

  set i_ctime_sec(value: Inode['i_ctime_sec']) {
    this.memory.write64(this.addr + 64, value)
  }

  get i_atime_nsec(): Inode['i_atime_nsec'] {
    return this.memory.view.getUint32(this.addr + 72, true)
  }

  set i_atime_nsec(value: Inode['i_atime_nsec']) {
    this.memory.view.setUint32(this.addr + 72, value, true)
  }

  get i_mtime_nsec(): Inode['i_mtime_nsec'] {
    return this.memory.view.getUint32(this.addr + 76, true)
  }

  set i_mtime_nsec(value: Inode['i_mtime_nsec']) {
    this.memory.view.setUint32(this.addr + 76, value, true)
  }

  get i_ctime_nsec(): Inode['i_ctime_nsec'] {
    return this.memory.view.getUint32(this.addr + 80, true)
  }

  set i_ctime_nsec(value: Inode['i_ctime_nsec']) {
    this.memory.view.setUint32(this.addr + 80, value, true)
  }

  get i_generation(): Inode['i_generation'] {
    return this.memory.view.getUint32(this.addr + 84, true)
  }

  set i_generation(value: Inode['i_generation']) {
    this.memory.view.setUint32(this.addr + 84, value, true)
  }

  get i_blocks(): Inode['i_blocks'] {
    return this.memory.readUnsigned64(this.addr + 88)
  }

  set i_blocks(value: Inode['i_blocks']) {
    this.memory.write64(this.addr + 88, value)
  }

  get i_writecount(): Inode['i_writecount'] {
    return this.memory.view.getInt32(this.addr + 96, true)
  }

  set i_writecount(value: Inode['i_writecount']) {
    this.memory.view.setInt32(this.addr + 96, value, true)
  }

  get i_private(): Inode['i_private'] {
    return this.held_i_private
  }

  set i_private(value: Inode['i_private']) {
    this.held_i_private = value
    this.memory.writePointer(this.addr + 104, value)
  }

  get security(): Inode['security'] {
    return this.held_security
  }

  set security(value: Inode['security']) {
    this.held_security = value
    this.memory.writePointer(this.addr + 112, value)
  }
}

/** 64 bytes. */
export class DentryView extends MemoryObject implements Dentry {
  private held_d_name!: Dentry['d_name']
  private held_d_parent!: Dentry['d_parent']
  private held_d_inode!: Dentry['d_inode']
  private held_d_sb!: Dentry['d_sb']
  private held_d_children!: Dentry['d_children']
  private held_d_fsdata!: Dentry['d_fsdata']

  constructor(memory: LinearMemory, d_name: Dentry['d_name'], d_sb: Dentry['d_sb']) {
    super(memory, 64)
    this.d_name = d_name
    this.d_parent = null
    this.d_inode = null
    this.d_sb = d_sb
    this.d_children = null
    this.d_fsdata = null
  }

  get d_name(): Dentry['d_name'] {
    return this.held_d_name
  }

  set d_name(value: Dentry['d_name']) {
    this.held_d_name = value
    writeQstr(this.memory, this.addr, value, this)
  }

  get d_parent(): Dentry['d_parent'] {
    return this.held_d_parent
  }

  set d_parent(value: Dentry['d_parent']) {
    this.held_d_parent = value
    this.memory.writePointer(this.addr + 16, value)
  }

  get d_inode(): Dentry['d_inode'] {
    return this.held_d_inode
  }

  set d_inode(value: Dentry['d_inode']) {
    this.held_d_inode = value
    this.memory.writePointer(this.addr + 24, value)
  }

  get d_sb(): Dentry['d_sb'] {
    return this.held_d_sb
  }

  set d_sb(value: Dentry['d_sb']) {
    this.held_d_sb = value
    this.memory.writePointer(this.addr + 32, value)
  }

  get d_flags(): Dentry['d_flags'] {
    return this.memory.view.getUint32(this.addr + 40, true)
  }

  set d_flags(value: Dentry['d_flags']) {
    this.memory.view.setUint32(this.addr + 40, value, true)
  }

  get d_children(): Dentry['d_children'] {
    return this.held_d_children
  }

  set d_children(value: Dentry['d_children']) {
    this.held_d_children = value
    this.memory.writePointer(this.addr + 48, value)
  }

  get d_fsdata(): Dentry['d_fsdata'] {
    return this.held_d_fsdata
  }

  set d_fsdata(value: Dentry['d_fsdata']) {
    this.held_d_fsdata = value
    this.memory.writePointer(this.addr + 56, value)
  }
}

/** 80 bytes. */
export class FileView extends MemoryObject implements File {
  private held_f_path!: File['f_path']
  private held_f_inode!: File['f_inode']
  private held_f_cred!: File['f_cred']
  private held_f_owner!: File['f_owner']
  private held_private_data!: File['private_data']
  private held_security!: File['security']

  constructor(
    memory: LinearMemory,
    f_mode: File['f_mode'],
    f_flags: File['f_flags'],
    f_path: File['f_path'],
    f_inode: File['f_inode'],
    f_cred: File['f_cred'],
  ) {
    super(memory, 80)
    this.f_mode = f_mode
    this.f_flags = f_flags
    this.f_path = f_path
    this.f_inode = f_inode
    this.f_cred = f_cred
    this.f_owner = null
    this.f_count = 1
    this.private_data = null
    this.security = null
  }

  get f_mode(): File['f_mode'] {
    return this.memory.view.getUint32(this.addr, true)
  }

  set f_mode(value: File['f_mode']) {
    this.memory.view.setUint32(this.addr, value, true)
  }

  get f_flags(): File['f_flags'] {
    return this.memory.view.getUint32(this.addr + 4, true)
  }

  set f_flags(value: File['f_flags']) {
    this.memory.view.setUint32(this.addr + 4, value, true)
  }

  get f_path(): File['f_path'] {
    return this.held_f_path
  }

  set f_path(value: File['f_path']) {
    this.held_f_path = value
    writePath(this.memory, this.addr + 8, value)
  }

  get f_inode(): File['f_inode'] {
    return this.held_f_inode
  }

  set f_inode(value: File['f_inode']) {
    this.held_f_inode = value
    this.memory.writePointer(this.addr + 24, value)
  }

  get f_cred(): File['f_cred'] {
    return this.held_f_cred
  }

  set f_cred(value: File['f_cred']) {
    this.held_f_cred = value
    this.memory.writePointer(this.addr + 32, value)
  }

  get f_pos(): File['f_pos'] {
    return this.memory.readSigned64(this.addr + 40)
  }

  set f_pos(value: File['f_pos']) {
    this.memory.write64(this.addr + 40, value)
  }

  get f_owner(): File['f_owner'] {
    return this.held_f_owner
  }

  set f_owner(value: File['f_owner']) {
    this.held_f_owner = value
    this.memory.writePointer(this.addr + 48, value)
  }

  get f_count(): File['f_count'] {
    return this.memory.readSigned64(this.addr + 56)
  }

  set f_count(value: File['f_count']) {
    this.memory.write64(this.addr + 56, value)
  }

  get private_data(): File['private_data'] {
    return this.held_private_data
  }

  set private_data(value: File['private_data']) {
    this.held_private_data = value
    this.memory.writePointer(this.addr + 64, value)
  }

  get security(): File['security'] {
    return this.held_security
  }

  set security(value: File['security']) {
    this.held_security = value
    this.memory.writePointer(this.addr + 72, value)
  }
}

/** 120 bytes. */
export class SuperBlockView extends MemoryObject implements SuperBlock {
  private held_s_id!: SuperBlock['s_id']
  private held_s_type!: SuperBlock['s_type']
  private held_s_user_ns!: SuperBlock['s_user_ns']
  private held_s_root!: SuperBlock['s_root']
  private held_s_fs_info!: SuperBlock['s_fs_info']
  private held_security!: SuperBlock['security']

  constructor(
    memory: LinearMemory,
    s_dev: SuperBlock['s_dev'],
    s_type: SuperBlock['s_type'],
    s_user_ns: SuperBlock['s_user_ns'],
  ) {
    super(memory, 120)
    this.s_dev = s_dev
    this.s_blocksize = 4096
    this.s_maxbytes = 9007199254740991
    this.s_id = ''
    this.s_type = s_type
    this.s_user_ns = s_user_ns
    this.s_root = null
    this.s_fs_info = null
    this.security = null
  }

  get s_dev(): SuperBlock['s_dev'] {
    return this.memory.view.getUint32(this.addr, true)
  }

  set s_dev(value: SuperBlock['s_dev']) {
    this.memory.view.setUint32(this.addr, value, true)
  }

  get s_flags(): SuperBlock['s_flags'] {
    return this.memory.readUnsigned64(this.addr + 8)
  }

  set s_flags(value: SuperBlock['s_flags']) {
    this.memory.write64(this.addr + 8, value)
  }

  get s_iflags(): SuperBlock['s_iflags'] {
    return this.memory.readUnsigned64(this.addr + 16)
  }

  set s_iflags(value: SuperBlock['s_iflags']) {
    this.memory.write64(this.addr + 16, value)
  }

  get s_magic(): SuperBlock['s_magic'] {
    return this.memory.readUnsigned64(this.addr + 24)
  }

  set s_magic(value: SuperBlock['s_magic']) {
    this.memory.write64(this.addr + 24, value)
  }

  get s_blocksize(): SuperBlock['s_blocksize'] {
    return this.memory.readUnsigned64(this.addr + 32)
  }

  set s_blocksize(value: SuperBlock['s_blocksize']) {
    this.memory.write64(this.addr + 32, value)
  }

  get s_maxbytes(): SuperBlock['s_maxbytes'] {
    return this.memory.readSigned64(this.addr + 40)
  }

  set s_maxbytes(value: SuperBlock['s_maxbytes']) {
    this.memory.write64(this.addr + 40, value)
  }

  get s_id(): SuperBlock['s_id'] {
    return this.held_s_id
  }

  set s_id(value: SuperBlock['s_id']) {
    this.held_s_id = value
    this.memory.writeText(this.addr + 48, 32, value)
  }

  get s_type(): SuperBlock['s_type'] {
    return this.held_s_type
  }

  set s_type(value: SuperBlock['s_type']) {
    this.held_s_type = value
    this.memory.writePointer(this.addr + 80, value)
  }

  get s_user_ns(): SuperBlock['s_user_ns'] {
    return this.held_s_user_ns
  }

  set s_user_ns(value: SuperBlock['s_user_ns']) {
    this.held_s_user_ns = value
    this.memory.writePointer(this.addr + 88, value)
  }

  get s_root(): SuperBlock['s_root'] {
    return this.held_s_root
  }

  set s_root(value: SuperBlock['s_root']) {
    this.held_s_root = value
    this.memory.writePointer(this.addr + 96, value)
  }

  get s_fs_info(): SuperBlock['s_fs_info'] {
    return this.held_s_fs_info
  }

  set s_fs_info(value: SuperBlock['s_fs_info']) {
    this.held_s_fs_info = value
    this.memory.writePointer(this.addr + 104, value)
  }

  get security(): SuperBlock['security'] {
    return this.held_security
  }

  set security(value: SuperBlock['security']) {
    this.held_security = value
    this.memory.writePointer(this.addr + 112, value)
  }
}

/** 40 bytes. */
export class SocketView extends MemoryObject implements Socket {
  private held_sk!: Socket['sk']
  private held_file!: Socket['file']
  private held_inode!: Socket['inode']

  constructor(memory: LinearMemory, type: Socket['type'], inode: Socket['inode']) {
    super(memory, 40)
    this.type = type
    this.sk = null
    this.file = null
    this.inode = inode
  }

  get type(): Socket['type'] {
    return this.memory.view.getInt16(this.addr, true)
  }

  set type(value: Socket['type']) {
    this.memory.view.setInt16(this.addr, value, true)
  }

  get state(): Socket['state'] {
    return this.memory.view.getInt32(this.addr + 4, true)
  }

  set state(value: Socket['state']) {
    this.memory.view.setInt32(this.addr + 4, value, true)
  }

  get flags(): Socket['flags'] {
    return this.memory.readUnsigned64(this.addr + 8)
  }

  set flags(value: Socket['flags']) {
    this.memory.write64(this.addr + 8, value)
  }

  get sk(): Socket['sk'] {
    return this.held_sk
  }

  set sk(value: Socket['sk']) {
    this.held_sk = value
    this.memory.writePointer(this.addr + 16, value)
  }

  get file(): Socket['file'] {
    return this.held_file
  }

  set file(value: Socket['file']) {
    this.held_file = value
    this.memory.writePointer(this.addr + 24, value)
  }

  get inode(): Socket['inode'] {
    return this.held_inode
  }

  set inode(value: Socket['inode']) {
    this.held_inode = value
    this.memory.writePointer(this.addr + 32, value)
  }
}

/** 56 bytes. */
export class SockView extends MemoryObject implements Sock {
  private held_sk_socket!: Sock['sk_socket']
  private held_sk_user_data!: Sock['sk_user_data']
  private held_security!: Sock['security']

  constructor(
    memory: LinearMemory,
    sk_family: Sock['sk_family'],
    sk_type: Sock['sk_type'],
    sk_protocol: Sock['sk_protocol'],
  ) {
    super(memory, 56)
    this.sk_family = sk_family
    this.sk_type = sk_type
    this.sk_protocol = sk_protocol
    this.sk_socket = null
    this.sk_user_data = null
    this.security = null
  }

  get sk_family(): Sock['sk_family'] {
    return this.memory.view.getUint16(this.addr, true)
  }

  set sk_family(value: Sock['sk_family']) {
    this.memory.view.setUint16(this.addr, value, true)
  }

  get sk_type(): Sock['sk_type'] {
    return this.memory.view.getUint16(this.addr + 2, true)
  }

  set sk_type(value: Sock['sk_type']) {
    this.memory.view.setUint16(this.addr + 2, value, true)
  }

  get sk_protocol(): Sock['sk_protocol'] {
    return this.memory.view.getUint16(this.addr + 4, true)
  }

  set sk_protocol(value: Sock['sk_protocol']) {
    this.memory.view.setUint16(this.addr + 4, value, true)
  }

  get sk_state(): Sock['sk_state'] {
    return this.memory.view.getUint8(this.addr + 6)
  }

  set sk_state(value: Sock['sk_state']) {
    this.memory.view.setUint8(this.addr + 6, value)
  }

  get sk_uid(): Sock['sk_uid'] {
    return this.memory.view.getUint32(this.addr + 8, true)
  }

  set sk_uid(value: Sock['sk_uid']) {
    this.memory.view.setUint32(this.addr + 8, value, true)
  }

  get sk_mark(): Sock['sk_mark'] {
    return this.memory.view.getUint32(this.addr + 12, true)
  }

  set sk_mark(value: Sock['sk_mark']) {
    this.memory.view.setUint32(this.addr + 12, value, true)
  }

  get sk_bound_dev_if(): Sock['sk_bound_dev_if'] {
    return this.memory.view.getInt32(this.addr + 16, true)
  }

  set sk_bound_dev_if(value: Sock['sk_bound_dev_if']) {
    this.memory.view.setInt32(this.addr + 16, value, true)
  }

  get sk_num(): Sock['sk_num'] {
    return this.memory.view.getUint16(this.addr + 20, true)
  }

  set sk_num(value: Sock['sk_num']) {
    this.memory.view.setUint16(this.addr + 20, value, true)
  }

  get sk_dport(): Sock['sk_dport'] {
    return this.memory.view.getUint16(this.addr + 22, true)
  }

  set sk_dport(value: Sock['sk_dport']) {
    this.memory.view.setUint16(this.addr + 22, value, true)
  }

  get sk_peer_pid(): Sock['sk_peer_pid'] {
    return this.memory.view.getInt32(this.addr + 24, true)
  }

  set sk_peer_pid(value: Sock['sk_peer_pid']) {
    this.memory.view.setInt32(this.addr + 24, value, true)
  }

  get sk_socket(): Sock['sk_socket'] {
    return this.held_sk_socket
  }

  set sk_socket(value: Sock['sk_socket']) {
    this.held_sk_socket = value
    this.memory.writePointer(this.addr + 32, value)
  }

  get sk_user_data(): Sock['sk_user_data'] {
    return this.held_sk_user_data
  }

  set sk_user_data(value: Sock['sk_user_data']) {
    this.held_sk_user_data = value
    this.memory.writePointer(this.addr + 40, value)
  }

  get security(): Sock['security'] {
    return this.held_security
  }

  set security(value: Sock['security']) {
    this.held_security = value
    this.memory.writePointer(this.addr + 48, value)
  }
}
