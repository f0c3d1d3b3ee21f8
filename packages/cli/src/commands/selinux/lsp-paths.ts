/** Folders around the file that an editor has open. */
import { dirname, isAbsolute, relative } from 'node:path'

export const isWithin = (folder: string, path: string): boolean => {
  const from = relative(folder, path)
  return from !== '' && !from.startsWith('..') && !isAbsolute(from)
}

/** The nearest first. */
export const parentsOf = (folder: string): string[] => {
  const parents: string[] = []
  for (let at = folder; dirname(at) !== at; at = dirname(at)) parents.push(dirname(at))
  return parents
}
