-- The lane's side: append, restore, settle, advance, sweep.

-- A move's name, and where its mover is.
local function placed(name, acked, settled, gone)
    return fmt('%s %d %d %d', name, acked, settled, gone)
end

local function cursor_placed(name, address, agent)
    local cursor = num(call('HGET', P .. 'c:' .. address, agent)) or -1
    return placed(name, cursor, cursor, -1)
end

-- A move's name, filled in with where its mover is now.
local function filled_in(name)
    local address, agent = match(name, '^M ([^|]+)|?(.*)$')
    if agent ~= '' then
        return cursor_placed(name, address, agent)
    end
    local b = box(address)
    return placed(name, b[ACKED], b[SETTLED], b[GONE])
end

-- The oldest of what Kafka has to be told, and whether there is more. After `save`: what Redis
-- holds is what is so, and an address is not made a box for three of its numbers.
local function outbox()
    local found = call('ZRANGE', P .. 'out', 0, 99, 'WITHSCORES')
    local movers, addresses = {}, {}
    for i = 1, #found, 2 do
        local address, agent = match(found[i], '^M ([^|]+)|?(.*)$')
        if agent == '' then
            movers[#movers + 1], addresses[#addresses + 1] = i, address
        elseif agent then
            found[i] = cursor_placed(found[i], address, agent)
        end
    end
    if #addresses > 0 then
        local raw = call('HMGET', P .. 'at', unpack(addresses))
        for i = 1, #movers do
            local _, acked, settled, gone = unpacked(raw[i])
            found[movers[i]] = placed(found[movers[i]], acked, settled, gone)
        end
    end
    return found, call('ZCARD', P .. 'out') > 100 and 1 or 0
end

local function lowest(fence)
    local floor_is = fence + 1
    for _, key in ipairs({ 'open', 'out' }) do
        local found = call('ZRANGE', P .. key, 0, 0, 'WITHSCORES')
        if found[2] then
            floor_is = min(floor_is, num(found[2]))
        end
    end
    return floor_is
end

local function delay(offset, due)
    call('ZADD', P .. 'delayed', due, offset)
    call('ZADD', P .. 'open', offset, '#' .. offset)
end

local function no_longer_delayed(offset)
    if call('ZREM', P .. 'delayed', offset) == 1 then
        call('ZREM', P .. 'open', '#' .. offset)
    end
end

-- A record in the arguments of `append`. Numbers of all records come as one argument, since one
-- costs as much as ten numbers in it. Of a record these follow each other: `size` is its frame's;
-- `owes` is 1 if it is owed a receipt when it is acknowledged; `caps` is the number of its caps in
-- the batch, or 0; `extras` says how many ids, letters and origins (one or none) it has, `ids` and
-- `letters` how many of each; `releases`, and `until` when it is delayed, are -1 if it has none.
local OFFSET, VERDICT, EXPIRY, SIZE, OWES, CAPS, EXTRAS, IDS, LETTERS, RELEASES, UNTIL = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
local NUMBERS = 11
local STORE, DELAY, DROP, PASS = 0, 1, 2, 3
-- Its arguments: address, entry as it will be stored but for `prev`, ids, letters, origin.
local ENTRY, EXTRA = 1, 2

local function passed_origin(origin)
    local offset, index, source = match(origin, '^(%d+) (%d+) (.*)$')
    local field = 'origin:' .. source
    local was_offset, was_index = match(call('HGET', P .. 'lane', field) or '', '^(%d+) (%d+)$')
    if was_offset then
        local a, b = num(was_offset), num(offset)
        if a > b or a == b and num(was_index) >= num(index) then
            return true
        end
    end
    call('HSET', P .. 'lane', field, offset .. ' ' .. index)
    return false
end

-- Ids, or letters, that a batch has: those to be looked for, where each was seen, those it adds.
local function keys_of_batch()
    return { asked = {}, seen = false, fresh = {} }
end

local function ask(args, from, to, keys)
    local asked = keys.asked
    for i = from, to do
        asked[#asked + 1] = args[i]
    end
end

local function held_before(args, from, to, keys, offset)
    local seen = keys.seen
    for i = from, to do
        local at = seen[args[i]]
        if at and at < offset then
            return true
        end
    end
    return false
end

local function hold(args, from, to, keys, offset)
    local seen, fresh = keys.seen, keys.fresh
    for i = from, to do
        seen[args[i]] = offset
        fresh[#fresh + 1] = args[i]
        fresh[#fresh + 1] = text(offset)
    end
end

-- Whether a record was there before, by what it brings; if not, that is held from now on.
local function repeated(args, at, numbers, n, ids, letters)
    local offset, ids_at = numbers[n + OFFSET], at + EXTRA
    local letters_at = ids_at + numbers[n + IDS]
    local origin_at = letters_at + numbers[n + LETTERS]
    if origin_at < ids_at + numbers[n + EXTRAS] and passed_origin(args[origin_at])
        or held_before(args, ids_at, letters_at - 1, ids, offset)
        or held_before(args, letters_at, origin_at - 1, letters, offset) then
        return true
    end
    hold(args, ids_at, letters_at - 1, ids, offset)
    hold(args, letters_at, origin_at - 1, letters, offset)
    return false
end

local function again(address, offset)
    if call('ZSCORE', P .. 'delayed', text(offset)) then
        return 'D'
    end
    local b = box(address)
    if b[TTL] > 0 then
        local id = id_of(offset)
        local found = call('XRANGE', stream(b), id, id)[1]
        if found then
            local e = entry(found)
            if e.expiry > NOW then
                return 'F', e.prev, b[REGS], e
            end
        end
    end
    return 'R'
end

-- An earlier call that failed half-way may have been here: with its address saved, this is a
-- repetition; with only the stream written, the rest is done now.
local function store(numbers, n, address, packed, caps)
    local b, offset = BOXES[address], numbers[n + OFFSET]
    if b[TOP] >= offset then
        return again(address, offset)
    end
    touch(b)
    local before = b[TOP] >= 0 and b[TOP] or min(b[SETTLED], offset - 1)
    local prev = max(before, min(BASE, offset) - 1)
    local expiry, drop = numbers[n + EXPIRY], numbers[n + VERDICT] == DROP
    local expired = expiry <= NOW
    b[TOP] = offset
    if b[TILL] * DAY < max(NOW, expiry) + IDLE_DAYS * DAY then
        keep_until(b, max(NOW, expiry))
    end
    if drop or expired or offset > b[ACKED] and offset <= b[SETTLED] then
        local first = min(oldest_open(b), offset)
        local level, length, event_at = match(packed, '^%-?%d+ (%a) (%d+) ()')
        local e = { offset = offset, level = level, event = sub(packed, event_at, event_at + length - 1) }
        bury(b, e, expired and not drop, true, false)
        settle_over(b, first)
        return 'G', prev
    end
    local added = try('XADD', stream(b), id_of(offset), 'e', text(prev) .. ' ' .. packed)
    if type(added) == 'table' and added.err and not find(added.err, 'equal or smaller', 1, true) then
        error(added.err)
    end
    if b[TTL] < b[TILL] then
        b[TTL] = b[TILL]
        call('EXPIREAT', stream(b), b[TTL] * DAY / 1000)
    end
    if numbers[n + OWES] == 1 then
        b[OWING] = offset
    elseif b[OPEN] == 0 then
        b[OWING] = -1
    end
    if offset > b[SETTLED] then
        b[OPEN] = b[OPEN] + 1
    elseif b[MARKED] < 0 then
        mark_acked(b)
    end
    if b.shared or offset > b[SETTLED] then
        b[COUNT], b[BYTES] = b[COUNT] + 1, b[BYTES] + numbers[n + SIZE]
        if b[FIRST] < 0 then
            b[FIRST] = offset
        end
        if b[DUE] < 0 or expiry < b[DUE] then
            b[DUE] = expiry
        end
        local its = caps[numbers[n + CAPS]]
        if its then
            cap(b, its[1], its[2])
        end
    end
    return 'S', prev, b[REGS]
end

local function any_emptied()
    for i = 1, #TOUCHED do
        if TOUCHED[i].emptied then
            return true
        end
    end
    return false
end

-- args: clock, numbers (as MessagePack), init token, generation, then of each record what `EXTRAS`
-- says. Numbers: prev, end, record time, acks offset, init base, 1 if the outbox is asked for, how
-- many caps (0: none apply), those {entries, bytes}, then of each record what `OFFSET` says.
-- Answers {'behind', fence or nothing} | {'acks', applied} | {'ok', fence, floor, generation, acks,
-- outbox left, outcomes, outbox}. Outcomes: of a stored entry prev and who listens; otherwise a
-- letter, then for 'G' prev, for 'F' prev, who listens, expiry and frame.
local function append(keys, args)
    begin(keys, args)
    local numbers = { unpack_all(args[2]) }
    local prev, last, time, acks, base, drains, how_many_caps = unpack(numbers, 1, 7)
    local token, generation = args[3], args[4]
    local init = not FENCE and token ~= '' and token == TOKEN
    if not FENCE and not init then
        return { 'behind' }
    end
    if ACKS < acks then
        return { 'acks', ACKS }
    end
    if FENCE and prev > FENCE then
        return { 'behind', FENCE }
    end
    local known = FENCE or prev
    if init then
        BASE, GENERATION = base, generation
    end

    local caps, first = {}, 7
    for i = 1, how_many_caps do
        caps[i] = { numbers[first + 1], numbers[first + 2] }
        first = first + 2
    end
    local places, at = {}, 5
    local addresses, ids, letters = {}, keys_of_batch(), keys_of_batch()
    for n = first, #numbers - 1, NUMBERS do
        places[#places + 1] = at
        want(args[at], addresses)
        local extra = at + EXTRA
        at = extra + numbers[n + EXTRAS]
        if at > extra and numbers[n + OFFSET] > known then
            local letters_at = extra + numbers[n + IDS]
            ask(args, extra, letters_at - 1, ids)
            ask(args, letters_at, letters_at + numbers[n + LETTERS] - 1, letters)
        end
    end
    load(addresses)
    turn(RECENT[1], time)
    turn(RECENT[2], time)
    ids.seen, letters.seen = seen_at(RECENT[1], ids.asked), seen_at(RECENT[2], letters.asked)
    local fence = max(known, last)

    local outcomes, stored, said = {}, {}, 0
    for i = 1, #places do
        local n, its = first + NUMBERS * (i - 1), places[i]
        local offset, verdict = numbers[n + OFFSET], numbers[n + VERDICT]
        local kind, entry_prev, regs, e
        if numbers[n + RELEASES] >= 0 then
            no_longer_delayed(text(numbers[n + RELEASES]))
        end
        if verdict == PASS then
            kind = 'P'
        elseif offset <= known then
            kind, entry_prev, regs, e = again(args[its], offset)
        elseif numbers[n + EXTRAS] > 0 and repeated(args, its, numbers, n, ids, letters) then
            kind = 'R'
        elseif verdict == DELAY then
            delay(text(offset), text(numbers[n + UNTIL]))
            kind = 'D'
        else
            kind, entry_prev, regs, e = store(numbers, n, args[its], args[its + ENTRY], caps)
        end
        if kind == 'S' then
            stored[i] = said
            outcomes[said + 1], outcomes[said + 2] = entry_prev, regs
            said = said + 2
        elseif kind == 'G' then
            outcomes[said + 1], outcomes[said + 2] = kind, entry_prev
            said = said + 2
        elseif kind == 'F' then
            outcomes[said + 1], outcomes[said + 2], outcomes[said + 3] = kind, entry_prev, regs
            outcomes[said + 4], outcomes[said + 5] = e.expiry_text, e.frame
            said = said + 5
        else
            outcomes[said + 1] = kind
            said = said + 1
        end
    end
    -- What a later record of the same batch pushed out is not to be hinted.
    if any_emptied() then
        for i, place in pairs(stored) do
            local b, id = BOXES[args[places[i]]], id_of(numbers[first + NUMBERS * (i - 1) + OFFSET])
            if b.emptied and #call('XRANGE', stream(b), id, id) == 0 then
                outcomes[place + 1], outcomes[place + 2] = 'G', outcomes[place + 1]
            end
        end
    end
    in_parts('HSET', P .. 'ids', ids.fresh)
    in_parts('HSET', P .. 'letters', letters.fresh)
    save(fence, if_position_changed)
    if init then
        call('HSET', P .. 'lane', 'base', text(base), 'generation', GENERATION, 'token', '')
    end
    if not FENCE or fence > FENCE then
        call('HSET', P .. 'lane', 'fence', text(fence))
        FENCE = fence
    end
    local waiting, left = {}, 0
    if drains == 1 then
        waiting, left = outbox()
    end
    return { 'ok', fence, lowest(fence), GENERATION, ACKS, left, outcomes, waiting }
end

-- {fence or nothing, generation, acks}
local function lane(keys, args)
    begin(keys, args)
    return { FENCE or false, GENERATION, ACKS }
end

local function begin_anew()
    local raw = call('HGETALL', P .. 'at')
    local registered = {}
    for i = 1, #raw, 2 do
        local b = decode(raw[i], raw[i + 1])
        call('DEL', stream(b), P .. 'c:' .. b.address)
        if b[REGS] ~= '' then
            registered[#registered + 1] = b
        end
    end
    for _, key in ipairs({ 'lane', 'at', 'gone', 'open', 'exp', 'delayed', 'out', 'ids', 'ids:before',
        'letters', 'letters:before' }) do
        call('DEL', P .. key)
    end
    BOXES = {}
    for i = 1, #registered do
        touch(decode(registered[i].address, false))[REGS] = registered[i][REGS]
    end
    ACKS = 0
    EPOCHS.ids, EPOCHS.letters = -1, -1
end

local function move_cursor(address, agent, to)
    local key = P .. 'c:' .. address
    local was = num(call('HGET', key, agent))
    if was and was >= to then
        return false
    end
    call('HSET', key, agent, text(to))
    call('EXPIREAT', key, (floor(NOW / DAY) + SHARD_DAYS) * DAY / 1000)
    return true
end

-- {address, agent or nothing, acked, settled, gone} five by five.
local function take(args, at, count)
    local addresses = {}
    for i = at, at + 5 * count - 1, 5 do
        want(args[i], addresses)
    end
    load(addresses)
    for i = at, at + 5 * count - 1, 5 do
        local b, acked, settled, gone = touch(box(args[i])), num(args[i + 2]), num(args[i + 3]), num(args[i + 4])
        if args[i + 1] ~= '' then
            move_cursor(args[i], args[i + 1], acked)
        else
            b.said = true
            b[GONE] = max(b[GONE], gone)
            reach(b, acked, settled, false)
            if settled >= b[SETTLED] then
                b[UNSAVED] = -1
            elseif b[UNSAVED] >= 0 then
                b[UNSAVED] = max(b[UNSAVED], settled + 1)
            end
        end
    end
    return at + 5 * count
end

local function restore_ids(args, at, count)
    local by_kind = { ids = {}, letters = {} }
    for i = at, at + 4 * count - 1, 4 do
        local list = by_kind[args[i]]
        list[#list + 1] = { id = args[i + 1], offset = num(args[i + 2]), time = num(args[i + 3]) }
    end
    for _, recent in ipairs(RECENT) do
        local list = by_kind[recent.field]
        local epoch = -1
        for i = 1, #list do
            epoch = turn(recent, list[i].time)
        end
        for i = 1, #list do
            local behind = epoch - floor(list[i].time / recent.window)
            if behind <= 1 then
                local key = P .. recent.field .. (behind == 1 and ':before' or '')
                local was = num(call('HGET', key, list[i].id))
                if not was or list[i].offset < was then
                    call('HSET', key, list[i].id, text(list[i].offset))
                end
            end
        end
    end
end

-- args: clock, token of the part before or nothing, token, acks offset, counts of positions,
-- origins, ids; then those. A shard that lacks the part before was emptied or rolled back since.
local function restore(keys, args)
    begin(keys, args)
    if FENCE then
        return
    end
    if args[2] == '' and args[3] ~= TOKEN then
        begin_anew()
    elseif args[2] ~= TOKEN then
        return
    end
    local at = take(args, 8, num(args[5]))
    for _ = 1, num(args[6]) do
        passed_origin(args[at])
        at = at + 1
    end
    restore_ids(args, at, num(args[7]))
    save(-1, never)
    if num(args[4]) > ACKS then
        call('HSET', P .. 'lane', 'acks', args[4])
    end
    call('HSET', P .. 'lane', 'token', args[3])
end

-- args: clock, from and to of the acks topic, count of positions, those, ids of drained entries.
-- Answers {'acks', applied} | {'ok', acked, settled, gone of each position, as far as the topic said}.
local function settle(keys, args)
    begin(keys, args)
    local count = num(args[4])
    local answer = { 'ok' }
    if not FENCE then
        for i = 2, 3 * count + 1 do
            answer[i] = -1
        end
        return answer
    end
    if ACKS < num(args[2]) then
        return { 'acks', ACKS }
    end
    local at = take(args, 5, count)
    local told = {}
    for i = at, #args do
        local id = args[i]
        local name = match(id, '^(M %S+) %-?%d+ %-?%d+ %-?%d+$')
        -- A mover that has moved on since is told again.
        if not name or filled_in(name) == id then
            told[#told + 1] = name or id
        end
    end
    in_parts('ZREM', P .. 'out', told)
    save(FENCE, if_ahead_of_topic)
    if num(args[3]) > ACKS then
        call('HSET', P .. 'lane', 'acks', args[3])
    end
    for i = 5, at - 1, 5 do
        local n = #answer
        if args[i + 1] ~= '' then
            local cursor = num(call('HGET', P .. 'c:' .. args[i], args[i + 1])) or -1
            answer[n + 1], answer[n + 2], answer[n + 3] = cursor, cursor, -1
        else
            local b = box(args[i])
            local saved = b[UNSAVED] < 0 and INF or b[UNSAVED] - 1
            answer[n + 1], answer[n + 2], answer[n + 3] = min(b[ACKED], saved), min(b[SETTLED], saved), b[GONE]
        end
    end
    return answer
end

-- args: clock, to
local function advance(keys, args)
    begin(keys, args)
    if not FENCE then
        return
    end
    local to = num(args[2])
    local below = call('ZRANGEBYSCORE', P .. 'open', '-inf', '(' .. args[2])
    for i = 1, #below do
        if sub(below[i], 1, 1) == '#' then
            no_longer_delayed(sub(below[i], 2))
        end
    end
    if to - 1 > FENCE then
        call('HSET', P .. 'lane', 'base', args[2])
        call('HSET', P .. 'lane', 'fence', text(to - 1))
    end
end

local SWEPT_ADDRESSES, SWEPT_ENTRIES = 64, 200

local function forget_address(b)
    call('HDEL', P .. 'at', b.address)
    call('HDEL', P .. 'gone', b.address)
    call('DEL', stream(b), P .. 'c:' .. b.address)
    call('ZREM', P .. 'exp', b.address)
    call('ZREM', P .. 'open', b.address)
end

-- Key ttls only clean up after a topic that is no more; whoever owns the lane renews them each hour.
local function keep_shard()
    local hour = text(floor(NOW / 3600000))
    if call('HGET', P .. 'lane', 'kept') == hour then
        return
    end
    call('HSET', P .. 'lane', 'kept', hour)
    local day = floor(NOW / DAY) + SHARD_DAYS
    for _, key in ipairs({ 'lane', 'at', 'gone', 'open', 'exp', 'delayed', 'out', 'ids', 'ids:before',
        'letters', 'letters:before' }) do
        call('EXPIREAT', P .. key, day * DAY / 1000)
    end
end

-- args: clock. Answers {due offsets, expired, more}.
local function sweep(keys, args)
    begin(keys, args)
    if not FENCE then
        return { {}, 0, 0 }
    end
    local now_text = text(NOW)
    local names = call('ZRANGEBYSCORE', P .. 'exp', '-inf', now_text, 'LIMIT', 0, SWEPT_ADDRESSES)
    load(names)
    local expired, more = 0, #names == SWEPT_ADDRESSES and 1 or 0
    for i = 1, #names do
        local b = touch(box(names[i]))
        local over, earliest = expire(b, SWEPT_ENTRIES - expired)
        expired = expired + over
        trim(b)
        b[DUE] = earliest or -1
        if b[MARKED] >= 0 then
            b[DUE] = b[DUE] < 0 and b[MARKED] + KEEP_ACKED or min(b[DUE], b[MARKED] + KEEP_ACKED)
        end
        if b[DUE] == NOW then
            more = 1
        elseif b[DUE] < 0 and b[REGS] == '' and b[UNSAVED] < 0 and b[TILL] * DAY <= NOW then
            b.forgotten = true
        elseif b[DUE] < 0 and b[TILL] * DAY <= NOW then
            keep_until(b, NOW)
        end
    end
    save(FENCE, if_position_changed)
    for i = 1, #names do
        if BOXES[names[i]].forgotten then
            forget_address(BOXES[names[i]])
        end
    end
    keep_shard()
    return { call('ZRANGEBYSCORE', P .. 'delayed', '-inf', now_text, 'LIMIT', 0, 100), expired, more }
end
