/** How the console is served: on this address alone, to nobody who does not have the token, under a strict policy. */
import { request } from 'node:http'
import { equal, holds } from './harness.ts'
import type { Check } from './harness.ts'

const ask = (url: string, options: { readonly method?: string; readonly headers?: Record<string, string> } = {}) =>
  new Promise<{ readonly status: number; readonly headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    request(url, options, (answer) => {
      answer.resume()
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers }))
    }).on('error', reject).end()
  })

export const served: readonly Check[] = [
  ['served: only with its token, for its own host and page', async ({ url }) => {
    const { origin, host, port } = new URL(url)
    holds(new URL(url).pathname.length > 30, 'the token is short')
    equal((await ask(url)).status, 200)
    equal((await ask(`${origin}/`)).status, 404)
    equal((await ask(`${origin}/${'x'.repeat(32)}/`)).status, 404)
    equal((await ask(url, { headers: { host: `evil.example:${port}` } })).status, 421, 'another host:')
    equal((await ask(url, { headers: { host: `localhost:${port}` } })).status, 421, 'another name:')
    equal((await ask(url, { headers: { host, origin: 'http://evil.example' } })).status, 403, 'another page:')
    equal((await ask(url, { method: 'POST' })).status, 405)
    equal((await ask(`${url}..%2f..%2fpackage.json`)).status, 404)
    equal((await ask(`${url}../../package.json`)).status, 404)
    const { headers } = await ask(url)
    const policy = String(headers['content-security-policy'])
    holds(!/unsafe-eval'(?<!wasm-unsafe-eval')|script-src[^;]*unsafe-inline/.test(policy), policy)
  }],
  ['served: no code but its own runs', async (harness) => {
    const opened = await harness.open()
    await harness.ready(opened.page)
    const ran = await opened.page.evaluate(() => new Promise<string[]>((resolve) => {
      const refused: string[] = []
      const told = (): void => resolve([document.title, ...new Set(refused.sort())])
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        refused.push(effectiveDirective)
        // a moment longer, for code that would run all the same
        if (new Set(refused).size === 3) setTimeout(told, 100)
      })
      const script = document.createElement('script')
      script.textContent = 'document.title = "owned"'
      document.head.append(script)
      void fetch('http://127.0.0.1:9/').catch(() => {})
      const image = new Image()
      image.src = 'http://127.0.0.1:9/x.png'
      setTimeout(told, 60_000)
    }))
    equal(ran, ['Run · lsmkit console', 'connect-src', 'img-src', 'script-src-elem'])
  }],
]
