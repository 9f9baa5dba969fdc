-- PUTs of one body: wrk -s put.lua URL -- TOKEN BYTES PREFIX [NAMES], to new names below
-- /admin/PREFIX, or over and over to NAMES of them by each thread.
local thread = 0
function setup(t)
  t:set("id", thread)
  thread = thread + 1
end
function init(args)
  n, prefix, names = 0, args[3], tonumber(args[4])
  body = string.rep("x", tonumber(args[2]))
  headers = { ["Authorization"] = "Bearer " .. args[1] }
end
function request()
  n = n + 1
  local name = prefix .. "-" .. id .. "-" .. (names and n % names or n)
  return wrk.format("PUT", "/api/v1/files/admin/" .. name .. "?parents=true&overwrite=true",
    headers, body)
end
