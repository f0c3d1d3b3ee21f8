/** Paths as text, without a tree to look names up in. */

/** Whether it is a path as `normalPath` makes them. */
export const isPath = (path: string): boolean => path === normalPath(path) && !path.includes('\0')

/** `/a/./b/../c` as `/a/c`. */
export const normalPath = (path: string): string => {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}
