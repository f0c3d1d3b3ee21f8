/** Names and targets of links that go everywhere, out of a few parts. */
import type { Random } from '../frame/random.ts'

/** Directories of every box; policies name some of them. */
export const DIRS = ['/job', '/job/in', '/job/in/deep', '/job/side', '/data', '/data/x', '/out', '/secret', '/project',
  '/project/src', '/project/src/lib', '/project/hidden'] as const
const PARTS = [
  'job', 'in', 'deep', 'side', 'data', 'x', 'out', 'secret', 'project', 'src', 'lib', 'hidden', 'canary', 'a', 'b',
  'link', 'moved-1',
]
const JUMPS = ['/proc/self/root', '/proc/1/root', '/proc/self/cwd', '/proc/self/fd/0', '/dev/fd/3', '/']

/** Few names in few directories, so that what one step makes another one meets. */
const HOT = ['a', 'b', 'link', 'in', 'src'] as const

/** `dots`: with `..` here and there; `near`: directories that guests may write, where half of all happens. */
export const anyPath = (random: Random, dots: boolean, near: readonly string[] = []): string => {
  if (near.length > 0 && random.oneIn(2)) {
    const path = `${random.pick(near)}/${random.pick(HOT)}`
    return random.oneIn(3) ? `${path}/${random.pick(['canary', ...HOT])}` : path
  }
  const base = random.oneIn(8) && dots ? random.pick(JUMPS) : random.pick<string>(DIRS)
  let path = base === '/' ? '' : base
  for (let depth = random.below(4); depth > 0; depth--) {
    path += `/${dots && random.oneIn(6) ? '..' : random.pick(PARTS)}`
  }
  return path === '' ? '/' : path
}

/** The text of a link. */
export const anyTarget = (random: Random): string => {
  if (random.oneIn(2)) return `${random.pick<string>(DIRS)}${random.oneIn(3) ? '/canary' : ''}`
  if (random.oneIn(3)) return random.pick(['.', '..', '../..', '../../..', 'a', 'link', '../secret', '../project'])
  return anyPath(random, true)
}

/** Some of them, in no order. */
const some = (random: Random, from: readonly string[], most: number): string[] =>
  Array.from({ length: random.below(most + 1) }, () => random.pick(from))

export const anyAllow = (random: Random): { read: string[]; write: string[]; exec: string[] } => {
  const names = [...DIRS.filter((dir) => dir !== '/secret'), '/project/link', '/project/up/src', '/job/new',
    '/proc', '/dev/null']
  return {
    read: some(random, names, 3), exec: some(random, names, 1),
    write: [...some(random, names, 2), ...(random.oneIn(4) ? [] : ['/job'])],
  }
}
