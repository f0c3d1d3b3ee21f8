/** Owners of values in storages, for people. */

interface Owner {
  readonly pid?: number
  readonly comm?: string
  readonly i_ino?: number
  readonly i_sb?: { readonly s_type?: { readonly name?: string } }
  readonly sk_family?: number
  readonly sk_type?: number
  readonly kn?: { readonly name?: string }
  readonly name?: string
}

/** `task 12 (sh)`, `inode 7 of tmpfs`, `sock of family 2, type 1`, `group /a`. */
export const ownerText = (owner: object | null): string => {
  if (owner === null) return 'an owner that is not known'
  const { pid, comm, i_ino, i_sb, sk_family, sk_type, kn, name } = owner as Owner
  if (pid !== undefined) return `task ${pid}${comm === undefined ? '' : ` (${comm})`}`
  if (i_ino !== undefined) return `inode ${i_ino} of ${i_sb?.s_type?.name ?? 'a file system'}`
  if (sk_family !== undefined) return `sock of family ${sk_family}, type ${sk_type}`
  return `group ${kn?.name ?? name ?? ''}`.trimEnd()
}
