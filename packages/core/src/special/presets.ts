/** Framework functions that set an output parameter before the chain runs, with nobody on the hook too. */
import type { LsmProp } from '../hooks/release-hook-defs.ts'
import type { Key } from '../objects/key.ts'
import type { Ref } from '../objects/ref.ts'
import { busy } from './shape.ts'
import type { Shape } from './shape.ts'

const secidSecond: Shape = {
  around: (chain) => function (this: unknown, object: unknown, secid: Ref<number>) {
    secid.value = 0
    chain.call(this, object, secid)
  },
  idle: busy,
}

export const presetShapes: Readonly<Record<string, Shape>> = {
  cred_getsecid: secidSecond,
  task_getsecid_obj: secidSecond,
  ipc_getsecid: secidSecond,
  current_getsecid_subj: {
    around: (chain) => function (this: unknown, secid: Ref<number>) {
      secid.value = 0
      chain.call(this, secid)
    },
    idle: busy,
  },
  /** The last LSM to write `secid` wins: 0 is the default and stops nobody. */
  secctx_to_secid: {
    around: (chain) => function (this: unknown, secdata: string, seclen: number, secid: Ref<number>) {
      secid.value = 0
      return chain.call(this, secdata, seclen, secid) as number
    },
    idle: busy,
  },
  key_getsecurity: {
    around: (chain) => function (this: unknown, key: Key, buffer: Ref<string | null>) {
      buffer.value = null
      return chain.call(this, key, buffer) as number
    },
    idle: busy,
  },
}

/** `lsmprop_init`. */
const clear = (prop: LsmProp): void => {
  prop.selinux.secid = 0
  prop.smack.skp = null
  prop.apparmor.label = null
  prop.bpf.secid = 0
}

const propSecond: Shape = {
  around: (chain) => function (this: unknown, object: unknown, prop: LsmProp) {
    clear(prop)
    chain.call(this, object, prop)
  },
  idle: busy,
}

export const lsmPropShapes: Readonly<Record<string, Shape>> = {
  cred_getlsmprop: propSecond,
  task_getlsmprop_obj: propSecond,
  ipc_getlsmprop: propSecond,
  current_getlsmprop_subj: {
    around: (chain) => function (this: unknown, prop: LsmProp) {
      clear(prop)
      chain.call(this, prop)
    },
    idle: busy,
  },
}
