/**
 * A line of cipso or cipso2: a label, its level, a count and so many categories, in columns of four (smk_set_cipso).
 */
import { EINVAL, EOVERFLOW, PAGE_SIZE } from '@lsmkit/abi'
import { SMACK_CIPSO_MAXCATNUM, SMACK_CIPSO_MAXLEVEL } from '../cipso.ts'
import { SMK_LABELLEN } from '../label.ts'
import type { Policy } from '../policy.ts'
import { cString } from './bytes.ts'
import { sscanf } from './sscanf.ts'

const SMK_DIGITLEN = 4
const SMK_CIPSOMIN = SMK_LABELLEN + 2 * SMK_DIGITLEN
const SMK_CIPSOMAX = SMK_CIPSOMIN + SMACK_CIPSO_MAXCATNUM * SMK_DIGITLEN

/**
 * The count, or -errno: -EOVERFLOW for a column that lies behind the end, -EINVAL for one without a number or with one
 * out of range. The label has been made even if what follows is wrong. `fixed`: the label has a field of 24 bytes, and
 * the size must be exactly that of the columns; otherwise one byte separates it from them.
 */
export const writeCipsoRule = ({ labels, cipso }: Policy, data: string, fixed: boolean): number => {
  if (fixed && (data.length < SMK_CIPSOMIN || data.length > SMK_CIPSOMAX)) return -EINVAL
  if (data.length > PAGE_SIZE) return -EINVAL
  const label = labels.import(cString(data))
  if (label < 0) return label
  const start = fixed ? SMK_LABELLEN : labels.text(label).length + 1
  const column = (index: number, conversion: string, max: number): number => {
    const at = start + index * SMK_DIGITLEN
    if (at > data.length) return -EOVERFLOW
    const [value = -1] = sscanf(cString(data.slice(at)), conversion) as readonly number[]
    return value < 0 || value > max ? -EINVAL : value
  }
  const level = column(0, '%d', SMACK_CIPSO_MAXLEVEL)
  if (level < 0) return level
  const count = column(1, '%d', SMACK_CIPSO_MAXCATNUM)
  if (count < 0) return count
  if (fixed && data.length !== SMK_CIPSOMIN + count * SMK_DIGITLEN) return -EINVAL
  const categories = new Set<number>()
  for (let i = 0; i < count; i++) {
    const category = column(2 + i, '%u', SMACK_CIPSO_MAXCATNUM)
    if (category < 0) return category
    if (category !== 0) categories.add(category)
  }
  cipso.assign(label, level, [...categories].sort((a, b) => a - b))
  return data.length
}
