/** The module that `npm run play` puts on the stack, with the default policy. */
import { readFileSync } from 'node:fs'
import { myLsm } from './index.ts'

const policy = readFileSync(new URL('../policy/default.policy', import.meta.url), 'utf8')

export default () => myLsm({ policy })
