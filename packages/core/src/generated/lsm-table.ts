/** The keys of a stack with the hooks of 6.12, one field a hook. Written by scripts/generate-dispatch.ts. */
import { askKey, tellKey } from '../dispatch/key.ts'
import type { Answers } from '../dispatch/key.ts'
import type { KeyMap } from '../hooks/hook-defs.ts'
import { SharedKeys } from './shared-keys.ts'

type AskKey = ReturnType<typeof askKey>
type TellKey = ReturnType<typeof tellKey>

class Keys extends SharedKeys {
  declare readonly inode_getsecid: TellKey
  declare readonly backing_file_alloc: AskKey
  declare readonly backing_file_free: TellKey
  declare readonly mmap_backing_file: AskKey
  declare readonly current_getsecid_subj: TellKey
  declare readonly task_getsecid_obj: TellKey
  declare readonly ipc_getsecid: TellKey

  constructor(answers: Answers) {
    super(answers)
    this.inode_getsecid = tellKey(answers.inode_getsecid!)
    this.backing_file_alloc = askKey(answers.backing_file_alloc!)
    this.backing_file_free = tellKey(answers.backing_file_free!)
    this.mmap_backing_file = askKey(answers.mmap_backing_file!)
    this.current_getsecid_subj = tellKey(answers.current_getsecid_subj!)
    this.task_getsecid_obj = tellKey(answers.task_getsecid_obj!)
    this.ipc_getsecid = tellKey(answers.ipc_getsecid!)
  }
}

/** What a kernel is given: `lsm.file_open.ask(file)` for int hooks, `lsm.task_free.tell(task)` for void hooks. */
export type LsmTable = KeyMap
export const LsmTable = Keys as unknown as new (answers: Answers) => LsmTable
