-- Errors and coroutines are long jumps of the program; its end is its own.
print(pcall(error, 'e'))
print((select(2, pcall(function() local t = nil; return t.x end))):match('attempt.*'))
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
print(co(), co(), co())
print(type(os.time()), os.date('!%Y', 0), os.getenv('HOME'))
print(pcall(io.popen, 'ls'))
local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end
print(pcall(deep, 1e6))
os.exit(3)
--> false	e
--> attempt to index a nil value (local 't')
--> 1	2	3
--> number	1970	nil
--> false	'popen' not supported
--> false	stdin:8: stack overflow
--= 3
