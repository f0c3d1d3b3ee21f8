/** Files that are one label: ambient, syslog, unconfined. */
import { EINVAL, PAGE_SIZE } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import type { Label } from '../label.ts'
import type { Smack } from '../state.ts'
import { ADMIN_FILE, admin, fromText, wholeValue } from './file.ts'

export const labelFiles = (smack: Smack): PseudoFile[] => {
  const { policy } = smack
  const { labels } = policy
  const value = (label: Label): string => (label === 0 ? '' : labels.text(label))

  /** Any label, and always one: what has been set cannot be unset. */
  const setting = (name: string, get: () => string, set: (label: Label) => void): PseudoFile => ({
    name,
    mode: ADMIN_FILE,
    read: (io) => wholeValue(io, get()),
    write: admin(smack, fromText((text) => {
      if (text.length === 0 || text.length > PAGE_SIZE) return -EINVAL
      const label = labels.import(text, text.length)
      if (label < 0) return label
      set(label)
      return text.length
    })),
  })

  /** What is no label unsets it. */
  const unconfined: PseudoFile = {
    name: 'unconfined',
    mode: ADMIN_FILE,
    read: (io) => wholeValue(io, value(policy.unconfined)),
    write: admin(smack, fromText((text) => {
      if (text.length > PAGE_SIZE) return -EINVAL
      const label = labels.import(text, text.length)
      if (label < 0 && label !== -EINVAL) return label
      policy.unconfined = Math.max(label, 0)
      return text.length
    })),
  }

  return [
    setting('ambient', () => value(policy.ambient), (label) => void (policy.ambient = label)),
    setting('syslog', () => value(policy.syslog) || '*', (label) => void (policy.syslog = label)),
    ...(policy.bringup ? [unconfined] : []),
  ]
}
