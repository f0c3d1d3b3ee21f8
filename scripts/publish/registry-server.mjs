/** The process of the registry: verdaccio on a free port of 127.0.0.1. Ends when whoever forked it does, however. */
import { runServer } from 'verdaccio'

const config = JSON.parse(process.argv[2])
const server = await runServer(config)
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit(0))
