/** Paths as text, without a tree to look names up in. */

/** `/a/./b/../c` as `/a/c`. */
export const normalPath = (path: string): string => {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}
