/** /sys/kernel/security/safesetid: a policy for users and one for groups, each written whole. */
import { CAP_MAC_ADMIN, EINVAL, ENOMEM, EPERM, KMALLOC_MAX_SIZE, SECURITYFS_MAGIC } from '@lsmkit/abi'
import { file_ns_capable, init_user_ns_of } from '@lsmkit/core'
import type { File, PseudoFile, PseudoFs } from '@lsmkit/core'
import { readPolicy } from './state.ts'
import type { IdKind, SafeSetId } from './state.ts'

/** Latin-1, so that every byte is one character; a C string ends at the first NUL. */
const textOf = (data: Uint8Array): string => {
  const end = data.indexOf(0)
  const bytes = end < 0 ? data : data.subarray(0, end)
  return new TextDecoder('latin1').decode(bytes)
}
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

/** Replaces the policy, or changes nothing and answers -errno. */
const load = (safesetid: SafeSetId, kind: IdKind, data: Uint8Array): number => {
  if (data.length >= KMALLOC_MAX_SIZE) return -EINVAL
  const policy = readPolicy(safesetid, kind, textOf(data))
  if (typeof policy === 'number') return policy
  if (!safesetid.ctx.host.charge!(policy.size - safesetid[kind].size)) return -ENOMEM
  safesetid[kind] = policy
  return data.length
}

const policyFile = (safesetid: SafeSetId, kind: IdKind): PseudoFile => ({
  name: `safesetid/${kind}_allowlist_policy`,
  mode: 0o600,
  fresh: true,
  seekable: false,
  read: () => bytesOf(safesetid[kind].text),
  write(io, data) {
    if (!mayLoad(safesetid, io.file)) return -EPERM
    return io.pos === 0 ? load(safesetid, kind, data) : -EINVAL
  },
})

/** Who has opened it must have had CAP_MAC_ADMIN in the initial user namespace. */
const mayLoad = ({ ctx }: SafeSetId, file: File): boolean =>
  file_ns_capable(ctx.lsm, file, init_user_ns_of(file.f_cred.user_ns), CAP_MAC_ADMIN)

export const safesetidFs = (safesetid: SafeSetId): PseudoFs => {
  const files = [policyFile(safesetid, 'uid'), policyFile(safesetid, 'gid')]
  return { type: 'securityfs', magic: SECURITYFS_MAGIC, mountPoint: '/sys/kernel/security', files: () => files }
}
