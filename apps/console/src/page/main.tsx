/** The page: starts a kernel and shows it. */
import { render } from 'preact'
import { App } from './app.tsx'
import { boot, kernel } from './session.ts'
import { followTheme } from './theme.ts'

const place = document.querySelector('#app')!
place.replaceChildren()
followTheme()
render(<App />, place)
void boot()

// so that the browser test can measure what the page bears
Object.assign(globalThis, { lsmkitFlood: (decisions: number) => kernel().call('flood', decisions) })
