/** Labels of a scenario's objects and identities: given and read, by one LSM of the stack or by several. */
import {
  AT_FDCWD, errnoName, LSM_ATTR_CURRENT, LSM_FLAG_SINGLE, O_RDONLY, ownValue, packLsmCtx, unpackLsmCtxs,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { setTaskLabel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { must, ScenarioError } from './errors.ts'
import type { Label } from './scenario.ts'

/** The attribute of a file that holds an LSM's label; `security.NAME` for all others. */
const ATTRIBUTES: Readonly<Record<string, string>> = { selinux: 'security.selinux', smack: 'security.SMACK64' }
const attributeOf = (lsm: string): string => ownValue(ATTRIBUTES, lsm) ?? `security.${lsm}`

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/[\0\n]+$/, '')

const namesOf = ({ machine }: Kernel): readonly string[] => machine.stack.names

/** A label's text, for the first LSM that takes it (null), or its texts by LSM. */
type LabelParts = readonly (readonly [lsm: string | null, text: string])[]

/** Smack and SELinux exclude each other: the texts of those that this stack lacks are not for it. */
export const labelParts = (kernel: Kernel, label: Label): LabelParts =>
  typeof label === 'string' ? [[null, label]]
    : Object.entries(label).filter(([lsm]) => namesOf(kernel).includes(lsm))

/** Whether the stack has an LSM that gives labels to files like this one. */
export const hasFileLabel = (kernel: Kernel, path: string): boolean => typeof labelName(kernel, path) === 'string'

/** Whether the stack has an LSM that gives labels to tasks. */
export const hasTaskLabel = ({ sys, init }: Kernel): boolean => {
  const fd = sys.openat(init, AT_FDCWD, '/proc/self/attr/current', O_RDONLY, 0)
  const n = fd < 0 ? fd : sys.read(init, fd, new Uint8Array(4096))
  if (fd >= 0) sys.close(init, fd)
  return n > 0
}

/** Throws ScenarioError where no LSM, or not that one, labels the file. */
export const setFileLabel = (kernel: Kernel, path: string, lsm: string | null, text: string): void => {
  const { sys, init } = kernel
  const name = lsm === null ? labelName(kernel, path) : attributeOf(lsm)
  if (typeof name !== 'string' || (lsm !== null && sys.lgetxattr(init, path, name, new Uint8Array(4096)) < 0)) {
    const by = lsm === null ? 'no LSM of the stack has' : `\`${lsm}\` has no`
    throw new ScenarioError('setup', `${path} has no label`, { hint: `${by} labels of files` })
  }
  must(sys.lsetxattr(init, path, name, new TextEncoder().encode(text), 0), `${name} of ${path}`)
}

/** undefined: no LSM of the stack has labels of files. -errno: its attributes cannot be listed. */
const labelName = ({ sys, init }: Kernel, path: string): string | number | undefined => {
  const buf = new Uint8Array(4096)
  const n = sys.llistxattr(init, path, buf)
  if (n < 0) return n
  const names = new TextDecoder().decode(buf.subarray(0, n)).split('\0')
  return names.find((name) => name.startsWith('security.') && name !== 'security.capability')
}

const idOf = (kernel: Kernel, lsm: string): number => kernel.machine.stack.ids[namesOf(kernel).indexOf(lsm)]!

/**
 * Gives a task its labels. `become` takes ids and capabilities on: after labels that need privilege, and before all
 * others, so that it is not asked of the domain that the task gets.
 */
export const setTaskLabels = (
  kernel: Kernel, task: Task, parts: LabelParts, become: () => void,
): void => {
  const [first, ...rest] = parts
  if (first === undefined) return become()
  const [lsm, text] = first
  const next = (): void => setTaskLabels(kernel, task, rest, become)
  const options = lsm === null ? { become: next } : { become: next, lsm: idOf(kernel, lsm) }
  must(setTaskLabel(kernel, task, text, options), `label ${text}`)
}

/** Asked by process 1; the name of an errno where it cannot be read, and '' where there is no label. */
const fileLabel = (kernel: Kernel, path: string, lsm: string | null): string => {
  const { sys, init } = kernel
  const name = lsm === null ? labelName(kernel, path) : attributeOf(lsm)
  if (typeof name === 'number') return errnoName(name)
  const buf = new Uint8Array(4096)
  const n = name === undefined ? 0 : sys.lgetxattr(init, path, name, buf)
  return n < 0 ? errnoName(n) : textOf(buf.subarray(0, n))
}

const taskLabel = (kernel: Kernel, task: Task, lsm: string | null): string => {
  const { sys, init } = kernel
  const buf = new Uint8Array(4096)
  if (lsm !== null) return ownLabel(kernel, task, lsm, buf)
  const fd = sys.openat(init, AT_FDCWD, `/proc/${task.pid}/attr/current`, O_RDONLY, 0)
  if (fd < 0) return errnoName(fd)
  const n = sys.read(init, fd, buf)
  sys.close(init, fd)
  return n < 0 ? errnoName(n) : textOf(buf.subarray(0, n))
}

/** Not every LSM has a directory in /proc/PID/attr: the task asks for its own label. */
const ownLabel = (kernel: Kernel, task: Task, lsm: string, buf: Uint8Array): string => {
  buf.set(packLsmCtx({ id: BigInt(idOf(kernel, lsm)), flags: 0n, ctx: new Uint8Array(0) }))
  const size = { value: buf.length }
  const rc = kernel.sys.lsm_get_self_attr(task, LSM_ATTR_CURRENT, buf, size, LSM_FLAG_SINGLE)
  if (rc < 0) return errnoName(rc)
  return textOf(unpackLsmCtxs(buf.subarray(0, size.value))?.[0]?.ctx ?? new Uint8Array(0))
}

/** The labels of a path, or of a `task`: one text, or by those LSMs of the stack that are `asked`. */
export const labelOf = (kernel: Kernel, task: Task | undefined, of: string, asked: Label): Label => {
  const read = (lsm: string | null): string =>
    task === undefined ? fileLabel(kernel, of, lsm) : taskLabel(kernel, task, lsm)
  if (typeof asked === 'string') return read(null)
  return Object.fromEntries(labelParts(kernel, asked).map(([lsm]) => [lsm, read(lsm)]))
}
