/** The theme of the site: VitePress's own, with contrasts and landmarks that a screen reader's user and axe expect. */
import DefaultTheme from 'vitepress/theme'
import { useRoute } from 'vitepress'
import { nextTick, onMounted, watch } from 'vue'
// eslint-disable-next-line import/no-unassigned-import -- a style sheet
import './contrast.css'

/** The home page of VitePress has no main landmark; pages of the guide have their own. */
const markHome = (): void => {
  const content = document.querySelector('#VPContent')
  if (content?.classList.contains('is-home')) content.setAttribute('role', 'main')
  else content?.removeAttribute('role')
}

export default {
  extends: DefaultTheme,
  setup() {
    const route = useRoute()
    onMounted(markHome)
    watch(() => route.path, () => nextTick(markHome))
  },
}
