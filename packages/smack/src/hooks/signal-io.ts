/** SIGIO: the owner of a file sends it, whoever runs at the moment. */
import { CAP_MAC_OVERRIDE } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { access } from '../access.ts'
import { record } from '../audit.ts'
import { noteLabels } from '../bringup.ts'
import { errnoOf } from '../checks.ts'
import { ALLOW, isDenied, isReported, OVERRIDE, withVerdict } from '../decision.ts'
import { credPrivileged, taskLabel } from '../state.ts'
import type { Smack } from '../state.ts'
import { deliver } from './task.ts'

export const sigioHooks: HookTable<Smack> = {
  /** The target's own CAP_MAC_OVERRIDE lets the signal in. */
  file_send_sigiotask(smack, tsk, fown) {
    const subject = smack.blobs.file(fown.file).label
    const object = taskLabel(smack, tsk)
    const request = deliver(smack)
    let decision = access(smack.policy, subject, object, request)
    noteLabels(smack, 'sigiotask', subject, object, request, decision)
    if (isReported(decision)) decision = withVerdict(decision, ALLOW)
    if (isDenied(decision) && credPrivileged(smack, tsk.real_cred, CAP_MAC_OVERRIDE)) decision = OVERRIDE
    record(smack, { fn: 'smack_file_send_sigiotask', subject, object, request }, decision, 'task', tsk)
    return errnoOf(smack, decision, subject, object, request)
  },
}
