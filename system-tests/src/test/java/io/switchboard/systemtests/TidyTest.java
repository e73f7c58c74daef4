package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What prose claims of the code is true: names in the documents exist, links lead somewhere, and
/// modules depend on each other only in the stated direction.
final class TidyTest {
    private static final Path TOP = Path.of("..");
    private static final Pattern CODE = Pattern.compile("`([a-z-]+)/…/(\\w+\\.java)#(\\w+)`");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)(?:#(\\w+))?`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

    private static final Pattern HEADING = Pattern.compile("(?m)^#{2,4} (.+)$");
    private static final Pattern RUNBOOK =
            Pattern.compile("runbook: docs/operating\\.md#([a-z0-9-]+)");

    @Test
    void everyMethodThatADocumentNames_exists() throws IOException {
        var missing = new ArrayList<String>();
        int seen = 0;
        for (var page : pages()) {
            var names = CODE.matcher(Files.readString(page));
            while (names.find()) {
                seen++;
                var source = find(TOP.resolve(names.group(1)), names.group(2));
                if (source == null || !Files.readString(source).contains(names.group(3) + "(")) {
                    missing.add(page + ": " + names.group());
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(seen).as("the path table is there").isGreaterThan(10);
    }

    @Test
    void everyTestThatADocumentNames_exists() throws IOException {
        var missing = new ArrayList<String>();
        for (var page : pages()) {
            var names = TEST.matcher(Files.readString(page));
            while (names.find()) {
                var source = find(TOP, names.group(1) + ".java");
                if (source == null
                        || names.group(2) != null
                                && !Files.readString(source).contains(names.group(2) + "(")) {
                    missing.add(page + ": " + names.group());
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyLinkBetweenDocuments_leadsSomewhere() throws IOException {
        var broken = new ArrayList<String>();
        for (var page : pages()) {
            var links = LINK.matcher(Files.readString(page));
            while (links.find()) {
                if (!Files.exists(page.resolveSibling(links.group(1)))) {
                    broken.add(page + ": " + links.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /// An alert that leads to no page is only noise.
    @Test
    void everyAlert_leadsToASectionOfThePage() throws IOException {
        var sections = new ArrayList<String>();
        var headings = HEADING.matcher(Files.readString(TOP.resolve("docs/operating.md")));
        while (headings.find()) {
            sections.add(
                    headings.group(1)
                            .toLowerCase(java.util.Locale.ROOT)
                            .replaceAll("[^a-z0-9 -]", "")
                            .replace(' ', '-'));
        }
        var alerts = Files.readString(TOP.resolve("deploy/prometheus/alerts.yml"));
        var named = RUNBOOK.matcher(alerts).results().map(each -> each.group(1)).toList();
        assertThat(named).hasSize(alerts.split("- alert:", -1).length - 1);
        assertThat(sections).containsAll(named);
    }

    @Test
    void dispatcherAndEdgeNode_shareTopicsButNoClasses() throws IOException {
        assertThat(importing("dispatcher", "io.switchboard.edge")).isEmpty();
        assertThat(importing("edge-node", "io.switchboard.dispatcher")).isEmpty();
    }

    @Test
    void nettyIsTheEdgesAlone_andRedissonTheInboxs() throws IOException {
        for (var module :
                List.of(
                        "schemas",
                        "inbox",
                        "runtime",
                        "dispatcher",
                        "worksheet-producer",
                        "operator",
                        "quickstart")) {
            assertThat(importing(module, "io.netty")).as(module).isEmpty();
            if (!module.equals("inbox")) {
                assertThat(importing(module, "org.redisson")).as(module).isEmpty();
            }
        }
    }

    private static List<Path> importing(String module, String what) throws IOException {
        try (Stream<Path> files = Files.walk(TOP.resolve(module).resolve("src/main"))) {
            var found = new ArrayList<Path>();
            for (var file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                if (Files.readString(file).contains("import " + what)) {
                    found.add(file);
                }
            }
            return found;
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(TOP);
                Stream<Path> docs = Files.list(TOP.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(each -> each.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    /// Not in `target`: older releases are built there.
    private static Path find(Path under, String name) throws IOException {
        try (Stream<Path> files = Files.walk(under)) {
            return files.filter(each -> each.endsWith(name))
                    .filter(each -> each.toString().contains("/src/"))
                    .filter(each -> !each.toString().contains("/target/"))
                    .findFirst()
                    .orElse(null);
        }
    }
}
