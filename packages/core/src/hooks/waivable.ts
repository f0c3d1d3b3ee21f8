/**
 * Which refusals can be waived for a permissive module. Derived from the hook table where possible: if an answer of 0
 * means that the module has done something, or the hook hands something back, it gives no verdict that could be
 * overruled.
 */
import type { HookName } from './hook-defs.ts'
import type { AnyHookDef } from './hook-types.ts'

const FACT = 'its answer is a fact, not a verdict'
const WORK = 'a refusal leaves the work of the module undone'

/** What the C prototypes do not show. */
const kept: { readonly [N in HookName]?: string } = {
  vm_enough_memory: 'it withdraws a reserve of memory and refuses nothing',
  inode_xattr_skipcap: FACT,
  inode_need_killpriv: FACT,
  inode_listsecurity: FACT,
  ismaclabel: FACT,
  audit_rule_known: FACT,
  audit_rule_match: FACT,
  fs_context_submount: WORK,
  fs_context_dup: WORK,
  sb_show_options: WORK,
  dentry_create_files_as: WORK,
  kernfs_init_security: WORK,
  inode_killpriv: WORK,
  inode_setintegrity: WORK,
  inode_notifysecctx: WORK,
  inode_setsecctx: WORK,
  kernel_act_as: WORK,
  kernel_create_files_as: WORK,
  socket_post_create: WORK,
  xfrm_state_alloc: WORK,
  xfrm_state_alloc_acquire: WORK,
  bdev_setintegrity: WORK,
  task_fix_setuid: 'a refusal has a side effect: SafeSetID kills the task',
  task_fix_setgid: 'a refusal has a side effect: SafeSetID kills the task',
  task_fix_setgroups: 'a refusal has a side effect: SafeSetID kills the task',
}

/** `char **value`, `u32 *secid`. */
const isOutput = (param: string): boolean =>
  param.includes('**') || /^(u8|u16|u32|int|unsigned int|unsigned long|size_t|bool) \*/.test(param)

/** Why a permissive module is obeyed on this hook all the same; null where its refusals are waived. */
export const obeyedBecause = (name: string, def: AnyHookDef): string | null => {
  if (def.ret === 'void') return 'it is a notification, not a question'
  if (def.default !== 0) return '0 is an answer of its own here'
  if (def.allocates !== null) return 'it allocates the state of an object'
  if (def.params.split(', ').some(isOutput)) return 'it hands something back'
  return kept[name as HookName] ?? null
}
