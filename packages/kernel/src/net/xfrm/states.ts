/** States of IPsec: made, deleted and flushed by messages (net/xfrm/xfrm_user.c, xfrm_state.c). */
import {
  AF_INET, AF_INET6, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSYS, ESRCH, IPPROTO_AH, IPPROTO_ESP,
  LOCKDOWN_XFRM_SECRET,
  XFRM_MSG_NEWSA,
} from '@lsmkit/abi'
import type { XfrmUserSecCtx } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import type { KernelState, XfrmTable } from '../../state/net/xfrm.ts'
import { attributesOf, labelOf } from './attributes.ts'

/** Bytes of `struct xfrm_usersa_info`, `_id`, `_flush`, and of `struct xfrm_userspi_info`. */
export const STATE_INFO = 224
export const STATE_ID = 24
export const STATE_FLUSH = 1
export const SPI_INFO = 232
/** Of `struct xfrm_usersa_info`. */
const [DADDR, SPI, PROTO, FAMILY] = [56, 72, 76, 212]
const ADDRESS = 16
const IPPROTO_COMP = 108
const IPSEC_PROTO_ANY = 255
/** Indexes of compression have 16 bits. */
const COMP_SPIS = 0x10000
const [XFRMA_ALG_AUTH, XFRMA_ALG_CRYPT, XFRMA_ALG_COMP, XFRMA_ALG_AEAD, XFRMA_ALG_AUTH_TRUNC] = [1, 2, 3, 18, 20]
/** Bytes of the name in `struct xfrm_algo`. */
const ALG_NAME = 64

/** Algorithms that this kernel knows by name; nothing is ever encrypted with them. */
const ALGORITHMS: ReadonlyMap<number, readonly string[]> = new Map([
  [XFRMA_ALG_AUTH, ['digest_null', 'hmac(md5)', 'hmac(sha1)', 'hmac(sha256)', 'hmac(sha384)', 'hmac(sha512)']],
  [XFRMA_ALG_AUTH_TRUNC, ['hmac(md5)', 'hmac(sha1)', 'hmac(sha256)', 'hmac(sha384)', 'hmac(sha512)']],
  [XFRMA_ALG_CRYPT, ['ecb(cipher_null)', 'cbc(aes)', 'cbc(des3_ede)', 'rfc3686(ctr(aes))']],
  [XFRMA_ALG_COMP, ['deflate']],
  [XFRMA_ALG_AEAD, ['rfc4106(gcm(aes))', 'rfc4309(ccm(aes))', 'rfc4543(gcm(aes))', 'rfc7539esp(chacha20,poly1305)']],
])

const memoryOf = (machine: Machine, net: PlainNamespace) => net.memory ?? machine.memory
const isIpsec = (proto: number): boolean => proto === IPPROTO_AH || proto === IPPROTO_ESP || proto === IPPROTO_COMP
const matches = (proto: number, asked: number): boolean =>
  asked === 0 || proto === asked || (asked === IPSEC_PROTO_ANY && isIpsec(proto))

const hex = (bytes: Uint8Array): string => bytes.reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '')

const stateOfInfo = (info: Uint8Array, spi: number): KernelState => {
  const view = new DataView(info.buffer, info.byteOffset, info.byteLength)
  view.setUint32(SPI, spi, false)
  return {
    security: null, daddr: hex(info.subarray(DADDR, DADDR + ADDRESS)), spi, proto: info[PROTO]!,
    family: view.getUint16(FAMILY, true), info,
  }
}

/** As far as `verify_newsa_info` looks at algorithms: what each protocol needs and what it may not have. */
const algorithmsFit = (proto: number, has: (type: number) => boolean): boolean => {
  const authenticates = has(XFRMA_ALG_AUTH) || has(XFRMA_ALG_AUTH_TRUNC)
  if (proto === IPPROTO_AH)
    return authenticates && !has(XFRMA_ALG_AEAD) && !has(XFRMA_ALG_CRYPT) && !has(XFRMA_ALG_COMP)
  if (proto === IPPROTO_COMP) return has(XFRMA_ALG_COMP) && !authenticates && !has(XFRMA_ALG_CRYPT)
  if (has(XFRMA_ALG_COMP)) return false
  return has(XFRMA_ALG_AEAD) ? !authenticates && !has(XFRMA_ALG_CRYPT) : authenticates || has(XFRMA_ALG_CRYPT)
}

const nameOf = (value: Uint8Array): string => {
  const name = value.subarray(0, ALG_NAME)
  const end = name.indexOf(0)
  return new TextDecoder().decode(end < 0 ? name : name.subarray(0, end))
}

const unknownAlgorithm = (attributes: ReadonlyMap<number, Uint8Array>): boolean =>
  [...ALGORITHMS].some(([type, names]) => {
    const value = attributes.get(type)
    return value !== undefined && !names.includes(nameOf(value))
  })

/** Freed by a worker of the kernel, some time after it was taken out. */
const free = (machine: Machine, state: KernelState): void =>
  machine.callRcu(() => machine.lsm.xfrm_state_free_security.tell(state))

