package io.switchboard.inbox;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RFunction;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNode;
import org.redisson.api.redisnode.RedisNodes;
import org.redisson.client.RedisException;
import org.redisson.client.codec.ByteArrayCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls our functions, wherever their key lives, and brings the library to nodes that lack it.
///
/// No command is repeated after a failure whose outcome is unknown: the repetition could overtake
/// the next call of the same lane. "No such function" is a known outcome: nothing ran.
///
/// Thread-safe.
final class RedisConnection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RedisConnection.class);

    private static final Pattern REFUSAL = Pattern.compile("WRONGPASS|NOAUTH|NOPERM|DENIED");

    /// The first sentence of what Redis itself says, without what the client adds to it.
    private static final Pattern SAYING =
            Pattern.compile(
                    "(?:WRONGPASS|NOAUTH|NOPERM|DENIED|LOADING|MASTERDOWN|CLUSTERDOWN|MISCONF) [^.]+");

    private static final long RETRY_NANOS = 200_000_000;

    private final RedissonClient redisson;
    private final boolean cluster;
    private final RedisPipeline pipeline;
    private final RFunction functions;
    private final RedisLibrary library;

    private RedisConnection(Redisson redisson, boolean cluster, RedisLibrary library) {
        this.redisson = redisson;
        this.pipeline = new RedisPipeline(redisson, redisson.getServiceManager().getGroup());
        this.cluster = cluster;
        this.functions = redisson.getFunction(ByteArrayCodec.INSTANCE);
        this.library = library;
    }

    /// Blocks. A busy server, or one that is about to start, gets a while.
    ///
    /// @throws InboxAway when no server answers within `patience`
    static RedisConnection connect(RedisUrls urls, RedisLibrary library, Duration patience) {
        var giveUp = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                var redisson = (Redisson) Redisson.create(urls.config());
                return new RedisConnection(redisson, urls.cluster(), library);
            } catch (RedisException e) {
                if (System.nanoTime() >= giveUp
                        || isRefusal(e)
                        || Thread.currentThread().isInterrupted()) {
                    throw new InboxAway("Redis at %s: %s".formatted(urls, saying(e)), e);
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /// A password does not become right by waiting, nor a protected mode open.
    private static boolean isRefusal(Throwable failure) {
        return find(REFUSAL, failure) != null;
    }

    private static String saying(Throwable failure) {
        var said = find(SAYING, failure);
        return said == null ? "no answer" : "it says: " + said;
    }

    private static @Nullable String find(Pattern words, Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            var found = words.matcher(String.valueOf(each.getMessage()));
            if (found.find()) {
                return found.group();
            }
        }
        return null;
    }

    CompletionStage<RedisReply> call(String function, RedisArguments arguments) {
        var name = library.function(function);
        return pipeline.call(name, arguments)
                .handle(
                        (answer, failure) ->
                                isMissing(failure)
                                        ? load().thenCompose(_ -> pipeline.call(name, arguments))
                                        : settled(answer, failure))
                .thenCompose(Function.identity())
                .handle(
                        (answer, failure) -> {
                            if (failure != null) {
                                throw new InboxAway(
                                        "%s on %s failed".formatted(function, arguments.key()),
                                        cause(failure));
                            }
                            return new RedisReply(answer == null ? List.of() : answer);
                        });
    }

    /// To every master. Idempotent: the name stands for the text.
    private CompletionStage<Void> load() {
        log.atInfo().addKeyValue("library", library.name()).log("Redis lacks the function library");
        return functions
                .loadAndReplaceAsync(library.name(), library.code())
                .handle(
                        (_, failure) ->
                                failure == null
                                        ? CompletableFuture.<Void>completedFuture(null)
                                        : CompletableFuture.<Void>failedFuture(notLoaded(failure)))
                .thenCompose(Function.identity());
    }

    /// By its login an edge node may not bring code: it waits for a dispatcher of its own release.
    private Throwable notLoaded(Throwable failure) {
        return isRefusal(failure)
                ? new InboxAway(
                        "Redis lacks the function library %s, and this login may not load it (expected: a dispatcher of this release, which brings it)"
                                .formatted(library.name()),
                        cause(failure))
                : cause(failure);
    }

    private static boolean isMissing(@Nullable Throwable failure) {
        if (failure == null) {
            return false;
        }
        var message = String.valueOf(cause(failure).getMessage());
        return message.contains("Function not found") || message.contains("No matching script");
    }

    private static CompletionStage<@Nullable List<Object>> settled(
            @Nullable List<Object> answer, @Nullable Throwable failure) {
        return failure == null
                ? CompletableFuture.completedFuture(answer)
                : CompletableFuture.failedFuture(failure);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }

    /// What each master says of itself under that section of INFO.
    List<Map<String, String>> info(RedisNode.InfoSection section) {
        return masters().stream().map(each -> each.info(section)).toList();
    }

    List<Map<String, String>> config(String parameter) {
        return masters().stream().map(each -> each.getConfig(parameter)).toList();
    }

    private List<? extends RedisNode> masters() {
        if (cluster) {
            return List.copyOf(redisson.getRedisNodes(RedisNodes.CLUSTER).getMasters());
        }
        return List.of(redisson.getRedisNodes(RedisNodes.SINGLE).getInstance());
    }

    @Override
    public void close() {
        redisson.shutdown();
    }
}
