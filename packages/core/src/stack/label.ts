/** The security context of the current task, as audit_log_task_context asks for it. */
import type { KeyMap } from '../hooks/hook-defs.ts'
import { ref } from '../objects/ref.ts'

/** null if no LSM of the stack gives contexts, or the one that does refuses. */
export const currentLabel = (lsm: KeyMap): string | null => {
  const secid = ref(0)
  lsm.current_getsecid_subj.tell(secid)
  if (secid.value === 0) return null
  const context = ref<string | null>(null)
  const length = ref(0)
  if (lsm.secid_to_secctx.ask(secid.value, context, length) !== 0 || context.value === null) return null
  lsm.release_secctx.tell(context.value, length.value)
  return context.value
}
