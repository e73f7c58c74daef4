package io.switchboard.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.ReceiptLevel;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Turns the apps file into [Apps]. The format is described by `apps.example.yaml`.
///
/// *Used by one thread, for one reading.*
final class AppsReader {
    static final Duration TTL = Duration.ofDays(3);
    static final int CAP_ENTRIES = 1_000;
    static final int CAP_BYTES = 1024 * 1024;
    static final ReceiptLevel RECEIPTS = ReceiptLevel.FAILURES;

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern ALGORITHM =
            Pattern.compile("HS(256|384|512)|RS(256|384|512)|PS(256|384|512)|ES(256|384|512)");
    private static final Pattern ROUTE_URL = Pattern.compile("/[A-Za-z0-9/._~-]{1,200}");
    private static final Pattern EVENT = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
    private static final Pattern CLAIM = Pattern.compile("\\S{1,200}");
    private static final Pattern ORIGIN = Pattern.compile("https?://[^/\\s]+");
    private static final ObjectMapper MAPPER =
            YAMLMapper.builder(
                            YAMLFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .build();

    private final Path file;
    private final Map<Path, byte[]> sources = new LinkedHashMap<>();

    private AppsReader(Path file) {
        this.file = file;
    }

    /// What was read, and from which bytes.
    record Read(Apps apps, Map<Path, byte[]> sources) {
        /// Whether the files still hold these bytes.
        boolean isCurrent() {
            return sources.entrySet().stream()
                    .allMatch(each -> Arrays.equals(each.getValue(), bytesOf(each.getKey())));
        }
    }

    static Read read(Path file) {
        var reader = new AppsReader(file);
        var apps = reader.apps(reader.root());
        return new Read(apps, Map.copyOf(reader.sources));
    }

    private Yaml root() {
        try {
            JsonNode tree = MAPPER.readTree(source(file));
            return new Yaml(file.toString(), "", tree).object("apps", "routes");
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw new Unusable(
                    "%s: line %d: %s (expected: YAML)"
                            .formatted(
                                    file,
                                    at == null ? 0 : at.getLineNr(),
                                    oneLine(e.getOriginalMessage())));
        } catch (IOException e) {
            throw new Unusable("%s: %s (expected: YAML)".formatted(file, e.getMessage()));
        }
    }

    private Apps apps(Yaml root) {
        var apps = new LinkedHashMap<String, Apps.App>();
        root.required("apps", "a mapping of apps")
                .children()
                .forEach((name, at) -> apps.put(name, app(name, at)));
        refuseSharedTokens(apps);
        var routes = new LinkedHashMap<String, Apps.Route>();
        root.required("routes", "a mapping of urls")
                .children()
                .forEach((url, at) -> routes.put(url, route(url, at)));
        return new Apps(Map.copyOf(apps), Map.copyOf(routes));
    }

    private Apps.App app(String name, Yaml at) {
        if (!Address.NAME.matcher(name).matches()) {
            throw at.wrong("an app's name of the form " + Address.NAME);
        }
        if (name.startsWith("_")) {
            throw at.wrong(
                    "an app's name that does not begin with '_': those are Switchboard's own");
        }
        at.object("status", "roles", "producers", "agents", "jwt", "origins");
        var status = at.at("status");
        var roles = at.at("roles");
        Set<String> names =
                roles == null
                        ? Set.of()
                        : roles.texts(Address.NAME, "a role's name of the form " + Address.NAME);
        var jwt = at.at("jwt");
        var origins = at.at("origins");
        return new Apps.App(
                name,
                status == null ? Apps.Status.ACTIVE : status.oneOf(Apps.Status.class),
                names,
                producers(at.at("producers")),
                agents(at.at("agents"), names),
                jwt == null ? null : jwt(jwt),
                origins == null
                        ? Set.of()
                        : origins.texts(ORIGIN, "an origin as in https://desk.example.com"));
    }

    private static List<String> producers(@Nullable Yaml at) {
        if (at == null) {
            return List.of();
        }
        return at
                .object("token_sha256")
                .required("token_sha256", "a list of SHA-256 hashes")
                .list()
                .stream()
                .map(AppsReader::hash)
                .toList();
    }

    private static Map<String, Apps.OpaqueAgent> agents(@Nullable Yaml at, Set<String> roles) {
        if (at == null) {
            return Map.of();
        }
        var agents = new HashMap<String, Apps.OpaqueAgent>();
        for (var token : at.object("tokens").required("tokens", "a list of tokens").list()) {
            token.object("sha256", "uuid", "roles");
            var uuid =
                    token.required("uuid", "the agent's uuid")
                            .text(Address.UUID, "a uuid of the form " + Address.UUID);
            var given = token.at("roles");
            var has = given == null ? Set.<String>of() : given.texts(Address.NAME, "a role's name");
            if (given != null && !roles.containsAll(has)) {
                throw given.wrong("roles of this app: " + String.join(", ", roles));
            }
            agents.put(
                    hash(token.required("sha256", "the SHA-256 of the token, in hex")),
                    new Apps.OpaqueAgent(uuid, has));
        }
        return Map.copyOf(agents);
    }

    private static String hash(Yaml at) {
        return at.text(SHA256, "64 lower-case hex digits: `printf %s TOKEN | sha256sum`");
    }

    private Apps.Jwt jwt(Yaml at) {
        at.object(
                "algorithm",
                "secret",
                "secret_file",
                "public_key_file",
                "jwks",
                "issuer",
                "audience",
                "claims");
        var algorithm =
                at.required("algorithm", "HS256, RS256, ES256, …")
                        .text(ALGORITHM, "HS256, HS384, HS512, RS…, PS… or ES…");
        var sources = new HashSet<String>();
        for (var key : List.of("secret", "secret_file", "public_key_file", "jwks")) {
            if (at.at(key) != null) {
                sources.add(key);
            }
        }
        var symmetric = algorithm.startsWith("HS");
        var possible =
                symmetric ? Set.of("secret", "secret_file") : Set.of("public_key_file", "jwks");
        if (sources.size() != 1 || !possible.containsAll(sources)) {
            throw at.wrong(
                    symmetric
                            ? "exactly one of secret and secret_file, with " + algorithm
                            : "exactly one of public_key_file and jwks, with " + algorithm);
        }
        return new Apps.Jwt(
                algorithm,
                secret(algorithm, at.at("secret"), at.at("secret_file")),
                publicKey(algorithm, at.at("public_key_file")),
                jwks(at.at("jwks")),
                text(at.at("issuer")),
                text(at.at("audience")),
                claims(at.at("claims")));
    }

    private byte @Nullable [] secret(
            String algorithm, @Nullable Yaml inline, @Nullable Yaml inFile) {
        if (inline == null && inFile == null) {
            return null;
        }
        var at = inline == null ? java.util.Objects.requireNonNull(inFile) : inline;
        var bytes =
                inline == null
                        ? stripped(beside(at))
                        : inline.text().getBytes(StandardCharsets.UTF_8);
        // RFC 7518 §3.2: a key of the same size as the hash output, or larger.
        int least = Integer.parseInt(algorithm.substring(2)) / 8;
        if (bytes.length < least) {
            throw at.wrongSecret(
                    "at least %d bytes with %s, found %d"
                            .formatted(least, algorithm, bytes.length));
        }
        return bytes;
    }

    private @Nullable String publicKey(String algorithm, @Nullable Yaml at) {
        if (at == null) {
            return null;
        }
        var pem = new String(beside(at), StandardCharsets.US_ASCII);
        try {
            PublicKeyPem.parse(algorithm, pem);
        } catch (IllegalArgumentException e) {
            throw at.wrong(String.valueOf(e.getMessage()));
        }
        return pem;
    }

    private @Nullable String jwks(@Nullable Yaml at) {
        if (at == null) {
            return null;
        }
        var text = at.text();
        if (text.startsWith("https://") || text.startsWith("http://")) {
            var uri = URI.create(text);
            if (text.startsWith("http://") && !isLoopback(uri)) {
                throw at.wrong("https (http only on loopback)");
            }
            return text;
        }
        var path = resolve(text);
        if (!Files.isReadable(path)) {
            throw at.wrong("a file that can be read, or an https URL");
        }
        return path.toString();
    }

    private static boolean isLoopback(URI uri) {
        var host = uri.getHost();
        return "127.0.0.1".equals(host) || "localhost".equals(host) || "[::1]".equals(host);
    }

    private static Apps.Claims claims(@Nullable Yaml at) {
        if (at == null) {
            return new Apps.Claims("sub", "app", "role");
        }
        at.object("subject", "app", "role");
        return new Apps.Claims(
                claim(at.at("subject"), "sub"),
                claim(at.at("app"), "app"),
                claim(at.at("role"), "role"));
    }

    private static String claim(@Nullable Yaml at, String otherwise) {
        return at == null ? otherwise : at.text(CLAIM, "a claim's name");
    }

    private static Apps.Route route(String url, Yaml at) {
        if (!ROUTE_URL.matcher(url).matches()) {
            throw at.wrong("a url of the form " + ROUTE_URL);
        }
        at.object("event", "ttl", "receipts", "cap", "overdue_after");
        var ttl = at.at("ttl");
        var life = ttl == null ? TTL : ttl.duration();
        if (ttl != null && life.compareTo(Envelope.MAX_TTL) > 0) {
            throw ttl.wrong("at most " + Envelope.MAX_TTL.toDays() + "d");
        }
        var receipts = at.at("receipts");
        var cap = at.at("cap");
        var entries = cap == null ? null : cap.object("entries", "bytes").at("entries");
        var bytes = cap == null ? null : cap.at("bytes");
        var overdue = at.at("overdue_after");
        if (overdue != null && overdue.duration().compareTo(life) >= 0) {
            throw overdue.wrong("shorter than the route's ttl " + life);
        }
        return new Apps.Route(
                url,
                at.required("event", "the event's name in the browser")
                        .text(EVENT, "an event's name of the form " + EVENT),
                life,
                receipts == null ? RECEIPTS : receipts.oneOf(ReceiptLevel.class),
                entries == null ? CAP_ENTRIES : entries.count(),
                bytes == null ? CAP_BYTES : bytes.bytes(),
                overdue == null ? null : overdue.duration());
    }

    /// A token names one app; were it in two, whose events would they be?
    private void refuseSharedTokens(Map<String, Apps.App> apps) {
        var owners = new HashMap<String, String>();
        for (var app : apps.values()) {
            for (var hash : app.tokenSha256()) {
                var other = owners.put(hash, app.name());
                if (other != null) {
                    throw new Unusable(
                            "%s: apps.%s.producers: token %s… is also in apps.%s (expected: one app a token)"
                                    .formatted(file, app.name(), hash.substring(0, 8), other));
                }
            }
        }
    }

    private static @Nullable String text(@Nullable Yaml at) {
        return at == null ? null : at.text();
    }

    private byte[] beside(Yaml at) {
        var path = resolve(at.text());
        try {
            return source(path);
        } catch (IOException _) {
            throw at.wrong("a file that can be read");
        }
    }

    /// Paths in the file are relative to it.
    private Path resolve(String path) {
        return file.toAbsolutePath().resolveSibling(path);
    }

    private byte[] source(Path path) throws IOException {
        var bytes = bytesOf(path);
        if (bytes == null) {
            if (path.equals(file)) {
                throw new Unusable(
                        "%s: cannot be read (expected: the apps file; see apps.example.yaml)"
                                .formatted(path));
            }
            throw new IOException("cannot be read");
        }
        sources.put(path, bytes);
        return bytes;
    }

    private static byte @Nullable [] bytesOf(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException _) {
            return null;
        }
    }

    private static String oneLine(String message) {
        var line = message.strip().replaceAll("\\s*\\R\\s*", " ");
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }

    private static byte[] stripped(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).strip().getBytes(StandardCharsets.UTF_8);
    }
}
