/** A recorded session as one HTML file: it opens without a server, runs no code, and loads nothing. */
import { ownValue } from '@lsmkit/abi'
import { verdictNames } from '../decisions/batch.ts'
import { anything, Matches } from '../decisions/filter.ts'
import type { Why } from '../kernel/protocol.ts'
import { memberAnswers, timeText, verdictText } from './decision-text.ts'
import { kernel, report, store } from './session.ts'

/** Decisions, and refusals with all that is known of them: the newest. */
const ROWS = 5000
const WHYS = 200

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const safe = (text: string): string => text.replace(/[&<>"']/g, (sign) => ownValue(escapes, sign)!)

const style = `:root{color-scheme:light dark}
body{font:14px/1.5 system-ui,sans-serif;margin:24px auto;max-width:1200px;padding:0 16px}
code,pre,td{font:12px/1.5 ui-monospace,monospace}
pre{white-space:pre-wrap}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:2px 10px;border-bottom:1px solid #8884;overflow-wrap:anywhere;vertical-align:top}
details{border:1px solid #8886;border-radius:6px;padding:6px 12px;margin:6px 0}
.no{color:light-dark(#b3261e,#ff8f87)}
.ok{color:light-dark(#17703a,#5fd38a)}
small{color:light-dark(#5b616b,#a0a7b3)}`

/** Whole, as the text of a file. */
export const exportSession = async (): Promise<string> => {
  const refused = new Matches(store, { ...anything, verdict: 'refused' })
  refused.update()
  const numbers = Array.from({ length: Math.min(WHYS, refused.length) }, (_, i) => refused.at(i))
  const whys: string[] = []
  for (const number of numbers) {
    whys.push(whyPart(number, await kernel().call('why', store.columns.serial[store.at(number)]!)))
  }
  const all = new Matches(store, anything)
  all.update()
  const rows = Array.from({ length: Math.min(ROWS, all.length) }, (_, i) => rowPart(all.at(i)))
  const order = report.value?.explanation.order.join(' → ') ?? ''
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>lsmkit session</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${style}</style></head>
<body><h1>A session of the lsmkit console</h1>
<p><code>${safe(report.value?.cmdline ?? '')}</code> ${safe(order)}<br><small>${safe(new Date().toISOString())};
${store.total} decisions, ${refused.length} refused, ${store.lost} lost</small></p>
<h2>Refused</h2><p><small>The last ${whys.length}, newest first.</small></p>${whys.join('\n')}
<h2>Decisions</h2><p><small>The last ${rows.length}, newest first.</small></p>
<table><thead><tr><th>time<th>task<th>hook<th>module<th>verdict<th>object<th>call</thead><tbody>
${rows.join('\n')}
</tbody></table></body></html>
`
}

const verdictPart = (number: number): string => {
  const isAllowed = verdictNames[store.columns.verdict[store.at(number)]!] === 'allow'
  return `<span class="${isAllowed ? 'ok' : 'no'}">${isAllowed ? 'allow' : safe(verdictText(number).text)}</span>`
}

const rowPart = (number: number): string => {
  const text = (kind: 'task' | 'hook' | 'lsm' | 'object' | 'call'): string => safe(store.text(kind, number))
  const time = timeText(store.times[store.at(number)]!)
  return (
    `<tr><td>${time}<td>${text('task')}<td>${text('hook')}<td>${text('lsm')}<td>${verdictPart(number)}` +
    `<td>${text('object')}<td>${text('call')}`
  )
}

const listPart = (title: string, items: readonly string[]): string =>
  items.length === 0 ? '' : `<h4>${safe(title)}</h4><pre>${items.map(safe).join('\n')}</pre>`

const whyPart = (number: number, why: Why | null): string => {
  const hooks = store.sameCall(number).map((one) => {
    const hook = store.text('hook', one)
    const members = report.value?.explanation.hooks.find((each) => each.hook === hook)?.members ?? []
    const answers = memberAnswers(members, one)
      .map(({ name, answer }) => `${name} ${answer}`)
      .join(', ')
    return `${hook} ${store.text('object', one)}: ${answers}`
  })
  const head =
    `${verdictPart(number)} ${safe(store.text('lsm', number))} <code>${safe(store.text('hook', number))}</code> ` +
    `${safe(store.text('object', number))}`
  const known =
    why === null
      ? ''
      : [
        ...why.grounds.map(({ title, lines }) => listPart(title, lines)),
        ...why.drafts.map(({ text, changes, beyond }) =>
          listPart('Would permit it', [text.trim(), ...changes, ...beyond]),
        ),
        listPart('Forbidden', why.objections),
        listPart('Records', why.records),
      ].join('')
  const call = `<pre>${safe(store.callText(number))}</pre>`
  return `<details><summary>${head}</summary>${call}${listPart('Hooks in order', hooks)}${known}</details>`
}

/** Hands a file to the reader. */
export const saveFile = (name: string, content: BlobPart, type = 'text/html'): void => {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
