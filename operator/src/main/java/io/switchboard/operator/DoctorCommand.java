package io.switchboard.operator;

import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.ClusterKeyFlags;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.runtime.Unusable;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Tries everything that processes need.
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Tries every connection and permission that processes need, and says what to mend. Creates and deletes one topic, as edge nodes do. Exit code 1 when something does not hold.")
final class DoctorCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private RedisFlags redis = new RedisFlags();
    @Mixin private AppsFlags apps = new AppsFlags();
    @Mixin private ClusterKeyFlags clusterKey = new ClusterKeyFlags();
    @Mixin private GroupFlags group = new GroupFlags();
    @Mixin private Print print = new Print();

    @Option(
            names = "--port",
            split = ",",
            paramLabel = "PORT[,…]",
            description = "Ports that are to be free on this machine.")
    private List<Integer> ports = List.of();

    @Override
    public Integer call() {
        for (var port : ports) {
            if (port < 1 || port > 65_535) {
                throw new Unusable("--port: %d (expected: 1 to 65535)".formatted(port));
            }
        }
        var report = new Report(print);
        report.add(ConfigCommand.files(kafka, redis, apps, clusterKey));
        ports.forEach(port -> report.add(PortCheck.look(port)));
        try (var link = new KafkaLink(kafka)) {
            var doctor = new KafkaDoctor(link, OperatorFiles.appsIfAny(apps));
            report.add(doctor.look());
            lookAtRedis(report, doctor, link);
        } catch (Unusable _) {
            // said already: a settings file that cannot be read
        }
        return report.end();
    }

    private void lookAtRedis(Report report, KafkaDoctor doctor, KafkaLink link) {
        try (var shards = new RedisLink(redis)) {
            report.add(new RedisDoctor(shards).look(doctor.topic()));
            if (doctor.topic() != null) {
                report.add(Processes.look(new Dispatchers(link, group.name()), shards));
            }
        } catch (Failure e) {
            report.add(Finding.fail("Redis", String.valueOf(e.getMessage())));
        } catch (Unusable _) {
            // said already
        }
    }
}
