-- What every function starts with: the shard's keys, its clock, its lane, its addresses.
--
-- The files of this folder are one library, in the order of their numbers. Redis runs one function
-- at a time, so that the call under way lives in the variables of this page.
--
-- Rules that hold throughout: arguments are checked by the caller before anything is written; all
-- writes of one call that do not depend on order are gathered and done by `save`; the fence is
-- written last. Numbers are doubles, exact to 2^53; what becomes text goes through `text`, never
-- through Lua's own conversion, which would write 1.2e+17, nor through '%.0f', which takes twice as long.

local KEEP_ACKED = 3 * 60 * 1000
local DAY = 24 * 60 * 60 * 1000
-- How long an address that nothing happens to is remembered, in days.
local IDLE_DAYS = 31
-- Shard keys merely clean up after a topic that was deleted.
local SHARD_DAYS = 62
local DEDUPE_WINDOW = 10 * 60 * 1000
local LETTER_WINDOW = 7 * DAY

local call, try, num, fmt, sub, find, match, floor, max, min, pack, unpack_all, concat, INF

-- Globals exist only while a function runs, and cost a look-up each time.
local function bind()
    if call then
        return
    end
    call, try, num = redis.call, redis.pcall, tonumber
    fmt, sub, find, match = string.format, string.sub, string.find, string.match
    floor, max, min, concat = math.floor, math.max, math.min, table.concat
    pack, unpack_all, INF = cmsgpack.pack, cmsgpack.unpack, math.huge
end

local P, NOW, FENCE, GENERATION, BASE, ACKS, TOKEN
local EPOCHS = {}
local BOXES, TOUCHED, OUT

local function text(number)
    return fmt('%d', number)
end

local function now(given)
    if given ~= '' then
        return num(given)
    end
    local time = call('TIME')
    return num(time[1]) * 1000 + floor(num(time[2]) / 1000)
end

-- keys[1] is the lane's; args[1] is empty, or a test's clock.
local function begin(keys, args)
    bind()
    P = sub(keys[1], 1, -5)
    NOW = now(args[1])
    local lane = call('HMGET', P .. 'lane', 'fence', 'generation', 'base', 'acks', 'token', 'ids', 'letters')
    FENCE = num(lane[1])
    GENERATION = lane[2] or ''
    BASE = num(lane[3]) or 0
    ACKS = num(lane[4]) or 0
    TOKEN = lane[5] or ''
    EPOCHS.ids, EPOCHS.letters = num(lane[6]) or -1, num(lane[7]) or -1
    BOXES, TOUCHED, OUT = {}, {}, {}
end

-- Addresses -------------------------------------------------------------------------------------
--
-- A box is one address: positions, counts of what caps look at (an agent's open entries, all of a
-- role's or app's), `open` entries, the `first` of those counted, `unsaved` (the oldest that ended
-- while no settled position says so), the trim mark, `due` (its score in `exp`), the days until
-- which it (`till`) and its stream key (`ttl`) are kept, how many tombstones, who listens, the last
-- entry that is `owing` a receipt when it is acknowledged (a former release did not say).

local function unpacked(raw)
    if raw then
        return unpack_all(raw)
    end
    return -1, -1, -1, -1, 0, 0, 0, -1, -1, -1, -1, -1, 0, 0, 0, '', -1
end

-- Its numbers lie in a list, since a list is made three times as fast as a table of names. What is
-- saved comes first, in the order in which it is; `WAS_…` is what was saved before. All at once,
-- those of this call too: a table that grows is built several times.
local TOP, ACKED, SETTLED, GONE, COUNT, BYTES, OPEN, FIRST, UNSAVED = 1, 2, 3, 4, 5, 6, 7, 8, 9
local MARK, MARKED, DUE, TILL, TTL, POINTS, REGS, OWING = 10, 11, 12, 13, 14, 15, 16, 17
local WAS_ACKED, WAS_SETTLED, WAS_GONE, WAS_FIRST, WAS_UNSAVED, WAS_DUE = 18, 19, 20, 21, 22, 23

local function decode(address, raw)
    local top, acked, settled, gone, count, bytes, open, first, unsaved,
        mark, marked, due, till, ttl, points, regs, owing = unpacked(raw)
    local b = {
        top, acked, settled, gone, count, bytes, open, first, unsaved,
        mark, marked, due, till, ttl, points, regs, owing or INF,
        acked, settled, gone, first, unsaved, due,
        address = address, raw = raw, shared = sub(address, 1, 6) ~= 'agent:',
        key = false, touched = false, graves = false, emptied = false, said = false,
    }
    BOXES[address] = b
    return b
end

