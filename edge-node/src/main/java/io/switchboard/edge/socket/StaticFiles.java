package io.switchboard.edge.socket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The desk page (`/desk/…`) and the SDK (`/client/…`), read from the class path once. A request's
/// path is only looked up among what was found then, so that nothing else can be asked for.
///
/// Immutable.
public final class StaticFiles {
    private static final String ROOT = "io/switchboard/edge/";
    private static final String[] FOLDERS = {"desk", "client"};
    private static final String INDEX = "index.html";
    private static final int ETAG_LENGTH = 16;
    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("html", "text/html; charset=utf-8"),
                    Map.entry("js", "text/javascript; charset=utf-8"),
                    Map.entry("mjs", "text/javascript; charset=utf-8"),
                    Map.entry("css", "text/css; charset=utf-8"),
                    Map.entry("json", "application/json"),
                    Map.entry("map", "application/json"),
                    Map.entry("svg", "image/svg+xml"),
                    Map.entry("png", "image/png"),
                    Map.entry("ico", "image/x-icon"),
                    Map.entry("webmanifest", "application/manifest+json"),
                    Map.entry("mp3", "audio/mpeg"),
                    Map.entry("wav", "audio/wav"),
                    Map.entry("woff2", "font/woff2"),
                    Map.entry("txt", "text/plain; charset=utf-8"));

    private final Map<String, Resource> byPath;

    private StaticFiles(Map<String, Resource> byPath) {
        this.byPath = byPath;
    }

    /// @param etag quoted, as in the header
    record Resource(String type, byte[] content, String etag) {}

    public static StaticFiles load() {
        var found = new HashMap<String, Resource>();
        for (var folder : FOLDERS) {
            try {
                load(folder, found);
            } catch (IOException e) {
                throw new UncheckedIOException("class path folder " + ROOT + folder, e);
            }
        }
        return new StaticFiles(Map.copyOf(found));
    }

    /// @param path of a request, without its query
    @Nullable Resource find(String path) {
        return byPath.get(path.endsWith("/") ? path + INDEX : path);
    }

    private static void load(String folder, Map<String, Resource> into) throws IOException {
        var url = StaticFiles.class.getClassLoader().getResource(ROOT + folder);
        if (url == null) {
            return;
        }
        URI uri;
        try {
            uri = url.toURI();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        if (!uri.getScheme().equals("jar")) {
            walk(Path.of(uri), folder, into);
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
            walk(jar.getPath(ROOT + folder), folder, into);
        }
    }

    private static void walk(Path root, String folder, Map<String, Resource> into)
            throws IOException {
        try (var files = Files.walk(root)) {
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                var name = root.relativize(file).toString().replace('\\', '/');
                into.put("/" + folder + "/" + name, resource(name, Files.readAllBytes(file)));
            }
        }
    }

    private static Resource resource(String name, byte[] content) {
        var ending = name.substring(name.lastIndexOf('.') + 1);
        var type = TYPES.getOrDefault(ending, "application/octet-stream");
        return new Resource(type, content, '"' + digest(content) + '"');
    }

    private static String digest(byte[] content) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(hash).substring(0, ETAG_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
