/** Which server of a cluster leads a stream. */
import { connect, nkeyAuthenticator } from '@nats-io/transport-node'

/** Its name; null while there is no leader. */
export const leaderOf = async (servers: readonly string[], seed: string, stream: string): Promise<string | null> => {
  const connection = await connect({
    servers: [...servers], authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
  })
  try {
    const answer = await connection.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout: 2000 })
    return answer.json<{ cluster?: { leader?: string } }>().cluster?.leader ?? null
  } finally {
    await connection.close()
  }
}
