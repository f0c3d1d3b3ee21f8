import { expect, test } from 'vitest'
import { learnOnRuby } from './learning.ts'
import { readPrograms } from './programs.ts'

test('what Ruby was recorded to do is learned, and nothing else is permitted', () => {
  const none = { binary: new Uint8Array(), labels: null, foreign: false }
  expect(learnOnRuby(readPrograms(), none)).toEqual({
    recorded: ['Guest w Journal  journal', 'Guest r Journal  /srv/journal', 'Guest w Journal  journal'],
    rules: ['Guest Journal rw'],
    changes: ['Guest may now read, write and lock Journal'],
    enforced: [
      { step: 'write /srv/journal, before the rules', outcome: 'EACCES' },
      { step: 'write /srv/journal', outcome: 'ok' },
      { step: 'read /etc/shadow', outcome: 'EACCES' },
    ],
  })
})