const insert = (machine: Machine, net: PlainNamespace, table: XfrmTable, state: KernelState): number => {
  if (!memoryOf(machine, net).charge(COST.xfrm)) return -ENOMEM
  table.states.add(state)
  return 0
}

const remove = (machine: Machine, net: PlainNamespace, table: XfrmTable, state: KernelState): void => {
  table.states.delete(state)
  memoryOf(machine, net).uncharge(COST.xfrm)
  free(machine, state)
}

const find = (table: XfrmTable, daddr: string, spi: number, proto: number): KernelState | undefined =>
  [...table.states].find((one) => one.daddr === daddr && one.spi === spi && one.proto === proto)

/** Algorithms with a key, which listeners see unless Lockdown hides it. */
const SECRETS = [XFRMA_ALG_AUTH, XFRMA_ALG_CRYPT, XFRMA_ALG_AEAD]

/** A notice of the new state is written; nobody listens. */
const notify = (machine: Machine, secrets: number): void => {
  for (let i = 0; i < secrets; i++) machine.lsm.locked_down.ask(LOCKDOWN_XFRM_SECRET)
}

/** Adds it, with its label, if the LSMs agree. */
const addLabelled = (
  machine: Machine, net: PlainNamespace, table: XfrmTable, state: KernelState, label: XfrmUserSecCtx | null,
  old: KernelState | undefined, secrets: number,
): number => {
  let rc = label === null ? 0 : machine.lsm.xfrm_state_alloc.ask(state, label)
  if (rc === 0) rc = insert(machine, net, table, state)
  if (rc !== 0) {
    free(machine, state)
    return rc
  }
  if (old !== undefined) remove(machine, net, table, old)
  notify(machine, secrets)
  return 0
}

/** XFRM_MSG_NEWSA and XFRM_MSG_UPDSA. */
export const addState = (
  machine: Machine, net: PlainNamespace, table: XfrmTable, type: number, data: Uint8Array,
): number => {
  const info = data.slice(0, STATE_INFO)
  const view = new DataView(info.buffer)
  const attributes = attributesOf(data.subarray(STATE_INFO))
  const [family, proto, spi] = [view.getUint16(FAMILY, true), info[PROTO]!, view.getUint32(SPI, false)]
  if (family !== AF_INET && family !== AF_INET6) return -EINVAL
  if (!isIpsec(proto) || !algorithmsFit(proto, (one) => attributes.has(one))) return -EINVAL
  if (proto === IPPROTO_COMP && spi >= COMP_SPIS) return -EINVAL
  const label = labelOf(attributes)
  if (typeof label === 'number') return label
  const state = stateOfInfo(info, spi)
  if (unknownAlgorithm(attributes)) {
    free(machine, state)
    return -ENOSYS
  }
  const old = find(table, state.daddr, spi, proto)
  if (type === XFRM_MSG_NEWSA ? old !== undefined && spi !== 0 : old === undefined) {
    const rc = label === null ? 0 : machine.lsm.xfrm_state_alloc.ask(state, label)
    free(machine, state)
    return rc !== 0 ? rc : type === XFRM_MSG_NEWSA ? -EEXIST : -ESRCH
  }
  return addLabelled(machine, net, table, state, label, old, SECRETS.filter((one) => attributes.has(one)).length)
}

/** XFRM_MSG_ALLOCSPI: a state without algorithms, whose index is free. Gives its bytes, or -errno. */
export const allocateSpi = (
  machine: Machine, net: PlainNamespace, table: XfrmTable, data: Uint8Array,
): Uint8Array | number => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const [proto, low, high] = [data[PROTO]!, view.getUint32(STATE_INFO, true), view.getUint32(STATE_INFO + 4, true)]
  if (!isIpsec(proto) || (proto === IPPROTO_COMP && high >= COMP_SPIS) || low > high) return -EINVAL
  const info = data.slice(0, STATE_INFO)
  const daddr = hex(info.subarray(DADDR, DADDR + ADDRESS))
  let spi = low
  while (spi <= high && find(table, daddr, spi, proto) !== undefined) spi++
  if (spi > high) return -ENOENT
  const state = stateOfInfo(info, spi)
  const rc = insert(machine, net, table, state)
  return rc === 0 ? state.info : rc
}

/** XFRM_MSG_DELSA. */
export const deleteState = (machine: Machine, net: PlainNamespace, table: XfrmTable, data: Uint8Array): number => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const state = find(table, hex(data.subarray(0, ADDRESS)), view.getUint32(ADDRESS, false), data[22]!)
  if (state === undefined) return -ESRCH
  const rc = machine.lsm.xfrm_state_delete_security.ask(state)
  if (rc === 0) remove(machine, net, table, state)
  return rc
}

/** XFRM_MSG_FLUSHSA: all of a protocol, or none where an LSM refuses one of them. */
export const flushStates = (machine: Machine, net: PlainNamespace, table: XfrmTable, data: Uint8Array): number => {
  const asked = [...table.states].filter(({ proto }) => matches(proto, data[0]!))
  for (const state of asked) {
    const rc = machine.lsm.xfrm_state_delete_security.ask(state)
    if (rc !== 0) return rc
  }
  for (const state of asked) remove(machine, net, table, state)
  return 0
}
