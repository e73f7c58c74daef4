package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.RedrivenLetter;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// All that a lane needs of the world. What is asked may be answered on any thread: the lane
/// itself carries answers through its [Door].
///
/// @param source of this lane; the others serve all lanes
public record Ports(
        Inbox inbox,
        EventsLog events,
        Hints hints,
        Outcomes outcomes,
        Commits commits,
        LogReader reader,
        Source source,
        Edges edges,
        Door door) {

    /// The one way back to the thread that owns the lanes.
    @FunctionalInterface
    public interface Door {
        /// Runs it on the owner's thread, later, in the order of entering. Thread-safe; never
        // waits.
        void enter(Runnable answer);
    }

    /// Writes copies to the events topic.
    @FunctionalInterface
    public interface EventsLog {
        /// In the order of the calls per partition; what was given earlier is never overtaken.
        /// Answers when it is acknowledged, which may take as long as Kafka is away; fails only
        /// with [Refused].
        CompletionStage<Void> republish(ProducerRecord<byte[], byte[]> copy);
    }

    /// Kafka will not take this record, however often it is asked.
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }
    }

    /// Tells an edge node what is in an inbox now; may be lost.
    @FunctionalInterface
    public interface Hints {
        /// Never waits, never fails.
        void send(EdgeRef edge, Hint hint);
    }

    /// Writes what must be known outside. As [EventsLog]: in order, and until it is acknowledged.
    public interface Outcomes {
        CompletionStage<Void> receipt(Receipt receipt);

        CompletionStage<Void> deadLetter(DeadLetter letter);

        /// Answers the offset that it got in the lane's partition of the acks topic.
        CompletionStage<Long> acked(LaneId lane, AckedPosition position);

        /// Into the same partition.
        CompletionStage<Void> redriven(LaneId lane, RedrivenLetter letter);
    }

    /// The consumer group's offsets.
    public interface Commits {
        /// Null when there is none.
        CompletionStage<@Nullable Committed> committed(LaneId lane);

        /// Fails when the lane is no longer ours, or Kafka is away; the next commit says it all
        /// again.
        CompletionStage<Void> commit(LaneId lane, long offset, CommitMarker marker);
    }

    public record Committed(long offset, String metadata) {}

    public enum Log {
        EVENTS,
        ACKS
    }

    /// Reads partitions back, beside the live stream. Fails when Kafka is away.
    public interface LogReader {
        CompletionStage<Bounds> bounds(Log log, LaneId lane);

        /// The first record at or after that time (ms since the epoch), or the log's end.
        CompletionStage<Long> offsetAt(LaneId lane, long timestamp);

        /// Some of [from, to), at least one record unless there is none left.
        CompletionStage<Chunk> read(Log log, LaneId lane, long from, long to);
    }

    /// @param begin first offset that is still there
    /// @param end one after the last that may be read
    public record Bounds(long begin, long end) {}

    /// @param next where to read on; ≥ the asked `to` when it is all read
    public record Chunk(List<LogRecord> records, long next) {}

    /// The live stream of this lane's partition. Starts held.
    public interface Source {
        /// The next records come from there.
        void seek(long offset);

        void hold();

        void flow();
    }

    /// Who may still be reached.
    @FunctionalInterface
    public interface Edges {
        /// False only when it is known that this life of the edge is over.
        boolean lives(EdgeRef edge);

        /// Whether an edge node of this id has held a lease lately, as far as this process saw.
        default boolean knows(String id) {
            return true;
        }
    }
}
