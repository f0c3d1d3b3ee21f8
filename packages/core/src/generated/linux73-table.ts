/** The keys of a stack with the hooks of 7.3. Written by scripts/generate-dispatch.ts. */
import { askKey, tellKey } from '../dispatch/key.ts'
import type { Answers } from '../dispatch/key.ts'
import type { Linux73KeyMap } from '../hooks/release-hook-defs.ts'
import { SharedKeys } from './shared-keys.ts'

type AskKey = ReturnType<typeof askKey>
type TellKey = ReturnType<typeof tellKey>

class Keys extends SharedKeys {
  declare readonly inode_getlsmprop: TellKey
  declare readonly current_getlsmprop_subj: TellKey
  declare readonly task_getlsmprop_obj: TellKey
  declare readonly ipc_getlsmprop: TellKey
  declare readonly cred_getlsmprop: TellKey
  declare readonly lsmprop_to_secctx: AskKey
  declare readonly uring_allowed: AskKey
  declare readonly inode_file_setattr: AskKey
  declare readonly inode_file_getattr: AskKey
  declare readonly backing_file_alloc: AskKey
  declare readonly backing_file_free: TellKey
  declare readonly mmap_backing_file: AskKey
  declare readonly unix_find: AskKey

  constructor(answers: Answers) {
    super(answers)
    this.inode_getlsmprop = tellKey(answers.inode_getlsmprop!)
    this.current_getlsmprop_subj = tellKey(answers.current_getlsmprop_subj!)
    this.task_getlsmprop_obj = tellKey(answers.task_getlsmprop_obj!)
    this.ipc_getlsmprop = tellKey(answers.ipc_getlsmprop!)
    this.cred_getlsmprop = tellKey(answers.cred_getlsmprop!)
    this.lsmprop_to_secctx = askKey(answers.lsmprop_to_secctx!)
    this.uring_allowed = askKey(answers.uring_allowed!)
    this.inode_file_setattr = askKey(answers.inode_file_setattr!)
    this.inode_file_getattr = askKey(answers.inode_file_getattr!)
    this.backing_file_alloc = askKey(answers.backing_file_alloc!)
    this.backing_file_free = tellKey(answers.backing_file_free!)
    this.mmap_backing_file = askKey(answers.mmap_backing_file!)
    this.unix_find = askKey(answers.unix_find!)
  }
}

/** What a kernel is given: `lsm.file_open.ask(file)` for int hooks, `lsm.task_free.tell(task)` for void hooks. */
export type Linux73Table = Linux73KeyMap
export const Linux73Table = Keys as unknown as new (answers: Answers) => Linux73Table
