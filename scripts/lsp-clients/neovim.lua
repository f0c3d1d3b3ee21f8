-- Asks the language server of $LSM_SERVER about $LSM_FILE, as Neovim's own client does.
vim.filetype.add({ extension = { te = 'selinux', ['if'] = 'selinux', fc = 'selinux' } })
local file = vim.env.LSM_FILE
vim.cmd.edit(file)
local buffer = vim.api.nvim_get_current_buf()
local id = vim.lsp.start({ name = 'lsm', cmd = { vim.env.LSM_SERVER, 'selinux', 'lsp' }, root_dir = vim.fs.dirname(file) })
local client = vim.lsp.get_client_by_id(id)
local function settle(test) return vim.wait(60000, test, 20) end
local function tell(step, isSo) io.stdout:write((isSo and 'ok ' or 'failed ') .. step .. '\n') end
settle(function() return client.initialized end)

local function ask(method, line, character)
  local answer = client.request_sync(method, {
    textDocument = vim.lsp.util.make_text_document_params(buffer), position = { line = line, character = character },
  }, 60000, buffer)
  return answer and answer.result
end
tell('hover', ask('textDocument/hover', 6, 3).contents.value:find('Read the orders') ~= nil)
tell('definition', ask('textDocument/definition', 6, 3)[1].uri:find('shop%.if$') ~= nil)
local labels = vim.tbl_map(function(item) return item.label end, ask('textDocument/completion', 7, 30).items)
tell('completion', vim.tbl_contains(labels, 'signal'))

local function mistakes() return vim.diagnostic.get(buffer, { severity = vim.diagnostic.severity.ERROR }) end
vim.api.nvim_buf_set_lines(buffer, 6, 7, false, { 'shop_read(gone_t)' })
tell('mistake', settle(function() return #mistakes() > 0 end) and mistakes()[1].message:find('gone_t') ~= nil)
vim.api.nvim_buf_set_lines(buffer, 6, 7, false, { 'shop_read(shop_t)' })
tell('mended', settle(function() return #mistakes() == 0 end))
client.stop()
settle(function() return client.is_stopped() end)
vim.cmd('qa!')
