/** Programs: the actor goes on as the test program, which says what it was given. */
import { AT_EMPTY_PATH, AT_FDCWD, AT_SECURE } from '@lsmkit/abi'
import { threadOf } from '@lsmkit/kernel'
import type { Actor, World } from '../world.ts'
import { name, slot } from './play.ts'
import type { Answer, Play } from './play.ts'

const ENVIRONMENT = ['LD_PRELOAD=x', 'TMPDIR=/t', 'X=1']

const answer = (world: World, { task }: Actor, rc: number): Answer => {
  if (rc !== 0) return [rc]
  const { image } = threadOf(task)
  const secure = image?.auxv.find(([tag]) => tag === AT_SECURE)?.[1] ?? 0
  // the loader of programs removes what could harm a secure one
  const left = secure === 0 ? 'LD,TM,X=' : 'X='
  return [0, `secure=${secure} env=${left}, euid=${world.kernel.sys.geteuid(task)}`]
}

export const execOperations: Readonly<Record<string, Play>> = {
  exec: (world, actor, [path]) =>
    answer(world, actor, world.kernel.sys.execve(actor.task, name(path), [name(path)], ENVIRONMENT)),
  execat: (world, actor, [path]) =>
    answer(world, actor, world.kernel.sys.execveat(actor.task, AT_FDCWD, name(path), [name(path)], ENVIRONMENT, 0)),
  execfd: (world, actor, [at]) =>
    answer(world, actor, world.kernel.sys.execveat(actor.task, slot(actor, at), '', ['x'], ENVIRONMENT, AT_EMPTY_PATH)),
}
