/** Packages that a command needs and the program does not: whoever wants it installs them. */
import { CommandError } from '../../command-error.ts'

/** Throws CommandError, with what to install. `also`: packages that it needs itself. */
export const optionalPackage = async <T>(name: string, place: string, ...also: readonly string[]): Promise<T> => {
  try {
    return await import(name) as T
  } catch (error) {
    throw new CommandError('badInput', `${place} needs ${name}, which cannot be loaded: ${(error as Error).message}`,
      `npm install ${[name, ...also].join(' ')}`)
  }
}
