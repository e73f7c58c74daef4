package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

final class CliTest {
    @TempDir Path folder;
    private final StringWriter err = new StringWriter();
    private final Greet greet = new Greet();

    @Command(name = "greet", mixinStandardHelpOptions = true)
    static final class Greet implements Callable<Integer> {
        @Option(names = "--to-whom", defaultValue = "world")
        String toWhom;

        @Option(names = "--times")
        int times;

        @Option(names = "--pass")
        String pass;

        @Option(names = "--key")
        String key;

        @Option(names = "--key-file")
        String keyFile;

        Supplier<Integer> body = () -> 0;

        @Override
        public Integer call() {
            return body.get();
        }
    }

    @Test
    void flag_winsOverVariable_overDefault() {
        run(Map.of());
        assertThat(greet.toWhom).isEqualTo("world");
        run(Map.of("SWITCHBOARD_TO_WHOM", "ada"));
        assertThat(greet.toWhom).isEqualTo("ada");
        run(Map.of("SWITCHBOARD_TO_WHOM", "ada"), "--to-whom", "bob");
        assertThat(greet.toWhom).isEqualTo("bob");
    }

    @Test
    void secret_mayBeInAFileThatAVariableNames() throws Exception {
        Files.writeString(folder.resolve("p"), "hush\n");

        run(Map.of("SWITCHBOARD_PASS_FILE", folder.resolve("p").toString()));

        assertThat(greet.pass).isEqualTo("hush");
    }

    @Test
    void variableOfAFileFlag_isThatFlagsOwn() {
        run(Map.of("SWITCHBOARD_KEY_FILE", "/some/where"));

        assertThat(greet.keyFile).isEqualTo("/some/where");
        assertThat(greet.key).isNull();
    }

    @Test
    void wrongUse_isOneSentence_andCode2() {
        assertThat(run(Map.of(), "--tims", "3")).isEqualTo(2);
        assertThat(err.toString()).startsWith("greet: Unknown option").hasLineCount(1);

        assertThat(run(Map.of(), "--times", "x")).isEqualTo(2);
        greet.body =
                () -> {
                    throw new Unusable("file: x (expected: y)");
                };
        assertThat(run(Map.of())).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines("greet: file: x (expected: y)");
        assertThat(run(Map.of("SWITCHBOARD_PASS_FILE", "/not/there"))).isEqualTo(2);
        assertThat(err.toString()).contains("SWITCHBOARD_PASS_FILE: '/not/there' cannot be read");
    }

    @Test
    void failure_isOneSentence_andCode1() {
        greet.body =
                () -> {
                    throw new Failure("Kafka did not\nanswer");
                };

        assertThat(run(Map.of())).isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines("greet: Kafka did not answer");
    }

    @Test
    void unforeseen_isOneSentence_andCode1_andSaysHowToSeeWhere() {
        greet.body =
                () -> {
                    throw new IllegalStateException("oops");
                };

        assertThat(run(Map.of())).isEqualTo(1);
        assertThat(err.toString())
                .contains("unforeseen IllegalStateException: oops")
                .hasLineCount(1);
        assertThat(run(Map.of("SWITCHBOARD_STACK_TRACES", "1"))).isEqualTo(1);
        assertThat(err.toString()).contains("at io.switchboard.runtime.CliTest");
    }

    @Test
    void commandsOwnCode_isTheExitCode() {
        greet.body = () -> 1;

        assertThat(run(Map.of())).isEqualTo(1);
        assertThat(err.toString()).isEmpty();
    }

    private int run(Map<String, String> env, String... args) {
        err.getBuffer().setLength(0);
        CommandLine line = Cli.line(greet, env);
        return line.setErr(new PrintWriter(err)).execute(args);
    }
}
