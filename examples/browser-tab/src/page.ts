/** The page: a button for each call, a switch for the rule, and a list of what came of it. */
import { VaultKernel } from './vault-kernel.ts'

const kernel = new VaultKernel()
const log = document.querySelector('#log')!

const note = (path: string): void => {
  const { call, denied, text } = kernel.open(path)
  const line = document.createElement('li')
  line.className = denied ? 'denied' : 'ok'
  line.textContent = `${call} = ${text}`
  log.prepend(line)
}

for (const path of ['/notes.txt', '/host.key']) {
  const button = document.createElement('button')
  button.textContent = `open ${path}`
  button.addEventListener('click', () => note(path))
  document.querySelector('#calls')!.append(button)
  note(path)
}

const vault = document.querySelector<HTMLInputElement>('#vault')!
vault.addEventListener('change', () => kernel.setVault(vault.checked))
