package io.switchboard.systemtests.simulation;

import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.inbox.Append;
import io.switchboard.inbox.AppendAnswer;
import io.switchboard.inbox.AppendAnswer.Outcome;
import io.switchboard.inbox.Feed;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.InboxAway;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.RedrivenLetter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/// Mistakes that one could make in the lanes, the functions inside Redis, or the edge node. Each
/// must be noticed by some seed.
enum Mutation implements Defect {
    /// A batch behind whose `prev` the shard is lacking something is stored all the same.
    GAP_IS_ACCEPTED {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<AppendAnswer> append(Append batch) {
                    return super.append(batch)
                            .thenCompose(
                                    answer ->
                                            answer instanceof AppendAnswer.Behind(Long fence)
                                                            && fence != null
                                                    ? super.append(withPrev(batch, fence))
                                                    : CompletableFuture.completedFuture(answer));
                }
            };
        }
    },

    /// Off by one: the record right after the fence counts as seen.
    FENCE_IS_ONE_TOO_HIGH {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<AppendAnswer> append(Append batch) {
                    var records = batch.records();
                    if (records.size() < 2 || records.getFirst().offset() != batch.prev() + 1) {
                        return super.append(batch);
                    }
                    return super.append(withRecords(batch, records.subList(1, records.size())))
                            .thenApply(answer -> withFirstOutcome(answer, REPEAT));
                }
            };
        }
    },

    /// The lane says "first − 1" instead of what it has accounted for: a log has holes.
    PREV_IS_FIRST_MINUS_ONE {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<AppendAnswer> append(Append batch) {
                    return super.append(
                            batch.records().isEmpty()
                                    ? batch
                                    : withPrev(batch, batch.records().getFirst().offset() - 1));
                }
            };
        }
    },

    /// A late batch on an emptied shard makes a fence of its own.
    MISSING_FENCE_IS_ACCEPTED {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<AppendAnswer> append(Append batch) {
                    return super.append(batch)
                            .thenCompose(
                                    answer ->
                                            answer instanceof AppendAnswer.Behind(Long fence)
                                                            && fence == null
                                                    ? beginAt(batch)
                                                    : CompletableFuture.completedFuture(answer));
                }

                private CompletionStage<AppendAnswer> beginAt(Append batch) {
                    var token = "late";
                    return restore(
                                    new Restore(
                                            batch.lane(),
                                            "",
                                            token,
                                            List.of(),
                                            List.of(),
                                            List.of(),
                                            batch.acksOffset()))
                            .thenCompose(
                                    _ -> super.append(withInit(batch, new Append.Init(token, 0))));
                }
            };
        }
    },

    /// The floor is "everything is done", though something is open.
    FLOOR_IS_FORGOTTEN {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<AppendAnswer> append(Append batch) {
                    return super.append(batch)
                            .thenApply(
                                    answer ->
                                            answer instanceof AppendAnswer.Appended appended
                                                    ? withFloor(appended, appended.fence() + 1)
                                                    : answer);
                }
            };
        }
    },

    /// A rebuild begins without the positions, origin fences and ids.
    RESTORE_IS_EMPTY {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<Void> restore(Restore part) {
                    return super.restore(
                            new Restore(
                                    part.lane(),
                                    part.after(),
                                    part.token(),
                                    List.of(),
                                    List.of(),
                                    List.of(),
                                    part.acksOffset()));
                }
            };
        }
    },

    /// A split or re-keyed record that was republished twice is stored twice.
    ORIGIN_IS_FORGOTTEN {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return changingRecords(
                    inbox,
                    record ->
                            new Append.Record(
                                    record.offset(),
                                    record.address(),
                                    record.eventId(),
                                    record.frame(),
                                    record.expiry(),
                                    record.verdict(),
                                    record.receipts(),
                                    record.capEntries(),
                                    record.capBytes(),
                                    record.ids(),
                                    record.letterIds(),
                                    null,
                                    record.releases()));
        }
    },

    /// A producer's retry is stored as another event.
    IDS_ARE_FORGOTTEN {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return changingRecords(
                    inbox,
                    record ->
                            new Append.Record(
                                    record.offset(),
                                    record.address(),
                                    record.eventId(),
                                    record.frame(),
                                    record.expiry(),
                                    record.verdict(),
                                    record.receipts(),
                                    record.capEntries(),
                                    record.capBytes(),
                                    List.of(),
                                    record.letterIds(),
                                    record.origin(),
                                    record.releases()));
        }
    },

    /// A released copy does not end the delay of its original.
    RELEASE_DOES_NOT_END_THE_DELAY {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return changingRecords(
                    inbox,
                    record ->
                            new Append.Record(
                                    record.offset(),
                                    record.address(),
                                    record.eventId(),
                                    record.frame(),
                                    record.expiry(),
                                    record.verdict(),
                                    record.receipts(),
                                    record.capEntries(),
                                    record.capBytes(),
                                    List.of(),
                                    record.letterIds(),
                                    record.origin(),
                                    null));
        }
    },

    /// Reading and registering are two calls, and what comes between is in neither; the check
    /// that would find it is off.
    ATTACH_IS_NOT_ATOMIC {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<Feed> attach(Attach request) {
                    return super.attach(request)
                            .thenCompose(
                                    feed ->
                                            detach(
                                                            request.lane(),
                                                            request.address(),
                                                            request.edge(),
                                                            request.registration())
                                                    .thenApply(_ -> feed))
                            .thenApply(
                                    feed -> {
                                        later.in(400, () -> super.attach(request));
                                        return feed;
                                    });
                }

                @Override
                public CompletionStage<List<Feed.Standing>> positions(
                        LaneId lane, List<Check> checks) {
                    return away();
                }
            };
        }
    },

    /// Nobody looks for what was not hinted.
    POSITION_CHECKS_ARE_OFF {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<List<Feed.Standing>> positions(
                        LaneId lane, List<Check> checks) {
                    return away();
                }
            };
        }
    },

    /// An acknowledgement takes the next event with it.
    ACK_GOES_TOO_FAR {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<List<Feed.Standing>> ack(LaneId lane, List<Ack> acks) {
                    return super.ack(
                            lane,
                            acks.stream()
                                    .map(
                                            each ->
                                                    new Ack(
                                                            each.address(),
                                                            each.agent(),
                                                            each.offset() + 2))
                                    .toList());
                }
            };
        }
    },

    /// Whoever has a role for the first time begins at its end, not at what nobody has taken.
    ROLES_BEGIN_AT_THE_TOP {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                @Override
                public CompletionStage<Feed> attach(Attach request) {
                    if (request.address() instanceof Address.Agent || request.after() != null) {
                        return super.attach(request);
                    }
                    return super.attach(request)
                            .thenCompose(
                                    feed ->
                                            super.attach(
                                                    new Attach(
                                                            request.lane(),
                                                            request.address(),
                                                            request.agent(),
                                                            request.edge(),
                                                            request.registration(),
                                                            feed.standing().top(),
                                                            request.limit())))
                            .thenApply(
                                    feed ->
                                            new Feed(
                                                    feed.ready(),
                                                    feed.standing().top(),
                                                    feed.entries(),
                                                    feed.gone(),
                                                    feed.more(),
                                                    feed.unread(),
                                                    feed.standing()));
                }
            };
        }
    },

    /// A hint that does not follow is written, where the inbox should be read.
    HINT_IS_WRITTEN_OVER_A_GAP {
        @Override
        public Hint hint(Hint hint) {
            return hint.prev() < 1
                    ? hint
                    : new Hint(
                            hint.address(),
                            hint.lane(),
                            hint.offset(),
                            0,
                            hint.expiry(),
                            hint.frame());
        }
    },

    /// A repetition is hinted as if it were new.
    REPEATS_ARE_HINTED {
        @Override
        public Inbox inbox(Inbox inbox, Later later) {
            return new ForwardingInbox(inbox) {
                private final Map<Address, List<EdgeRef>> edges = new HashMap<>();

                @Override
                public CompletionStage<AppendAnswer> append(Append batch) {
                    return super.append(batch)
                            .thenApply(
                                    answer ->
                                            answer instanceof AppendAnswer.Appended appended
                                                    ? told(batch, appended)
                                                    : answer);
                }

                private AppendAnswer told(Append batch, AppendAnswer.Appended answer) {
                    var outcomes = new ArrayList<>(answer.outcomes());
                    for (int i = 0; i < outcomes.size(); i++) {
                        var record = batch.records().get(i);
                        var outcome = outcomes.get(i);
                        if (outcome.kind() == Outcome.Kind.STORED) {
                            edges.put(record.address(), outcome.edges());
                        } else if (outcome.kind() == Outcome.Kind.REPEAT) {
                            outcomes.set(
                                    i,
                                    new Outcome(
                                            Outcome.Kind.STORED,
                                            0,
                                            edges.getOrDefault(record.address(), List.of()),
                                            null,
                                            record.expiry()));
                        }
                    }
                    return withOutcomes(answer, outcomes);
                }
            };
        }
    },

    /// What a split record's copies are is committed before Kafka has them.
    COMMIT_BEFORE_REPUBLISH {
        @Override
        public Ports ports(Ports ports, Later later) {
            return new Ports(
                    ports.inbox(),
                    copy -> {
                        later.in(1_500, () -> ports.events().republish(copy));
                        return CompletableFuture.completedFuture(null);
                    },
                    ports.hints(),
                    ports.outcomes(),
                    ports.commits(),
                    ports.reader(),
                    ports.source(),
                    ports.edges(),
                    ports.door());
        }
    },

    /// That a redelivery is under way is said in the first commit only.
    REDELIVERY_IS_FORGOTTEN {
        @Override
        public Ports ports(Ports ports, Later later) {
            return withCommits(
                    ports,
                    marker -> {
                        var it = marker.redelivery();
                        return it == null || it.next() == it.from()
                                ? marker
                                : withRedelivery(marker, null);
                    });
        }
    },

    /// A redelivery counts as further on than it is.
    REDELIVERY_RUNS_AHEAD {
        @Override
        public Ports ports(Ports ports, Later later) {
            return withCommits(
                    ports,
                    marker -> {
                        var it = marker.redelivery();
                        return it == null
                                ? marker
                                : withRedelivery(marker, it.reached((it.next() + it.to()) / 2));
                    });
        }
    },

    /// An operator's reset is no request: the lane goes on at its fence.
    RESET_IS_NOT_OBEYED {
        @Override
        public Ports ports(Ports ports, Later later) {
            return withCommits(ports, marker -> withRedelivery(marker, null));
        }
    },

    /// The acks topic learns nothing.
    ACKS_TOPIC_IS_NOT_WRITTEN {
        @Override
        public Ports ports(Ports ports, Later later) {
            return withOutcomes(
                    ports,
                    new ForwardingOutcomes(ports.outcomes()) {
                        @Override
                        public CompletionStage<Long> acked(LaneId lane, AckedPosition position) {
                            return CompletableFuture.completedFuture(-1L);
                        }
                    });
        }
    },

    /// The outbox is let go of before its receipts are written.
    RECEIPTS_ARE_SETTLED_UNWRITTEN {
        @Override
        public Ports ports(Ports ports, Later later) {
            return withOutcomes(
                    ports,
                    new ForwardingOutcomes(ports.outcomes()) {
                        @Override
                        public CompletionStage<Void> receipt(Receipt receipt) {
                            later.in(1_500, () -> super.receipt(receipt));
                            return CompletableFuture.completedFuture(null);
                        }
                    });
        }
    };

    private static final Outcome REPEAT = new Outcome(Outcome.Kind.REPEAT, -1, List.of(), null, 0);

    private static class ForwardingOutcomes implements Ports.Outcomes {
        private final Ports.Outcomes outcomes;

        ForwardingOutcomes(Ports.Outcomes outcomes) {
            this.outcomes = outcomes;
        }

        @Override
        public CompletionStage<Void> receipt(Receipt receipt) {
            return outcomes.receipt(receipt);
        }

        @Override
        public CompletionStage<Void> deadLetter(DeadLetter letter) {
            return outcomes.deadLetter(letter);
        }

        @Override
        public CompletionStage<Long> acked(LaneId lane, AckedPosition position) {
            return outcomes.acked(lane, position);
        }

        @Override
        public CompletionStage<Void> redriven(LaneId lane, RedrivenLetter letter) {
            return outcomes.redriven(lane, letter);
        }
    }

    private static Ports withOutcomes(Ports ports, Ports.Outcomes outcomes) {
        return new Ports(
                ports.inbox(),
                ports.events(),
                ports.hints(),
                outcomes,
                ports.commits(),
                ports.reader(),
                ports.source(),
                ports.edges(),
                ports.door());
    }

    private static Ports withCommits(Ports ports, UnaryOperator<CommitMarker> change) {
        return new Ports(
                ports.inbox(),
                ports.events(),
                ports.hints(),
                ports.outcomes(),
                new Ports.Commits() {
                    @Override
                    public CompletionStage<Ports.Committed> committed(LaneId lane) {
                        return ports.commits().committed(lane);
                    }

                    @Override
                    public CompletionStage<Void> commit(
                            LaneId lane, long offset, CommitMarker marker) {
                        return ports.commits().commit(lane, offset, change.apply(marker));
                    }
                },
                ports.reader(),
                ports.source(),
                ports.edges(),
                ports.door());
    }

    private static CommitMarker withRedelivery(CommitMarker it, CommitMarker.Redelivery other) {
        return new CommitMarker(
                it.tag(), it.offset(), it.floor(), it.generation(), other, it.skip(), it.at());
    }

    private static Inbox changingRecords(Inbox inbox, UnaryOperator<Append.Record> change) {
        return new ForwardingInbox(inbox) {
            @Override
            public CompletionStage<AppendAnswer> append(Append batch) {
                return super.append(
                        withRecords(batch, batch.records().stream().map(change).toList()));
            }
        };
    }

    private static Append withRecords(Append batch, List<Append.Record> records) {
        return new Append(
                batch.lane(),
                batch.prev(),
                batch.end(),
                records,
                batch.recordTime(),
                batch.acksOffset(),
                batch.caps(),
                batch.drains(),
                batch.init());
    }

    private static Append withPrev(Append batch, long prev) {
        return new Append(
                batch.lane(),
                prev,
                batch.end(),
                batch.records(),
                batch.recordTime(),
                batch.acksOffset(),
                batch.caps(),
                batch.drains(),
                batch.init());
    }

    private static Append withInit(Append batch, Append.Init init) {
        return new Append(
                batch.lane(),
                batch.prev(),
                batch.end(),
                batch.records(),
                batch.recordTime(),
                batch.acksOffset(),
                batch.caps(),
                batch.drains(),
                init);
    }

    private static AppendAnswer withFirstOutcome(AppendAnswer answer, Outcome first) {
        if (!(answer instanceof AppendAnswer.Appended appended)) {
            return answer;
        }
        var outcomes = new ArrayList<>(appended.outcomes());
        outcomes.addFirst(first);
        return withOutcomes(appended, outcomes);
    }

    private static AppendAnswer withOutcomes(AppendAnswer.Appended it, List<Outcome> outcomes) {
        return new AppendAnswer.Appended(
                it.fence(),
                it.floor(),
                it.generation(),
                it.acksApplied(),
                outcomes,
                it.outbox(),
                it.outboxLeft());
    }

    private static AppendAnswer withFloor(AppendAnswer.Appended it, long floor) {
        return new AppendAnswer.Appended(
                it.fence(),
                floor,
                it.generation(),
                it.acksApplied(),
                it.outcomes(),
                it.outbox(),
                it.outboxLeft());
    }

    private static <T> CompletionStage<T> away() {
        return CompletableFuture.failedFuture(
                new InboxAway("not asked", new IllegalStateException("a planted defect")));
    }
}
