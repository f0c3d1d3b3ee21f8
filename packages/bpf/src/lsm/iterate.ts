/** The targets of iterators: the kernel's tasks, their memory and files, maps and control groups. */
import { EAGAIN, ownValue } from '@lsmkit/abi'
import type { Cgroup, CgroupTree, File, Task } from '@lsmkit/core'
import { aBoolean, anObject } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { shownGroup } from '../kobject/group-members.ts'
import type { BpfMap } from '../maps/bpf-map.ts'
import { iteratorParams } from '../vmlinux/functions.ts'
import type { ShownLink, ShownProgram } from './roster.ts'
import { SeqFile } from './seq-file.ts'

export interface IterateOptions {
  /** That thread alone, of iterators over tasks, their files and memory. */
  readonly task?: Task
  /** That group and those below it, of iterators over control groups; the root unless given. */
  readonly cgroup?: Cgroup
  /** From the group up to the root, and not down. */
  readonly up?: boolean
}

export const iterateRules: OptionRules<IterateOptions> = { task: anObject, cgroup: anObject, up: aBoolean }

/** The targets of iterators. */
export interface Iterated {
  /** All threads, a process's leader before its others. */
  tasks(): Iterable<Task>
  maps(): Iterable<BpfMap>
  programs(): Iterable<ShownProgram>
  links(): Iterable<ShownLink>
  groups(): CgroupTree
}

type Element = readonly unknown[]

/** Threads that share their files with a leader that is shown show nothing of their own. */
function* owners({ tasks }: Iterated, { task }: IterateOptions): Generator<Task> {
  if (task !== undefined) return yield task
  for (const one of tasks()) if (one.group_leader === one || one.files !== one.group_leader?.files) yield one
}

function* below(tree: CgroupTree, group: Cgroup): Generator<Cgroup> {
  yield group
  for (const child of tree.children(group)) yield* below(tree, child)
}

function* above(group: Cgroup | null): Generator<Cgroup> {
  for (let at = group; at !== null; at = at.parent) yield at
}

type Walk = (all: Iterated, options: IterateOptions) => Iterable<Element>

const walks: Readonly<Record<string, Walk>> = {
  *task({ tasks }, { task }) {
    for (const one of task === undefined ? tasks() : [task]) yield [one]
  },
  *task_vma(all, options) {
    for (const one of owners(all, options)) for (const vma of one.mm?.vmas ?? []) yield [one, vma]
  },
  *task_file(all, options) {
    for (const one of owners(all, options)) {
      for (const [fd, file] of openFiles(one)) yield [one, fd, file]
    }
  },
  *bpf_map({ maps }) {
    for (const map of maps()) {
      yield [{
        id: map.id, map_type: map.type, key_size: map.keySize, value_size: map.valueSize, max_entries: map.maxEntries,
        map_flags: map.flags, name: map.name, security: null,
      }]
    }
  },
  *bpf_prog({ programs }) {
    for (const program of programs()) yield [program]
  },
  *bpf_link({ links }) {
    for (const link of links()) yield [link]
  },
  *cgroup({ groups }, { cgroup, up = false }) {
    const tree = groups()
    const from = cgroup ?? tree.root
    for (const group of up ? above(from) : below(tree, from)) yield [shownGroup(group, () => tree.id(group))]
  },
}

/** How many arguments come after `meta`. */
const widthOf = (name: string): number => ownValue(iteratorParams, name)!.split(',').length

const openFiles = ({ files }: Task): (readonly [fd: number, file: File])[] =>
  (files?.fd ?? []).flatMap((file, fd) => (file === null ? [] : [[fd, file] as const]))

/**
 * Runs a program for each element, and once more for the end; returns the bytes it has written, or -errno if it breaks
 * off.
 */
export const iterate = (
  name: string, run: (...args: unknown[]) => number, all: Iterated, options: IterateOptions,
): Uint8Array | number => {
  const seq = new SeqFile()
  const meta = { seq, session_id: 1, seq_num: 0 }
  for (const element of ownValue(walks, name)?.(all, options) ?? []) {
    if (run(meta, ...element) !== 0) return -EAGAIN
    meta.seq_num++
  }
  run(meta, ...Array.from({ length: widthOf(name) }, () => null))
  return seq.bytes
}
