/** The keys of a stack with the hooks of 6.18. Written by scripts/generate-dispatch.ts. */
import { askKey, tellKey } from '../dispatch/key.ts'
import type { Answers } from '../dispatch/key.ts'
import type { Linux618KeyMap } from '../hooks/release-hook-defs.ts'
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
  }
}

/** What a kernel is given: `lsm.file_open.ask(file)` for int hooks, `lsm.task_free.tell(task)` for void hooks. */
export type Linux618Table = Linux618KeyMap
export const Linux618Table = Keys as unknown as new (answers: Answers) => Linux618Table
