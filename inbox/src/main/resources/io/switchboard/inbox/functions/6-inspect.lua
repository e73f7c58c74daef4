-- For people who look. Writes nothing.

-- args: clock. Answers fence or nothing, generation, base, floor, then how many addresses, open,
-- delayed and outbox entries, and the time.
local function inspect_lane(keys, args)
    begin(keys, args)
    return {
        FENCE or false, GENERATION, BASE, FENCE and lowest(FENCE) or 0,
        call('HLEN', P .. 'at'), call('ZCARD', P .. 'open'), call('ZCARD', P .. 'delayed'),
        call('ZCARD', P .. 'out'), text(NOW),
    }
end

-- Known or not, address, positions, unread, listeners, then the oldest unread or nothing.
local function view(b)
    local unread, oldest = 0, nil
    if b[OPEN] > 0 then
        scan(b, b[SETTLED], INF, 16, function(e)
            if not oldest and e.expiry > NOW then
                oldest = e
            end
            return oldest or e.offset >= b[TOP]
        end)
        unread = oldest and b[OPEN] or 0
    end
    return {
        b.raw and 1 or 0, b.address, b[TOP], b[ACKED], b[SETTLED], unread, b[REGS],
        oldest and oldest.offset or -1, oldest and oldest.event or '',
        oldest and match(oldest.frame, '"sent":(%d+)') or '0', oldest and oldest.expiry_text or '0',
    }
end

-- args: clock, address
local function inspect_address(keys, args)
    begin(keys, args)
    return view(box(args[2]))
end

-- args: clock, cursor, how many (about). Answers the next cursor and views.
local function inspect_addresses(keys, args)
    begin(keys, args)
    local page = call('HSCAN', P .. 'at', args[2], 'COUNT', args[3])
    local views = {}
    for i = 1, #page[2], 2 do
        views[#views + 1] = view(decode(page[2][i], page[2][i + 1]))
    end
    return { page[1], views }
end
