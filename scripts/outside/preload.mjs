/** Options of Node with which a program has the files of a task: from this clone, or from LSMKIT_PACKAGES. */
import { fileURLToPath } from 'node:url'

const sources = process.env.LSMKIT_PACKAGES === undefined ? ['--conditions=lsmkit:source'] : []

export const onTaskFs = [...sources, '--import', fileURLToPath(new URL('on-task-fs.mjs', import.meta.url))]
