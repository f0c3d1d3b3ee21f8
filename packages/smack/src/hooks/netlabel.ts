/** Labels on IPv4 packets: a CIPSO option by socket, a single label by host (smack_netlbl_add, smack_from_netlbl). */
import { EDESTADDRREQ } from '@lsmkit/abi'
import type { RequestSock, SkBuff, Sock } from '@lsmkit/core'
import type { CipsoLabel } from '../cipso.ts'
import type { Label } from '../label.ts'
import { ipv4Of } from '../packet.ts'
import type { Smack } from '../state.ts'

/** What a packet carries (RFC-draft CIPSO 2.2, tag 1), and under which numbering. */
interface CipsoOption extends CipsoLabel {
  readonly doi: number
}

/** Levels and categories pass unchanged: the type of Smack's DOI is pass-through. */
const optionOf = ({ policy: { cipso, doi } }: Smack, label: Label): CipsoOption =>
  ({ doi, level: cipso.level(label), categories: cipso.categories(label) })

/**
 * Puts the out label on what `sk` sends: 0 or -errno. NetLabel leaves sockets of the ambient label as they are; where
 * the
 * address decides, each packet is labelled by itself.
 */
export const labelSocket = (smack: Smack, sk: Sock): number => {
  const state = smack.blobs.sock(sk)
  const isAmbient = state.out === smack.policy.ambient
  const rc = isAmbient ? 0 : (smack.ctx.host.netlbl_sock_setattr?.(sk, optionOf(smack, state.out)) ?? 0)
  if (rc === 0) state.labeled = true
  return rc === -EDESTADDRREQ ? 0 : rc
}

/** Single-label hosts get packets without an option. */
export const unlabelSocket = (smack: Smack, sk: Sock): void => {
  const state = smack.blobs.sock(sk)
  if (!state.labeled) return
  smack.ctx.host.netlbl_sock_setattr?.(sk, null)
  state.labeled = false
}

/** The same for a connection in the making; null takes a label off. */
export const labelRequest = (smack: Smack, req: RequestSock, label: Label | null): number => {
  const option = label === null || label === smack.policy.ambient ? null : optionOf(smack, label)
  return smack.ctx.host.netlbl_req_setattr?.(req, option) ?? 0
}

const isCipsoOption = (option: unknown): option is CipsoOption =>
  typeof option === 'object' && option !== null && 'doi' in option && 'level' in option && 'categories' in option

/**
 * The label a packet counts as: that of its option, or of the host it comes from, or the ambient label; 0 when NetLabel
 * takes no packets without a label. Unlike the kernel's, no answer is cached: there an option that nobody knows stays
 * what the first socket took it for.
 */
export const packetLabel = ({ policy, build }: Smack, { netlabel, saddr }: SkBuff, receiver: Label): Label => {
  if (isCipsoOption(netlabel) && netlabel.doi === policy.doi) return policy.cipso.labelOf(netlabel, receiver)
  return policy.ipv4Hosts.labelOfSender(ipv4Of(saddr)) || (build.acceptUnlabeled ? policy.ambient : 0)
}
