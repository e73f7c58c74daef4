package io.switchboard.inbox;

/// What every [Inbox] promises; one page per theme.
interface InboxContract
        extends FenceContract,
                DedupeContract,
                AttachContract,
                AckContract,
                EndingContract,
                RebuildContract,
                RoleContract {}
