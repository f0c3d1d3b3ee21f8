/**
 * Classes and permissions that came after Linux 6.12 or left: read from 7.3's source, and from the names in the image
 * of 6.18. The numbers are ours: later permissions follow those of 6.12, so that a number means the same everywhere.
 */
const netlinkMessage = ['nlmsg'] as const
const watchNamespace = ['watch_mountns'] as const

/** Permissions of classes that 6.12 has, by the release that has them first. */
export const laterPermissions = {
  '6.18': {
    system: [
      'firmware_load', 'kexec_image_load', 'kexec_initramfs_load', 'policy_load', 'x509_certificate_load',
    ],
    file: watchNamespace,
    dir: watchNamespace,
    lnk_file: watchNamespace,
    chr_file: watchNamespace,
    blk_file: watchNamespace,
    sock_file: watchNamespace,
    fifo_file: watchNamespace,
    anon_inode: watchNamespace,
    netlink_route_socket: netlinkMessage,
    netlink_tcpdiag_socket: netlinkMessage,
    netlink_xfrm_socket: netlinkMessage,
    netlink_audit_socket: netlinkMessage,
    io_uring: ['allowed'],
  },
  '7.3': { bpf: ['map_create_as', 'prog_load_as'] },
} as const

/** Classes that 6.12 does not have, with the class whose permissions they share. */
export const laterClasses = { '6.18': {}, '7.3': { memfd_file: 'file' } } as const

/** Classes of 6.12 that a release does not have any more. */
export const goneClasses = { '6.18': ['dccp_socket'], '7.3': [] } as const

export type LaterRelease = keyof typeof laterPermissions

const byRelease = new Map(Object.entries(laterPermissions).map(([release, classes]) =>
  [release, new Map<string, readonly string[]>(Object.entries(classes))] as const))

/** The permissions that a release gave to a class. */
export const permissionsSince = (release: LaterRelease, name: string): readonly string[] =>
  byRelease.get(release)?.get(name) ?? []

/** Policy capabilities without which a later permission or class is never asked about, by `class` or `class perm`. */
const capabilityOf: ReadonlyMap<string, string> = new Map([
  ['memfd_file', 'memfd_class'],
  ...Object.entries(laterPermissions['6.18']).filter(([, perms]) => perms === netlinkMessage)
    .map(([name]) => [`${name} nlmsg`, 'netlink_xperm'] as const),
])

/** The policy capability that a permission waits for; undefined for one that is always asked about. */
export const capabilityFor = (tclass: string, perm: string): string | undefined =>
  capabilityOf.get(tclass) ?? capabilityOf.get(`${tclass} ${perm}`)
