/** Kernel objects in plain fields. Generated from the field tables by scripts/generate-objects.ts: do not edit. */
import { CapSet } from '@lsmkit/abi'
import type { Cred, Dentry, File, Inode, Sock, Socket, SuperBlock, Task } from './index.ts'

export class PlainTask implements Task {
  pid: Task['pid']
  tgid: Task['tgid']
  comm: Task['comm']
  flags: Task['flags']
  ptrace: Task['ptrace']
  exit_state: Task['exit_state']
  exit_code: Task['exit_code']
  pdeath_signal: Task['pdeath_signal']
  personality: Task['personality']
  atomic_flags: Task['atomic_flags']
  static_prio: Task['static_prio']
  policy: Task['policy']
  rt_priority: Task['rt_priority']
  ioprio: Task['ioprio']
  in_execve: Task['in_execve']
  loginuid: Task['loginuid']
  sessionid: Task['sessionid']
  real_cred: Task['real_cred']
  cred: Task['cred']
  ptracer_cred: Task['ptracer_cred']
  real_parent: Task['real_parent']
  parent: Task['parent']
  group_leader: Task['group_leader']
  mm: Task['mm']
  fs: Task['fs']
  files: Task['files']
  signal: Task['signal']
  thread: Task['thread']
  security: Task['security']

  constructor(pid: Task['pid'], tgid: Task['tgid'], real_cred: Task['real_cred'], cred: Task['cred']) {
    this.pid = pid
    this.tgid = tgid
    this.comm = ''
    this.flags = 0
    this.ptrace = 0
    this.exit_state = 0
    this.exit_code = 0
    this.pdeath_signal = 0
    this.personality = 0
    this.atomic_flags = 0
    this.static_prio = 120
    this.policy = 0
    this.rt_priority = 0
    this.ioprio = 0
    this.in_execve = 0
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
}

export class PlainCred implements Cred {
  usage: Cred['usage']
  uid: Cred['uid']
  gid: Cred['gid']
  suid: Cred['suid']
  sgid: Cred['sgid']
  euid: Cred['euid']
  egid: Cred['egid']
  fsuid: Cred['fsuid']
  fsgid: Cred['fsgid']
  securebits: Cred['securebits']
  cap_inheritable: Cred['cap_inheritable']
  cap_permitted: Cred['cap_permitted']
  cap_effective: Cred['cap_effective']
  cap_bset: Cred['cap_bset']
  cap_ambient: Cred['cap_ambient']
  jit_keyring: Cred['jit_keyring']
  session_keyring: Cred['session_keyring']
  process_keyring: Cred['process_keyring']
  thread_keyring: Cred['thread_keyring']
  request_key_auth: Cred['request_key_auth']
  security: Cred['security']
  user_ns: Cred['user_ns']
  group_info: Cred['group_info']

  constructor(user_ns: Cred['user_ns']) {
    this.usage = 1
    this.uid = 0
    this.gid = 0
    this.suid = 0
    this.sgid = 0
    this.euid = 0
    this.egid = 0
    this.fsuid = 0
    this.fsgid = 0
    this.securebits = 0
    this.cap_inheritable = new CapSet()
    this.cap_permitted = new CapSet()
    this.cap_effective = new CapSet()
    this.cap_bset = new CapSet()
    this.cap_ambient = new CapSet()
    this.jit_keyring = 0
    this.session_keyring = null
    this.process_keyring = null
    this.thread_keyring = null
    this.request_key_auth = null
    this.security = null
    this.user_ns = user_ns
    this.group_info = { gid: [] }
  }
}

export class PlainInode implements Inode {
  i_mode: Inode['i_mode']
  i_uid: Inode['i_uid']
  i_gid: Inode['i_gid']
  i_flags: Inode['i_flags']
  i_sb: Inode['i_sb']
  i_ino: Inode['i_ino']
  i_nlink: Inode['i_nlink']
  i_rdev: Inode['i_rdev']
  i_size: Inode['i_size']
  i_atime_sec: Inode['i_atime_sec']
  i_mtime_sec: Inode['i_mtime_sec']
  i_ctime_sec: Inode['i_ctime_sec']
  i_atime_nsec: Inode['i_atime_nsec']
  i_mtime_nsec: Inode['i_mtime_nsec']
  i_ctime_nsec: Inode['i_ctime_nsec']
  i_generation: Inode['i_generation']
  i_blocks: Inode['i_blocks']
  i_writecount: Inode['i_writecount']
  i_private: Inode['i_private']
  security: Inode['security']

