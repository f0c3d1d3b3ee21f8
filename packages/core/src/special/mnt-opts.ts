/** Mount options: who takes them, sets them and frees them. */
import { ENOPARAM, EOPNOTSUPP } from '@lsmkit/abi'
import type { MountOptions } from '../objects/fs.ts'
import { busy } from './shape.ts'
import type { Shape } from './shape.ts'

/** `security_free_mnt_opts`: nothing to free is no call, and what was freed is forgotten. */
const sb_free_mnt_opts: Shape = {
  around: (chain) => function (this: unknown, mnt_opts: MountOptions) {
    if (mnt_opts.value === null) return
    chain.call(this, mnt_opts.value)
    mnt_opts.value = null
  },
  idle: busy,
}

/** Several LSMs may each take the same option; an error ends it even after one has. */
const fs_context_parse_param: Shape = {
  walk: (members) => (fc: unknown, param: unknown): number => {
    let rc = -ENOPARAM
    for (const { fn } of members()) {
      const own = fn(fc, param)
      if (own === 0) rc = 0
      else if (own !== -ENOPARAM) return own
    }
    return rc
  },
}

/** Options that no LSM is there to set are refused; the first LSM that is there decides otherwise. */
const sb_set_mnt_opts: Shape = {
  walk: (members) => (sb: unknown, mnt_opts: object | null, kern_flags: number, set_kern_flags: unknown): number => {
    let rc = mnt_opts === null ? 0 : -EOPNOTSUPP
    for (const { fn } of members()) {
      rc = fn(sb, mnt_opts, kern_flags, set_kern_flags)
      if (rc !== 0) break
    }
    return rc
  },
  idle: busy,
}

export const mntOptsShapes: Readonly<Record<string, Shape>> = {
  sb_free_mnt_opts,
  fs_context_parse_param,
  sb_set_mnt_opts,
}
