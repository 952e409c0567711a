-- Drives Neovim (0.7 or later) as its user would: open, find, trial, fix, verify. Started by editors.test.ts with the places in the environment.
local function fail(message)
  io.stderr:write(message .. '\n')
  vim.cmd('cquit 1')
end

local function step(name, work)
  local ok, result = pcall(work)
  if not ok then
    fail(name .. ': ' .. tostring(result))
  end
  print('ok ' .. name .. '\n')
  return result
end

local function wait(what, milliseconds, condition)
  if not vim.wait(milliseconds, condition, 50) then
    error('waited in vain for ' .. what)
  end
end

local function codes()
  return vim.tbl_map(function(found)
    return tostring(found.code)
  end, vim.diagnostic.get(0))
end

vim.cmd('edit ' .. vim.env.EBUILD)
vim.bo.filetype = 'ebuild'
local uri = vim.uri_from_bufnr(0)
local client = step('attach', function()
  local id = vim.lsp.start_client({
    name = 'ebuild-audit',
    cmd = { vim.env.PROGRAM, 'lsp' },
    root_dir = vim.env.REPOSITORY,
    init_options = { trusted = true },
    settings = { ebuildAudit = { quickTrials = true } },
  })
  vim.lsp.buf_attach_client(0, id)
  local started = vim.lsp.get_client_by_id(id)
  wait('the server', 20000, function()
    return started.initialized
  end)
  return started
end)

local function request(method, params, milliseconds)
  local answer = client.request_sync(method, params, milliseconds or 20000, 0)
  if answer == nil or answer.err ~= nil then
    error(method .. ' failed: ' .. vim.inspect(answer))
  end
  return answer.result
end

local function execute(command)
  return request('workspace/executeCommand', { command = 'ebuild-audit.' .. command, arguments = { uri } }, 240000)
end

local function at(text, column)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local found = line:find(text, 1, true)
    if found then
      return { textDocument = { uri = uri }, position = { line = number - 1, character = found - 1 + (column or 0) } }
    end
  end
  error('the ebuild has no ' .. text)
end

step('a hover tells what a word means', function()
  local contents = request('textDocument/hover', at('DESCRIPTION=', 2)).contents
  assert(contents.value:find('short sentence', 1, true), vim.inspect(contents))
  assert(not contents.value:find('\\', 1, true), contents.value)
end)

step('a trial finds what is missing', function()
  local result = execute('runTrial')
  assert(result.outcome == 'findings', vim.inspect(result))
  wait('the diagnostic', 5000, function()
    return vim.tbl_contains(codes(), 'missing-depend')
  end)
end)

step('a hover on it tells why, without backslashes', function()
  local found = vim.diagnostic.get(0)[1]
  local contents = request('textDocument/hover', {
    textDocument = { uri = uri },
    position = { line = found.lnum, character = found.col + 1 },
  }).contents
  assert(contents.value:find('Seen', 1, true) and contents.value:find('/usr/include/', 1, true), contents.value)
  assert(not contents.value:find('\\', 1, true), contents.value)
end)

step('the fixes are applied, and another trial verifies them', function()
  local result = execute('fixAndVerify')
  assert(result.outcome == 'clean', vim.inspect(result))
  wait('the diagnostics to go', 5000, function()
    return not vim.tbl_contains(codes(), 'missing-depend')
  end)
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  assert(text:find(vim.env.ATOM, 1, true), text)
  vim.cmd('silent write')
end)

step('the build log is named', function()
  assert(type(execute('showBuildLog')) == 'string')
end)

step('the server ends with the editor', function()
  client.stop()
  wait('the end', 20000, function()
    return client.is_stopped()
  end)
end)
vim.cmd('qall!')
