/** Every generated file of the dispatch and the blobs, by its path in src. */
import { hookDefs } from '../src/hooks/hook-defs.ts'
import { nextHookDefs } from '../src/hooks/next-hook-defs.ts'
import { blobReaders } from './render-readers.ts'
import { lsmTable } from './render-table.ts'
import { askTemplates, listTemplates, tellTemplates } from './render-templates.ts'

export const generatedFiles = (): Record<string, string> => ({
  'dispatch/ask-templates.ts': askTemplates(),
  'dispatch/tell-templates.ts': tellTemplates(),
  'dispatch/list-templates.ts': listTemplates(),
  'blobs/readers.ts': blobReaders(),
  'lsm-table.ts': lsmTable(hookDefs, {
    table: 'LsmTable',
    map: 'KeyMap',
    from: 'hook-defs',
    says: 'The keys of a stack, one field a hook.',
  }),
  'next-lsm-table.ts': lsmTable(nextHookDefs, {
    table: 'NextLsmTable',
    map: 'NextKeyMap',
    from: 'next-hook-defs',
    says: 'The keys of a stack with the hooks of `next`.',
  }),
})
