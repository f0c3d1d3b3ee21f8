/** A server that answers with the request, or with what it fetches itself. */
addEventListener('fetch', (event) => event.respondWith((async () => {
  const { headers, method, url } = event.request
  const body = await event.request.text()
  const path = new URL(url).pathname
  if (path === '/error') throw new Error('none')
  if (path.startsWith('/get/')) {
    const answer = await fetch(decodeURIComponent(path.slice(5)))
    return new Response(`${answer.status} ${await answer.text()}`)
  }
  const asked = { method, path, body, agent: headers.get('x-agent') }
  return new Response(JSON.stringify(asked), { status: 202, headers: { 'x-own': 'yes' } })
})()))
