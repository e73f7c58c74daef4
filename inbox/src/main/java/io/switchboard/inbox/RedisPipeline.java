package io.switchboard.inbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.redisson.api.BatchOptions;
import org.redisson.api.FunctionMode;
import org.redisson.api.FunctionResult;
import org.redisson.api.RFunctionAsync;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;

/// Function calls on their way to Redis. A request of its own costs Redis and us more than a small
/// call itself, so those that are made in one turn of their caller travel in one request: whoever
/// comes first has it sent as soon as the event loop gets to it, and the others are there by then.
/// Each has an answer of its own.
///
/// Thread-safe.
final class RedisPipeline {
    /// They are answered together: all wait for the last.
    private static final int MOST = 32;

    private record Call(
            String function,
            RedisArguments arguments,
            CompletableFuture<@Nullable List<Object>> answer) {}

    private final RedissonClient redisson;
    private final Executor loop;
    private final Queue<Call> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean called = new AtomicBoolean();

    /// @param loop the client's own: what it is given runs when it has dealt with what came in
    RedisPipeline(RedissonClient redisson, Executor loop) {
        this.redisson = redisson;
        this.loop = loop;
    }

    CompletableFuture<@Nullable List<Object>> call(String function, RedisArguments arguments) {
        var call = new Call(function, arguments, new CompletableFuture<>());
        waiting.add(call);
        if (called.compareAndSet(false, true)) {
            try {
                loop.execute(this::send);
            } catch (RejectedExecutionException e) {
                refuse(e);
            }
        }
        return call.answer;
    }

    /// The client is closed.
    private void refuse(RejectedExecutionException e) {
        called.set(false);
        for (var next = waiting.poll(); next != null; next = waiting.poll()) {
            fail(next, e);
        }
    }

    private void send() {
        called.set(false);
        while (!waiting.isEmpty()) {
            var calls = new ArrayList<Call>();
            for (var next = waiting.poll();
                    next != null;
                    next = calls.size() < MOST ? waiting.poll() : null) {
                calls.add(next);
            }
            send(calls);
        }
    }

    private void send(List<Call> calls) {
        try {
            if (calls.size() == 1) {
                send(calls.getFirst(), redisson.getFunction(ByteArrayCodec.INSTANCE));
                return;
            }
            var batch = redisson.createBatch(BatchOptions.defaults().retryAttempts(0));
            var functions = batch.getFunction(ByteArrayCodec.INSTANCE);
            calls.forEach(each -> send(each, functions));
            batch.executeAsync()
                    .whenComplete(
                            (_, failure) -> {
                                if (failure != null) {
                                    calls.forEach(each -> fail(each, failure));
                                }
                            });
        } catch (RuntimeException e) {
            calls.forEach(each -> fail(each, e));
        }
    }

    private static void send(Call call, RFunctionAsync functions) {
        functions
                .<List<Object>>callAsync(
                        FunctionMode.WRITE,
                        call.function,
                        FunctionResult.LIST,
                        List.of(call.arguments.key()),
                        call.arguments.values())
                .whenComplete(
                        (answer, failure) -> {
                            if (failure == null) {
                                call.answer.complete(answer);
                            } else {
                                fail(call, failure);
                            }
                        });
    }

    /// An answer that came before stays.
    private static void fail(Call call, Throwable failure) {
        call.answer.completeExceptionally(failure);
    }
}
