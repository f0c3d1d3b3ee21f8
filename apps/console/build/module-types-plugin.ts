/** `virtual:module-types`: the address of a file with the declarations that the editor of modules reads. */
import type { Plugin } from 'vite'
import { moduleTypes } from './module-types.ts'

const NAME = 'virtual:module-types'

export const moduleTypesFile = (): Plugin => ({
  name: 'module-types',
  resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
  load(id) {
    if (id !== `\0${NAME}`) return null
    const source = JSON.stringify(moduleTypes())
    const file = this.emitFile({ type: 'asset', name: 'module-types.json', source })
    return `export default import.meta.ROLLUP_FILE_URL_${file}`
  },
})
