package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.options.OptionsBuilder;

class MicroTest {
    /// Once, in this JVM: the figures mean nothing.
    @Test
    void everyBenchmark_runs() throws Exception {
        var once =
                new OptionsBuilder()
                        .mode(Mode.SingleShotTime)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .forks(0);

        assertThat(Micro.run(once)).hasSizeGreaterThan(5);
    }
}
