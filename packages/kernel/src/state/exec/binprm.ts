/** One execve in progress: `struct linux_binprm`, and the strings on their way to the new stack. */
import {
  _STK_LIM, ARG_MAX, BINPRM_BUF_SIZE, E2BIG, EFAULT, MAX_ARG_STRLEN, RLIMIT_STACK,
} from '@lsmkit/abi'
import type { Binprm, Cred, File, Rlimit, Task, Vma } from '@lsmkit/core'
import type { AddressSpace } from '../mm/address-space.ts'
import { signalOf } from '../task/thread.ts'
import { byteLength } from '../vfs/names.ts'

export class ExecBinprm implements Binprm {
  cred: Cred = null as unknown as Cred
  file: File
  executable: File | null = null
  /** Set by a format that hands over to an interpreter. */
  interpreter: File | null = null
  readonly filename: string
  interp: string
  unsafe = 0
  per_clear = 0
  secureexec = false
  argc = 0
  envc = 0
  buf = new Uint8Array(BINPRM_BUF_SIZE)
  mm: AddressSpace | null = null
  /** The new stack. */
  vma: Vma | null = null
  point_of_no_return = false
  is_check = false
  argv: string[] = []
  envp: string[] = []
  /** The name came from a descriptor alone: comm is taken from the file. */
  readonly comm_from_dentry: boolean
  /** The name goes through a descriptor that the exec will close. */
  readonly path_inaccessible: boolean
  /** The program must not be dumped: its file cannot be read. */
  enforce_nondump = false
  readonly rlim_stack: Rlimit
  /** Bytes of strings, and how many there may be. */
  #bytes = 0
  #limit = 0

  constructor(me: Task, file: File, filename: string, comm_from_dentry: boolean, path_inaccessible: boolean) {
    this.file = file
    this.filename = this.interp = filename
    this.comm_from_dentry = comm_from_dentry
    this.path_inaccessible = path_inaccessible
    this.rlim_stack = { ...signalOf(me).rlim[RLIMIT_STACK]! }
  }

  /** As `bprm_stack_limits`: a quarter of the stack, at least 128 KiB, without the room for pointers. */
  #setLimit(): number {
    const strings = Math.max(Math.min((_STK_LIM / 4) * 3, this.rlim_stack.rlim_cur / 4), ARG_MAX)
    const pointers = (Math.max(this.argc, 1) + this.envc) * 8
    if (strings <= pointers) return -E2BIG
    this.#limit = strings - pointers
    return 0
  }

  /** As `copy_string`: counts one string with its NUL. */
  addString(text: string): number {
    const length = byteLength(text) + 1
    if (length > MAX_ARG_STRLEN) return -E2BIG
    this.#bytes += length
    return this.#bytes > this.#limit ? -E2BIG : 0
  }

  #dropString(text: string): void {
    this.#bytes -= byteLength(text) + 1
  }

  /** Takes the caller's vectors in: 0, -E2BIG, or -EFAULT for something that is not a list of strings. */
  copyVectors(argv: readonly string[] | null, envp: readonly string[] | null): number {
    if ((argv !== null && !isStrings(argv)) || (envp !== null && !isStrings(envp))) return -EFAULT
    this.argc = argv?.length ?? 0
    this.envc = envp?.length ?? 0
    let rc = this.#setLimit()
    if (rc === 0) rc = this.addString(this.filename)
    for (const text of [...(envp ?? []), ...(argv ?? [])]) if (rc === 0) rc = this.addString(text)
    if (rc !== 0) return rc
    this.argv = [...(argv ?? [])]
    this.envp = [...(envp ?? [])]
    if (this.argc !== 0) return 0
    // an empty argv would let programs walk into the environment
    this.argv = ['']
    this.argc = 1
    return this.addString('')
  }

  /**
   * As `remove_arg_zero` and the copies of load_script: a script's name and its interpreter take the place of
   * argv[0].
   */
  spliceArgs(front: readonly string[]): number {
    const [zero] = this.argv
    if (zero === undefined) return -EFAULT
    this.#dropString(zero)
    for (const text of [...front].reverse()) {
      const rc = this.addString(text)
      if (rc !== 0) return rc
    }
    this.argv = [...front, ...this.argv.slice(1)]
    this.argc = this.argv.length
    return 0
  }
}

const isStrings = (list: readonly unknown[]): boolean =>
  Array.isArray(list) && list.every((text) => typeof text === 'string')
