/** Errors of Android's files, as the command line prints them. */
import { AndroidError } from '@lsmkit/selinux/android'
import { CommandError } from '../../../command-error.ts'
import { withCommandErrors } from '../errors.ts'

export const withAndroidErrors = <T>(work: () => T): T => withCommandErrors(() => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AndroidError)) throw error
    const place = error.place === null ? '' : `${error.place}: `
    throw new CommandError('badInput', `${place}${error.summary}`, error.hint ?? undefined)
  }
})
