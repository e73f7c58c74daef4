-- Names carry the library's, so that old and new processes find each their own.

local function offer(name, callback, ...)
    redis.register_function { function_name = '${library}_' .. name, callback = callback, flags = { ... } }
end

offer('append', append)
offer('lane', lane, 'no-writes')
offer('restore', restore)
offer('settle', settle, 'allow-oom')
offer('advance', advance, 'allow-oom')
offer('sweep', sweep, 'allow-oom')

-- A full Redis drains only if browsers can still come, read and acknowledge.
offer('attach', attach, 'allow-oom')
offer('detach', detach, 'allow-oom')
offer('read', read_on, 'no-writes')
offer('positions', positions, 'allow-oom')
offer('ack', ack, 'allow-oom')
offer('forget', forget, 'allow-oom')

offer('next_incarnation', next_incarnation, 'allow-oom')
offer('take_lease', take_lease, 'allow-oom')
offer('refresh_lease', refresh_lease, 'allow-oom')
offer('release_lease', release_lease, 'allow-oom')
offer('all_leases', all_leases, 'no-writes')
offer('lane_count', lane_count, 'allow-oom')
offer('janitor', janitor, 'allow-oom')

offer('inspect_lane', inspect_lane, 'no-writes')
offer('inspect_address', inspect_address, 'no-writes')
offer('inspect_addresses', inspect_addresses, 'no-writes')
