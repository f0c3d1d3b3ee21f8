/**
 * The commands of just-bash as programs of the tree: files that execve loads. So each has a label and a mode of its
 * own, may be taken away, and is asked about like any other program.
 */
import { EEXIST } from '@lsmkit/abi'
import { hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { getCommandNames } from 'just-bash'

/** What a file begins with that is such a program; which one it is, its name says. */
const MAGIC = new TextEncoder().encode('\x7fjust-bash\n')

/** What a shell does itself, as bash does. */
const builtins: ReadonlySet<string> = new Set([
  'alias', 'echo', 'false', 'help', 'history', 'printf', 'pwd', 'time', 'true', 'unalias',
])

/** All that just-bash has without options of its own. */
export const programNames: readonly string[] = getCommandNames()

export const isBuiltin = (name: string): boolean => builtins.has(name)

/** Programs that start others, and read files as scripts for that. */
export const starters: ReadonlySet<string> = new Set(['bash', 'env', 'find', 'sh', 'time', 'timeout', 'xargs'])

/** Whether the program may start others: `rg --pre` does. */
export const starts = (name: string): boolean => starters.has(name) || name === 'rg'

/** Runs a program of the tree that is not a command, by its path: `lsmkit-exec PATH ARGS`. A shell alone has it. */
export const EXEC = 'lsmkit-exec'

/** The most arguments that just-bash hands to a script. */
const MOST_ARGUMENTS = 9

/** just-bash takes every file that it does not know for a script: this is the one that it gets for a program. */
export const programScript = `if [ $# -gt ${MOST_ARGUMENTS} ]; then
  echo "bash: $0: more than ${MOST_ARGUMENTS} arguments: put the program into /bin" >&2
  exit 126
fi
/bin/${EXEC} "$0" "$@"
`

const WASM = '\0asm'
export const isProgramText = (text: string): boolean => text.startsWith(WASM)

/** What runs such a program is whoever has executed it; from elsewhere it ends at once. */
const notHere = (): number => 126

/** A kernel knows the format once. */
const known = new WeakSet<Kernel['machine']>()

export const addFormat = ({ machine }: Kernel): void => {
  if (known.has(machine)) return
  known.add(machine)
  const isOurs = (start: Uint8Array): boolean => MAGIC.every((byte, i) => start[i] === byte)
  machine.exec.registerBinfmt(hostFormat(machine, 'just-bash', isOurs, notHere))
}

/** The program of an image is one of these. */
export const isProgram = (program: unknown): boolean => program === notHere

/**
 * Writes a program into `dir` for each command that is not there yet. `/usr/bin` becomes a link to `/bin` where the
 * tree has none, since just-bash looks for commands in these two.
 */
export const installPrograms = (files: TaskFiles, dir = '/bin', names: readonly string[] = programNames): void => {
  files.mkdirs(dir, 0o755)
  for (const name of names) {
    const path = `${dir}/${name}`
    if (files.exists(path)) continue
    files.writeFile(path, MAGIC)
    files.chmod(path, 0o755)
  }
  if (dir !== '/bin') return
  files.mkdirs('/usr', 0o755)
  try {
    files.symlink('/bin', '/usr/bin')
  } catch (error) {
    if (!(error instanceof FileError && error.errno === -EEXIST)) throw error
  }
}
