/** Files that are a list of labels: onlycap, and relabel-self of whoever reads or writes it. */
import { EINVAL, ENOMEM, PAGE_SIZE } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import type { Label } from '../label.ts'
import { labelListText, parseLabelList } from '../parse/label-list.ts'
import { currentState } from '../state.ts'
import type { Smack } from '../state.ts'
import { ADMIN_FILE, admin, atStart, fromText, TASK_FILE } from './file.ts'

export const listFiles = (smack: Smack): PseudoFile[] => {
  const { policy } = smack
  const replace = (text: string, set: (list: readonly Label[]) => number): number => {
    if (text.length > PAGE_SIZE) return -EINVAL
    const list = parseLabelList(policy.labels, text)
    if (typeof list === 'number') return list
    return set(list) || text.length
  }

  const setRelabel = (list: readonly Label[]): number => {
    const { host } = smack.ctx
    const next = host.prepare_creds()
    if (next === null) return -ENOMEM
    smack.blobs.cred(next).relabel = list
    host.commit_creds(next)
    return 0
  }

  return [
    {
      name: 'onlycap',
      mode: ADMIN_FILE,
      read: () => labelListText(policy.labels, policy.onlycap),
      write: admin(smack, fromText((text) =>
        replace(text, (list) => {
          policy.onlycap = list
          return 0
        }))),
    },
    {
      name: 'relabel-self',
      mode: TASK_FILE,
      read: () => labelListText(policy.labels, currentState(smack).relabel),
      write: admin(smack, atStart(fromText((text) => (text === '' ? -EINVAL : replace(text, setRelabel))))),
    },
  ]
}
