/** Framework functions that set an output parameter before the chain runs, with nobody on the hook too. */
import { EOPNOTSUPP } from '@lsmkit/abi'
import type { LsmContextText, LsmProp } from '../hooks/release-hook-defs.ts'
import type { Key } from '../objects/key.ts'
import type { Ref } from '../objects/ref.ts'
import { chosen } from './attributes.ts'
import { clearProp } from '../hooks/prop.ts'
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

const propSecond: Shape = {
  around: (chain) => function (this: unknown, object: unknown, prop: LsmProp) {
    clearProp(prop)
    chain.call(this, object, prop)
  },
  idle: busy,
}

export const lsmPropShapes: Readonly<Record<string, Shape>> = {
  /** The first LSM on the hook for id 0, else the one with the id: its word is final. */
  lsmprop_to_secctx: {
    walk: (members) => (prop: LsmProp, cp: LsmContextText | null, lsmid: number): number =>
      chosen(members(), lsmid)?.fn(prop, cp) ?? -EOPNOTSUPP,
  },
  /** The framework clears what the LSM has released. */
  release_secctx: {
    around: (chain) => function (this: unknown, cp: LsmContextText) {
      chain.call(this, cp)
      cp.context = null
      cp.len = 0
      cp.id = 0
    },
    idle: busy,
  },
  cred_getlsmprop: propSecond,
  task_getlsmprop_obj: propSecond,
  ipc_getlsmprop: propSecond,
  current_getlsmprop_subj: {
    around: (chain) => function (this: unknown, prop: LsmProp) {
      clearProp(prop)
      chain.call(this, prop)
    },
    idle: busy,
  },
}
