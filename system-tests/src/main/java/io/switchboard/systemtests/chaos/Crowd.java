package io.switchboard.systemtests.chaos;

import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Browsers, some of them tabs of one person, each with a way through the list of edge nodes of
/// its own.
///
/// Thread-safe, but for the strikes: one at a time.
final class Crowd {
    /// Every third person has two tabs.
    private static final int SECOND_TAB = 3;

    private final List<Browser> browsers = new ArrayList<>();
    private final List<Target.To> targets = new ArrayList<>();
    private final AtomicInteger pages = new AtomicInteger();

    Crowd(Stage stage, ChaosSystem system, int size) {
        for (int person = 0; browsers.size() < size; person++) {
            var uuid = "agent-" + person;
            var role = TestApp.ROLES.get(person % TestApp.ROLES.size());
            targets.add(new Target.ToAgent(uuid));
            for (int tab = 0; tab < (person % SECOND_TAB == 0 ? 2 : 1); tab++) {
                int first = person + tab;
                int edges = system.system().edges().size();
                browsers.add(
                        stage.browserVia(
                                        turn -> system.browserUrl((first + turn) % edges),
                                        uuid + "-" + tab,
                                        uuid,
                                        role)
                                .startConnecting());
            }
        }
        TestApp.ROLES.forEach(role -> targets.add(new Target.ToRole(role)));
        targets.add(new Target.ToAll());
    }

    /// Whom one may write to.
    List<Target.To> targets() {
        return targets;
    }

    /// A few of them, chosen by chance.
    List<Browser> some(SplittableRandom random) {
        int count = Math.max(1, browsers.size() / 10);
        return random.ints(count, 0, browsers.size()).distinct().mapToObj(browsers::get).toList();
    }

    String newPage(Browser browser) {
        return browser.name() + "'" + pages.incrementAndGet();
    }

    void readOn() {
        browsers.forEach(browser -> browser.setReading(true));
    }

    List<Browser> offline() {
        return browsers.stream().filter(browser -> !browser.isOnline()).toList();
    }
}
