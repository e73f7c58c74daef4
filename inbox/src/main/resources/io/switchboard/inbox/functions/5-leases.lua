-- Which edges live, and the few facts of the whole cluster. keys[1] is the prefix of all of it.

local function clock(args)
    bind()
    NOW = now(args[1])
end

local function holder(edges, id)
    local raw = call('HGET', edges, id)
    if raw then
        local incarnation, expiry = unpack_all(raw)
        if expiry > NOW then
            return incarnation
        end
    end
end

-- args: clock, edge id
local function next_incarnation(keys, args)
    clock(args)
    local key = keys[1] .. 'incarnations'
    local is = max(NOW, (num(call('HGET', key, args[2])) or 0) + 1)
    call('HSET', key, args[2], text(is))
    return { is }
end

-- args: clock, edge id, incarnation, ttl, notice. A larger incarnation keeps it.
local function take_lease(keys, args)
    clock(args)
    local there = holder(keys[1] .. 'edges', args[2])
    if there and there > num(args[3]) then
        return { 0 }
    end
    call('HSET', keys[1] .. 'edges', args[2], pack(num(args[3]), NOW + num(args[4]), args[5]))
    return { 1 }
end

-- args: clock, edge id, incarnation, ttl, notice
local function refresh_lease(keys, args)
    clock(args)
    local there = holder(keys[1] .. 'edges', args[2])
    if there ~= num(args[3]) then
        return { 0 }
    end
    call('HSET', keys[1] .. 'edges', args[2], pack(there, NOW + num(args[4]), args[5]))
    return { 1 }
end

-- args: clock, edge id, incarnation
local function release_lease(keys, args)
    clock(args)
    if holder(keys[1] .. 'edges', args[2]) == num(args[3]) then
        call('HDEL', keys[1] .. 'edges', args[2])
    end
end

-- args: clock. Answers id, incarnation, notice, three by three.
local function all_leases(keys, args)
    clock(args)
    local raw, answer = call('HGETALL', keys[1] .. 'edges'), {}
    for i = 1, #raw, 2 do
        local incarnation, expiry, notice = unpack_all(raw[i + 1])
        if expiry > NOW then
            local n = #answer
            answer[n + 1], answer[n + 2], answer[n + 3] = raw[i], incarnation, notice
        end
    end
    return answer
end

-- args: clock, topic tag, count
local function lane_count(keys, args)
    clock(args)
    call('HSETNX', keys[1] .. 'lanes', args[2], args[3])
    return { num(call('HGET', keys[1] .. 'lanes', args[2])) }
end

-- args: clock, who, ttl
local function janitor(keys, args)
    clock(args)
    local who, expiry = match(call('GET', keys[1] .. 'janitor') or '', '^(.*) (%d+)$')
    if who and who ~= args[2] and num(expiry) > NOW then
        return { 0 }
    end
    call('SET', keys[1] .. 'janitor', args[2] .. ' ' .. text(NOW + num(args[3])))
    return { 1 }
end
