/** Commands that a task writes to its own attributes: `changeprofile NAME`, `exec NAME` (`do_setattr`). */
import { EINVAL, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, ownValue } from '@lsmkit/abi'
import { emitRecord } from '../audit/record.ts'
import { bytesName } from '../name.ts'
import { refreshCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { changeHatByText } from './change-hat.ts'
import { changeProfile } from './change-profile.ts'

type Command = (aa: Apparmor, argument: string) => number

/** The part of an argument before its first NUL. */
const plain = (argument: string): string => argument.split('\0')[0]!

const commands: Readonly<Record<number, Readonly<Record<string, Command>>>> = {
  [LSM_ATTR_CURRENT]: {
    changehat: (aa, argument) => changeHatByText(aa, argument, false),
    permhat: (aa, argument) => changeHatByText(aa, argument, true),
    changeprofile: (aa, argument) => changeProfile(aa, plain(argument), {}),
    permprofile: (aa, argument) => changeProfile(aa, plain(argument), { testing: true }),
    stack: (aa, argument) => changeProfile(aa, plain(argument), { stack: true }),
  },
  [LSM_ATTR_EXEC]: {
    exec: (aa, argument) => changeProfile(aa, plain(argument), { onexec: true }),
    stack: (aa, argument) => changeProfile(aa, plain(argument), { onexec: true, stack: true }),
  },
}

const infos: Readonly<Record<number, string>> = { [LSM_ATTR_CURRENT]: 'current', [LSM_ATTR_EXEC]: 'exec' }

/** Blanks at the end of the text before its first NUL, and in front. */
const SPLIT = /^[\t-\r \udca0]*([^ \0]*) ([^]*)$/

/** 0 or -errno. A command that is not known is recorded; one without argument is not. */
export const setAttribute = (aa: Apparmor, attribute: number, value: Uint8Array): number => {
  if (value.length === 0) return -EINVAL
  const [, word = '', rest = ''] = SPLIT.exec(trimmed(bytesName(value))) ?? []
  const argument = rest.replace(/^[\t-\r \udca0]+/, '')
  if (argument === '' || argument.startsWith('\0')) return -EINVAL
  const command = ownValue(commands[attribute], word)
  if (command !== undefined) return command(aa, argument)
  emitRecord(aa, 'DENIED', refreshCurrent(aa), {
    operation: 'setprocattr', class: null, info: infos[attribute] ?? 'invalid', error: -EINVAL,
  })
  return -EINVAL
}

/** As `strim`, of the text before the first NUL; what stands behind that stays. */
const trimmed = (text: string): string => {
  const [first = '', ...others] = text.split('\0')
  return [first.replace(/[\t-\r \udca0]+$/, ''), ...others].join('\0')
}
