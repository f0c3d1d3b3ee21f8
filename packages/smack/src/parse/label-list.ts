/** Lists of labels with blanks between them: onlycap and relabel-self (smk_parse_label_list). */
import { EINVAL } from '@lsmkit/abi'
import type { Label } from '../label.ts'
import type { LabelTable } from '../label-table.ts'
import { cString } from './bytes.ts'

/**
 * The new list, newest first as the kernel keeps it, or -errno. A first entry that is not a label makes an empty list,
 * which is how a list is cleared (`-`); a later one is -EINVAL, and the labels in front of it have been made all the
 * same.
 */
export const parseLabelList = (labels: LabelTable, data: string): Label[] | number => {
  const list: Label[] = []
  for (const token of cString(data).split(' ')) {
    if (token === '') continue
    const label = labels.import(token)
    if (label === -EINVAL && list.length === 0) return []
    if (label < 0) return label
    list.unshift(label)
  }
  return list
}

/** As listed: each label with a blank behind it. */
export const labelListText = (labels: LabelTable, list: readonly Label[]): string =>
  list.map((label) => `${labels.text(label)} `).join('')
