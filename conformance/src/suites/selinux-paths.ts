/** Labels of paths of all kinds of files, compared with matchpathcon; `record/selinux-labels` makes the tables. */
import { readFileContexts } from '../selinux/file-context-table.ts'
import { fileKinds } from './selinux-labels.ts'
import { UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

export const selinuxPaths: Suite = {
  options: ['file-contexts'],
  async *run(inputs, options): AsyncGenerator<Row> {
    if (options['file-contexts'] === undefined) throw new UsageError('`selinux-paths` needs `--file-contexts`')
    const contexts = await readFileContexts(options['file-contexts'])
    for (const { text } of inputs) {
      for (const line of text.split('\n')) {
        if (line === '') continue
        const [path = '', kind = '', expected = ''] = line.split('\t')
        const mode = fileKinds.get(kind)
        const got = mode === undefined ? 'no such kind' : contexts.lookup(path, mode) ?? '!'
        yield { id: `${path} ${kind}`, expected, got }
      }
    }
  },
}