  constructor(i_mode: Inode['i_mode'], i_sb: Inode['i_sb'], i_ino: Inode['i_ino']) {
    this.i_mode = i_mode
    this.i_uid = 0
    this.i_gid = 0
    this.i_flags = 0
    this.i_sb = i_sb
    this.i_ino = i_ino
    this.i_nlink = 1
    this.i_rdev = 0
    this.i_size = 0
    this.i_atime_sec = 0
    this.i_mtime_sec = 0
    this.i_ctime_sec = 0
    this.i_atime_nsec = 0
    this.i_mtime_nsec = 0
    this.i_ctime_nsec = 0
    this.i_generation = 0
    this.i_blocks = 0
    this.i_writecount = 0
    this.i_private = null
    this.security = null
  }
}

export class PlainDentry implements Dentry {
  d_name: Dentry['d_name']
  d_parent: Dentry['d_parent']
  d_inode: Dentry['d_inode']
  d_sb: Dentry['d_sb']
  d_flags: Dentry['d_flags']
  d_children: Dentry['d_children']
  d_fsdata: Dentry['d_fsdata']

  constructor(d_name: Dentry['d_name'], d_sb: Dentry['d_sb']) {
    this.d_name = d_name
    this.d_parent = null
    this.d_inode = null
    this.d_sb = d_sb
    this.d_flags = 0
    this.d_children = null
    this.d_fsdata = null
  }
}

export class PlainFile implements File {
  f_mode: File['f_mode']
  f_flags: File['f_flags']
  f_path: File['f_path']
  f_inode: File['f_inode']
  f_cred: File['f_cred']
  f_pos: File['f_pos']
  f_owner: File['f_owner']
  f_count: File['f_count']
  private_data: File['private_data']
  security: File['security']

  constructor(
    f_mode: File['f_mode'],
    f_flags: File['f_flags'],
    f_path: File['f_path'],
    f_inode: File['f_inode'],
    f_cred: File['f_cred'],
  ) {
    this.f_mode = f_mode
    this.f_flags = f_flags
    this.f_path = f_path
    this.f_inode = f_inode
    this.f_cred = f_cred
    this.f_pos = 0
    this.f_owner = null
    this.f_count = 1
    this.private_data = null
    this.security = null
  }
}

export class PlainSuperBlock implements SuperBlock {
  s_dev: SuperBlock['s_dev']
  s_flags: SuperBlock['s_flags']
  s_iflags: SuperBlock['s_iflags']
  s_magic: SuperBlock['s_magic']
  s_blocksize: SuperBlock['s_blocksize']
  s_maxbytes: SuperBlock['s_maxbytes']
  s_id: SuperBlock['s_id']
  s_type: SuperBlock['s_type']
  s_user_ns: SuperBlock['s_user_ns']
  s_root: SuperBlock['s_root']
  s_fs_info: SuperBlock['s_fs_info']
  security: SuperBlock['security']

  constructor(s_dev: SuperBlock['s_dev'], s_type: SuperBlock['s_type'], s_user_ns: SuperBlock['s_user_ns']) {
    this.s_dev = s_dev
    this.s_flags = 0
    this.s_iflags = 0
    this.s_magic = 0
    this.s_blocksize = 4096
    this.s_maxbytes = 9007199254740991
    this.s_id = ''
    this.s_type = s_type
    this.s_user_ns = s_user_ns
    this.s_root = null
    this.s_fs_info = null
    this.security = null
  }
}

export class PlainSocket implements Socket {
  type: Socket['type']
  state: Socket['state']
  flags: Socket['flags']
  sk: Socket['sk']
  file: Socket['file']
  inode: Socket['inode']

  constructor(type: Socket['type'], inode: Socket['inode']) {
    this.type = type
    this.state = 0
    this.flags = 0
    this.sk = null
    this.file = null
    this.inode = inode
  }
}

export class PlainSock implements Sock {
  sk_family: Sock['sk_family']
  sk_type: Sock['sk_type']
  sk_protocol: Sock['sk_protocol']
  sk_state: Sock['sk_state']
  sk_uid: Sock['sk_uid']
  sk_mark: Sock['sk_mark']
  sk_bound_dev_if: Sock['sk_bound_dev_if']
  sk_num: Sock['sk_num']
  sk_dport: Sock['sk_dport']
  sk_peer_pid: Sock['sk_peer_pid']
  sk_socket: Sock['sk_socket']
  sk_user_data: Sock['sk_user_data']
  security: Sock['security']

  constructor(sk_family: Sock['sk_family'], sk_type: Sock['sk_type'], sk_protocol: Sock['sk_protocol']) {
    this.sk_family = sk_family
    this.sk_type = sk_type
    this.sk_protocol = sk_protocol
    this.sk_state = 0
    this.sk_uid = 0
    this.sk_mark = 0
    this.sk_bound_dev_if = 0
    this.sk_num = 0
    this.sk_dport = 0
    this.sk_peer_pid = 0
    this.sk_socket = null
    this.sk_user_data = null
    this.security = null
  }
}
