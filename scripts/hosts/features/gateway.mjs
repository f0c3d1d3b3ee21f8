import { createSandbox, memory } from '@lsmkit/sandbox'
import { equal } from '../equal.mjs'

export default async ({ bytes, port }) => {
  if (port === null) throw new Error('the host has no sockets')
  const hosts = [{ host: 'api.example', port, addresses: ['127.0.0.1'] }]
  const box = await createSandbox({
    inline: true, allow: { hosts }, mounts: { '/tmp': memory() }, network: { resolve: async () => ['127.0.0.1'] },
  })
  try {
    const got = await box.run(await bytes('wget'), { args: [`http://api.example:${port}/`] })
    equal(got.stdout, 'page\n')
  } finally {
    await box.close()
  }
}
