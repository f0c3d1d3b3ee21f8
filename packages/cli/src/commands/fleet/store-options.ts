/** The options that name a store. Loaded with the program: it imports nothing of the fleet. */
import type { Command } from 'commander'
import { JSON_TEXT } from '../../command-help.ts'

export const withStoreOptions = (command: Command): Command => command
  .requiredOption('-s, --store <place>', 'where the fleet is: a folder, or servers as nats://HOST:PORT,…')
  .option('--credentials <file>', 'credentials file of a user of NATS')
  .option('--nkey <file>', 'seed of a user of NATS, from `lsm fleet permissions keygen`')
  .option('--jwt <file>', 'JWT of that user, where servers know users by JWTs')
  .option('--json', JSON_TEXT)
