/** Where kernel structs and the objects that stand for them differ: members that are called or made otherwise. */
import type { Dentry, Mm, Sockaddr } from '@lsmkit/core'

/** Another name, a function of the object, or null for the object itself. */
type Member = string | ((object: never) => unknown) | null

const bytesOf = ({ raw }: Sockaddr): Uint8Array | undefined => raw

export const members: Readonly<Record<string, Readonly<Record<string, Member>>>> = {
  // the root of a file system is its own parent
  dentry: { d_parent: (dentry: Dentry) => dentry.d_parent ?? dentry },
  sock: { __sk_common: null },
  sock_common: {
    skc_family: 'sk_family', skc_state: 'sk_state', skc_bound_dev_if: 'sk_bound_dev_if', skc_num: 'sk_num',
    skc_dport: 'sk_dport',
  },
  mount: { mnt: null },
  group_info: { ngroups: ({ gid }: { gid: readonly number[] }) => gid.length },
  mm_struct: { mm_users: 'users', mm_count: ({ users }: Mm) => users },
  xattr: { value_len: ({ value }: { value: Uint8Array | null }) => value?.length },
  msghdr: { msg_namelen: ({ msg_name }: { msg_name: Sockaddr | null }) => msg_name?.raw.length },
  bpf_prog: { aux: null },
  seq_file: { buf: 'text', count: ({ text }: { text: string }) => text.length },
}

/** Objects that are bytes: whatever struct a program takes them for lies there. */
export const byteObjects: Readonly<Record<string, (object: never) => Uint8Array | undefined>> = {
  sockaddr: bytesOf, sockaddr_in: bytesOf, sockaddr_in6: bytesOf, sockaddr_un: bytesOf,
}

/** Structs that lie inside of another one, whose object is the same: pointers to them are such into the other. */
export const inside: Readonly<Record<string, readonly [struct: string, member: string]>> = {
  vfsmount: ['mount', 'mnt'],
  sock_common: ['sock', '__sk_common'],
  cgroup_subsys_state: ['cgroup', 'self'],
}
