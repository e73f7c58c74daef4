-- What happens to one address: entries end, positions move, acknowledged ones are let go of.

-- Tombstones ------------------------------------------------------------------------------------
--
-- Spans of the log {through, expired, overflow, from}, one for each entry that ended. Beyond 16 two
-- become one, if possible such as have nothing alive between them; its counts are for whoever comes
-- from before it.

local MAX_GRAVES = 16

local function graves(b)
    if not b.graves then
        b.graves = b[POINTS] > 0 and unpack_all(call('HGET', P .. 'gone', b.address)) or {}
    end
    return b.graves
end

local function first_neighbours(b, list)
    for i = 1, #list - 1 do
        local after, before = list[i][1], list[i + 1][4]
        if after >= before
            or #call('XRANGE', stream(b), '(' .. id_of(after), '(' .. id_of(before), 'COUNT', 1) == 0 then
            return i
        end
    end
    return 1
end

local function dig(b, offset, expired)
    local list = graves(b)
    local at = #list + 1
    while at > 1 and list[at - 1][1] > offset do
        at = at - 1
    end
    table.insert(list, at, { offset, expired and 1 or 0, expired and 0 or 1, offset })
    if #list > MAX_GRAVES then
        local i = first_neighbours(b, list)
        local one, later = list[i], list[i + 1]
        later[2], later[3], later[4] = later[2] + one[2], later[3] + one[3], one[4]
        table.remove(list, i)
    end
end

-- Ending ----------------------------------------------------------------------------------------

