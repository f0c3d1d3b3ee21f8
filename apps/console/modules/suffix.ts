/** suffix: only root opens files whose names end in `.key`. Change the suffix, and press Run. */
import { EACCES } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'

export const suffix = () =>
  defineLsm({
    name: 'suffix',
    abi: '1.0',
    hooks: ({ current, audit }) => ({
      // Asked for every open(2), after the mode bits have agreed. 0 goes on, -errno refuses.
      file_open(file) {
        const { name } = file.f_path.dentry.d_name
        if (current.task.cred.euid === 0 || !name.endsWith('.key')) return 0
        return audit.deny(-EACCES, `${name}: names that end in .key are for root`)
      },
    }),
  })
