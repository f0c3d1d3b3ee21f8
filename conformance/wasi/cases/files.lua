-- Files by every road the io library has.
local name = '/tmp/words.txt'
local f = assert(io.open(name, 'w')); f:write('hello\n', 42, '\n'); f:close()
for line in io.lines(name) do print(line) end
local g = assert(io.open(name, 'r+')); g:seek('set', 2); g:write('XX'); g:seek('set', 0)
print(g:read('l'), g:seek('end')); g:close()
local a = assert(io.open(name, 'a')); a:setvbuf('full', 16)
for i = 1, 100 do a:write(i, ' ') end
a:close()
print(#assert(io.open(name)):read('a'))
print(os.rename(name, '/tmp/other.txt'), io.open(name) == nil)
print(os.remove('/tmp/other.txt'), (os.remove('/tmp/other.txt')))
print((select(2, io.open('/etc/forbidden'))))
--> hello
--> 42
--> heXXo	9
--> 301
--> true	true
--> true	nil
--> /etc/forbidden: No such file or directory