-- Notes an address whose box is to be read with others, in one call.
local function want(address, addresses)
    if BOXES[address] == nil then
        BOXES[address] = false
        addresses[#addresses + 1] = address
    end
end

local function load(addresses)
    if #addresses == 0 then
        return
    end
    local raw = call('HMGET', P .. 'at', unpack(addresses))
    for i = 1, #addresses do
        decode(addresses[i], raw[i])
    end
end

local function box(address)
    return BOXES[address] or decode(address, call('HGET', P .. 'at', address))
end

local function touch(b)
    if not b.touched then
        b.touched = true
        TOUCHED[#TOUCHED + 1] = b
    end
    return b
end

local function stream(b)
    local key = b.key
    if not key then
        key = P .. 'i:' .. b.address
        b.key = key
    end
    return key
end

-- Entries ---------------------------------------------------------------------------------------

local function id_of(offset)
    return fmt('%d-1', offset)
end

local function after(offset)
    return offset < 0 and '-' or '(' .. id_of(offset)
end

local function through(offset)
    return offset == INF and '+' or offset < 0 and '0-0' or id_of(offset)
end

-- One field, `e`: prev, expiry, receipts level, length of the event id, event id, frame.
local function entry(raw)
    local id, packed = raw[1], raw[2][2]
    local prev, expiry, level, length, event_at = match(packed, '^(%-?%d+) (%-?%d+) (%a) (%d+) ()')
    local frame_at = event_at + num(length)
    return {
        id = id,
        offset = num(sub(id, 1, -3)),
        prev = num(prev),
        expiry = num(expiry),
        expiry_text = expiry,
        level = level,
        event = sub(packed, event_at, frame_at - 1),
        frame = sub(packed, frame_at),
    }
end

local function first_after(b, offset)
    local found = call('XRANGE', stream(b), after(offset), '+', 'COUNT', 1)[1]
    return found and entry(found)
end

-- Calls `each` for every entry in (from, to], until it answers true.
local function scan(b, from, to, chunk, each)
    local last = through(to)
    local start = after(from)
    while true do
        local found = call('XRANGE', stream(b), start, last, 'COUNT', chunk)
        for i = 1, #found do
            if each(entry(found[i])) then
                return
            end
        end
        if #found < chunk then
            return
        end
        start = '(' .. found[#found][1]
    end
end

-- Saving ----------------------------------------------------------------------------------------

local function floor_of(first, unsaved)
    if unsaved >= 0 and (first < 0 or unsaved < first) then
        return unsaved
    end
    return first
end

-- `unpack` of more than a few thousand values does not fit Lua's stack.
local function in_parts(command, key, values)
    local n = #values
    for i = 1, n, 1000 do
        call(command, key, unpack(values, i, min(i + 999, n)))
    end
end

local function moved(name, fence)
    OUT[#OUT + 1] = text(fence + 1)
    OUT[#OUT + 1] = 'M ' .. name
end

-- An expiry beyond any sense must not become a key's.
local function keep_until(b, time)
    b[TILL] = max(b[TILL], floor(min(time, NOW + 3650 * DAY) / DAY) + 1 + IDLE_DAYS)
end

-- Writes what the call changed, but for the fence. `announce` says whether an address has to tell
-- the acks topic where it is.
local function save(fence, announce)
    local at, open, shut, due = {}, {}, {}, {}
    for i = 1, #TOUCHED do
        local b = TOUCHED[i]
        if b.emptied and b[COUNT] == 0 and call('XLEN', stream(b)) == 0 then
            call('DEL', stream(b))
            b[TTL] = 0
        end
        if b.graves then
            if #b.graves == 0 then
                call('HDEL', P .. 'gone', b.address)
            else
                call('HSET', P .. 'gone', b.address, pack(b.graves))
            end
            b[POINTS] = #b.graves
        end
        if announce(b, b[ACKED] ~= b[WAS_ACKED] or b[SETTLED] ~= b[WAS_SETTLED] or b[GONE] ~= b[WAS_GONE]) then
            moved(b.address, fence)
        end
        if b[TILL] == 0 then
            keep_until(b, NOW)
        end
        if b[DUE] < 0 then
            b[DUE] = b[TILL] * DAY
        end
        if b[DUE] ~= b[WAS_DUE] then
            -- An expiry may be beyond what '%d' can write.
            due[#due + 1] = fmt('%.0f', b[DUE])
            due[#due + 1] = b.address
        end
        if b[FIRST] ~= b[WAS_FIRST] or b[UNSAVED] ~= b[WAS_UNSAVED] then
            local was, is = floor_of(b[WAS_FIRST], b[WAS_UNSAVED]), floor_of(b[FIRST], b[UNSAVED])
            if is < 0 and was >= 0 then
                shut[#shut + 1] = b.address
            elseif is ~= was then
                open[#open + 1] = text(is)
                open[#open + 1] = b.address
            end
        end
        at[2 * i - 1] = b.address
        at[2 * i] = pack(unpack(b, TOP, OWING))
    end
    in_parts('HSET', P .. 'at', at)
    in_parts('ZADD', P .. 'exp', due)
    in_parts('ZADD', P .. 'open', open)
    in_parts('ZREM', P .. 'open', shut)
    in_parts('ZADD', P .. 'out', OUT)
end

local function if_position_changed(_, changed)
    return changed
end

local function if_ahead_of_topic(b)
    return b.said and b[UNSAVED] >= 0
end

local function never()
    return false
end

-- Origins and dedupe keys: two hashes that turn over by the log's own clock ----------------------

local RECENT = {
    { field = 'ids', window = DEDUPE_WINDOW },
    { field = 'letters', window = LETTER_WINDOW },
}

local function turn(recent, time)
    local epoch = EPOCHS[recent.field]
    local is = floor(time / recent.window)
    if is <= epoch then
        return epoch
    end
    local current, previous = P .. recent.field, P .. recent.field .. ':before'
    call('DEL', previous)
    if is == epoch + 1 and call('EXISTS', current) == 1 then
        call('RENAME', current, previous)
    else
        call('DEL', current)
    end
    call('HSET', P .. 'lane', recent.field, text(is))
    EPOCHS[recent.field] = is
    return is
end

-- The smallest offset that each key is held at.
local function seen_at(recent, keys)
    local seen = {}
    if #keys == 0 then
        return seen
    end
    local current = call('HMGET', P .. recent.field, unpack(keys))
    local previous = call('HMGET', P .. recent.field .. ':before', unpack(keys))
    for i = 1, #keys do
        local one, other = num(current[i]), num(previous[i])
        seen[keys[i]] = one and other and min(one, other) or one or other
    end
    return seen
end
