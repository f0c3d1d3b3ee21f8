/** The questions at a terminal, for what the command line did not say. */
import { cancel, intro, isCancel, select, text } from '@clack/prompts'
import { faultOfName } from './names.ts'
import { templates } from './templates.ts'

interface Wish {
  readonly name: string | undefined
  readonly template: string | undefined
}

/** Null when the person went away. */
export const askFor = async (wish: Wish): Promise<{ name: string; template: string } | null> => {
  if (wish.name === undefined || wish.template === undefined) intro('A new module for lsmkit')
  const name = wish.name ?? (await askName())
  const template = isCancel(name) ? name : (wish.template ?? (await askTemplate()))
  if (isCancel(name) || isCancel(template)) {
    cancel('Nothing was made.')
    return null
  }
  return { name, template }
}

const askName = () =>
  text({
    message: 'What is it called?',
    placeholder: 'my-lsm',
    defaultValue: 'my-lsm',
    validate: (value) => (value === undefined || value === '' ? undefined : (faultOfName(value) ?? undefined)),
  })

const askTemplate = () =>
  select({
    message: 'What shall it be?',
    options: Object.entries(templates).map(([value, { does }]) => ({ value, label: value, hint: does })),
  })
