package io.switchboard.systemtests.chaos;

import io.switchboard.systemtests.History;
import io.switchboard.systemtests.harness.Infra;
import io.switchboard.systemtests.harness.RedisCopy;
import io.switchboard.systemtests.harness.Relay;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// What can be done to a [ChaosSystem].
public enum Strike {
    DISPATCHER_KILLED {
        @Override
        void hit(Field field) {
            kill(field, oneOf(field, field.system().system().dispatchers()));
        }
    },
    EDGE_KILLED {
        @Override
        void hit(Field field) {
            kill(field, oneOf(field, field.system().system().edges()));
        }
    },
    FRONT_DOOR_KILLED {
        @Override
        void hit(Field field) {
            kill(field, field.system().system().frontDoor());
        }
    },
    /// One of them ends in good order, and comes again, of whichever release.
    PROCESS_REPLACED {
        @Override
        void hit(Field field) {
            oneOf(field, field.system().system().nodes())
                    .become(oneOf(field, field.system().releases()));
        }
    },
    KAFKA_KILLED {
        @Override
        void hit(Field field) {
            kill(field, field.system().infra().kafkaServer());
        }
    },
    REDIS_KILLED {
        @Override
        void hit(Field field) {
            kill(field, field.system().infra().redisServer());
        }
    },
    DISPATCHER_FROZEN {
        @Override
        void hit(Field field) {
            freeze(field, oneOf(field, field.system().system().dispatchers()));
        }
    },
    EDGE_FROZEN {
        @Override
        void hit(Field field) {
            freeze(field, oneOf(field, field.system().system().edges()));
        }
    },
    FRONT_DOOR_FROZEN {
        @Override
        void hit(Field field) {
            freeze(field, field.system().system().frontDoor());
        }
    },
    KAFKA_FROZEN {
        @Override
        void hit(Field field) {
            freeze(field, field.system().infra().kafkaServer());
        }
    },
    REDIS_FROZEN {
        @Override
        void hit(Field field) {
            freeze(field, field.system().infra().redisServer());
        }
    },
    REDIS_FLUSH {
        @Override
        void hit(Field field) {
            if (field.random().nextBoolean()) {
                field.system().infra().redis().flushAll();
            } else {
                field.system().infra().redis().lose();
            }
        }
    },
    REDIS_TRUNCATED_ROLLBACK {
        @Override
        void hit(Field field) {
            field.system().infra().redisServer().kill();
            field.copy().cutOff(field.random().nextLong(1_000, 200_000));
            field.system().infra().redisServer().restart();
        }
    },
    REDIS_OLD_COPY_ROLLBACK {
        @Override
        void hit(Field field) {
            field.system().infra().redisServer().kill();
            field.copy().putBack();
            field.system().infra().redisServer().restart();
        }
    },
    REDIS_LINK_CUT {
        @Override
        void hit(Field field) {
            link(field, field.system().redisLinks(), Relay.State.CUT);
        }
    },
    REDIS_LINK_STALLED {
        @Override
        void hit(Field field) {
            link(field, field.system().redisLinks(), Relay.State.STALLED);
        }
    },
    REDIS_LINK_SLOW {
        @Override
        void hit(Field field) {
            link(field, field.system().redisLinks(), Relay.State.SLOW);
        }
    },
    KAFKA_LINK_CUT {
        @Override
        void hit(Field field) {
            link(field, field.system().kafkaLinks(), Relay.State.CUT);
        }
    },
    KAFKA_LINK_STALLED {
        @Override
        void hit(Field field) {
            link(field, field.system().kafkaLinks(), Relay.State.STALLED);
        }
    },
    KAFKA_LINK_SLOW {
        @Override
        void hit(Field field) {
            link(field, field.system().kafkaLinks(), Relay.State.SLOW);
        }
    },
    BROWSER_LINK_CUT {
        @Override
        void hit(Field field) {
            link(field, field.system().browserLinks(), Relay.State.CUT);
        }
    },
    BROWSER_LINK_STALLED {
        @Override
        void hit(Field field) {
            link(field, field.system().browserLinks(), Relay.State.STALLED);
        }
    },
    BROWSER_LINK_SLOW {
        @Override
        void hit(Field field) {
            link(field, field.system().browserLinks(), Relay.State.SLOW);
        }
    },
    OPERATOR_RESETS {
        @Override
        void hit(Field field) {
            field.operator().reset();
        }
    },
    OPERATOR_REPLAYS {
        @Override
        void hit(Field field) {
            field.operator().replay();
        }
    },
    BROWSERS_HOP {
        @Override
        void hit(Field field) {
            field.crowd().some(field.random()).forEach(browser -> browser.hop());
        }
    },
    BROWSERS_VANISH {
        @Override
        void hit(Field field) {
            field.crowd().some(field.random()).forEach(browser -> browser.vanishAndReturn());
        }
    },
    BROWSERS_READ_SLOWLY {
        @Override
        void hit(Field field) {
            var slow = field.crowd().some(field.random());
            slow.forEach(browser -> browser.setReading(false));
            field.pause(LONG);
            slow.forEach(browser -> browser.setReading(true));
        }
    },
    BROWSERS_RELOADED {
        @Override
        void hit(Field field) {
            field.crowd()
                    .some(field.random())
                    .forEach(browser -> browser.reload(field.crowd().newPage(browser)));
        }
    },
    BROWSERS_FORGET {
        @Override
        void hit(Field field) {
            field.crowd()
                    .some(field.random())
                    .forEach(browser -> browser.forget(field.crowd().newPage(browser)));
        }
    };

    private static final Duration SHORT = Duration.ofMillis(1_200);
    private static final Duration LONG = Duration.ofMillis(4_500);

    /// What a strike may touch.
    record Field(
            ChaosSystem system,
            Crowd crowd,
            Operator operator,
            RedisCopy copy,
            SplittableRandom random) {
        void strike(Strike strike, History history) {
            history.add(new History.Struck(strike.word()));
            strike.hit(this);
        }

        /// Any time up to that long.
        void pause(Duration most) {
            try {
                Thread.sleep(random.nextLong(most.toMillis()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted in a strike", e);
            }
        }
    }

    /// Hits, and mends what it broke.
    abstract void hit(Field field);

    /// As the history names it; what makes Redis forget ends with the words that the checker
    /// looks for ([History.Struck]).
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static void kill(Field field, Infra.Broken victim) {
        victim.kill();
        field.pause(SHORT);
        victim.restart();
    }

    private static void freeze(Field field, Infra.Broken victim) {
        victim.freeze();
        field.pause(LONG);
        victim.thaw();
    }

    private static void link(Field field, List<Relay> links, Relay.State state) {
        var link = oneOf(field, links);
        link.set(state);
        field.pause(LONG);
        link.set(Relay.State.OPEN);
    }

    private static <T> T oneOf(Field field, List<T> all) {
        return all.get(field.random().nextInt(all.size()));
    }
}
