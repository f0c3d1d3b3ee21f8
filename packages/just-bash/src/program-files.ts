/**
 * The commands of just-bash as programs of the tree: files that execve loads. So each has a label and a mode of its
 * own, may be taken away, and is asked about like any other program.
 */
import { EEXIST } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'
import { FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'

/** The first bytes of such a program. Its name says which command it is. */
const MAGIC = new TextEncoder().encode('\x7fjust-bash\n')

/** What runs such a program is whoever has executed it; from elsewhere it ends at once. */
const notHere = (): number => 126

/** A kernel knows the format once. */
const known = new WeakSet<Kernel['machine']>()

export const addFormat = ({ machine }: Kernel): void => {
  if (known.has(machine)) return
  known.add(machine)
  const isOurs = (start: Uint8Array): boolean => MAGIC.every((byte, i) => start[i] === byte)
  machine.exec.registerHostFormat('just-bash', isOurs, notHere)
}

/** The program of an image is one of these. */
export const isProgram = (program: unknown): boolean => program === notHere

/**
 * Writes a program into `dir` for each command that is not there yet. `/usr/bin` becomes a link to `/bin` where the
 * tree has none, since just-bash looks for commands in these two.
 */
export const putPrograms = (files: TaskFiles, dir: string, names: readonly string[]): void => {
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
