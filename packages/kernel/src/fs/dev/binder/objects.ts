/** Objects of a transaction, as its receiver gets them: handles for binders, binders for its own, files. */
import {
  BINDER_TYPE_BINDER, BINDER_TYPE_FD, BINDER_TYPE_HANDLE, BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_WEAK_HANDLE, EBADF,
  EINVAL, EPERM,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../../machine.ts'
import type { FlatBinderObject } from '../../../state/binder/entries.ts'
import { BinderNode } from '../../../state/binder/process.ts'
import type { BinderContext, BinderProc, BinderRef } from '../../../state/binder/process.ts'
import { fget } from '../../../state/vfs/fdtable.ts'
import { decRef, incRef } from './references.ts'

/** A transaction's objects while they are handed over. */
export class Handover {
  readonly objects: FlatBinderObject[] = []
  readonly files = new Map<number, File>()
  readonly held: BinderRef[] = []

  /** Nothing of it is handed over. */
  drop(machine: Machine): void {
    for (const file of this.files.values()) machine.vfs.fput(file)
    for (const ref of this.held) decRef(ref, 'strong')
  }
}

/** The receiver's own object, or its handle for somebody's, which it holds until the buffer is freed. */
const given = (
  context: BinderContext, to: BinderProc, node: BinderNode, isWeak: boolean, handover: Handover,
): FlatBinderObject => {
  if (node.proc === to) {
    return { type: isWeak ? BINDER_TYPE_WEAK_BINDER : BINDER_TYPE_BINDER, binder: node.ptr, cookie: node.cookie }
  }
  const ref = to.refTo(node, node === context.manager)
  incRef(ref, 'strong')
  handover.held.push(ref)
  return { type: isWeak ? BINDER_TYPE_WEAK_HANDLE : BINDER_TYPE_HANDLE, handle: ref.handle, cookie: 0 }
}

/** The object of the sender's own at an address, which others can call from now on. */
const ownNode = (from: BinderProc, { binder = 0, cookie = 0, flags = 0 }: FlatBinderObject): BinderNode | number => {
  const known = from.nodes.get(binder)
  if (known !== undefined) return known.cookie === cookie ? known : -EINVAL
  const node = new BinderNode(from, binder, cookie, flags)
  from.nodes.set(binder, node)
  return node
}

const fileOf = (machine: Machine, from: BinderProc, to: BinderProc, fd: number, mayTake: boolean): File | number => {
  if (!mayTake) return -EPERM
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (machine.lsm.binder_transfer_file.ask(from.cred, to.cred, file) < 0) return -EPERM
  file.f_count++
  return file
}

/** Hands one object over: 0 or -errno. `mayTake`: the receiver accepts files. */
export const handOver = (
  machine: Machine, context: BinderContext, from: BinderProc, to: BinderProc, object: FlatBinderObject,
  mayTake: boolean, handover: Handover,
): number => {
  const { type } = object
  if (type === BINDER_TYPE_FD) {
    const file = fileOf(machine, from, to, object.fd ?? -1, mayTake)
    if (typeof file === 'number') return file
    handover.files.set(handover.objects.length, file)
    handover.objects.push({ type, fd: -1, cookie: object.cookie ?? 0 })
    return 0
  }
  const isOwn = type === BINDER_TYPE_BINDER || type === BINDER_TYPE_WEAK_BINDER
  if (!isOwn && type !== BINDER_TYPE_HANDLE && type !== BINDER_TYPE_WEAK_HANDLE) return -EINVAL
  const node = isOwn ? ownNode(from, object) : (from.refs.get(object.handle ?? -1)?.node ?? -EINVAL)
  if (typeof node === 'number') return node
  if (machine.lsm.binder_transfer_binder.ask(from.cred, to.cred) !== 0) return -EPERM
  const isWeak = type === BINDER_TYPE_WEAK_BINDER || type === BINDER_TYPE_WEAK_HANDLE
  handover.objects.push(given(context, to, node, isWeak, handover))
  return 0
}
