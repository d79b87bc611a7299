-- Sends the requests of a file, one a line: method, path, token, idempotency key, body, with tabs between.
-- Each thread takes every n-th line and begins again at the end.
local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(arguments)
   requests, at = {}, 0
   local count, line_number = tonumber(arguments[2]), 0
   for line in io.lines(arguments[1]) do
      if line_number % count == number then
         local method, path, token, key, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
         local headers = {}
         if token ~= "" then headers["Authorization"] = "Bearer " .. token end
         if key ~= "" then headers["Idempotency-Key"] = key end
         if body ~= "" then headers["Content-Type"] = "application/json" end
         requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
      end
      line_number = line_number + 1
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end
