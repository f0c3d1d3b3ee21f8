/** `--watch`, and the stop in front of a command that has it; `watch.ts` is loaded when one is watched. */
import { Option } from 'commander'
import type { Command } from 'commander'

/** Of a command that runs again; a command may have another option of that name. */
class FileWatchOption extends Option {}

export const watchOption = (text = 'runs again when a file that it reads changes'): Option =>
  new FileWatchOption('--watch', text)

/** Thrown in front of the action of a command that is to be watched; no error. */
export class WatchRequest {
  readonly command: Command

  constructor(command: Command) {
    this.command = command
  }
}

export const hookWatch = (program: Command): Command =>
  program.hook('preAction', (_program, command) => {
    const isOwn = command.options.some((option) => option instanceof FileWatchOption)
    if (isOwn && (command.opts() as { watch?: boolean }).watch === true) throw new WatchRequest(command)
  })
