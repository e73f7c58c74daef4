-- The edge's side: attach, detach, read, positions, ack, forget. Who listens is kept as
-- `id|incarnation|number;` each.

local function registration(b, id)
    for name, incarnation, number in string.gmatch(b[REGS], '([^|;]+)|(%d+)|(%d+);') do
        if name == id then
            return num(incarnation), num(number)
        end
    end
end

local function listeners_but(b, id)
    local others = {}
    for one in string.gmatch(b[REGS], '[^;]+;') do
        if sub(one, 1, #id + 1) ~= id .. '|' then
            others[#others + 1] = one
        end
    end
    return concat(others)
end

local function registered(b, id, incarnation, number)
    local i, n = registration(b, id)
    return i == num(incarnation) and n >= num(number)
end

-- Of two registrations of one edge the larger stays.
local function register(b, id, incarnation, number)
    local i, n = registration(b, id)
    local asked_i, asked_n = num(incarnation), num(number)
    if not i or asked_i > i or asked_i == i and asked_n > n then
        b[REGS] = listeners_but(b, id) .. id .. '|' .. incarnation .. '|' .. number .. ';'
        touch(b)
    end
end

-- args: clock, address, agent, edge id, incarnation, number, after or nothing, limit, bytes
local function attach(keys, args)
    begin(keys, args)
    local b = box(args[2])
    register(b, args[4], args[5], args[6])
    local there = registered(b, args[4], args[5], args[6])
    local given = num(args[7])
    if not FENCE then
        save(-1, never)
        return not_yet(b, given or -1, there)
    end
    local start = b[ACKED]
    if b.shared and args[3] ~= '' then
        local cursor = num(call('HGET', P .. 'c:' .. b.address, args[3]))
        if not cursor then
            cursor = given and min(given, start) or start
            move_cursor(b.address, args[3], cursor)
            moved(b.address .. '|' .. args[3], FENCE)
        end
        start = cursor
    end
    save(FENCE, never)
    return read(b, given or start, num(args[8]), num(args[9]), there)
end

-- args: clock, address, edge id, incarnation, number
local function detach(keys, args)
    begin(keys, args)
    local b = box(args[2])
    local i, n = registration(b, args[3])
    if i == num(args[4]) and n == num(args[5]) then
        touch(b)[REGS] = listeners_but(b, args[3])
        save(FENCE or -1, never)
    end
end

-- args: clock, address, edge ids and incarnations
local function forget(keys, args)
    begin(keys, args)
    local b = box(args[2])
    for i = 3, #args, 2 do
        if registration(b, args[i]) == num(args[i + 1]) then
            touch(b)[REGS] = listeners_but(b, args[i])
        end
    end
    save(FENCE or -1, never)
end

-- args: clock, address, after, limit, bytes. Writes nothing.
local function read_on(keys, args)
    begin(keys, args)
    local b = box(args[2])
    if not FENCE then
        return not_yet(b, num(args[3]), false)
    end
    return read(b, num(args[3]), num(args[4]), num(args[5]), false)
end

local function renew(b)
    local day = floor(NOW / DAY) + 1 + IDLE_DAYS
    if not b.raw or b[TILL] >= day then
        return
    end
    touch(b)[TILL] = day
    call('EXPIREAT', P .. 'c:' .. b.address, (floor(NOW / DAY) + SHARD_DAYS) * DAY / 1000)
    if b[TTL] > 0 and b[TTL] < day then
        b[TTL] = day
        call('EXPIREAT', stream(b), day * DAY / 1000)
    end
end

-- args: clock, then address, edge id, incarnation, number, four by four
local function positions(keys, args)
    begin(keys, args)
    local addresses, answer = {}, {}
    for i = 2, #args, 4 do
        want(args[i], addresses)
    end
    load(addresses)
    for i = 2, #args, 4 do
        local b = box(args[i])
        renew(b)
        answer[#answer + 1] = standing(b, registered(b, args[i + 1], args[i + 2], args[i + 3]))
    end
    save(FENCE or -1, never)
    return answer
end

-- args: clock, then address, agent or nothing, offset, three by three
local function ack(keys, args)
    begin(keys, args)
    local addresses, answer = {}, {}
    for i = 2, #args, 3 do
        want(args[i], addresses)
    end
    load(addresses)
    for i = 2, #args, 3 do
        local b = box(args[i])
        if FENCE then
            local to = min(num(args[i + 2]), FENCE)
            if b.shared and args[i + 1] ~= '' and move_cursor(b.address, args[i + 1], to) then
                moved(b.address .. '|' .. args[i + 1], FENCE)
            end
            reach(touch(b), to, to, true)
        end
        answer[#answer + 1] = standing(b, false)
    end
    save(FENCE or -1, if_position_changed)
    return answer
end
