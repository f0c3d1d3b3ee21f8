/**
 * What a machine's account should say: the bytes that all objects hold which can be reached from its tasks, mounts and
 * control groups. The walk knows nothing of how objects were charged; whatever is charged and cannot be reached is a
 * leak, whatever is reached and was given back is one that will be given back twice.
 */
import type { Cred, UserNamespace } from '@lsmkit/core'
import { Holder, MemoryAccount } from '../state/host-memory.ts'
import type { Machine } from '../machine.ts'
import { KernfsNode } from '../state/kernfs/node.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'

/** Ways out of the kernel, and back to the whole of it. */
const NOT_FOLLOWED: ReadonlySet<string> = new Set(['lsm', 'machine', 'stack', 'security', 'current'])

const isCred = (object: object): object is Cred => 'cap_effective' in object && 'group_info' in object
const isUserNs = (object: object): object is UserNamespace => 'uid_map' in object && 'level' in object
const isPlainNs = (object: object, kind: string): object is PlainNamespace =>
  'inum' in object && 'kind' in object && object.kind === kind

export const heldBy = (machine: Machine): number => {
  const seen = new Set<object>()
  const rest: unknown[] = [
    [...machine.tasks.byPid.values()], machine.vfs.allMounts, machine.cgroups.root, machine.tasks.processes,
  ]
  let bytes = 0
  for (let at = rest.pop(); rest.length > 0 || at !== undefined; at = rest.pop()) {
    if (typeof at !== 'object' || at === null || seen.has(at) || ArrayBuffer.isView(at)) continue
    if (at instanceof MemoryAccount) continue
    seen.add(at)
    if (at instanceof Holder) bytes += at.held
    if (isCred(at) && at !== machine.init_cred) bytes += machine.creds.costOf(at)
    if (isUserNs(at)) bytes += machine.userNs.heldBy(at)
    if (isPlainNs(at, 'ipc')) rest.push(machine.ipc.namespaces.of(at))
    if (isPlainNs(at, 'net')) rest.push(machine.net.controlSocketsOf(at))
    // its members are private, so the loop below does not see them
    if (at instanceof KernfsNode) rest.push([...at.nodes], at.unseen)
    if (at instanceof Map) for (const [key, value] of at) rest.push(key, value)
    else if (at instanceof Set || Array.isArray(at)) for (const one of at) rest.push(one)
    for (const [name, value] of Object.entries(at)) if (!NOT_FOLLOWED.has(name)) rest.push(value)
  }
  return bytes
}
