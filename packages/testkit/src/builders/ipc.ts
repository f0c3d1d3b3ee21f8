/** System V IPC, keys, and the devices that carry LSM state. */
import type { BlockDevice, InfiniBandAgent, KernIpcPerm, Key, MsgMsg, PerfEvent, TunDev } from '@lsmkit/core'
import { assign, bound, mustAgree } from './maker.ts'
import type { Fields, Maker } from './maker.ts'
import { aCred } from './tasks.ts'

export type IpcKind = 'msg_queue' | 'shm' | 'sem'

/** KEY_POS_ALL | KEY_USR_VIEW… : what add_key(2) gives. */
const KEY_PERM = 0x3f010000

const bareIpc = (maker: Maker, fields: Fields<KernIpcPerm> = {}): KernIpcPerm => {
  const { uid = 1000, gid = 1000 } = fields
  const perm: KernIpcPerm = {
    id: maker.next(), key: 0, uid, gid, cuid: uid, cgid: gid, mode: 0o600, seq: 0, deleted: false, security: null,
  }
  return assign(perm, fields, 'anIpc')
}

/** `anIpc('shm', { mode: 0o644 })` */
const anIpc = (maker: Maker, kind: IpcKind = 'msg_queue', fields: Fields<KernIpcPerm> = {}): KernIpcPerm => {
  const { lsm } = maker
  const perm = bareIpc(maker, fields)
  const hook = `${kind}_alloc_security` as const
  if (lsm !== null) mustAgree(lsm[hook].ask(perm), hook)
  return perm
}

const bareMsg = (fields: Fields<MsgMsg> = {}): MsgMsg => {
  const { text = new Uint8Array(0) } = fields
  return assign<MsgMsg>({ m_type: 1, m_ts: text.length, text, security: null }, fields, 'aMsg')
}

const aMsg = (maker: Maker, fields: Fields<MsgMsg> = {}): MsgMsg => {
  const { lsm } = maker
  const msg = bareMsg(fields)
  if (lsm !== null) mustAgree(lsm.msg_msg_alloc_security.ask(msg), 'msg_msg_alloc_security')
  return msg
}

const bareKey = (maker: Maker, fields: Fields<Key> = {}): Key => assign<Key>({
  serial: maker.next(), type: { name: 'user' }, description: 'test', uid: 1000, gid: 1000, perm: KEY_PERM, flags: 0,
  payload: null, security: null,
}, fields, 'aKey')

const aKey = (maker: Maker, fields: Fields<Key> = {}): Key => {
  const { lsm } = maker
  const key = bareKey(maker, fields)
  if (lsm !== null) mustAgree(lsm.key_alloc.ask(key, maker.current()?.cred ?? aCred(maker), 0), 'key_alloc')
  return key
}

const aPerfEvent = (maker: Maker, fields: Fields<PerfEvent> = {}): PerfEvent => {
  const { lsm } = maker
  const event = assign<PerfEvent>({ type: 0, config: 0, security: null }, fields, 'aPerfEvent')
  if (lsm !== null) mustAgree(lsm.perf_event_alloc.ask(event), 'perf_event_alloc')
  return event
}

const aTunDev = (maker: Maker): TunDev => {
  const { lsm } = maker
  const dev = { security: null }
  if (lsm !== null) mustAgree(lsm.tun_dev_alloc_security.ask(dev), 'tun_dev_alloc_security')
  return dev
}

const anInfiniBandAgent = (maker: Maker): InfiniBandAgent => {
  const { lsm } = maker
  const agent = { security: null }
  if (lsm !== null) mustAgree(lsm.ib_alloc_security.ask(agent), 'ib_alloc_security')
  return agent
}

const aBlockDevice = (maker: Maker, fields: Fields<BlockDevice> = {}): BlockDevice => {
  const { lsm } = maker
  const own = { bd_dev: maker.next(), bd_disk: 'sda', bd_read_only: false, security: null }
  const bdev = assign<BlockDevice>(own, fields, 'aBlockDevice')
  if (lsm !== null) mustAgree(lsm.bdev_alloc_security.ask(bdev), 'bdev_alloc_security')
  return bdev
}

export const ipcBuilders = (maker: Maker) => ({
  ...bound(maker, {
    bareIpc, anIpc, aMsg, bareKey, aKey, aPerfEvent, aTunDev, anInfiniBandAgent, aBlockDevice,
  }),
  bareMsg,
})
