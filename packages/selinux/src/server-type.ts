/** The security server as the hooks see it: its public face, so that another may stand in. */
import type { SecurityServer } from './server/security-server.ts'

export type Server = Pick<SecurityServer, keyof SecurityServer>
