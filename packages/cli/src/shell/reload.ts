/** The shell's side of `lsm shell --watch`: a message asks it to end, and its exit code says that its tree is kept. */

/** Exit code of a shell that was asked to end, and has saved its tree. */
export const RELOADED = 250
/** The message of a shell that has its prompt. */
export const RUNNING = 'running'

/** Settles when the watching process asks for an end; never where nobody watches. */
export const reloadRequest = (): Promise<'reload'> =>
  new Promise((settle) => {
    if (process.send === undefined) return
    process.once('message', () => settle('reload'))
    process.send(RUNNING)
  })
