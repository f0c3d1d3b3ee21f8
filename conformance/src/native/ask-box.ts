/** The answers of a box of @lsmkit/sandbox: the same calls by a task under the same policy, on our kernel. */
import type { Policy } from '@lsmkit/sandbox'
import { createSandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import { answersWith } from './ask.ts'
import type { Answer } from './ask.ts'
import type { Question } from './questions.ts'
import { inet } from './target.ts'

export const boxAnswers = async (policy: Policy, questions: readonly Question[]): Promise<Answer[]> => {
  const box = await createSandbox({ ...policy, inline: true })
  try {
    const inside = insideOf(box)
    const { kernel: { sys } } = inside
    const task = inside.task()
    return answersWith({
      open: (path, flags, mode) => sys.openat(task, -100, path, flags, mode),
      close: (fd) => sys.close(task, fd),
      cut: (path, size) => sys.truncate(task, path, size),
      mkdir: (path) => sys.mkdir(task, path, 0o755),
      symlink: (path) => sys.symlink(task, 'x', path),
      // folders of the host keep no FIFOs in a box
      fifo: () => null,
      unlink: (path, flags) => sys.unlinkat(task, -100, path, flags),
      rename: (from, to) => sys.rename(task, from, to),
      link: (from, to) => sys.link(task, from, to),
      // executing ends a task: the model and the host's kernel answer
      execute: () => null,
      socket: () => sys.socket(task, 2, 1, 0),
      connect: (fd, port) => sys.connect(task, fd, inet(port), 16),
      bind: (fd, port) => sys.bind(task, fd, inet(port), 16),
    }, questions)
  } finally {
    await box.close()
  }
}
