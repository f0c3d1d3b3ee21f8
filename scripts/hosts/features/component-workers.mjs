import { askLater } from '../component.mjs'

export default () => askLater('workers')
