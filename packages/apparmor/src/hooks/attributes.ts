/** Labels of tasks as attributes: /proc/PID/attr and the lsm_*_self_attr calls. */
import {
  EACCES, EINVAL, ENOENT, EOPNOTSUPP, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, LSM_ATTR_PREV, LSM_ID_APPARMOR, ownValue,
} from '@lsmkit/abi'
import { lsm_fill_user_ctx } from '@lsmkit/core'
import type { HookGroup, Task } from '@lsmkit/core'
import { setAttribute } from '../change/attribute-text.ts'
import { labelText } from '../domain/label-text.ts'
import { newest } from '../domain/label.ts'
import { isVisible } from '../domain/namespace.ts'
import type { Label } from '../domain/objects.ts'
import { nameBytes } from '../name.ts'
import { currentLabel, taskLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'

const files: Readonly<Record<string, number>> = {
  current: LSM_ATTR_CURRENT, exec: LSM_ATTR_EXEC, prev: LSM_ATTR_PREV, fscreate: 0, keycreate: 0, sockcreate: 0,
}

/** Null where it is not set; undefined where there is no such attribute. */
const labelOf = (aa: Apparmor, task: Task, attribute: number): Label | null | undefined => {
  const { previous, onexec } = aa.blobs.task(task)
  switch (attribute) {
    case LSM_ATTR_CURRENT:
      return taskLabel(aa, task)
    case LSM_ATTR_PREV:
      return previous === null ? null : newest(previous)
    case LSM_ATTR_EXEC:
      return onexec === null ? null : newest(onexec)
    default:
      return undefined
  }
}

/** As `aa_getprocattr`: the label with its mode, or -EACCES where the reader does not see its namespace. */
const textOf = (aa: Apparmor, label: Label): string | number => {
  const from = currentLabel(aa).namespace
  if (!isVisible(from, label.namespace, true)) return -EACCES
  return labelText(from, label, { mode: true, inside: true, hiddenUnconfined: true })
}

export const attributeHooks = (aa: Apparmor): HookGroup => ({
  getselfattr(attribute, ctx, size) {
    const label = labelOf(aa, aa.ctx.current.task, attribute)
    if (label === undefined) return -EOPNOTSUPP
    if (label === null) return -ENOENT
    const text = textOf(aa, label)
    if (typeof text === 'number') return text
    return lsm_fill_user_ctx(ctx, size, nameBytes(text), LSM_ID_APPARMOR, 0) || 1
  },

  setselfattr(attribute, ctx) {
    if (attribute !== LSM_ATTR_CURRENT && attribute !== LSM_ATTR_EXEC) return -EOPNOTSUPP
    return setAttribute(aa, attribute, ctx.ctx)
  },

  getprocattr(task, name, value) {
    const label = labelOf(aa, task, ownValue(files, name) ?? 0)
    if (label === undefined || label === null) return -EINVAL
    const text = textOf(aa, label)
    if (typeof text === 'number') return text
    value.value = `${text}\n`
    return nameBytes(value.value).length
  },

  setprocattr(name, value, size) {
    const attribute = ownValue(files, name)
    if (attribute === undefined) return -EINVAL
    return setAttribute(aa, attribute, value.subarray(0, size)) || size
  },
})
