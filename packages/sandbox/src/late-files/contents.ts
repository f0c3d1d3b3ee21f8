/** Files that a box begins with: contents, or functions of the host that give them when they are first needed. */
import { EIO, errnoByName, ownValue } from '@lsmkit/abi'
import { aFunction, aString, bytes, either, recordOf } from '@lsmkit/core/option-rules'

type Contents = string | Uint8Array

/** By path of the box. An error with an errno as its `code` is that error in the program; anything else is EIO. */
export type BoxFilesOption = Readonly<Record<string, Contents | (() => Contents | Promise<Contents>)>>

export const filesRule = recordOf(either(either(aString, bytes), aFunction))

/** As data: null for a function. */
export type FilesData = Readonly<Record<string, Uint8Array | null>>
/** Bytes, or -errno. */
export type FileAnswer = Uint8Array | number
export type AskContents = (path: string) => Promise<FileAnswer>

const asBytes = (contents: unknown): Uint8Array | null =>
  (typeof contents === 'string' ? new TextEncoder().encode(contents)
    : contents instanceof Uint8Array ? contents : null)

export const filesData = (files: BoxFilesOption): FilesData =>
  Object.fromEntries(Object.entries(files).map(([path, one]) =>
    [path, typeof one === 'function' ? null : asBytes(one)]))

/** Where the functions are: asks one. */
export const answerFile = async (files: BoxFilesOption, path: string): Promise<FileAnswer> => {
  const give = ownValue(files, path)
  if (typeof give !== 'function') return -EIO
  try {
    return asBytes(await give()) ?? -EIO
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code
    return -((typeof code === 'string' ? errnoByName(code) : undefined) ?? EIO)
  }
}
