/** A stack put together at a prompt: which LSMs, and then in which order. */
import { ownValue } from '@lsmkit/abi'
import { cancel, isCancel, multiselect, select } from '@clack/prompts'
import { modules } from './stacks.ts'

const about: Readonly<Record<string, string>> = {
  capability: 'is there in any case, in front',
  smack: 'labels and rules, loaded through smackfs',
  yama: 'who may trace whom',
  lockdown: 'what nobody may do to the kernel, at level integrity',
  safesetid: 'which ids a task may change to, by a policy that somebody writes',
  loadpin: 'all that the kernel loads comes from one file system',
  landlock: 'a program leaves itself a few folders',
  selinux: 'domains and types, by a policy compiled from CIL',
  warden: 'the LSM of examples/own-lsm',
}

/** Names in the order that is wanted; null when the person has had enough. Talks on stderr. */
export const askStack = async (): Promise<readonly string[] | null> => {
  const output = process.stderr
  const named = await multiselect({
    message: 'Which LSMs shall the stack have?',
    options: Object.keys(modules).map((name) => ({ value: name, label: name, hint: ownValue(about, name) ?? '' })),
    initialValues: ['capability', 'smack'],
    required: false,
    output,
  })
  if (isCancel(named)) return ended()
  const rest = named.filter((name) => name !== 'capability')
  const order: string[] = []
  while (rest.length > 1) {
    const next = await select({
      message: order.length === 0 ? 'Which is asked first, behind capability?' : `And behind ${order.at(-1)}?`,
      options: rest.map((name) => ({ value: name, label: name })),
      output,
    })
    if (isCancel(next)) return ended()
    order.push(...rest.splice(rest.indexOf(next), 1))
  }
  return ['capability', ...order, ...rest]
}

const ended = (): null => {
  cancel('No tour then.', { output: process.stderr })
  return null
}
