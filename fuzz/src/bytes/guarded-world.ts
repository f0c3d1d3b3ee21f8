/** A kernel whose one module refuses whatever holds a mark, in every hook that is shown bytes, and remembers keys. */
import { AT_FDCWD, CAP_SYS_ADMIN, EACCES, capHas, O_CREAT, O_RDWR, SECURITYFS_MAGIC } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm, hookNames } from '@lsmkit/core'
import type { Sockaddr } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'

/** The mark of refused things: this byte in contents and names, this port and address, this capability. */
export const MARK = 0x21
export const REFUSED_PORT = 1025
export const ALLOWED_PORT = 1024
export const REFUSED_ADDRESS = '127.0.0.2'
export const REFUSED_CAP = CAP_SYS_ADMIN

export interface GuardedWorld extends Kernel {
  /** Contents of keys as the module was shown them, by serial. */
  readonly keys: ReadonlyMap<number, string>
  /** The bytes given to a file of the module, before and after other hooks were asked. */
  readonly written: (readonly [before: string, after: string])[]
  readonly panics: string[]
  /** Runs while the module refuses nothing. */
  unguarded<T>(run: () => T): T
}

const isMarked = (bytes: Uint8Array | null): boolean => bytes !== null && bytes.includes(MARK)
const isRefused = (address: Sockaddr | null): boolean =>
  address !== null && (address.port === REFUSED_PORT || address.addr.includes('!') || address.addr === REFUSED_ADDRESS)

/** `asked` is called for every hook. */
export const bootGuarded = (asked: () => void): GuardedWorld => {
  const keys = new Map<number, string>()
  const written: [string, string][] = []
  const panics: string[] = []
  let guards = true
  const refuse = (is: boolean): number => (is && guards ? -EACCES : 0)
  const guard = defineLsm({
    name: 'guard',
    abi: '1.0', id: 901,
    pseudoFs: () => [{
      type: 'securityfs', magic: SECURITYFS_MAGIC, mountPoint: '/sys/kernel/security',
      files: () => [{
        name: 'guard', mode: 0o600,
        write(_io, data) {
          const before = data.join()
          // other hooks are asked in the middle of it
          kernel.sys.close(kernel.init, kernel.sys.openat(kernel.init, AT_FDCWD, '/tmp', 0, 0))
          written.push([before, data.join()])
          return data.length
        },
      }],
    }],
    hooks: {
      socket_connect: (_sock, address) => refuse(isRefused(address)),
      socket_bind: (_sock, address) => refuse(isRefused(address)),
      socket_sendmsg: (_sock, msg) => refuse(isRefused(msg.msg_name)),
      socket_sock_rcv_skb: (_sk, skb) => refuse(isMarked(skb.data)),
      netlink_send: (_sk, skb) => refuse(isMarked(skb.data)),
      inode_setxattr: (_idmap, _dentry, _name, value) => refuse(isMarked(value)),
      msg_queue_msgsnd: (_perm, msg) => refuse(isMarked(msg.text)),
      inode_mkdir: (_dir, dentry) => refuse(dentry.d_name.name.includes('!')),
      capset: (_next, _old, effective) => refuse(capHas(effective, REFUSED_CAP)),
      key_post_create_or_update: (_ring, key, payload) => void keys.set(key.serial, payload?.join() ?? ''),
    },
  })
  const stack = createStack({ lsms: [capability(), guard] })
  const kernel: Kernel = bootKernel({ stack, onPanic: (name, error) => void panics.push(`${name}: ${String(error)}`) })
  for (const hook of hookNames) stack.observe(hook, { entry: asked })
  const { sys, init } = kernel
  sys.mkdir(init, '/tmp', 0o777)
  sys.close(init, sys.openat(init, AT_FDCWD, '/tmp/file', O_CREAT | O_RDWR, 0o600))
  const unguarded = <T>(run: () => T): T => {
    guards = false
    try {
      return run()
    } finally {
      guards = true
    }
  }
  return { ...kernel, keys, written, panics, unguarded }
}
