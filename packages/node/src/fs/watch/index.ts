/** `watch`, `watchFile` and `unwatchFile` of one task. */
import { posix } from 'node:path'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { wrongType } from '../arguments/argument-error.ts'
import { functionOf } from '../arguments/checks.ts'
import { looseOptions, namedOptions, optionRules } from '../arguments/options.ts'
import { pathOf } from '../arguments/paths.ts'
import type { NameEncoding, Path } from '../arguments/paths.ts'
import { watchIterator } from './iterator.ts'
import type { WatchEvent, WatchIteratorOptions } from './iterator.ts'
import { StatWatcher } from './stat-watcher.ts'
import type { StatListener, WatchFileOptions } from './stat-watcher.ts'
import { FSWatcher } from './watcher.ts'
import type { WatchListener, WatchOptions } from './watcher.ts'

export interface Watches {
  watch(path: Path, options: WatchOptions | NameEncoding, listener?: WatchListener): FSWatcher
  watch(path: Path, listener?: WatchListener): FSWatcher
  watchFile(path: Path, options: WatchFileOptions, listener: StatListener): StatWatcher
  watchFile(path: Path, listener: StatListener): StatWatcher
  unwatchFile(path: Path, listener?: StatListener): void
}

export const watchesOf = (files: TaskFiles): Watches => {
  /** By whole paths. */
  const statWatchers = new Map<string, StatWatcher>()
  const keyOf = (path: Path): string => posix.resolve(files.cwd(), pathOf(path, 'filename'))
  return {
    watch: (path: Path, given?: unknown, then?: WatchListener) => {
      const name = pathOf(path, 'filename')
      const listener = typeof given === 'function' ? given as WatchListener : then
      const watcher = new FSWatcher(files, name, namedOptions(given, optionRules.watch))
      if (listener !== undefined) watcher.on('change', functionOf(listener, 'listener'))
      return watcher
    },
    watchFile: (path: Path, given: unknown, then?: StatListener) => {
      const key = keyOf(path)
      const [options, listener] = typeof given === 'function' ? [undefined, given] : [given, then]
      if (typeof listener !== 'function') throw wrongType('listener', ['Function'], listener)
      const watcher = statWatchers.get(key) ?? new StatWatcher(files, key, looseOptions(options, optionRules.watchFile))
      statWatchers.set(key, watcher)
      watcher.on('change', listener as StatListener)
      return watcher
    },
    unwatchFile: (path: Path, listener?: StatListener) => {
      const key = keyOf(path)
      const watcher = statWatchers.get(key)
      if (watcher === undefined) return
      if (listener === undefined) watcher.removeAllListeners('change')
      else watcher.off('change', listener)
      if (watcher.listenerCount('change') > 0) return
      watcher.stop()
      statWatchers.delete(key)
    },
  }
}

/** `fs.promises.watch`. */
export const watchLater = (
  files: TaskFiles, path: Path, options?: WatchIteratorOptions | NameEncoding,
): AsyncGenerator<WatchEvent, void> =>
  watchIterator(files, pathOf(path, 'filename'), namedOptions(options, optionRules.watch))
