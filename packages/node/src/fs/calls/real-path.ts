/**
 * `realpath` as Node's own does it: a step at a time, and the error is that of the step. `realpath.native` and the
 * promise ask the kernel at once.
 */
import { S_IFLNK, S_IFMT } from '@lsmkit/abi'
import type { TaskFiles } from '@lsmkit/kernel/files'

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

/** Throws the FileError of the `lstat`, `stat` or `readlink` that failed. */
export const realPathByStep = (files: TaskFiles, path: string): string => {
  let todo = partsOf(path.startsWith('/') ? path : `${files.cwd()}/${path}`)
  // `..` of the path that was given is taken off before anything is looked up
  todo = todo.reduce<string[]>((done, part) => (part === '..' ? done.slice(0, -1) : [...done, part]), [])
  let real = ''
  while (todo.length > 0) {
    const [name, ...rest] = todo as [string, ...string[]]
    const here = `${real}/${name}`
    if ((files.lstat(here).mode & S_IFMT) !== S_IFLNK) {
      real = here
      todo = rest
      continue
    }
    // a link that leads nowhere or in a circle ends here
    files.stat(here)
    const text = files.readlink(here)
    const above = text.startsWith('/') ? [] : partsOf(real)
    todo = [...above, ...partsOf(text), ...rest]
      .reduce<string[]>((done, part) => (part === '..' ? done.slice(0, -1) : [...done, part]), [])
    real = ''
  }
  return real || '/'
}
