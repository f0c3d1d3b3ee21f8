/** Factories of kernel objects: kernel code makes these objects here and nowhere else. */
import type { Cred, Dentry, File, Inode, Sock, Socket, SuperBlock, Task } from './index.ts'
import {
  PlainCred, PlainDentry, PlainFile, PlainInode, PlainSock, PlainSocket, PlainSuperBlock, PlainTask,
} from '../generated/plain-objects.ts'

/**
 * A function a kind: it takes the `given` fields of the field table, in table order; all others have their defaults,
 * and `security` is null until the allocation hook has run.
 */
export interface Objects {
  readonly task: (...given: ConstructorParameters<typeof PlainTask>) => Task
  readonly cred: (...given: ConstructorParameters<typeof PlainCred>) => Cred
  readonly inode: (...given: ConstructorParameters<typeof PlainInode>) => Inode
  readonly dentry: (...given: ConstructorParameters<typeof PlainDentry>) => Dentry
  readonly file: (...given: ConstructorParameters<typeof PlainFile>) => File
  readonly super_block: (...given: ConstructorParameters<typeof PlainSuperBlock>) => SuperBlock
  readonly socket: (...given: ConstructorParameters<typeof PlainSocket>) => Socket
  readonly sock: (...given: ConstructorParameters<typeof PlainSock>) => Sock
}

/** One shape a kind for the whole process. */
export const plainObjects: Objects = {
  task: (pid, tgid, real_cred, cred) => new PlainTask(pid, tgid, real_cred, cred),
  cred: (user_ns) => new PlainCred(user_ns),
  inode: (i_mode, i_sb, i_ino) => new PlainInode(i_mode, i_sb, i_ino),
  dentry: (d_name, d_sb) => new PlainDentry(d_name, d_sb),
  file: (f_mode, f_flags, f_path, f_inode, f_cred) => new PlainFile(f_mode, f_flags, f_path, f_inode, f_cred),
  super_block: (s_dev, s_type, s_user_ns) => new PlainSuperBlock(s_dev, s_type, s_user_ns),
  socket: (type, inode) => new PlainSocket(type, inode),
  sock: (sk_family, sk_type, sk_protocol) => new PlainSock(sk_family, sk_type, sk_protocol),
}