local function ended(b, kind, e)
    OUT[#OUT + 1] = text(e.offset)
    OUT[#OUT + 1] = concat({ 'E', text(e.offset), kind, text(NOW), b.address, e.event }, ' ')
end

local function oldest_open(b)
    if b[OPEN] == 0 then
        return INF
    elseif not b.shared then
        return b[FIRST]
    end
    local e = first_after(b, b[SETTLED])
    return e and e.offset or INF
end

local function first_held(b)
    local e = b[COUNT] > 0 and first_after(b, -1)
    return e and e.offset or -1
end

-- `settled` moves over entries that are over, up to the first open one. `first` is the oldest of
-- those that may be over now.
local function settle_over(b, first)
    local open = b[OPEN] > 0 and first_after(b, b[SETTLED]) or nil
    if not b.shared then
        b[FIRST] = open and open.offset or -1
    elseif b.emptied then
        b[FIRST] = first_held(b)
    end
    if (open and open.offset or INF) <= first then
        return
    end
    local to = open and open.prev or b[TOP]
    if to > b[SETTLED] then
        b[SETTLED] = to
        if b[UNSAVED] < 0 then
            b[UNSAVED] = first
        end
    end
end

-- An entry (in the stream, if `stored`) is over without having been acknowledged.
local function bury(b, e, expired, owes, stored)
    if stored then
        call('XDEL', stream(b), e.id)
        b.emptied = true
        if b.shared or e.offset > b[SETTLED] then
            b[COUNT], b[BYTES] = b[COUNT] - 1, b[BYTES] - #e.frame
        end
        if e.offset > b[SETTLED] then
            b[OPEN] = b[OPEN] - 1
        end
    end
    b[GONE] = max(b[GONE], e.offset)
    dig(b, e.offset, expired)
    if owes and e.offset > b[SETTLED] and e.level ~= 'N' then
        ended(b, expired and 'EXPIRED' or 'DROPPED', e)
    end
end

local function let_go(b, offset)
    if b[TTL] > 0 then
        call('XTRIM', stream(b), 'MINID', text(offset + 1))
        b.emptied = true
    end
    if b[POINTS] > 0 or b.graves then
        local list = graves(b)
        while list[1] and list[1][1] <= offset do
            table.remove(list, 1)
        end
    end
end

-- What an agent acknowledged stays a few minutes for its other tabs: it is let go of at the second
-- mark after it.
local function mark_acked(b)
    if b.shared then
        return
    end
    if b[MARKED] >= 0 then
        if NOW - b[MARKED] < KEEP_ACKED then
            return
        end
        let_go(b, b[MARK])
    end
    b[MARK], b[MARKED] = b[ACKED], NOW
    b[DUE] = b[DUE] < 0 and NOW + KEEP_ACKED or min(b[DUE], NOW + KEEP_ACKED)
end

local function trim(b)
    if b[MARKED] < 0 or NOW - b[MARKED] < KEEP_ACKED then
        return
    end
    let_go(b, b[MARK])
    if b[ACKED] > b[MARK] then
        b[MARK], b[MARKED] = b[ACKED], NOW
    else
        b[MARK], b[MARKED] = -1, -1
    end
end

-- Whether all that an agent holds ends at `to`, and nothing has to be known of it.
local function all_plain(b, to, owes)
    return owes and not b.shared and to >= b[TOP] and b[OWING] <= b[SETTLED] and b[DUE] > NOW
end

-- Everything through `acked` is acknowledged and through `settled` over. With `owes`, what is
-- acknowledged now gets its receipt, unless it had expired before: then that is what happened.
-- Without, the topic says so, and receipts are out.
local function reach(b, acked, settled, owes)
    local first = oldest_open(b)
    local before = b[ACKED]
    local through_acked = max(acked, before)
    local to = max(settled, through_acked)
    if first <= to then
        if all_plain(b, to, owes) then
            b[OPEN], b[COUNT], b[BYTES] = 0, 0, 0
        else
            scan(b, b[SETTLED], to, 64, function(e)
                local expired = e.expiry <= NOW
                if e.offset > through_acked or owes and expired then
                    bury(b, e, expired, owes, true)
                    return
                end
                b[OPEN] = b[OPEN] - 1
                if not b.shared then
                    b[COUNT], b[BYTES] = b[COUNT] - 1, b[BYTES] - #e.frame
                end
                if owes and e.level == 'A' then
                    ended(b, 'ACKNOWLEDGED', e)
                end
            end)
        end
        if b[UNSAVED] < 0 then
            b[UNSAVED] = first
        end
    end
    b[ACKED] = through_acked
    b[SETTLED] = max(b[SETTLED], to)
    settle_over(b, first)
    if b[ACKED] > before then
        mark_acked(b)
    end
end

-- Drops the oldest until the caps hold; the newest always stays.
local function cap(b, entries, bytes)
    if b[COUNT] <= 1 or b[COUNT] <= entries and b[BYTES] <= bytes then
        return
    end
    local first = oldest_open(b)
    scan(b, b.shared and -1 or b[SETTLED], INF, 16, function(e)
        if b[COUNT] <= 1 or b[COUNT] <= entries and b[BYTES] <= bytes then
            return true
        end
        bury(b, e, e.expiry <= NOW, true, true)
    end)
    settle_over(b, first)
end

-- Ends at most `most` expired entries; answers how many, and the earliest expiry that is left
-- (this moment, if there are more).
local function expire(b, most)
    if b[COUNT] == 0 then
        return 0, nil
    end
    local first = oldest_open(b)
    local over, earliest = 0, nil
    scan(b, b.shared and -1 or b[SETTLED], INF, 64, function(e)
        if e.expiry > NOW then
            earliest = earliest and min(earliest, e.expiry) or e.expiry
        elseif over == most then
            earliest = NOW
            return true
        else
            bury(b, e, true, true, true)
            over = over + 1
        end
    end)
    settle_over(b, first)
    return over, earliest
end

-- Reading ---------------------------------------------------------------------------------------

local function standing(b, registered)
    if not FENCE then
        return { -1, -1, -1, 0, -1, '', registered and 1 or 0 }
    end
    return { b[TOP] >= 0 and b[TOP] or b[SETTLED], b[ACKED], b[SETTLED], BASE, FENCE, GENERATION, registered and 1 or 0 }
end

local function not_yet(b, from, registered)
    return { 0, from, {}, {}, 0, 0, standing(b, registered) }
end

-- {ready, from, entries, tombstones, more, unread, standing}; tombstones are not joined yet.
local function read(b, from, limit, bytes, registered)
    local entries, points, size, expired_open, more, last = {}, {}, 0, 0, 0, -1
    if b[TTL] > 0 then
        scan(b, from, INF, min(limit + 1, 32), function(e)
            if e.expiry <= NOW then
                points[#points + 1] = { e.offset, 1, 0, e.offset }
                if e.offset > b[SETTLED] then
                    expired_open = expired_open + 1
                end
                return
            end
            if #entries > 0 and (#entries >= limit * 5 or size + #e.frame > bytes) then
                more = 1
                return true
            end
            size, last = size + #e.frame, e.offset
            local n = #entries
            entries[n + 1], entries[n + 2], entries[n + 3] = e.offset, e.prev, e.event
            entries[n + 4], entries[n + 5] = e.expiry_text, e.frame
        end)
    end
    if b[POINTS] > 0 then
        local stored = graves(b)
        for i = 1, #stored do
            points[#points + 1] = stored[i]
        end
    end
    local told = {}
    for i = 1, #points do
        local point = points[i]
        if point[1] > from and (more == 0 or point[1] <= last) then
            local whole = point[4] > from
            told[#told + 1] = { point[1], whole and point[2] or 0, whole and point[3] or 0 }
        end
    end
    return { 1, from, entries, told, more, b[OPEN] - expired_open, standing(b, registered) }
end
