/** The directory that an `apply` leaves which was ended in its middle, as by `kill -9`: the next box finds it. */
import type { HostTree } from '@lsmkit/kernel/hostfs'
import { SandboxError } from '../sandbox-error.ts'
import { pathInBox } from './change.ts'
import { hostBytes } from './contents.ts'
import type { CowFolder } from './cow-folder.ts'
import { joined } from './differences.ts'

/** Names of staging directories begin so. */
export const STAGING = '.lsmkit-apply-'
/** The file in it that says what is kept: a line of JSON for each, `["3","src/a.ts"]`. */
export const NAMES = 'names'
const MOST_NAMES = 2 ** 24

/** Files and directories that were taken from their names, or replaced. */
export interface Unfinished {
  /** The staging directory. */
  readonly directory: string
  /** `file` in it is what lay at `path`. */
  readonly kept: readonly { readonly file: string; readonly path: string }[]
}

const namesIn = (tree: HostTree, directory: string): readonly (readonly [file: string, path: string])[] => {
  if (tree.stat(joined(directory, NAMES))?.kind !== 'file') return []
  const text = new TextDecoder().decode(hostBytes(tree, joined(directory, NAMES), MOST_NAMES) ?? new Uint8Array(0))
  // the last line may be cut
  return text.split('\n').slice(0, -1).flatMap((line) => {
    try {
      return [JSON.parse(line) as [string, string]]
    } catch {
      return []
    }
  })
}

export const unfinishedIn = (tree: HostTree): readonly Unfinished[] => {
  tree.forget()
  return tree.list('').filter((name) => name.startsWith(STAGING)).map((directory) => ({
    directory,
    kept: namesIn(tree, directory).filter(([file]) => /^\d+$/.test(file) && tree.stat(joined(directory, file)) !== null)
      .map(([file, path]) => ({ file: joined(directory, file), path })),
  }))
}

/** Throws SandboxError with all that the last `apply` has left. */
export const assertFinished = ({ tree, target }: CowFolder): void => {
  const [first] = unfinishedIn(tree)
  if (first === undefined) return
  const { directory, kept } = first
  const message = `an apply was ended in its middle, or goes on: \`${pathInBox(target, directory)}\` is left of it`
  throw new SandboxError('unfinished', message, {
    place: 'apply',
    places: kept.map(({ file, path }) => ({ path: pathInBox(target, path), reason: `what lay there is \`${file}\`` })),
    hint: 'bring back what you miss and remove that directory, or say { overwrite: true }',
  })
}
