/** Every generated file of the dispatch and the blobs, by its name in src/generated. */
import { hookDefs } from '../src/hooks/hook-defs.ts'
import { nextHookDefs } from '../src/hooks/next-hook-defs.ts'
import { linux618HookDefs, linux73HookDefs } from '../src/hooks/release-hook-defs.ts'
import { blobReaders } from './render-readers.ts'
import { lsmTable, sharedDefs, sharedTable } from './render-table.ts'
import { askTemplates, listTemplates, tellTemplates } from './render-templates.ts'

const shared = sharedDefs(hookDefs, [linux618HookDefs(), linux73HookDefs(), nextHookDefs()])

export const generatedFiles = (): Record<string, string> => ({
  'ask-templates.ts': askTemplates(),
  'tell-templates.ts': tellTemplates(),
  'list-templates.ts': listTemplates(),
  'blob-readers.ts': blobReaders(),
  'shared-keys.ts': sharedTable(shared),
  'lsm-table.ts': lsmTable(hookDefs, shared, {
    table: 'LsmTable',
    map: 'KeyMap',
    from: 'hook-defs',
    says: 'The keys of a stack with the hooks of 6.12, one field a hook.',
  }),
  'linux618-table.ts': lsmTable(linux618HookDefs(), shared, {
    table: 'Linux618Table',
    map: 'Linux618KeyMap',
    from: 'release-hook-defs',
    says: 'The keys of a stack with the hooks of 6.18.',
  }),
  'linux73-table.ts': lsmTable(linux73HookDefs(), shared, {
    table: 'Linux73Table',
    map: 'Linux73KeyMap',
    from: 'release-hook-defs',
    says: 'The keys of a stack with the hooks of 7.3.',
  }),
  'next-lsm-table.ts': lsmTable(nextHookDefs(), shared, {
    table: 'NextLsmTable',
    map: 'NextKeyMap',
    from: 'next-hook-defs',
    says: 'The keys of a stack with the hooks of `next`.',
  }),
})
