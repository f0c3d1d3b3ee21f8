/** Factories of objects that lie in linear memory, for stacks whose LSMs run programs over it. */
import type { Objects } from './factories.ts'
import type { LinearMemory } from './linear-memory.ts'
import {
  CredView, DentryView, FileView, InodeView, SockView, SocketView, SuperBlockView, TaskView,
} from './memory.ts'

/** Every object has its address in `addr`; `layoutOf` its field table tells where its fields lie. */
export const memoryObjects = (memory: LinearMemory): Objects => ({
  task: (pid, tgid, real_cred, cred) => new TaskView(memory, pid, tgid, real_cred, cred),
  cred: (user_ns) => new CredView(memory, user_ns),
  inode: (i_mode, i_sb, i_ino) => new InodeView(memory, i_mode, i_sb, i_ino),
  dentry: (d_name, d_sb) => new DentryView(memory, d_name, d_sb),
  file: (f_mode, f_flags, f_path, f_inode, f_cred) => new FileView(memory, f_mode, f_flags, f_path, f_inode, f_cred),
  super_block: (s_dev, s_type, s_user_ns) => new SuperBlockView(memory, s_dev, s_type, s_user_ns),
  socket: (type, inode) => new SocketView(memory, type, inode),
  sock: (sk_family, sk_type, sk_protocol) => new SockView(memory, sk_family, sk_type, sk_protocol),
})
